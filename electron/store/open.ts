import fs from 'node:fs';
import path from 'node:path';
import { fail } from '../../shared/errors.ts';
import type { SyncReader } from '../sync/sync-store.ts';
import { loadDriver, saysDamaged, storeError, type SqliteDatabase, type Driver } from './driver.ts';
import { lockFileOf, takeLock } from './lock.ts';
import { MIGRATIONS, type Migration } from './migrations/index.ts';
import { SqlitePhotoStore } from './sqlite-photos.ts';
import { SqliteSyncStore } from './sqlite-sync.ts';
import { SqliteTransferStore } from './sqlite-transfers.ts';

/** Marks our databases (“RPLG”), so that another program's file is never migrated or set aside. */
const APPLICATION_ID = 0x52504c47;

/** For tests: another clock, other migrations. */
export interface OpenStoreOptions {
  /** Clock for the name of a damaged database that is set aside. */
  readonly now?: () => number;
  /** For tests of migrations. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the database of a queue, or creates it. One process at a time: two engines on one queue would send the same
 * file twice.
 */
export const openTransferStore = async (file: string, options: OpenStoreOptions = {}): Promise<SqliteTransferStore> =>
  (await openStores(file, options)).transfers;

/** The stores of one database. */
export interface Stores {
  readonly transfers: SqliteTransferStore;
  /** On the same connection; closed together with the transfers. */
  readonly sync: SqliteSyncStore;
  readonly photos: SqlitePhotoStore;
}

/**
 * Opens the database, or creates it, with its lock and its migrations; a damaged one is set aside and a new one begun.
 * Throws `store`, also where another process has it open.
 */
export async function openStores(file: string, options: OpenStoreOptions = {}): Promise<Stores> {
  const driver = await loadDriver();
  const migrations = options.migrations ?? MIGRATIONS;
  try {
    // the queue contains the names of the user's files, so only the user may read it
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw folderError(error, file);
  }
  const lock = takeLock(driver, file);
  let connection: SqliteDatabase | undefined;
  try {
    let setAside: string | undefined;
    connection = openSound(driver, file);
    if (connection === undefined) {
      setAside = moveAside(file, options.now ?? Date.now);
      connection = openSound(driver, file);
      if (connection === undefined) throw fail('store', 'open', 'a new database is damaged at once', { subject: file });
    }
    migrate(connection, file, migrations);
    const sync = new SqliteSyncStore(connection, { file });
    if (migrations.length >= SYNC_SINCE) sync.interruptRuns();
    return {
      transfers: new SqliteTransferStore(connection, { file, setAside, onClose: () => lock.close() }),
      sync,
      photos: new SqlitePhotoStore(connection, file),
    };
  } catch (error) {
    connection?.close();
    lock.close();
    throw storeError(error, 'open', file);
  }
}

/** The migration that added the sync tables. */
const SYNC_SINCE = 2;

/**
 * Opens the sync state for reading while another process writes: takes no lock, does not check every page, changes
 * nothing. `undefined` if there is no database yet, or it is older than sync.
 */
export async function openSyncReader(file: string): Promise<SyncReader | undefined> {
  if (!fs.existsSync(file)) return undefined;
  const driver = await loadDriver();
  let connection: SqliteDatabase | undefined;
  try {
    connection = new driver(file, { readonly: true, timeout: 5000 });
    const version = Number(connection.pragma('user_version', { simple: true }));
    const ours = connection.pragma('application_id', { simple: true }) === APPLICATION_ID;
    if (ours && version >= SYNC_SINCE) {
      const open = connection;
      return new SqliteSyncStore(open, {
        file,
        onClose: () => open.close(),
        hasWriter: () => isLocked(driver, file),
      });
    }
    connection.close();
    return undefined;
  } catch (error) {
    connection?.close();
    throw storeError(error, 'open', file);
  }
}

/**
 * Opens the stored queue for reading while another process works on it: takes no lock, does not check every page,
 * changes nothing, and reads everything as of one moment. `undefined` if no process has the database open or it has
 * another version; the caller then opens it normally. Throws `store` if it cannot be read.
 */
export async function openTransferReader(file: string): Promise<SqliteTransferStore | undefined> {
  if (!fs.existsSync(file)) return undefined;
  const driver = await loadDriver();
  if (!isLocked(driver, file)) return undefined;
  let connection: SqliteDatabase | undefined;
  try {
    connection = new driver(file, { readonly: true, timeout: 5000 });
    const version = Number(connection.pragma('user_version', { simple: true }));
    const ours = connection.pragma('application_id', { simple: true }) === APPLICATION_ID;
    if (ours && version === MIGRATIONS.length) {
      connection.exec('BEGIN');
      return new SqliteTransferStore(connection, { file, setAside: undefined, onClose: () => undefined });
    }
    connection.close();
    return undefined;
  } catch (error) {
    connection?.close();
    throw storeError(error, 'open', file);
  }
}

/** Enough for the inner pages of every index of a queue of 100,000; the rest is in the system's own cache. */
const CACHE_KIB = 4096;
/** Milliseconds a call waits for another program that writes to the database; then it fails and is retried. */
const BUSY_MS = 50;
/** Whether any process, including this one, has the database open. Opens and changes nothing. */
export const isDatabaseOpen = async (file: string): Promise<boolean> => isLocked(await loadDriver(), file);

/** Whether a process holds the lock. Checking takes the lock for a moment, which `takeLock` waits out. */
function isLocked(driver: Driver, file: string): boolean {
  const its = lockFileOf(file);
  if (!fs.existsSync(its)) return false;
  let lock: SqliteDatabase | undefined;
  try {
    lock = new driver(its, { readonly: true, timeout: 0 });
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch {
    // Held. If it cannot be checked, the stored state is reported as it is.
    return true;
  } finally {
    lock?.close();
  }
}

/** The open database, or `undefined` if the file is damaged. */
function openSound(driver: Driver, file: string): SqliteDatabase | undefined {
  let connection: SqliteDatabase | undefined;
  try {
    connection = new driver(file, { timeout: 5000 });
    refuseForeign(connection, file);
    // pages kept by SQLite, in KiB: reading every page of a long queue would fill the 16 MB that are its default
    connection.pragma(`cache_size = -${CACHE_KIB}`);
    // reads every page once, at a few hundred megabytes per second: the only chance to find damage before it spreads
    if (connection.pragma('quick_check(1)', { simple: true }) !== 'ok') {
      connection.close();
      return undefined;
    }
    // must be set before the first page is written; later it has no effect
    connection.pragma('auto_vacuum = INCREMENTAL');
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    connection.pragma('temp_store = MEMORY');
    // opening may wait for another program; later calls would block this one thread
    connection.pragma(`busy_timeout = ${BUSY_MS}`);
    return connection;
  } catch (error) {
    connection?.close();
    if (saysDamaged(error)) return undefined;
    throw error;
  }
}

function refuseForeign(connection: SqliteDatabase, file: string): void {
  const id = connection.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const tables = connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (id === 0 && tables === 0) return;
  throw fail('store', 'open', `application id ${String(id)}`, {
    subject: file,
    advice: { id: 'db-foreign', with: { file } },
  });
}

function migrate(connection: SqliteDatabase, file: string, migrations: readonly Migration[]): void {
  const newest = migrations.length;
  const present = Number(connection.pragma('user_version', { simple: true }));
  if (present > newest)
    throw fail('store', 'open', `schema ${present}, known up to ${newest}`, {
      subject: file,
      advice: { id: 'db-newer', with: { file } },
    });
  if (present === 0) connection.pragma(`application_id = ${APPLICATION_ID}`);
  for (const [index, migration] of migrations.entries()) {
    if (migration.version !== index + 1)
      throw new RangeError(`migration ${migration.version} stands in place ${index + 1}`);
    if (migration.version <= present) continue;
    // step and version number in one transaction, so that a kill in between keeps the previous version
    connection.transaction(() => {
      connection.exec(migration.sql);
      connection.pragma(`user_version = ${migration.version}`);
    })();
  }
}

/** Moves the database together with its log, which may contain changes the file lacks. */
function moveAside(file: string, now: () => number): string {
  const date = new Date(now()).toISOString().slice(0, 19).replaceAll(':', '-');
  let aside = `${file}.damaged-${date}`;
  for (let number = 2; fs.existsSync(aside); number += 1) aside = `${file}.damaged-${date}-${number}`;
  fs.renameSync(file, aside);
  for (const tail of ['-wal', '-shm']) if (fs.existsSync(file + tail)) fs.renameSync(file + tail, aside + tail);
  return aside;
}

function folderError(error: unknown, file: string): Error {
  return fail(
    'store',
    'make folder',
    error instanceof Error ? error.message : String(error),
    { subject: file, advice: { id: 'db-folder', with: { folder: path.dirname(file) } } },
    error,
  );
}

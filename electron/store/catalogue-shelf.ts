import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { DeviceKey } from '../../shared/domain.ts';
import type { CataloguePhone, CatalogueReader, CatalogueShelf, CatalogueStore } from '../catalogue/catalogue-store.ts';
import { CATALOGUE_MIGRATIONS } from './catalogue-migrations/index.ts';
import { loadDriver, saysDamaged, storeError, type Driver, type SqliteDatabase } from './driver.ts';
import { takeLock } from './lock.ts';
import { SqliteCatalogueStore } from './sqlite-catalogue.ts';

/** Marks catalogues (“RPLC”), so that another program's file is never thrown away. */
const APPLICATION_ID = 0x52504c43;
/** Pages kept by SQLite, in KiB: the inner pages of the indexes of a million rows. */
const CACHE_KIB = 4096;
/** Milliseconds a reader waits for the writer. */
const BUSY_MS = 500;
/** A catalogue, and what SQLite and its lock put beside it. */
const OURS = /^[0-9a-f]{32}\.db(?:-wal|-shm|-journal|-damaged|\.lock(?:-journal)?)?$/;
/** What SQLite puts beside a catalogue, and the mark of one that was found to be damaged while it was in use. */
const BESIDE = ['', '-wal', '-shm', '-journal', '-damaged'];
const markOf = (file: string): string => `${file}-damaged`;

/** The catalogues in one folder, one file a phone; the name of a file tells nothing of the phone. */
export async function openCatalogueShelf(folder: string): Promise<CatalogueShelf> {
  return new SqliteCatalogueShelf(await loadDriver(), folder);
}

class SqliteCatalogueShelf implements CatalogueShelf {
  readonly #driver: Driver;
  readonly #folder: string;

  constructor(driver: Driver, folder: string) {
    this.#driver = driver;
    this.#folder = folder;
  }

  #fileOf(device: DeviceKey): string {
    return path.join(this.#folder, `${createHash('sha256').update(device).digest('hex').slice(0, 32)}.db`);
  }

  known(): readonly CataloguePhone[] {
    const names = fs.existsSync(this.#folder) ? fs.readdirSync(this.#folder).sort() : [];
    return names
      .filter((name) => /^[0-9a-f]{32}\.db$/.test(name))
      .map((name) => {
        const file = path.join(this.#folder, name);
        const reader = this.#read(file);
        try {
          return reader?.phone;
        } catch (error) {
          // one that is damaged does not hide the others
          if (fs.existsSync(markOf(file))) return undefined;
          throw error;
        } finally {
          reader?.close();
        }
      })
      .filter((phone) => phone !== undefined);
  }

  open(phone: CataloguePhone): CatalogueStore {
    const file = this.#fileOf(phone.device);
    let lock: SqliteDatabase | undefined;
    let connection: SqliteDatabase | undefined;
    try {
      // it has the names of the person's files, so only that person may read it
      fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      lock = takeLock(this.#driver, file);
      connection = this.#sound(file);
      if (connection === undefined || !isPrepared(connection, phone)) {
        connection?.close();
        removeFiles(file, BESIDE);
        connection = new this.#driver(file);
        prepare(connection, phone);
      }
      const open = { connection, lock };
      const store = new SqliteCatalogueStore(connection, {
        file,
        onDamaged: () => noteDamage(file),
        onClose: () => {
          open.connection.close();
          open.lock.close();
        },
      });
      store.rename(phone.name);
      return store;
    } catch (error) {
      connection?.close();
      lock?.close();
      throw storeError(error, 'open catalogue', file);
    }
  }

  /** Open and whole, or `undefined` where it is damaged, of a later version, or not there yet. */
  #sound(file: string): SqliteDatabase | undefined {
    if (fs.existsSync(markOf(file))) return undefined;
    let connection: SqliteDatabase | undefined;
    try {
      connection = new this.#driver(file, { timeout: BUSY_MS });
      const version = Number(connection.pragma('user_version', { simple: true }));
      const isNew = Number(connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()) === 0;
      const isOurs = connection.pragma('application_id', { simple: true }) === APPLICATION_ID;
      if (isNew || (isOurs && version <= CATALOGUE_MIGRATIONS.length)) return connection;
      connection.close();
      return undefined;
    } catch (error) {
      connection?.close();
      if (saysDamaged(error)) return undefined;
      throw error;
    }
  }

  read(device: DeviceKey): CatalogueReader | undefined {
    return this.#read(this.#fileOf(device));
  }

  #read(file: string): CatalogueReader | undefined {
    if (!fs.existsSync(file) || fs.existsSync(markOf(file))) return undefined;
    let connection: SqliteDatabase | undefined;
    try {
      connection = new this.#driver(file, { readonly: true, timeout: BUSY_MS });
      const isOurs = connection.pragma('application_id', { simple: true }) === APPLICATION_ID;
      if (isOurs && Number(connection.pragma('user_version', { simple: true })) === CATALOGUE_MIGRATIONS.length) {
        const open = connection;
        return new SqliteCatalogueStore(open, {
          file,
          onDamaged: () => noteDamage(file),
          onClose: () => open.close(),
        });
      }
      connection.close();
      return undefined;
    } catch (error) {
      connection?.close();
      // the next writer begins a new one
      if (saysDamaged(error)) return undefined;
      throw storeError(error, 'read catalogue', file);
    }
  }

  forget(device: DeviceKey): void {
    const file = this.#fileOf(device);
    try {
      removeFiles(file, [...BESIDE, '.lock', '.lock-journal']);
    } catch (error) {
      throw storeError(error, 'forget catalogue', file);
    }
  }

  clear(): void {
    try {
      for (const name of fs.existsSync(this.#folder) ? fs.readdirSync(this.#folder) : [])
        if (OURS.test(name)) fs.rmSync(path.join(this.#folder, name), { force: true });
    } catch (error) {
      throw storeError(error, 'clear catalogues', this.#folder);
    }
  }
}

function removeFiles(file: string, tails: readonly string[]): void {
  for (const tail of tails) fs.rmSync(file + tail, { force: true });
}

/** Not every page is read when a catalogue is opened: damage shows when it is used, and the next one to open it begins anew. */
function noteDamage(file: string): void {
  try {
    fs.writeFileSync(markOf(file), '');
  } catch {
    // a disk that takes nothing more: it is noted the next time
  }
}

/** Brings a catalogue up to date; false where it is damaged. Throws what SQLite throws for any other reason. */
function isPrepared(connection: SqliteDatabase, phone: CataloguePhone): boolean {
  try {
    prepare(connection, phone);
    return true;
  } catch (error) {
    if (saysDamaged(error)) return false;
    throw error;
  }
}

function prepare(connection: SqliteDatabase, phone: CataloguePhone): void {
  connection.pragma(`cache_size = -${CACHE_KIB}`);
  // given back page by page, or a phone that was emptied would take its place for ever
  connection.pragma('auto_vacuum = INCREMENTAL');
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = NORMAL');
  connection.pragma('temp_store = MEMORY');
  connection.pragma(`application_id = ${APPLICATION_ID}`);
  const present = Number(connection.pragma('user_version', { simple: true }));
  for (const migration of CATALOGUE_MIGRATIONS) {
    if (migration.version <= present) continue;
    connection.transaction(() => {
      connection.exec(migration.sql);
      connection.pragma(`user_version = ${migration.version}`);
    })();
  }
  if (connection.prepare('SELECT count(*) FROM phone').pluck().get() === 0)
    connection.prepare('INSERT INTO phone (device, name) VALUES (?, ?)').run(phone.device, phone.name);
}

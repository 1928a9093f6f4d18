import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransferStore } from '../../../electron/engine/index.ts';
import type { PhotoStore } from '../../../electron/photos/index.ts';
import { loadDriver, type Driver, type SqliteDatabase } from '../../../electron/store/driver.ts';
import { MemoryPhotoStore, MemorySyncStore, MemoryTransferStore, openStores } from '../../../electron/store/index.ts';
import { SqlitePhotoStore } from '../../../electron/store/sqlite-photos.ts';
import { SqliteSyncStore } from '../../../electron/store/sqlite-sync.ts';
import { SqliteTransferStore } from '../../../electron/store/sqlite-transfers.ts';
import type { SyncStore } from '../../../electron/sync/index.ts';
import { fail } from '../../../shared/errors.ts';
import { DEAD } from './gate.ts';

/** What the program keeps, as the process that runs, or the next one, finds it. */
export interface Databases {
  readonly transfers: TransferStore;
  readonly sync: SyncStore;
  readonly photos: PhotoStore;
  /** The process is killed: what has reached the file stays as it is. */
  die(): void;
  /** The process has ended by itself. */
  close(): void;
  /** Right before one of the next statements that write, `onDeath` is called, and nothing of it happens. */
  dieAfter(statements: number, onDeath: () => void): void;
  /** The life is over. */
  end(): void;
}

/** The twins in memory: all of a call happens, or nothing. */
export class MemoryDatabases implements Databases {
  readonly transfers = new MemoryTransferStore();
  readonly sync = new MemorySyncStore();
  readonly photos = new MemoryPhotoStore();
  die(): void {
    // nothing of it is in the process
  }
  close(): void {
    // the next process takes them as they are
  }
  dieAfter(): void {
    // there are no statements
  }
  end(): void {
    // the garbage collector has it
  }
}

/** What `SELECT` and the like change: nothing. */
const READS = /^\s*(?:SELECT|WITH|PRAGMA)\b/i;
/** Memory that looks like a disk, where there is one. */
const SHARED_MEMORY = '/dev/shm';

interface Prepared {
  readonly driver: Driver;
  /** A database with all migrations and nothing in it. */
  readonly empty: Uint8Array;
  readonly folder: string;
}
let prepared: Prepared | undefined;

/**
 * The real SQLite on a real file. A killed process leaves the file and its log as they are at that statement: the next one
 * opens a copy of just these, and SQLite has to find its way.
 */
export class SqliteDatabases implements Databases {
  /** Must have resolved before the first one is made; it takes real time. */
  static async prepare(): Promise<void> {
    if (prepared !== undefined) return;
    const driver = await loadDriver();
    const folder = mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'replug-lives-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'empty.db');
    (await openStores(file)).transfers.close();
    prepared = { driver, empty: readFileSync(file), folder };
  }

  readonly #prepared: Prepared;
  readonly #folder: string;
  readonly #connections: SqliteDatabase[] = [];
  #file = '';
  #generation = 0;
  #stores: Pick<Databases, 'transfers' | 'sync' | 'photos'>;
  #connection: SqliteDatabase;
  #statementsLeft = Number.POSITIVE_INFINITY;
  #onDeath: () => void = () => undefined;

  constructor() {
    if (prepared === undefined) throw new RangeError('SQLite is not prepared');
    this.#prepared = prepared;
    this.#folder = join(prepared.folder, 'life');
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder);
    [this.#connection, this.#stores] = this.#open(prepared.empty, undefined);
  }

  get transfers(): TransferStore {
    return this.#stores.transfers;
  }
  get sync(): SyncStore {
    return this.#stores.sync;
  }
  get photos(): PhotoStore {
    return this.#stores.photos;
  }

  die(): void {
    this.#statementsLeft = Number.POSITIVE_INFINITY;
    const log = `${this.#file}-wal`;
    const [bytes, logged] = [readFileSync(this.#file), existsSync(log) ? readFileSync(log) : undefined];
    // the old one may be in the midst of a statement: it is closed at the end
    [this.#connection, this.#stores] = this.#open(bytes, logged);
  }

  close(): void {
    this.#statementsLeft = Number.POSITIVE_INFINITY;
    this.#connection.close();
    [this.#connection, this.#stores] = this.#open(readFileSync(this.#file), undefined);
  }

  dieAfter(statements: number, onDeath: () => void): void {
    this.#statementsLeft = statements;
    this.#onDeath = onDeath;
  }

  end(): void {
    for (const connection of this.#connections) connection.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #open(
    bytes: Uint8Array,
    log: Uint8Array | undefined,
  ): [SqliteDatabase, Pick<Databases, 'transfers' | 'sync' | 'photos'>] {
    this.#generation += 1;
    const file = join(this.#folder, `${this.#generation}.db`);
    this.#file = file;
    writeFileSync(file, bytes);
    if (log !== undefined) writeFileSync(`${file}-wal`, log);
    const connection = new this.#prepared.driver(file);
    this.#connections.push(connection);
    // as `open.ts` opens it
    if (connection.pragma('quick_check(1)', { simple: true }) !== 'ok')
      throw new Error(`the database is damaged at opening no. ${this.#generation}`);
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    connection.pragma('temp_store = MEMORY');
    this.#hear(connection);
    const sync = new SqliteSyncStore(connection, { file });
    sync.interruptRuns();
    const transfers = new SqliteTransferStore(connection, { file, setAside: undefined, onClose: () => undefined });
    return [connection, { transfers, sync, photos: new SqlitePhotoStore(connection, file) }];
  }

  /** Has each statement that writes announced. */
  #hear(connection: SqliteDatabase): void {
    const prepare = connection.prepare.bind(connection);
    const before = (): void => {
      if (connection !== this.#connection) return;
      this.#statementsLeft -= 1;
      if (this.#statementsLeft >= 0) return;
      this.#statementsLeft = Number.POSITIVE_INFINITY;
      this.#onDeath();
      throw fail('store', 'statement', DEAD);
    };
    const heard = (sql: string): ReturnType<typeof prepare> => {
      const statement = prepare(sql);
      if (READS.test(sql)) return statement;
      for (const name of ['run', 'get', 'all'] as const) {
        const call: unknown = statement[name];
        Object.assign(statement, {
          [name]: (...given: unknown[]): unknown => {
            before();
            return Reflect.apply(call as () => unknown, statement, given);
          },
        });
      }
      return statement;
    };
    Object.assign(connection, { prepare: heard });
  }
}

import type { DeviceKey, Instant, LocalPath, StorageKey, TransferId } from '../../shared/domain.ts';
import type { PhotoSettings } from '../../shared/photos.ts';
import type { LibraryFile, PhotoFolder, PhotoImport, PhotoStore, SeenFile } from '../photos/photo-store.ts';
import { storeError, type SqliteDatabase } from './driver.ts';
import { json, plain, readWith, type ColumnsOf } from './rows.ts';
import { Statements } from './statements.ts';

const IMPORT_COLUMNS: ColumnsOf<PhotoImport> = {
  transfer: plain('transfer'),
  item: plain('item'),
  device: plain('device'),
  storage: plain('storage'),
  path: plain('path'),
  size: plain('size'),
  modified: plain('modified'),
  taken: plain('taken'),
  sample: plain('sample'),
  sha256: plain('sha256'),
  importedAt: plain('imported_at'),
  copies: json('copies'),
};
const SEEN_COLUMNS: ColumnsOf<SeenFile> = {
  storage: plain('storage'),
  path: plain('path'),
  size: plain('size'),
  modified: plain('modified'),
  sample: plain('sample'),
};
const LIBRARY_COLUMNS: ColumnsOf<LibraryFile> = {
  path: plain('path'),
  size: plain('size'),
  modified: plain('modified'),
  sample: plain('sample'),
};

const FOLDER_COLUMNS: ColumnsOf<PhotoFolder> = { path: plain('path'), disk: json('disk') };

const putInto = (table: string, names: readonly string[]): string =>
  `INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
const namesOf = (columns: Readonly<Record<string, { readonly name: string }>>): readonly string[] =>
  Object.values(columns).map(({ name }) => name);

const PUT_IMPORT = putInto('photo_imports', namesOf(IMPORT_COLUMNS));
const PUT_SEEN = putInto('photo_seen', ['device', ...namesOf(SEEN_COLUMNS)]);
const PUT_FOLDER = putInto('photo_folders', namesOf(FOLDER_COLUMNS));
const PUT_LIBRARY = putInto('photo_library', namesOf(LIBRARY_COLUMNS));

/** The highest separator that a path below a folder can begin with, and the one after it: a range of the primary key. */
const AFTER_SEPARATOR: Readonly<Record<string, string>> = { '/': '0', '\\': ']' };

/** `PhotoStore` on SQLite, on the connection of the transfers. */
export class SqlitePhotoStore implements PhotoStore {
  readonly #sql: Statements;
  readonly #file: string;

  /** `file`: path of the database, for messages. */
  constructor(connection: SqliteDatabase, file: string) {
    this.#sql = new Statements(connection);
    this.#file = file;
  }

  settings(): Partial<PhotoSettings> {
    return this.#do('photoSettings', () =>
      Object.fromEntries(
        this.#sql
          .all('SELECT name, value FROM photo_settings', [])
          .map(({ name, value }) => [String(name), JSON.parse(String(value)) as unknown]),
      ),
    );
  }

  saveSettings(settings: Partial<PhotoSettings>): void {
    this.#do('savePhotoSettings', () =>
      this.#sql.transaction(() => {
        for (const [name, value] of Object.entries(settings))
          if (value === undefined) this.#sql.run('DELETE FROM photo_settings WHERE name = ?', [name]);
          else this.#sql.run(putInto('photo_settings', ['name', 'value']), [name, JSON.stringify(value)]);
      }),
    );
  }

  imports(device: DeviceKey): readonly PhotoImport[] {
    return this.#do('imports', () =>
      this.#sql
        .all('SELECT * FROM photo_imports WHERE device = ?', [device])
        .map((raw) => readWith(IMPORT_COLUMNS, raw) as unknown as PhotoImport),
    );
  }

  putImports(
    rows: readonly PhotoImport[],
    recorded?: { readonly transfer: TransferId; readonly finishedAt: Instant },
  ): void {
    this.#do('putImports', () =>
      this.#sql.transaction(() => {
        this.#putAll(PUT_IMPORT, IMPORT_COLUMNS, rows);
        if (recorded !== undefined)
          this.#sql.run(putInto('photo_transfers', ['transfer', 'finished_at']), [
            recorded.transfer,
            recorded.finishedAt,
          ]);
      }),
    );
  }

  recorded(transfer: TransferId): Instant | undefined {
    return this.#do('recorded', () => {
      const raw = this.#sql.get('SELECT finished_at FROM photo_transfers WHERE transfer = ?', [transfer]);
      return raw === undefined ? undefined : Number(raw['finished_at']);
    });
  }

  seen(device: DeviceKey): readonly SeenFile[] {
    return this.#do('seen', () =>
      this.#sql
        .all('SELECT * FROM photo_seen WHERE device = ?', [device])
        .map((raw) => readWith(SEEN_COLUMNS, raw) as unknown as SeenFile),
    );
  }

  putSeen(device: DeviceKey, rows: readonly SeenFile[]): void {
    this.#do('putSeen', () => this.#sql.transaction(() => this.#putAll(PUT_SEEN, SEEN_COLUMNS, rows, [device])));
  }

  librarySizes(): ReadonlySet<number> {
    return this.#do(
      'librarySizes',
      () => new Set(this.#sql.all('SELECT DISTINCT size FROM photo_library', []).map(({ size }) => Number(size))),
    );
  }

  libraryOfSize(size: number): readonly LibraryFile[] {
    return this.#do('libraryOfSize', () =>
      this.#sql
        .all('SELECT * FROM photo_library WHERE size = ?', [size])
        .map((raw) => readWith(LIBRARY_COLUMNS, raw) as unknown as LibraryFile),
    );
  }

  libraryBelow(folder: LocalPath): readonly LibraryFile[] {
    return this.#do('libraryBelow', () => {
      const separator = folder.includes('\\') && !folder.startsWith('/') ? '\\' : '/';
      const prefix = folder.endsWith(separator) ? folder : folder + separator;
      const after = prefix.slice(0, -1) + (AFTER_SEPARATOR[separator] ?? separator);
      return this.#sql
        .all('SELECT * FROM photo_library WHERE path = ? OR (path >= ? AND path < ?)', [folder, prefix, after])
        .map((raw) => readWith(LIBRARY_COLUMNS, raw) as unknown as LibraryFile);
    });
  }

  putLibrary(rows: readonly LibraryFile[]): void {
    this.#do('putLibrary', () => this.#sql.transaction(() => this.#putAll(PUT_LIBRARY, LIBRARY_COLUMNS, rows)));
  }

  dropLibrary(paths: readonly LocalPath[]): void {
    this.#do('dropLibrary', () =>
      this.#sql.transaction(() => {
        for (const path of paths) this.#sql.run('DELETE FROM photo_library WHERE path = ?', [path]);
      }),
    );
  }

  folders(): readonly PhotoFolder[] {
    return this.#do('photoFolders', () =>
      this.#sql
        .all('SELECT * FROM photo_folders', [])
        .map((raw) => readWith(FOLDER_COLUMNS, raw) as unknown as PhotoFolder),
    );
  }

  putFolder(folder: PhotoFolder): void {
    this.#do('putPhotoFolder', () => this.#putAll(PUT_FOLDER, FOLDER_COLUMNS, [folder]));
  }

  adoptDevice(from: DeviceKey, to: DeviceKey): void {
    this.#do('adoptDevice', () =>
      this.#sql.transaction(() => {
        this.#sql.run('UPDATE photo_imports SET device = ? WHERE device = ?', [to, from]);
        this.#sql.run('UPDATE OR REPLACE photo_seen SET device = ? WHERE device = ?', [to, from]);
      }),
    );
  }

  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    this.#do('adoptStorage', () =>
      this.#sql.transaction(() => {
        this.#sql.run('UPDATE photo_imports SET storage = ? WHERE device = ? AND storage = ?', [to, device, from]);
        this.#sql.run('UPDATE OR REPLACE photo_seen SET storage = ? WHERE device = ? AND storage = ?', [
          to,
          device,
          from,
        ]);
      }),
    );
  }

  #putAll(
    sql: string,
    columns: Readonly<Record<string, { readonly write: (value: unknown) => string | number | null }>>,
    rows: readonly object[],
    before: readonly string[] = [],
  ): void {
    const insert = this.#sql.prepare(sql);
    const entries = Object.entries(columns);
    for (const row of rows)
      insert.run(
        ...before,
        ...entries.map(([field, column]) => column.write((row as Readonly<Record<string, unknown>>)[field])),
      );
  }

  #do<T>(operation: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw storeError(error, operation, this.#file);
    }
  }
}

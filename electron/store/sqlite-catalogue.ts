import { countedSize } from '../../shared/catalogue.ts';
import type { Instant, StorageKey } from '../../shared/domain.ts';
import type {
  CataloguePhone,
  CatalogueRow,
  CatalogueStore,
  CatalogueTotals,
  FolderRow,
  FolderWrite,
  NewRow,
  RowId,
  StorageRow,
} from '../catalogue/catalogue-store.ts';
import { FOLDER, GONE, OLD, optional, readFolder, readRow, readTuple, ROW, SEEN } from './catalogue-rows.ts';
import { saysDamaged, storeError, type SqliteDatabase } from './driver.ts';
import { Statements } from './statements.ts';

/** Parent of the root of each storage. */
const NO_PARENT = 0;
/** The turn of a folder that was to be listed at once and is being listed. */
const BEGUN = 1;

/** `CatalogueStore` on SQLite, one file a phone. */
export class SqliteCatalogueStore implements CatalogueStore {
  readonly #sql: Statements;
  readonly #file: string;
  readonly #onDamaged: () => void;
  readonly #onClose: () => void;

  /** `onDamaged`: called where the file turns out to be damaged. */
  constructor(
    connection: SqliteDatabase,
    {
      file,
      onDamaged,
      onClose,
    }: { readonly file: string; readonly onDamaged: () => void; readonly onClose: () => void },
  ) {
    this.#sql = new Statements(connection);
    this.#file = file;
    this.#onDamaged = onDamaged;
    this.#onClose = onClose;
  }

  #do<T>(operation: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (saysDamaged(error)) this.#onDamaged();
      throw storeError(error, operation, this.#file);
    }
  }
  #all(operation: string, body: () => void): void {
    this.#do(operation, () => {
      this.#sql.transaction(body);
    });
  }

  get phone(): CataloguePhone {
    return this.#do('phone', () => {
      const raw = this.#sql.get('SELECT device, name FROM phone', []);
      return { device: String(raw?.['device'] ?? '') as CataloguePhone['device'], name: String(raw?.['name'] ?? '') };
    });
  }
  get session(): number {
    return this.#do('session', () => Number(this.#sql.get('SELECT session FROM phone', [])?.['session'] ?? 0));
  }

  rename(name: string): void {
    this.#do('rename', () => {
      this.#sql.run('UPDATE phone SET name = ? WHERE name <> ?', [name, name]);
    });
  }

  beginSession(due: number): number {
    this.#all('beginSession', () => {
      this.#sql.run('UPDATE phone SET session = session + 1', []);
      this.#sql.run('UPDATE folders SET due = ? WHERE seen IS NULL AND due IS NULL AND parent <> ?', [due, GONE]);
    });
    return this.session;
  }

  storages(): readonly StorageRow[] {
    return this.#do('storages', () =>
      this.#sql.all('SELECT root, key, name FROM storages ORDER BY root', []).map((raw) => ({
        root: Number(raw['root']),
        key: String(raw['key']) as StorageKey,
        name: String(raw['name']),
      })),
    );
  }

  addStorage(key: StorageKey, name: string, due: number): StorageRow {
    this.#all('addStorage', () => {
      const known = this.#sql.get('SELECT root FROM storages WHERE key = ?', [key]);
      if (known !== undefined) {
        this.#sql.run('UPDATE storages SET name = ? WHERE key = ? AND name <> ?', [name, key, name]);
        return;
      }
      const root = this.#add(NO_PARENT, { name: '', kind: 0, size: 0, modified: undefined, handle: 0, due }, 0);
      this.#sql.run('INSERT INTO storages (root, key, name) VALUES (?, ?, ?)', [root, key, name]);
    });
    const row = this.storages().find((one) => one.key === key);
    return row ?? { root: NO_PARENT, key, name };
  }

  removeStorage(root: RowId): void {
    this.#all('removeStorage', () => {
      this.#sql.run('DELETE FROM storages WHERE root = ?', [root]);
      this.#unlink(root);
    });
  }

  #add(parent: RowId, { name, kind, size, modified, handle, due }: NewRow, depth: number): RowId {
    const { lastInsertRowid } = this.#sql
      .prepare('INSERT INTO objects (parent, name, kind, size, modified, handle) VALUES (?, ?, ?, ?, ?, ?)')
      .run(parent, name, kind, size, modified ?? null, handle);
    const id = Number(lastInsertRowid);
    if (kind === 0)
      this.#sql.run('INSERT INTO folders (id, parent, depth, due, unlisted) VALUES (?, ?, ?, ?, 1)', [
        id,
        parent,
        depth,
        due ?? null,
      ]);
    return id;
  }

  #unlink(id: RowId): void {
    this.#sql.run('UPDATE objects SET parent = ? WHERE id = ?', [GONE, id]);
    this.#sql.run('UPDATE folders SET parent = ?, due = NULL WHERE id = ?', [GONE, id]);
  }

  write({ folder: id, added, changed, removed, listed }: FolderWrite): void {
    this.#all('write', () => {
      const folder = this.folder(id);
      if (folder === undefined) return;
      let [bytes, files, folders, unlisted] = [0, 0, 0, 0];
      for (const one of removed) {
        const row = this.row(one);
        if (row?.parent !== id) continue;
        const below = row.kind === 0 ? this.folder(one) : undefined;
        bytes -= below?.bytes ?? countedSize(row.size);
        files -= below?.files ?? 1;
        folders -= below === undefined ? 0 : below.folders + 1;
        unlisted -= below?.unlisted ?? 0;
        this.#unlink(one);
      }
      for (const one of changed) {
        const row = this.row(one.id);
        if (row?.parent !== id) continue;
        if (row.kind !== 0) bytes += countedSize(one.size) - countedSize(row.size);
        this.#sql.run('UPDATE objects SET size = ?, modified = ?, handle = ? WHERE id = ?', [
          one.size,
          one.modified ?? null,
          one.handle,
          one.id,
        ]);
      }
      for (const one of added) {
        this.#add(id, one, folder.depth + 1);
        if (one.kind === 0) {
          folders += 1;
          unlisted += 1;
        } else {
          files += 1;
          bytes += countedSize(one.size);
        }
      }
      if (listed !== undefined) {
        if (folder.seen === undefined) unlisted -= 1;
        this.#saw(id, listed);
      }
      if (bytes === 0 && files === 0 && folders === 0 && unlisted === 0) return;
      for (let at = id; at > 0; at = Number(this.#sql.get('SELECT parent FROM folders WHERE id = ?', [at])?.['parent']))
        this.#sql.run(
          `UPDATE folders SET bytes = bytes + ?, files = files + ?, folders = folders + ?, unlisted = unlisted + ?
           WHERE id = ?`,
          [bytes, files, folders, unlisted, at],
        );
    });
  }

  doubt(due: number): void {
    this.#do('doubt', () => {
      this.#sql.run(
        `UPDATE folders SET due = ? WHERE due IS NULL AND seen IS NOT NULL AND parent <> ?
         AND session < (SELECT session FROM phone)`,
        [due, GONE],
      );
    });
  }

  setDue(folders: readonly RowId[], due: number): void {
    this.#all('setDue', () => {
      for (const id of folders)
        this.#sql.run('UPDATE folders SET due = min(coalesce(due, ?), ?) WHERE id = ? AND parent <> ?', [
          due,
          due,
          id,
          GONE,
        ]);
    });
  }

  begin(folder: RowId): void {
    this.#do('begin', () => {
      this.#sql.run('UPDATE folders SET due = ? WHERE id = ? AND due = 0', [BEGUN, folder]);
    });
  }

  giveUp(folder: RowId): void {
    this.#do('giveUp', () => {
      this.#sql.run('UPDATE folders SET due = NULL, session = (SELECT session FROM phone) WHERE id = ?', [folder]);
    });
  }

  setSeen(folder: RowId, { at, session }: { readonly at: Instant; readonly session: number }): void {
    this.#do('setSeen', () => {
      if (this.folder(folder)?.seen !== undefined) this.#saw(folder, { at, session });
    });
  }

  #saw(folder: RowId, { at, session }: { readonly at: Instant; readonly session: number }): void {
    const isOver = 'due <> 0 AND ? = (SELECT session FROM phone)';
    const sql = `UPDATE folders SET seen = ?, session = ?, due = CASE WHEN ${isOver} THEN NULL ELSE due END WHERE id = ?`;
    this.#sql.run(sql, [at, session, session, folder]);
  }

  row(id: RowId): CatalogueRow | undefined {
    return this.#do('row', () => {
      const raw = this.#sql.get(`SELECT ${ROW} FROM objects WHERE id = ? AND parent <> ?`, [id, GONE]);
      return raw === undefined ? undefined : readRow(raw);
    });
  }
  folder(id: RowId): FolderRow | undefined {
    return this.#do('folder', () => {
      const raw = this.#sql.get(`SELECT ${FOLDER} FROM folders WHERE id = ? AND parent <> ?`, [id, GONE]);
      return raw === undefined ? undefined : readFolder(raw);
    });
  }
  children(folder: RowId): readonly CatalogueRow[] {
    return this.#do('children', () =>
      this.#sql.all(`SELECT ${ROW} FROM objects WHERE parent = ? ORDER BY name`, [folder]).map(readRow),
    );
  }
  childrenAfter(folder: RowId, after: RowId, limit: number): readonly CatalogueRow[] {
    return this.#do('childrenAfter', () =>
      this.#sql
        .all(`SELECT ${ROW} FROM objects WHERE parent = ? AND id > ? ORDER BY id LIMIT ?`, [folder, after, limit])
        .map(readRow),
    );
  }
  child(folder: RowId, name: string): CatalogueRow | undefined {
    return this.#do('child', () => {
      const raw = this.#sql.get(`SELECT ${ROW} FROM objects WHERE parent = ? AND name = ?`, [folder, name]);
      return raw === undefined ? undefined : readRow(raw);
    });
  }
  foldersIn(folder: RowId): readonly FolderRow[] {
    return this.#do('foldersIn', () =>
      this.#sql
        .all(
          `SELECT ${FOLDER.split(', ')
            .map((name) => `folders.${name}`)
            .join(', ')} FROM objects JOIN folders ON folders.id = objects.id
           WHERE objects.parent = ? AND objects.kind = 0 ORDER BY name`,
          [folder],
        )
        .map(readFolder),
    );
  }
  rowsAfter(after: RowId, limit: number): readonly CatalogueRow[] {
    return this.#do('rowsAfter', () =>
      this.#sql
        .tuples(`SELECT ${ROW} FROM objects WHERE id > ? AND parent <> ? ORDER BY id LIMIT ?`, [after, GONE, limit])
        .map(readTuple),
    );
  }

  withHandle(handle: number, session: number): readonly CatalogueRow[] {
    return this.#do('withHandle', () =>
      this.#sql
        .all(
          `SELECT ${ROW} FROM objects WHERE handle = ?
           AND EXISTS (SELECT 1 FROM folders WHERE folders.id = objects.parent AND folders.session = ?) ORDER BY id`,
          [handle, session],
        )
        .map(readRow),
    );
  }

  nextDue(): FolderRow | undefined {
    return this.#do('nextDue', () => {
      const raw = this.#sql.get(`SELECT ${FOLDER} FROM folders WHERE due IS NOT NULL ORDER BY due, id LIMIT 1`, []);
      return raw === undefined ? undefined : readFolder(raw);
    });
  }

  nextOld(session: number): FolderRow | undefined {
    return this.#do('nextOld', () => {
      const raw = this.#sql.get(
        `SELECT ${FOLDER} FROM folders WHERE session < ? AND ${OLD} ORDER BY session, seen, id LIMIT 1`,
        [session],
      );
      return raw === undefined ? undefined : readFolder(raw);
    });
  }

  totals(): CatalogueTotals {
    return this.#do('totals', () => {
      const sums = this.#sql.get(
        `SELECT total(bytes) AS bytes, total(files) AS files, total(folders) AS folders, total(unlisted) AS unlisted
         FROM storages JOIN folders ON folders.id = storages.root`,
        [],
      );
      const age = this.#sql.get(`SELECT min(seen) AS oldest FROM folders WHERE ${SEEN}`, []);
      const old = this.#sql.get(
        `SELECT (SELECT count(*) FROM folders WHERE due IS NOT NULL AND seen IS NOT NULL)
           + (SELECT count(*) FROM folders WHERE session < (SELECT session FROM phone) AND ${OLD}) AS old`,
        [],
      );
      return {
        bytes: Number(sums?.['bytes']),
        files: Number(sums?.['files']),
        folders: Number(sums?.['folders']),
        unlisted: Number(sums?.['unlisted']),
        old: Number(old?.['old']),
        oldest: optional(age?.['oldest'] ?? null) satisfies Instant | undefined,
      };
    });
  }

  purge(limit: number): number {
    let ended = 0;
    this.#all('purge', () => {
      for (const raw of this.#sql.all('SELECT id FROM objects WHERE parent = ? LIMIT ?', [GONE, limit])) {
        const id = Number(raw['id']);
        this.#sql.run(
          'UPDATE folders SET parent = ?, due = NULL WHERE id IN (SELECT id FROM objects WHERE parent = ?)',
          [GONE, id],
        );
        this.#sql.run('UPDATE objects SET parent = ? WHERE parent = ?', [GONE, id]);
        this.#sql.run('DELETE FROM objects WHERE id = ?', [id]);
        this.#sql.run('DELETE FROM folders WHERE id = ?', [id]);
        ended += 1;
      }
    });
    return ended;
  }

  close(): void {
    this.#onClose();
  }
}

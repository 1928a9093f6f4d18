import { countedSize } from '../../shared/catalogue.ts';
import type { DeviceKey, Instant, StorageKey } from '../../shared/domain.ts';
import type {
  CatalogueStore,
  CatalogueTotals,
  CataloguePhone,
  CatalogueReader,
  CatalogueRow,
  CatalogueShelf,
  FolderRow,
  FolderWrite,
  RowId,
  StorageRow,
} from '../catalogue/catalogue-store.ts';

type Open<T> = { -readonly [K in keyof T]: T[K] };
/** Parent of the root of each storage. */
const NO_PARENT = 0;
/** Parent of what was removed and is not purged yet. */
const GONE = -1;
/** The turn of a folder that was to be listed at once and is being listed. */
const BEGUN = 1;

/** `CatalogueStore` in memory, for tests: the same answers as SQLite's. */
export class MemoryCatalogueStore implements CatalogueStore {
  #phone: CataloguePhone;
  #session = 0;
  #next = 1;
  readonly #rows = new Map<RowId, Open<CatalogueRow>>();
  readonly #folders = new Map<RowId, Open<FolderRow>>();
  readonly #children = new Map<RowId, Set<RowId>>();
  readonly #storages: StorageRow[] = [];

  constructor(phone: CataloguePhone) {
    this.#phone = phone;
  }

  get phone(): CataloguePhone {
    return this.#phone;
  }
  get session(): number {
    return this.#session;
  }
  rename(name: string): void {
    this.#phone = { ...this.#phone, name };
  }

  beginSession(due: number): number {
    this.#session += 1;
    for (const folder of this.#folders.values())
      if (folder.seen === undefined && folder.due === undefined && folder.parent !== GONE) folder.due = due;
    return this.#session;
  }

  storages(): readonly StorageRow[] {
    return [...this.#storages];
  }

  addStorage(key: StorageKey, name: string, due: number): StorageRow {
    const known = this.#storages.find((one) => one.key === key);
    if (known !== undefined) {
      const row = { ...known, name };
      this.#storages[this.#storages.indexOf(known)] = row;
      return row;
    }
    const root = this.#add(NO_PARENT, { name: '', kind: 0, size: 0, modified: undefined, handle: 0, due }, 0);
    const row = { root, key, name };
    this.#storages.push(row);
    return row;
  }

  removeStorage(root: RowId): void {
    const index = this.#storages.findIndex((one) => one.root === root);
    if (index < 0) return;
    this.#storages.splice(index, 1);
    this.#unlink(root);
  }

  #add(parent: RowId, row: FolderWrite['added'][number], depth: number): RowId {
    const id = this.#next;
    this.#next += 1;
    const { due, ...rest } = row;
    this.#rows.set(id, { id, parent, ...rest });
    const siblings = this.#children.get(parent) ?? new Set();
    siblings.add(id);
    this.#children.set(parent, siblings);
    if (row.kind === 0)
      this.#folders.set(id, {
        id,
        parent,
        depth,
        seen: undefined,
        due,
        session: 0,
        bytes: 0,
        files: 0,
        folders: 0,
        unlisted: 1,
      });
    return id;
  }

  #unlink(id: RowId): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#children.get(row.parent)?.delete(id);
    row.parent = GONE;
    const folder = this.#folders.get(id);
    if (folder !== undefined) folder.parent = GONE;
  }

  #count(from: RowId, change: { bytes: number; files: number; folders: number; unlisted: number }): void {
    for (let at = this.#folders.get(from); at !== undefined; at = this.#folders.get(at.parent)) {
      at.bytes += change.bytes;
      at.files += change.files;
      at.folders += change.folders;
      at.unlisted += change.unlisted;
    }
  }

  write({ folder: id, added, changed, removed, listed }: FolderWrite): void {
    const folder = this.#folders.get(id);
    if (folder === undefined || folder.parent === GONE) return;
    const change = { bytes: 0, files: 0, folders: 0, unlisted: 0 };
    for (const one of removed) {
      const row = this.#rows.get(one);
      if (row === undefined || row.parent !== id) continue;
      const below = this.#folders.get(one);
      change.bytes -= below?.bytes ?? countedSize(row.size);
      change.files -= below?.files ?? 1;
      change.folders -= below === undefined ? 0 : below.folders + 1;
      change.unlisted -= below?.unlisted ?? 0;
      this.#unlink(one);
    }
    for (const one of changed) {
      const row = this.#rows.get(one.id);
      if (row === undefined || row.parent !== id) continue;
      if (row.kind !== 0) change.bytes += countedSize(one.size) - countedSize(row.size);
      Object.assign(row, one);
    }
    for (const one of added) {
      this.#add(id, one, folder.depth + 1);
      if (one.kind === 0) {
        change.folders += 1;
        change.unlisted += 1;
      } else {
        change.files += 1;
        change.bytes += countedSize(one.size);
      }
    }
    if (listed !== undefined) {
      if (folder.seen === undefined) change.unlisted -= 1;
      this.#saw(folder, listed);
    }
    this.#count(id, change);
  }

  doubt(due: number): void {
    for (const folder of this.#folders.values())
      if (folder.due === undefined && folder.seen !== undefined && folder.parent !== GONE)
        if (folder.session < this.#session) folder.due = due;
  }

  setDue(folders: readonly RowId[], due: number): void {
    for (const id of folders) {
      const folder = this.#folders.get(id);
      if (folder !== undefined && folder.parent !== GONE) folder.due = Math.min(folder.due ?? due, due);
    }
  }

  begin(id: RowId): void {
    const folder = this.#folders.get(id);
    if (folder?.due === 0) folder.due = BEGUN;
  }

  giveUp(id: RowId): void {
    const folder = this.#folders.get(id);
    if (folder === undefined) return;
    folder.due = undefined;
    folder.session = this.#session;
  }

  setSeen(id: RowId, { at, session }: { readonly at: Instant; readonly session: number }): void {
    const folder = this.#folders.get(id);
    if (folder === undefined || folder.seen === undefined) return;
    this.#saw(folder, { at, session });
  }

  #saw(folder: Open<FolderRow>, { at, session }: { readonly at: Instant; readonly session: number }): void {
    folder.seen = at;
    folder.session = session;
    if (folder.due !== 0 && session === this.#session) folder.due = undefined;
  }

  row(id: RowId): CatalogueRow | undefined {
    const row = this.#rows.get(id);
    return row === undefined || row.parent === GONE ? undefined : { ...row };
  }
  folder(id: RowId): FolderRow | undefined {
    const folder = this.#folders.get(id);
    return folder === undefined || folder.parent === GONE ? undefined : { ...folder };
  }
  children(folder: RowId): readonly CatalogueRow[] {
    return [...(this.#children.get(folder) ?? [])]
      .map((id) => this.#rows.get(id))
      .filter((row) => row !== undefined)
      .map((row) => ({ ...row }))
      .sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
  }
  childrenAfter(folder: RowId, after: RowId, limit: number): readonly CatalogueRow[] {
    return this.children(folder)
      .filter(({ id }) => id > after)
      .sort((one, other) => one.id - other.id)
      .slice(0, limit);
  }
  child(folder: RowId, name: string): CatalogueRow | undefined {
    return this.children(folder).find((row) => row.name === name);
  }
  foldersIn(folder: RowId): readonly FolderRow[] {
    return this.children(folder)
      .map(({ id }) => this.folder(id))
      .filter((row) => row !== undefined);
  }
  rowsAfter(after: RowId, limit: number): readonly CatalogueRow[] {
    return [...this.#rows.values()]
      .filter(({ id, parent }) => id > after && parent !== GONE)
      .slice(0, limit)
      .map((row) => ({ ...row }));
  }

  withHandle(handle: number, session: number): readonly CatalogueRow[] {
    return [...this.#rows.values()]
      .filter((row) => row.handle === handle && this.#folders.get(row.parent)?.session === session)
      .map((row) => ({ ...row }));
  }

  nextDue(): FolderRow | undefined {
    let next: FolderRow | undefined;
    for (const folder of this.#folders.values())
      if (folder.due !== undefined && folder.parent !== GONE && folder.due < (next?.due ?? Infinity)) next = folder;
    return next === undefined ? undefined : { ...next };
  }

  nextOld(session: number): FolderRow | undefined {
    let next: FolderRow | undefined;
    for (const folder of this.#folders.values())
      if (folder.seen !== undefined && folder.due === undefined && folder.parent !== GONE && folder.session !== session)
        if (folder.seen < (next?.seen ?? Infinity)) next = folder;
    return next === undefined ? undefined : { ...next };
  }

  totals(): CatalogueTotals {
    let [files, folders, bytes, unlisted, old] = [0, 0, 0, 0, 0];
    let oldest: Instant | undefined;
    for (const { root } of this.#storages) {
      const folder = this.#folders.get(root);
      files += folder?.files ?? 0;
      folders += folder?.folders ?? 0;
      bytes += folder?.bytes ?? 0;
      unlisted += folder?.unlisted ?? 0;
    }
    for (const { seen, due, session, parent } of this.#folders.values()) {
      if (seen === undefined || parent === GONE) continue;
      if (due !== undefined || session !== this.#session) old += 1;
      oldest = Math.min(oldest ?? seen, seen);
    }
    return { files, folders, bytes, unlisted, old, oldest };
  }

  purge(limit: number): number {
    let ended = 0;
    for (const row of [...this.#rows.values()]) {
      if (ended >= limit) break;
      if (row.parent !== GONE) continue;
      for (const child of this.#children.get(row.id) ?? []) this.#unlink(child);
      this.#children.delete(row.id);
      this.#rows.delete(row.id);
      this.#folders.delete(row.id);
      ended += 1;
    }
    return ended;
  }

  close(): void {
    // nothing is open
  }
}

/** `CatalogueShelf` in memory. A store stays when it is closed, as a file would. */
export class MemoryCatalogueShelf implements CatalogueShelf {
  readonly #stores = new Map<DeviceKey, MemoryCatalogueStore>();

  known(): readonly CataloguePhone[] {
    return [...this.#stores.values()].map(({ phone }) => phone);
  }
  open(phone: CataloguePhone): CatalogueStore {
    const store = this.#stores.get(phone.device) ?? new MemoryCatalogueStore(phone);
    store.rename(phone.name);
    this.#stores.set(phone.device, store);
    return store;
  }
  read(device: DeviceKey): CatalogueReader | undefined {
    return this.#stores.get(device);
  }
  forget(device: DeviceKey): void {
    this.#stores.delete(device);
  }
  clear(): void {
    this.#stores.clear();
  }
}

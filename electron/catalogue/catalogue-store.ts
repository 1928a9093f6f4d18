import type { DeviceKey, Instant, StorageKey } from '../../shared/domain.ts';

/**
 * Persistence interface of the catalogue of one phone. Two implementations: SQLite and in memory. Each call that writes is
 * one transaction and has reached the database when it returns; all throw `store` when the database cannot be used. What
 * it keeps is a memory of what the phone said, never the only copy of anything: a damaged file is thrown away.
 */

/** Number of a row; given once and never again in one file. */
export type RowId = number;

/** Parent of the root of each storage. */
export const NO_PARENT = 0;

/** One object of the phone. */
export interface CatalogueRow {
  readonly id: RowId;
  readonly parent: RowId;
  readonly name: string;
  /** Place in `CATALOGUE_KINDS`. */
  readonly kind: number;
  /** Bytes; 0 for a folder. At most the largest safe integer, whatever the phone said. */
  readonly size: number;
  readonly modified: Instant | undefined;
  /** Means something only while its folder's `session` is the present one. */
  readonly handle: number;
}

/** What is known of a folder besides its row. Sums count all below it. */
export interface FolderRow {
  readonly id: RowId;
  readonly parent: RowId;
  /** 0 for a storage's root. */
  readonly depth: number;
  /** When it was listed last; `undefined` before the first time. */
  readonly seen: Instant | undefined;
  /** When its turn to be listed is, the smallest first; `undefined`: it has none. */
  readonly due: number | undefined;
  /** The session in which it was listed, or found unchanged; if it was listed, handles of its objects are of that session. */
  readonly session: number;
  readonly bytes: number;
  readonly files: number;
  readonly folders: number;
  /** Folders never listed, with itself. */
  readonly unlisted: number;
}

/** An object that is new in its folder. */
export interface NewRow {
  readonly name: string;
  readonly kind: number;
  readonly size: number;
  readonly modified: Instant | undefined;
  readonly handle: number;
  /** Of a folder: its turn. Without one it is not looked into. */
  readonly due: number | undefined;
}

/** What has changed in an object that keeps its name and stays what it is. */
export interface ChangedRow {
  readonly id: RowId;
  readonly size: number;
  readonly modified: Instant | undefined;
  readonly handle: number;
}

/** A piece of what was learnt about one folder. */
export interface FolderWrite {
  readonly folder: RowId;
  readonly added: readonly NewRow[];
  readonly changed: readonly ChangedRow[];
  readonly removed: readonly RowId[];
  /** With the last piece of a listing: it was listed whole. Its turn ends, but for one at once (0): that came since. */
  readonly listed?: { readonly at: Instant; readonly session: number } | undefined;
}

/** A storage the catalogue knows. */
export interface StorageRow {
  readonly root: RowId;
  readonly key: StorageKey;
  readonly name: string;
}

/** Totals of one phone. */
export interface CatalogueTotals {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  readonly unlisted: number;
  /** Folders that have a turn although they were listed before, or were last seen in an earlier session. */
  readonly old: number;
  readonly oldest: Instant | undefined;
}

/** Who the phone is, for when it is away. */
export interface CataloguePhone {
  readonly device: DeviceKey;
  readonly name: string;
}

/** What can be asked while another process writes. */
export interface CatalogueReader {
  readonly phone: CataloguePhone;
  /** The last session begun. */
  readonly session: number;
  storages(): readonly StorageRow[];
  row(id: RowId): CatalogueRow | undefined;
  folder(id: RowId): FolderRow | undefined;
  /** By name. */
  children(folder: RowId): readonly CatalogueRow[];
  /** In the order of their numbers, those above `after`: for folders of any size. */
  childrenAfter(folder: RowId, after: RowId, limit: number): readonly CatalogueRow[];
  child(folder: RowId, name: string): CatalogueRow | undefined;
  /** Folders directly in a folder. */
  foldersIn(folder: RowId): readonly FolderRow[];
  /** All rows with a number above `after`, in their order. Rows whose folder was removed may still be among them. */
  rowsAfter(after: RowId, limit: number): readonly CatalogueRow[];
  totals(): CatalogueTotals;
  close(): void;
}

/** All that is kept of one phone. */
export interface CatalogueStore extends CatalogueReader {
  rename(name: string): void;
  /**
   * A new connection, or the wish to see everything again: handles of before mean nothing, and every folder is old.
   * Folders that could not be listed get a turn again.
   */
  beginSession(due: number): number;
  /** The storage under this key, added where it is new, with its root due. */
  addStorage(key: StorageKey, name: string, due: number): StorageRow;
  /** With all that is on it. */
  removeStorage(root: RowId): void;
  write(change: FolderWrite): void;
  /** What is remembered of folders last seen in an earlier session cannot be relied on: those without a turn get one. */
  doubt(due: number): void;
  /** Gives folders a turn, or an earlier one than they have. */
  setDue(folders: readonly RowId[], due: number): void;
  /**
   * It is being listed. Its turn stays until `write` says that it was, so that an unplug or a kill loses none; only one at
   * once (0) becomes one that is next, and whatever gives it 0 from now on came after that.
   */
  begin(folder: RowId): void;
  /** It cannot be listed: it has no turn in this session any more. */
  giveUp(folder: RowId): void;
  /**
   * Objects with this handle in folders of this session. A folder that was found unchanged without being listed may have
   * handles of an earlier one, so there may be several.
   */
  withHandle(handle: number, session: number): readonly CatalogueRow[];
  /** The folder whose turn is next. */
  nextDue(): FolderRow | undefined;
  /** The folder without a turn that was not looked at for longest, if that was before this session. */
  nextOld(session: number): FolderRow | undefined;
  /**
   * It was found unchanged. Its turn ends, as with `write`, but not where a session has begun meanwhile: it was looked at before
   * that, and may have got its turn since.
   */
  setSeen(folder: RowId, listed: { readonly at: Instant; readonly session: number }): void;
  /** Ends rows whose folder was removed, at most so many; answers how many there were. */
  purge(limit: number): number;
}

/** Opens and forgets catalogues, one file a phone. */
export interface CatalogueShelf {
  /** Phones that have a catalogue. */
  known(): readonly CataloguePhone[];
  /** For writing. Throws `store` where it cannot be opened or another process writes it. */
  open(phone: CataloguePhone): CatalogueStore;
  /** For reading, also while another process writes; `undefined` where there is none. */
  read(device: DeviceKey): CatalogueReader | undefined;
  /** Deletes a catalogue; its stores have to be closed. */
  forget(device: DeviceKey): void;
  /** Deletes all there are, those that cannot be read too; their stores have to be closed. */
  clear(): void;
}

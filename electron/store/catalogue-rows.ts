import type { CatalogueRow, FolderRow } from '../catalogue/catalogue-store.ts';
import type { Raw } from './rows.ts';

/** Columns of a catalogue's tables, and reading them. */

/** Parent of what was removed and is not purged yet. */
export const GONE = -1;
/** Conditions of two indexes, which SQLite uses only for the same words. */
export const SEEN = `seen IS NOT NULL AND parent <> ${GONE}`;
export const OLD = `seen IS NOT NULL AND due IS NULL AND parent <> ${GONE}`;
/** Columns of a row and of a folder, in the order in which they are read. */
export const ROW = 'id, parent, name, kind, size, modified, handle';
const COLUMNS = ROW.split(', ');
export const FOLDER = 'id, parent, depth, seen, due, session, bytes, files, folders, unlisted';

/** `NULL` is `undefined`. */
export const optional = (value: unknown): number | undefined => (value === null ? undefined : Number(value));
/** A row by the columns of `ROW` in their order: a million are read so in two thirds of the time. */
export const readTuple = ([id, parent, name, kind, size, modified, handle]: readonly unknown[]): CatalogueRow => ({
  id: Number(id),
  parent: Number(parent),
  name: String(name),
  kind: Number(kind),
  size: Number(size),
  modified: optional(modified),
  handle: Number(handle),
});
/** A row by the names of its columns. */
export const readRow = (raw: Raw): CatalogueRow => readTuple(COLUMNS.map((name) => raw[name]));
/** A folder by the names of its columns. */
export const readFolder = (raw: Raw): FolderRow => ({
  id: Number(raw['id']),
  parent: Number(raw['parent']),
  depth: Number(raw['depth']),
  seen: optional(raw['seen']),
  due: optional(raw['due']),
  session: Number(raw['session']),
  bytes: Number(raw['bytes']),
  files: Number(raw['files']),
  folders: Number(raw['folders']),
  unlisted: Number(raw['unlisted']),
});

import { setImmediate as turn } from 'node:timers/promises';
import { CATALOGUE_KINDS, catalogueKindOf } from '../../shared/catalogue-kinds.ts';
import { segmentOf, type Entry, type Instant } from '../../shared/domain.ts';
import type { CatalogueRow, CatalogueStore, ChangedRow, NewRow, RowId } from './catalogue-store.ts';

/** Bringing one folder's rows in line with what the phone has listed. */

/** Rows compared or written at once: a few milliseconds. */
const SLICE = 1_000;

const KIND_NUMBERS = new Map(CATALOGUE_KINDS.map((kind, number) => [kind, number]));
const FOLDER_KIND = 0;
const kindOf = ({ kind, name }: Entry): number =>
  kind === 'folder' ? FOLDER_KIND : (KIND_NUMBERS.get(catalogueKindOf(name)) ?? CATALOGUE_KINDS.length - 1);

/** A size that can be stored; some phones claim 2^64 − 1 for whatever they do not know. */
const sizeOf = ({ size, kind }: Entry): number =>
  kind === 'folder' ? 0 : Math.min(Math.max(0, size), Number.MAX_SAFE_INTEGER);

/**
 * Writes what differs, a slice at a time; the last one says that the folder was listed. A program that is killed in between
 * finds the folder as one that was not: it is listed again. Resolves with whether anything has changed but handles.
 */
export async function mergeFolder(
  store: CatalogueStore,
  folder: RowId,
  objects: readonly (Entry & { readonly handle: number })[],
  how: { readonly at: Instant; readonly session: number; readonly dueOfNew: (name: string) => number },
): Promise<boolean> {
  const there = new Map<string, Entry & { readonly handle: number }>();
  for (const object of objects) there.set(segmentOf(object.name), object);
  let added: NewRow[] = [];
  let changed: ChangedRow[] = [];
  let removed: RowId[] = [];
  let isChanged = false;
  const flush = async (): Promise<void> => {
    if (added.length + changed.length + removed.length === 0) return;
    store.write({ folder, added, changed, removed });
    [added, changed, removed] = [[], [], []];
    await turn();
  };
  const compare = (row: CatalogueRow): void => {
    const object = there.get(row.name);
    if (object === undefined || (row.kind === FOLDER_KIND) !== (object.kind === 'folder')) {
      // one of the same name that is something else now comes as a new one below
      removed.push(row.id);
      isChanged = true;
      return;
    }
    there.delete(row.name);
    const [size, modified] = [sizeOf(object), row.kind === FOLDER_KIND ? row.modified : object.modified];
    if (row.size === size && row.modified === modified && row.handle === object.handle) return;
    if (row.size !== size || row.modified !== modified) isChanged = true;
    changed.push({ id: row.id, size, modified, handle: object.handle });
  };
  let after = 0;
  for (;;) {
    const rows = store.childrenAfter(folder, after, SLICE);
    for (const row of rows) compare(row);
    after = rows.at(-1)?.id ?? after;
    await flush();
    if (rows.length < SLICE) break;
  }
  for (const [name, object] of there) {
    added.push({
      name,
      kind: kindOf(object),
      size: sizeOf(object),
      modified: object.modified,
      handle: object.handle,
      due: object.kind === 'folder' ? how.dueOfNew(name) : undefined,
    });
    isChanged = true;
    if (added.length >= SLICE) await flush();
  }
  store.write({ folder, added, changed, removed, listed: { at: how.at, session: how.session } });
  return isChanged;
}

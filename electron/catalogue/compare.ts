import type { StorageKey } from '../../shared/domain.ts';
import { endsConnection, problemOf } from '../../shared/errors.ts';
import type { PhoneWalk } from '../engine/index.ts';
import type { CatalogueReader, CatalogueRow, CatalogueStore, FolderRow, RowId } from './catalogue-store.ts';

/** What a phone tells by handles alone, beside what is remembered. */

/** A folder whose objects are as they were is not listed again within this time, in milliseconds. */
const AGE_MS = 7 * 24 * 60 * 60_000;

/**
 * Handles of folders that were found to have as many objects as before, on phones that number them anew at each connection
 * (Android 9 and later). Which object has which is not known, but the phone tells by them what happens in these folders.
 */
export class CountedFolders {
  readonly #handles = new Map<RowId, Uint32Array>();

  /** No handles: those of the folder's rows are right. */
  note(folder: RowId, handles: readonly number[]): void {
    if (handles.length === 0) this.#handles.delete(folder);
    else this.#handles.set(folder, Uint32Array.from(handles));
  }
  clear(): void {
    this.#handles.clear();
  }
  /** Whether handles of this folder's rows are those of an earlier connection. */
  has(folder: RowId): boolean {
    return this.#handles.has(folder);
  }
  /** Which of these handles are in such folders. */
  find(wanted: ReadonlySet<number>): ReadonlyMap<number, RowId> {
    const found = new Map<number, RowId>();
    if (wanted.size === 0) return found;
    for (const [folder, handles] of this.#handles)
      for (const handle of handles) if (wanted.has(handle)) found.set(handle, folder);
    return found;
  }
}

/**
 * Whether a folder seen lately still has the same objects, or as many where the phone numbers them anew at each connection;
 * one transaction. Only of folders without a turn of their own and without folders in them, whose handles are wanted.
 * Answers the handles that are new, none where all are the same, or `undefined` for a folder that is to be listed.
 */
export async function newHandles(
  walk: Pick<PhoneWalk, 'handles'>,
  store: CatalogueReader,
  {
    folder,
    key,
    handle,
    now,
  }: {
    readonly folder: FolderRow;
    readonly key: StorageKey;
    readonly handle: number | undefined;
    /** Milliseconds since 1970. */
    readonly now: number;
  },
): Promise<readonly number[] | undefined> {
  if (folder.due !== undefined || folder.seen === undefined || folder.folders > 0) return undefined;
  if (Math.abs(now - folder.seen) > AGE_MS || handle === undefined) return undefined;
  const handles = await walk.handles(key, handle);
  if (handles?.length !== folder.files) return undefined;
  const known = new Set(store.children(folder.id).map((row) => row.handle));
  const met = handles.filter((one) => known.has(one)).length;
  if (met === handles.length) return [];
  return met === 0 ? handles : undefined;
}

/**
 * The folders that events tell of. `isElsewhere`: some are of folders whose handles are not known in this session.
 * `undefined`: the phone went away meanwhile.
 */
export async function foldersOf(
  walk: Pick<PhoneWalk, 'parentOf'>,
  store: Pick<CatalogueStore, 'withHandle' | 'storages'>,
  {
    added,
    other,
    session,
    counted,
  }: {
    readonly added: readonly number[];
    readonly other: readonly number[];
    readonly session: number;
    readonly counted: CountedFolders;
  },
): Promise<{ readonly folders: readonly RowId[]; readonly isElsewhere: boolean } | undefined> {
  const folders = new Set<RowId>();
  let isElsewhere = false;
  const known = (handle: number): readonly CatalogueRow[] =>
    store.withHandle(handle, session).filter(({ parent }) => !counted.has(parent));
  const inCounted = counted.find(new Set(other));
  for (const handle of other) {
    const folder = inCounted.get(handle) ?? known(handle)[0]?.parent;
    if (folder === undefined) isElsewhere = true;
    else folders.add(folder);
  }
  const parents = new Set<number>();
  for (const handle of added) {
    try {
      const parent = await walk.parentOf(handle);
      if (parent === undefined) for (const { root } of store.storages()) folders.add(root);
      else if (!parents.has(parent)) {
        parents.add(parent);
        const row = known(parent).find(({ kind }) => kind === 0);
        if (row === undefined) isElsewhere = true;
        else folders.add(row.id);
      }
    } catch (error) {
      if (endsConnection(problemOf(error, 'catalogue').kind)) return undefined;
      // gone again
    }
  }
  return { folders: [...folders], isElsewhere };
}

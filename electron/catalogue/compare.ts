import type { StorageKey } from '../../shared/domain.ts';
import { endsConnection, problemOf } from '../../shared/errors.ts';
import type { PhoneWalk } from '../engine/index.ts';
import type { CatalogueReader, CatalogueStore, FolderRow, RowId } from './catalogue-store.ts';

/** What a phone tells by handles alone, beside what is remembered. */

/** A folder whose objects are as they were is not listed again within this time, in milliseconds. */
const AGE_MS = 7 * 24 * 60 * 60_000;

/**
 * Whether a folder seen lately still has the same objects, or as many where the phone numbers them anew at each connection
 * (Android 9 and later); one transaction. Only of folders without a turn of their own and without folders in them, whose
 * handles are wanted.
 */
export async function isUnchanged(
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
): Promise<boolean> {
  if (folder.due !== undefined || folder.seen === undefined || folder.folders > 0) return false;
  if (Math.abs(now - folder.seen) > AGE_MS || handle === undefined) return false;
  const handles = await walk.handles(key, handle);
  if (handles?.length !== folder.files) return false;
  const known = new Set(store.children(folder.id).map((row) => row.handle));
  const met = handles.filter((one) => known.has(one)).length;
  return met === 0 || met === handles.length;
}

/**
 * The folders that events tell of. `isElsewhere`: some are of folders whose handles are not known in this session.
 * `undefined`: the phone went away meanwhile.
 */
export async function foldersOf(
  walk: Pick<PhoneWalk, 'parentOf'>,
  store: Pick<CatalogueStore, 'byHandle' | 'storages'>,
  {
    added,
    other,
    session,
  }: { readonly added: readonly number[]; readonly other: readonly number[]; readonly session: number },
): Promise<{ readonly folders: readonly RowId[]; readonly isElsewhere: boolean } | undefined> {
  const folders = new Set<RowId>();
  let isElsewhere = false;
  for (const handle of other) {
    const row = store.byHandle(handle, session);
    if (row === undefined) isElsewhere = true;
    else folders.add(row.parent);
  }
  const parents = new Set<number>();
  for (const handle of added) {
    try {
      const parent = await walk.parentOf(handle);
      if (parent === undefined) for (const { root } of store.storages()) folders.add(root);
      else if (!parents.has(parent)) {
        parents.add(parent);
        const row = store.byHandle(parent, session);
        if (row?.kind === 0) folders.add(row.id);
        else isElsewhere = true;
      }
    } catch (error) {
      if (endsConnection(problemOf(error, 'catalogue').kind)) return undefined;
      // gone again
    }
  }
  return { folders: [...folders], isElsewhere };
}

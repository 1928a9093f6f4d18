import { basename, dirname } from 'node:path';
import type { ItemId } from '../../../shared/domain.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { Disk } from '../local/disk.ts';
import type { ItemRow } from '../model/transfer-store.ts';

/** Whether what items wait for is there: one answer for all that wait for the same. */

/** Folders of which so few files are waited for that each is asked for by itself; of the others the list is read. */
const FEW = 4;

/** Whether the phone shows storages, and the one of `row` if given; what it shows is taken over with its present ids. */
export async function isStorageThere(connection: Connection, row: ItemRow | undefined): Promise<boolean> {
  await connection.lookAgain();
  return connection.alive && (row === undefined || connection.tree.has(row.storage));
}

/** Those that fit together into the free bytes, first come first served; all where the disk gives no usable figure. */
export function fitting(rows: Iterable<ItemRow>, free: number | undefined): readonly ItemId[] {
  const over: ItemId[] = [];
  let left = free ?? Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (row.state.kind !== 'waiting' || row.state.for.kind !== 'space') continue;
    if (row.state.for.needed > left) continue;
    left -= row.state.for.needed;
    over.push(row.id);
  }
  return over;
}

/** Those whose source is there. Below a folder that is not there nothing is asked for; a folder of many is read once. */
export async function sourcesBack(disk: Disk, rows: Iterable<ItemRow>): Promise<readonly ItemId[]> {
  const folders = new Map<string, ItemRow[]>();
  for (const row of rows) {
    const folder = dirname(row.local);
    const there = folders.get(folder);
    if (there === undefined) folders.set(folder, [row]);
    else there.push(row);
  }
  const seen = new Map<string, Promise<boolean>>();
  const isThere = (path: string): Promise<boolean> => {
    let known = seen.get(path);
    if (known === undefined) {
      const above = dirname(path);
      known = above === path ? exists(disk, path) : isThere(above).then((isAbove) => isAbove && exists(disk, path));
      seen.set(path, known);
    }
    return known;
  };
  const back: ItemId[] = [];
  for (const [folder, files] of folders) {
    if (!(await isThere(folder))) continue;
    const names =
      files.length > FEW
        ? await disk.readdir(folder).then(
            (list) => new Set(list),
            () => undefined,
          )
        : undefined;
    for (const row of files)
      if (names === undefined ? await exists(disk, row.local) : names.has(basename(row.local))) back.push(row.id);
  }
  return back;
}

const exists = (disk: Disk, path: string): Promise<boolean> =>
  disk.stat(path).then(
    () => true,
    () => false,
  );

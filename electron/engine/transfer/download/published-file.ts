import { fail } from '../../../../shared/errors.ts';
import { syncFile, syncFolders } from '../../local/destroy-local.ts';
import type { Disk, OpenFile } from '../../local/disk.ts';
import { local, lookAt } from '../../local/local-files.ts';
import type { Checkpoint } from '../../model/transfer-store.ts';
import { trustedCheckpoints } from '../compare-bytes.ts';

/** A download that has its name. */

/**
 * The published file, open for reading, if it holds exactly the chunks that were confirmed; `undefined` where it does not.
 * After a restart this proves that it got its name before the program ended.
 */
export async function openHolding(
  disk: Disk,
  path: string,
  checkpoints: readonly Checkpoint[],
  size: number,
): Promise<OpenFile | undefined> {
  const last = checkpoints.at(-1);
  if (last === undefined || last.offset + last.length !== size) return undefined;
  const file = await local('target', 'open', path, () => disk.open(path, 'read'));
  const trusted = await trustedCheckpoints(file, checkpoints, () => false);
  if (trusted.length === checkpoints.length) return file;
  await file.close();
  return undefined;
}

/**
 * Brings a published file to the disk, with its name and those of the folders above it up to `root`'s own; answers whether
 * the disk promises to keep it through a power cut.
 */
export async function makeDurable(disk: Disk, path: string, root: string): Promise<boolean> {
  const isDurable = await syncPublished(disk, path);
  await syncFolders(disk, path, root);
  return isDurable;
}

async function syncPublished(disk: Disk, path: string): Promise<boolean> {
  // Windows flushes only what is open for writing; elsewhere a file that may only be read can be synced too
  const file = await disk
    .open(path, 'update')
    .catch(() => local('target', 'open', path, () => disk.open(path, 'read')));
  try {
    return await syncFile(file, path, 'all');
  } finally {
    await file.close();
  }
}

/**
 * As `syncFolders`, of a copy whose original is to go. A disk that was pulled out and plugged in again meanwhile brings to
 * itself what is left on it: rejects with `local-missing` where the copy is not.
 */
export async function keepNamed(disk: Disk, path: string, root: string): Promise<void> {
  await syncFolders(disk, path, root);
  if ((await lookAt(disk, path)) === undefined)
    throw fail('local-missing', 'sync', 'it went while its name was brought to the disk', { subject: path });
}

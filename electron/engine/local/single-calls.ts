import { hash } from 'node:crypto';
import { isNotSynced } from './destroy-local.ts';
import type { Disk, LoadedFile, MadeFile, NewFile } from './disk.ts';
import { readFully, writeFully } from './local-files.ts';

/** `Disk.load` and `Disk.make` for every disk: in one hop where it has such a call, else step by step. */

/** See `Disk.load`. Rejects with the errors of the disk. */
export function load(disk: Disk, path: string, into: Uint8Array): Promise<LoadedFile> {
  return disk.load?.(path, into) ?? loadStepwise(disk, path, into);
}

/** See `Disk.make`. Rejects with the errors of the disk; their `syscall` is `open` where nothing was made. */
export function make(disk: Disk, path: string, content: Uint8Array, how: NewFile): Promise<MadeFile> {
  return disk.make?.(path, content, how) ?? makeStepwise(disk, path, content, how);
}

/** `load` by single calls. */
export async function loadStepwise(disk: Disk, path: string, into: Uint8Array): Promise<LoadedFile> {
  const file = await disk.open(path, 'read');
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size >= into.byteLength) return { stats, bytesRead: 0, sha256: '', isSteady: false };
    const bytesRead = await readFully(file, into, 0);
    const after = await file.stat();
    const isSteady =
      bytesRead === after.size &&
      stats.size === after.size &&
      stats.mtimeMs === after.mtimeMs &&
      stats.ctimeMs === after.ctimeMs;
    return { stats, bytesRead, sha256: hash('sha256', into.subarray(0, bytesRead)), isSteady };
  } finally {
    await file.close();
  }
}

/** `make` by single calls; the name is left to `publishLocal`. */
export async function makeStepwise(
  disk: Disk,
  path: string,
  content: Uint8Array,
  { modified, sync }: NewFile,
): Promise<MadeFile> {
  const file = await disk.open(path, 'create');
  try {
    await writeFully(file, [content], 0);
    let isDated = modified !== undefined;
    if (modified !== undefined)
      await file.utimes(new Date(modified), new Date(modified)).catch(() => {
        isDated = false;
      });
    let isDurable = true;
    await (sync === 'all' ? file.sync() : file.datasync()).catch((error: unknown) => {
      if (!isNotSynced(error)) throw error;
      isDurable = false;
    });
    return { stats: await file.stat(), isDated, isDurable, isNamed: false };
  } finally {
    await file.close();
  }
}

import { basename, dirname, join, sep } from 'node:path';
import type { Instant } from '../../../shared/domain.ts';
import { fail, isPhoneError, type PhoneError, type PhoneErrorKind } from '../../../shared/errors.ts';
import type { Disk, DiskSpace, FileStats, OpenFile } from './disk.ts';

/** The computer's side: files through the port of its disk, its errors as `PhoneError`s. */

/** The suffix of a download that is not complete. */
export const PART_SUFFIX = '.replug-part';

/** Whether a local file is read or written: the same system error is another problem for a source than for a target. */
export type Side = 'source' | 'target';

const KINDS: Readonly<Record<string, { readonly source: PhoneErrorKind; readonly target: PhoneErrorKind }>> = {
  ENOENT: { source: 'source-missing', target: 'local-missing' },
  ENOTDIR: { source: 'source-missing', target: 'local-missing' },
  EACCES: { source: 'source-unreadable', target: 'local-read-only' },
  EPERM: { source: 'source-unreadable', target: 'local-read-only' },
  EROFS: { source: 'source-unreadable', target: 'local-read-only' },
  ENOSPC: { source: 'local-io', target: 'local-full' },
  EDQUOT: { source: 'local-io', target: 'local-full' },
  EFBIG: { source: 'local-io', target: 'local-too-large' },
  ENAMETOOLONG: { source: 'source-unreadable', target: 'local-bad-name' },
  EILSEQ: { source: 'source-unreadable', target: 'local-bad-name' },
  EINVAL: { source: 'source-unreadable', target: 'local-io' },
  // a drive or a network share that went away
  ENXIO: { source: 'source-missing', target: 'local-io' },
  ENODEV: { source: 'source-missing', target: 'local-missing' },
  ESTALE: { source: 'source-missing', target: 'local-missing' },
  EHOSTDOWN: { source: 'source-missing', target: 'local-missing' },
  EHOSTUNREACH: { source: 'source-missing', target: 'local-missing' },
  ENOTCONN: { source: 'source-missing', target: 'local-missing' },
  ETIMEDOUT: { source: 'source-missing', target: 'local-missing' },
  // for a moment only
  EMFILE: { source: 'local-busy', target: 'local-busy' },
  ENFILE: { source: 'local-busy', target: 'local-busy' },
  EBUSY: { source: 'local-busy', target: 'local-busy' },
  EAGAIN: { source: 'local-busy', target: 'local-busy' },
  ETXTBSY: { source: 'local-busy', target: 'local-busy' },
  EIO: { source: 'local-io', target: 'local-io' },
  EEXIST: { source: 'local-io', target: 'local-exists' },
  EISDIR: { source: 'source-unreadable', target: 'local-exists' },
};

/** Calls that give something a name. */
const NAMING: ReadonlySet<string> = new Set(['open', 'create', 'mkdir', 'rename', 'link']);
/** A name that every disk can hold. */
const PLAIN_NAME = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[\w-](?:[\w .-]{0,98}[\w-])?$/i;

/** EINVAL is how FAT and Windows refuse a name; of any other call, and of a plain name, it says only that it failed. */
const isNameRefused = (code: unknown, operation: string, path: string): boolean =>
  code === 'EINVAL' && NAMING.has(operation) && !PLAIN_NAME.test(basename(path));

/** An error of the disk as what the user can do about it. */
export function localError(error: unknown, side: Side, operation: string, path: string): PhoneError {
  if (isPhoneError(error)) return error;
  const code = (error as { readonly code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? KINDS[code]?.[side] : undefined;
  const kind = side === 'target' && isNameRefused(code, operation, path) ? 'local-bad-name' : known;
  const detail = error instanceof Error ? error.message : String(error);
  const otherwise = side === 'source' ? 'source-unreadable' : 'local-io';
  return fail(kind ?? otherwise, operation, detail, { subject: path }, error);
}

/**
 * Runs `work` and converts the disk's error by `localError`: `source-…` kinds and `local-…` kinds only, unless it
 * threw a `PhoneError` of its own.
 */
export async function local<T>(side: Side, operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw localError(error, side, operation, path);
  }
}

/**
 * When a file was last written to, in whole milliseconds. Rounded as `Stats.mtime` is and as copying tools do: a file
 * system's clock ticks between milliseconds, and a floored date would differ by one from that of a faithful copy.
 */
export const modifiedOf = (stats: Pick<FileStats, 'mtimeMs'>): Instant => Math.round(stats.mtimeMs);

/** Stats without following a link; `undefined` when there is nothing. */
export async function lookAt(disk: Disk, path: string): Promise<FileStats | undefined> {
  try {
    return await disk.lstat(path);
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw localError(error, 'target', 'lstat', path);
  }
}

/**
 * Bytes a user may still write in the file system of the nearest existing folder above `path`; nothing where it cannot
 * tell (shares and FUSE file systems that answer a size of 0).
 */
export async function freeBytes(disk: Disk, path: string): Promise<number | undefined> {
  const { blocks, bavail, bsize } = await spaceAt(disk, path);
  return blocks > 0 ? bavail * bsize : undefined;
}

/** Linux's number for FAT in all its widths; exFAT, which holds larger files, has another (`include/uapi/linux/magic.h`). */
const MSDOS_SUPER_MAGIC = 0x4d44;

/** Whether the disk of `path` is known to be a FAT disk: only Linux tells. */
export const isFat = async (disk: Disk, path: string): Promise<boolean> =>
  (await spaceAt(disk, path)).type === MSDOS_SUPER_MAGIC;

async function spaceAt(disk: Disk, path: string): Promise<DiskSpace> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      return await disk.statfs(folder);
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(folder) === folder)
        throw localError(error, 'target', 'statfs', folder);
    }
  }
}

/**
 * Makes `path` and what is missing above it, below `root`, which is never made: it went with its disk. What lies between
 * must be real folders: a symbolic link that was planted there is not followed, since names in a download come from the
 * phone. Rejects with `local-missing` where `root` is not there, and with other `local-…` kinds. `made` gets the folders
 * that this call made, those above first, also where it rejects.
 */
export async function makeFolderBelow(disk: Disk, root: string, path: string, made: string[] = []): Promise<void> {
  const below = path
    .slice(root.length)
    .split(sep)
    .filter((part) => part !== '');
  let folder = root;
  for (const part of below) {
    folder = join(folder, part);
    const there = await lookAt(disk, folder);
    if (there === undefined) {
      try {
        await disk.mkdir(folder);
        made.push(folder);
      } catch (error) {
        if ((error as { readonly code?: unknown }).code !== 'EEXIST')
          throw localError(error, 'target', 'mkdir', folder);
      }
    } else if (!there.isDirectory())
      throw fail(
        'local-exists',
        'mkdir',
        there.isSymbolicLink() ? 'a symbolic link is in the way' : 'a file is in the way',
        {
          subject: folder,
        },
      );
  }
}

/** Opens a file to continue or to create it; a symbolic link in its place is refused. Errors are about `shown`. */
export const openPart = (disk: Disk, path: string, fresh: boolean, shown: string): Promise<OpenFile> =>
  local('target', 'open', shown, () => disk.open(path, fresh ? 'create' : 'continue', 0o666));

/** Fills `buffer` from `position` on; answers how many bytes there were. */
export async function readFully(file: OpenFile, buffer: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Writes `pieces`, joined, at `position`. */
export async function writeFully(file: OpenFile, pieces: readonly Uint8Array[], position: number): Promise<void> {
  let at = position;
  let rest = pieces.filter((piece) => piece.byteLength > 0);
  while (rest.length > 0) {
    // 64 is far below every system's IOV_MAX
    const batch = rest.slice(0, 64);
    const { bytesWritten } = await file.writev(batch, at);
    at += bytesWritten;
    let left = bytesWritten;
    const unwritten: Uint8Array[] = [];
    for (const piece of batch) {
      if (left >= piece.byteLength) left -= piece.byteLength;
      else {
        unwritten.push(left === 0 ? piece : piece.subarray(left));
        left = 0;
      }
    }
    rest = [...unwritten, ...rest.slice(batch.length)];
  }
}

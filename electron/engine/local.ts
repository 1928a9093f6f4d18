import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, statfs, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fail, isPhoneError, type PhoneError, type PhoneErrorKind } from '../../shared/errors.ts';

/** The computer's side: files through `node:fs`, its errors as `PhoneError`s, names its systems can hold. */

/** The suffix of a download that is not complete. */
export const PART_SUFFIX = '.replug-part';

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
  EINVAL: { source: 'source-unreadable', target: 'local-bad-name' },
  EEXIST: { source: 'local-io', target: 'local-exists' },
  EISDIR: { source: 'source-unreadable', target: 'local-exists' },
};

/** An error of `node:fs` as what the user can do about it. */
export function localError(error: unknown, side: Side, operation: string, path: string): PhoneError {
  if (isPhoneError(error)) return error;
  const code = (error as { readonly code?: unknown } | null)?.code;
  const kind = typeof code === 'string' ? KINDS[code]?.[side] : undefined;
  const detail = error instanceof Error ? error.message : String(error);
  const otherwise = side === 'source' ? 'source-unreadable' : 'local-io';
  return fail(kind ?? otherwise, operation, detail, { subject: path }, error);
}

export async function local<T>(side: Side, operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw localError(error, side, operation, path);
  }
}

/** Stats without following a link; `undefined` when there is nothing. */
export async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw localError(error, 'target', 'lstat', path);
  }
}

/** Bytes a user may still write in the file system of the nearest existing folder above `path`. */
export async function freeBytes(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const stats = await statfs(folder);
      return stats.bavail * stats.bsize;
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(folder) === folder)
        throw localError(error, 'target', 'statfs', folder);
    }
  }
}

/**
 * Makes `path` and what is missing above it, below `root`. What lies between must be real folders: a symbolic link
 * that was planted there is not followed, since names in a download come from the phone.
 */
export async function makeFolderBelow(root: string, path: string): Promise<void> {
  await local('target', 'mkdir', root, () => mkdir(root, { recursive: true }));
  const below = path
    .slice(root.length)
    .split(sep)
    .filter((part) => part !== '');
  let folder = root;
  for (const part of below) {
    folder = join(folder, part);
    const there = await lookAt(folder);
    if (there === undefined) {
      try {
        await mkdir(folder);
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

/** Opens a file to continue or to create it; a symbolic link in its place is refused. */
export const openPart = (path: string, fresh: boolean): Promise<FileHandle> =>
  local('target', 'open', path, () =>
    open(
      path,
      constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (fresh ? constants.O_EXCL : 0),
      0o666,
    ),
  );

/** Fills `buffer` from `position` on; answers how many bytes there were. */
export async function readFully(file: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Writes `pieces`, joined, at `position`. */
export async function writeFully(file: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  let at = position;
  let rest = pieces.filter((piece) => piece.byteLength > 0);
  while (rest.length > 0) {
    // 64 is far below every system's IOV_MAX
    const batch = rest.slice(0, 64);
    const { bytesWritten } = await file.writev(batch as Uint8Array[], at);
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

const RESERVED_ON_WINDOWS = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;
/** Full-width look-alikes: the name stays readable and can be turned back. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '/': '\u2215',
  '\\': '\uff3c',
  ':': '\uff1a',
  '*': '\uff0a',
  '?': '\uff1f',
  '"': '\uff02',
  '<': '\uff1c',
  '>': '\uff1e',
  '|': '\uff5c',
};
/** Control characters and those that turn the direction of text: both hide what a name says. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const MAX_NAME_BYTES = 255;

const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Cuts to at most `limit` UTF-8 bytes, keeping the extension where it is short. */
export function cutName(name: string, limit: number): string {
  if (byteLength(name) <= limit) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && byteLength(name.slice(dot)) <= 20 ? name.slice(dot) : '';
  const stem = [...(extension === '' ? name : name.slice(0, dot))];
  let length = stem.reduce((sum, character) => sum + byteLength(character), 0);
  while (length > limit - byteLength(extension)) length -= byteLength(stem.pop() ?? '');
  return stem.join('') + extension;
}

/**
 * The name under which a phone's file is saved here: its own where this system can hold it. Distinct inputs may
 * collide after mapping; the planner numbers those.
 */
export function localNameOf(name: string, platform: NodeJS.Platform): string {
  let mapped = name.toWellFormed().replaceAll('/', LOOK_ALIKES['/'] ?? '_');
  mapped = mapped.replace(HIDDEN, (character) =>
    character < ' ' ? String.fromCodePoint(0x2400 + character.charCodeAt(0)) : '\ufffd',
  );
  if (platform === 'win32') {
    mapped = mapped.replace(/[\\:*?"<>|]/g, (character) => LOOK_ALIKES[character] ?? '_');
    mapped = mapped.replace(/[. ]+$/, (tail) => '_'.repeat(tail.length));
    const stem = mapped.split('.', 1)[0] ?? '';
    if (RESERVED_ON_WINDOWS.test(stem.trim())) mapped = `${stem}_${mapped.slice(stem.length)}`;
  }
  if (mapped === '.') mapped = '\u2024';
  if (mapped === '..') mapped = '\u2025';
  if (mapped === '') mapped = '\u2400';
  // room for the suffix of the part file, which lies beside the target
  return cutName(mapped, MAX_NAME_BYTES - byteLength(PART_SUFFIX) - 4);
}

/** `photo.jpg`, 2 → `photo (2).jpg`. */
export function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  const cut = dot > 0 ? dot : name.length;
  return `${name.slice(0, cut)} (${number})${name.slice(cut)}`;
}

import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant, TargetExpectation } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { Disk, FileStats, OpenFile, Seen } from './disk.ts';
import { PART_SUFFIX, local, localError, lookAt, modifiedOf } from './local-files.ts';

/**
 * The one place in which a file of this computer is deleted, overwritten, renamed over or truncated. Whoever destroys
 * something hands in the evidence its decision rests on; the file is looked at again, links are never followed, and
 * whatever is not proved stays. The act itself is bound to that look (`Disk.unlinkIf`): what another program has written since
 * stays as well.
 */

/** What a decision to destroy a file was about. */
export type LocalEvidence =
  /**
   * This very file: its size in bytes and its date. What a person chose is the file they were shown. `changed` is its
   * `ctimeMs` before its content was proved: a date can be set back, this not.
   */
  | { readonly kind: 'file'; readonly size: number; readonly modified: Instant; readonly changed?: number | undefined }
  /** Its name is one that only Replug makes (`isOwnName`), made with an exclusive create. */
  | { readonly kind: 'own-name' }
  /** The file behind a handle that is or was open here. */
  | { readonly kind: 'inode'; readonly dev: number; readonly ino: number }
  /** Its content was found to be a beginning of a file that Replug was copying, at the moment it had this size and date. */
  | { readonly kind: 'beginning'; readonly size: number; readonly modified: Instant };

/** Why something was not destroyed. */
export type KeptReason =
  /** A folder, a link, a device: evidence is only ever about a file. */
  | 'not-a-file'
  /** Another file, or the same one written to since. */
  | 'changed'
  /** Something is where nothing was expected. */
  | 'in-the-way'
  /** The disk takes both spellings for one name, and keeps the one it has: Linux's FAT. */
  | 'spelling';

/** What became of a file that was to be destroyed; `kept` comes with why, and with the stats of what is there. */
export type LocalDestruction =
  | { readonly kind: 'done' }
  /** Nothing is there. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'kept'; readonly why: KeptReason; readonly there: FileStats };

const DONE: LocalDestruction = { kind: 'done' };
const NOTHING: LocalDestruction = { kind: 'nothing' };

/** `.replug-` and a sign that no other item has, or the suffix of a part file behind one. */
const OWN_NAME = /\.replug-[0-9a-z]+(?:-[0-9a-z]+)*$/i;
/** Empty files that are made for a moment to see which names a disk holds. */
const OWN_TRIAL = /^\.replug-[0-9a-z]+-/i;

/** Whether the name is that of such a trial; part files have other ones. */
export const isTrialName = (name: string): boolean => OWN_TRIAL.test(name);

/** Whether a file of this name can only have been made by Replug. */
export const isOwnName = (path: string): boolean =>
  OWN_NAME.test(basename(path)) || isTrialName(basename(path)) || path.endsWith(PART_SUFFIX);

/** Whether `there` is the file of `size` bytes and date `modified`; an unknown date proves nothing and counts as changed. */
const isFileOf = (there: FileStats, size: number, modified: Instant | undefined): boolean =>
  there.size === size && modified !== undefined && modifiedOf(there) === modified;

const isSameInode = (one: FileStats, other: { readonly dev: number; readonly ino: number }): boolean =>
  one.ino === other.ino && one.dev === other.dev;

/** FAT keeps even seconds, and shows them once it has written a file’s date. */
const OWN_DATE_MS = 2_000;

/**
 * Whether two looks were at one file. Its number alone does not tell: Node rounds the 64 bits of NTFS, so that neighbours
 * may share one, and some shares and FUSE file systems give all files the same.
 */
const isSameFile = (one: FileStats, other: FileIdentity): boolean =>
  isSameInode(one, other) && one.size === other.size && Math.abs(one.mtimeMs - other.mtimeMs) <= OWN_DATE_MS;

/** Why `there` is not what `evidence` is about; `undefined` where it is. */
function objection(path: string, there: FileStats, evidence: LocalEvidence): KeptReason | undefined {
  if (!there.isFile()) return 'not-a-file';
  switch (evidence.kind) {
    case 'file':
      if (evidence.changed !== undefined && there.ctimeMs !== evidence.changed) return 'changed';
      return isFileOf(there, evidence.size, evidence.modified) ? undefined : 'changed';
    case 'beginning':
      return isFileOf(there, evidence.size, evidence.modified) ? undefined : 'changed';
    case 'inode':
      return isSameInode(there, evidence) ? undefined : 'changed';
    case 'own-name':
      return isOwnName(path) ? undefined : 'changed';
  }
}

/** A virus scanner or an indexer holds a file for a moment after it was written; Windows then refuses with these. */
const HELD_FOR_A_MOMENT: ReadonlySet<unknown> = new Set(
  process.platform === 'win32' ? ['EBUSY', 'EPERM', 'EACCES'] : ['EBUSY'],
);
const PAUSES_MS = [20, 60, 180, 540];

/** Runs `act` again, after a pause each time, while something else has the file open. `act` looks for itself. */
async function patiently<T>(operation: string, path: string, act: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await act();
    } catch (error) {
      if (!HELD_FOR_A_MOMENT.has((error as { readonly code?: unknown }).code))
        throw localError(error, 'target', operation, path);
      await sleep(pause);
    }
  }
  return local('target', operation, path, act);
}

/** Looks in a row at a file that another program goes on changing. */
const LOOKS = 3;

/** Whether what `there` told is what was seen. */
const isStill = (there: FileStats | undefined, seen: Seen | undefined): boolean =>
  there === undefined || seen === undefined
    ? there === seen
    : there.isFile() && there.size === seen.size && there.mtimeMs === seen.mtimeMs && there.ctimeMs === seen.ctimeMs;

/** See `Disk.unlinkIf`: in one where the disk can, else with a look right before. Rejects with the errors of the disk. */
export async function unlinkIfSeen(disk: Disk, path: string, seen: Seen): Promise<boolean> {
  if (disk.unlinkIf !== undefined) return disk.unlinkIf(path, seen);
  if (!isStill(await lookAt(disk, path), seen)) return false;
  await disk.unlink(path);
  return true;
}

/** See `Disk.renameIf`, as above. */
export async function renameIfSeen(disk: Disk, from: string, to: string, seen: Seen | undefined): Promise<boolean> {
  if (disk.renameIf !== undefined) return disk.renameIf(from, to, seen);
  if (!isStill(await lookAt(disk, to), seen)) return false;
  await disk.rename(from, to);
  return true;
}

/**
 * Deletes a file if it is what `evidence` is about. A folder or a link is never deleted.
 * Rejects with `local-read-only`, `local-io` and the other kinds of the computer's side where the system refuses.
 */
export function deleteLocal(disk: Disk, path: string, evidence: LocalEvidence): Promise<LocalDestruction> {
  return patiently('delete', path, async () => {
    for (let look = 1; ; look += 1) {
      const there = await lookAt(disk, path);
      if (there === undefined) return NOTHING;
      const why = objection(path, there, evidence);
      if (why !== undefined) return { kind: 'kept', why, there };
      try {
        // nobody else writes to what has Replug's own name
        if (evidence.kind === 'own-name') await disk.unlink(path);
        else if (!(await unlinkIfSeen(disk, path, there))) {
          if (look < LOOKS) continue;
          return { kind: 'kept', why: 'changed', there };
        }
      } catch (error) {
        if ((error as { readonly code?: unknown }).code === 'ENOENT') return NOTHING;
        throw error;
      }
      return DONE;
    }
  });
}

/** Hard links do not exist there (FAT, exFAT, many shares and FUSE file systems), or not between these folders. */
const NO_LINKS: ReadonlySet<unknown> = new Set(
  'EPERM EACCES ENOSYS ENOTSUP EOPNOTSUPP EMLINK EXDEV EINVAL EIO UNKNOWN'.split(' '),
);

/**
 * Gives a file a name under which nothing is: with a hard link, which fails where something has appeared, and the
 * removal of the old name; without hard links it looks once more and renames. Answers what lies in the way, if something does.
 */
async function renameToFree(disk: Disk, from: string, to: string, is: FileStats): Promise<LocalDestruction> {
  try {
    await disk.link(from, to);
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    if (code !== 'EEXIST' && !NO_LINKS.has(code)) throw error;
    const there = await lookAt(disk, to);
    if (there === undefined) {
      if (code === 'EEXIST') throw error;
      if (await renameIfSeen(disk, from, to, undefined)) return DONE;
      const appeared = await lookAt(disk, to);
      if (appeared === undefined) throw error;
      return { kind: 'kept', why: 'in-the-way', there: appeared };
    }
    if (!there.isFile() || !isSameFile(there, is)) return { kind: 'kept', why: 'in-the-way', there };
    // both names are this file: the names differ only in case, or the program ended between the link and the removal
    if (is.nlink < 2 || !(await areTwoNames(disk, from, to))) return respell(disk, from, to, there);
  }
  if (isOwnName(from)) {
    await disk.unlink(from);
    return DONE;
  }
  // a program that saves by a rename may have put another file there since: that one stays
  const old = await lookAt(disk, from);
  if (old !== undefined && isPart(old, is)) await unlinkIfSeen(disk, from, old);
  return DONE;
}

/** Whether two paths that lead to one file are two names of it, not two spellings of one. */
async function areTwoNames(disk: Disk, from: string, to: string): Promise<boolean> {
  const [one, other] = await Promise.all([from, to].map((path) => disk.stat(dirname(path))));
  if (one === undefined || other === undefined || !isSameInode(one, other)) return true;
  return basename(from) !== basename(to) && (await isListed(disk, from)) && (await isListed(disk, to));
}

/** Whether a folder lists a name in this spelling; how the disk composes its letters does not count. */
async function isListed(disk: Disk, path: string): Promise<boolean> {
  const name = basename(path).normalize();
  return (await disk.readdir(dirname(path))).some((one) => one.normalize() === name);
}

/** Gives a file another spelling of the name it has. Linux's FAT says that it did, and does nothing. */
async function respell(disk: Disk, from: string, to: string, there: FileStats): Promise<LocalDestruction> {
  if (!(await renameIfSeen(disk, from, to, there))) return { kind: 'kept', why: 'changed', there };
  return (await isListed(disk, to)) ? DONE : { kind: 'kept', why: 'spelling', there };
}

/**
 * Renames a file, if it is what `evidence` is about and nothing lies at `to`; a name that differs only in case from the
 * old one is free. Rejects with kinds of the computer's side where the system refuses.
 */
export function renameLocal(disk: Disk, from: string, to: string, evidence: LocalEvidence): Promise<LocalDestruction> {
  return patiently('rename', to, async () => {
    const is = await lookAt(disk, from);
    if (is === undefined) return NOTHING;
    const why = objection(from, is, evidence);
    if (why !== undefined) return { kind: 'kept', why, there: is };
    return renameToFree(disk, from, to, is);
  });
}

/** A file by its handle’s stats, after the last write to it. */
export type FileIdentity = Pick<FileStats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;

/** Some FUSE file systems number a file anew each time it is looked at: there its size and date have to do. */
const isPart = (there: FileStats, part: FileIdentity): boolean =>
  there.isFile() && (isSameInode(there, part) || (there.size === part.size && there.mtimeMs === part.mtimeMs));

/**
 * Gives a complete part file its name, if what lies there is what was expected. `part` identifies the part
 * file: a file that was put in its place is not published. Answers `nothing` where the part file is gone and `kept` where
 * the target is not as expected: the conflict is decided again.
 */
export function publishLocal(
  disk: Disk,
  partPath: string,
  part: FileIdentity,
  target: string,
  expected: TargetExpectation,
): Promise<LocalDestruction> {
  return patiently('rename', target, async () => {
    for (let look = 1; ; look += 1) {
      const is = await lookAt(disk, partPath);
      const isThere = is !== undefined && isPart(is, part);
      // a hard link looks for itself
      if (isThere && expected.kind === 'nothing') return renameToFree(disk, partPath, target, is);
      const there = await lookAt(disk, target);
      // published before the program ended, by a rename
      if (!isThere) return there?.isFile() === true && isSameFile(there, part) ? DONE : NOTHING;
      if (there === undefined || isSameFile(there, part)) return renameToFree(disk, partPath, target, is);
      if (!there.isFile()) return { kind: 'kept', why: 'not-a-file', there };
      const isExpected = expected.kind === 'file' && isFileOf(there, expected.size, expected.modified);
      if (isExpected && (await renameIfSeen(disk, partPath, target, there))) return DONE;
      if (!isExpected || look === LOOKS) return { kind: 'kept', why: 'changed', there };
    }
  });
}

/** Shortens a file that Replug made and has open. Rejects with `internal` where its name is not Replug’s own. */
export async function truncateOwn(file: OpenFile, path: string, size: number): Promise<void> {
  if (!isOwnName(path)) throw fail('internal', 'truncate', 'not a file of Replug', { subject: path });
  await local('target', 'truncate', path, () => file.truncate(size));
}

/** Removes a folder if nothing is in it; answers whether it went. */
export async function removeEmptyFolder(disk: Disk, path: string): Promise<boolean> {
  const there = await lookAt(disk, path);
  if (there?.isDirectory() !== true) return false;
  return disk.rmdir(path).then(
    () => true,
    () => false,
  );
}

/** What cannot be synced there: a folder on Windows, anything on some shares and FUSE file systems. */
const NOT_SYNCED: ReadonlySet<unknown> = new Set(
  'EINVAL ENOSYS ENOTSUP EOPNOTSUPP EPERM EACCES EISDIR EBADF'.split(' '),
);
/** Whether a sync failed since there is none on that file system; any other error says that the disk fails. */
export const isNotSynced = (error: unknown): boolean => NOT_SYNCED.has((error as { readonly code?: unknown }).code);

/**
 * Waits until the disk has a file’s content, or also its date and size (`all`), in a way that outlives a power cut.
 * Answers `false` where the file system cannot promise that; rejects where the disk fails (`local-io`, `local-full`).
 */
export async function syncFile(file: OpenFile, path: string, what: 'content' | 'all'): Promise<boolean> {
  try {
    await (what === 'all' ? file.sync() : file.datasync());
    return true;
  } catch (error) {
    if (isNotSynced(error)) return false;
    throw localError(error, 'target', 'sync', path);
  }
}

/**
 * As `syncFile`, for the names in a folder. Where a system cannot sync folders at all (Windows, some shares) there is
 * nothing to wait for.
 */
export async function syncFolder(disk: Disk, path: string): Promise<void> {
  let folder;
  try {
    folder = await disk.open(path, 'read');
    await syncFile(folder, path, 'all');
  } catch (error) {
    if (!isNotSynced(error)) throw localError(error, 'target', 'sync', path);
  } finally {
    await folder?.close().catch(() => undefined);
  }
}

/** Brings the name of a file or folder to the disk, and those of the folders above it up to `root`'s own. Rejects as `syncFolder` does. */
export async function syncFolders(disk: Disk, path: string, root: string): Promise<void> {
  const last = dirname(root);
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    await syncFolder(disk, folder);
    if (folder === last || dirname(folder) === folder) return;
  }
}

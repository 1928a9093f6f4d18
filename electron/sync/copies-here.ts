import path from 'node:path';
import { fail, problemOf, type Problem } from '../../shared/errors.ts';
import { localError, modifiedOf, type Disk, type FileStats } from '../engine/index.ts';
import { isBelow } from './endpoint.ts';
import type { Copy } from './untouched.ts';

/** What lies at the targets of a pair on this computer, and of which of them nobody knows. */

/** Copies on this computer. */
export interface CopiesHere {
  readonly found: ReadonlyMap<string, Copy>;
  /** Whether nobody knows what lies there. */
  readonly isUnseen: (target: string) => boolean;
  /** One for each folder of which that holds. */
  readonly problems: readonly Problem[];
  /** Folders on other disks than the one above, those too that are away. */
  readonly mounts: readonly string[];
}

/** Where they are. */
interface Place {
  readonly disk: Disk;
  /** The absolute path of one below the pair's folder. */
  readonly resolve: (below: string) => string;
}

/** Stats under way at once: a share answers several in the time of one, and the program's thread waits for none. */
const STATS_AT_ONCE = 64;

/** Size and date of a file. */
export const copyOf = (stats: FileStats): Copy => ({ size: stats.size, modified: modifiedOf(stats) });

/** Nothing is there under this name; a file may be where a folder should be. */
export const isNothing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Runs `work` for all, `STATS_AT_ONCE` at a time; rejects with the first error. */
export async function inBatches(all: readonly string[], work: (one: string) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += STATS_AT_ONCE)
    await Promise.all(all.slice(from, from + STATS_AT_ONCE).map(work));
}

/** A file as it is now; `undefined` where there is none. A link is not followed. Rejects with `local-io` and the like. */
export async function fileAt(disk: Disk, file: string): Promise<FileStats | undefined> {
  try {
    const stats = await disk.lstat(file);
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    if (isNothing(error)) return undefined;
    throw localError(error, 'target', 'lstat', file);
  }
}

/**
 * Copies as they are now, by path. `before`: folders that lay on other disks at the last run. What cannot be looked at, and
 * what lies on a disk that is away or behind a link that leads nowhere, is not there, but not missing either. Never rejects.
 */
export async function lookAtCopies(
  place: Place,
  paths: readonly string[],
  before: readonly string[],
): Promise<CopiesHere> {
  const found = new Map<string, Copy>();
  const unseen = new Set<string>();
  const problems = new Map<string, Problem>();
  await inBatches(paths, async (one) => {
    try {
      const stats = await fileAt(place.disk, place.resolve(one));
      if (stats !== undefined) found.set(one, copyOf(stats));
    } catch (error) {
      unseen.add(one);
      const folder = path.posix.dirname(one);
      problems.set(folder, { ...problemOf(error, 'stat'), subject: place.resolve(folder) });
    }
  });
  const folders = foldersOf(paths);
  const { mounts, nowhere } = await disksOf(place, folders);
  const gone = before.filter((folder) => folders.has(folder) && !mounts.includes(folder));
  // where one of its copies is, the folder has moved to this disk
  const away = [...new Set([...nowhere, ...gone])].filter(
    (folder) => ![...found.keys()].some((one) => isBelow(one, [folder])),
  );
  for (const folder of away)
    problems.set(folder, fail('local-missing', 'sync', '', { subject: place.resolve(folder) }).problem);
  return {
    found,
    isUnseen: (target) => unseen.has(target) || isBelow(target, away),
    problems: [...problems.values()],
    mounts: [...new Set([...mounts, ...away])].sort(),
  };
}

/** Folders that hold these files, and those above them. */
function foldersOf(files: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files)
    for (let at = path.posix.dirname(file); at !== '.' && !folders.has(at); at = path.posix.dirname(at))
      folders.add(at);
  return folders;
}

/** Which folders are on another disk than the one above, and which are links that lead nowhere. */
async function disksOf(
  { disk, resolve }: Place,
  folders: ReadonlySet<string>,
): Promise<{ readonly mounts: readonly string[]; readonly nowhere: readonly string[] }> {
  const disks = new Map<string, number>();
  const nowhere: string[] = [];
  await inBatches(['.', ...folders], async (folder) => {
    const stats = await disk.stat(resolve(folder)).catch(() => undefined);
    if (stats !== undefined) disks.set(folder, stats.dev);
    else if (folder !== '.' && (await disk.lstat(resolve(folder)).catch(() => undefined))?.isSymbolicLink() === true)
      nowhere.push(folder);
  });
  const isMount = (folder: string): boolean => {
    const [its, above] = [disks.get(folder), disks.get(path.posix.dirname(folder))];
    return its !== undefined && above !== undefined && its !== above;
  };
  return { mounts: [...folders].filter(isMount), nowhere };
}

import { dirname, join } from 'node:path';
import { deleteLocal, isTrialName } from './destroy-local.ts';
import type { Disk } from './disk.ts';
import { lookAt, modifiedOf } from './local-files.ts';
import type { TargetDisks } from './target-disk.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import { DOUBTFUL, usualNames, type DiskNames } from './local-names.ts';

/** Which names a disk can hold, found out on that disk: a card, a share or an NTFS drive under Linux has rules of its own. */

/** Bytes. eCryptfs, the strictest in common use, takes 143. */
const LENGTHS = [255, 200, 143, 100];

/** What a disk takes, and whether what it was tried with may still be on it: it went, or cannot be written to any more. */
export interface TriedNames {
  readonly names: DiskNames;
  readonly isLeft: boolean;
}

/**
 * Tries, with empty files of our own that go at once, what names can be held in `path` or the nearest folder above it
 * that exists. On Windows characters are not tried: `a:b` opens a stream of `a`. Where nothing can be written, and in
 * what cannot be told, the habit of the system counts. Never rejects. `unique`: a sign that nobody else uses.
 */
export async function tryNames(
  disk: Disk,
  path: string,
  platform: NodeJS.Platform,
  unique: string,
): Promise<TriedNames> {
  const folder = await nearestFolder(disk, path);
  let isLeft = !(await removeTrialsIn(disk, folder));
  const attempted = async (name: string, aliases: readonly string[] = []): Promise<Trial> => {
    const trial = await attempt(disk, folder, name, aliases);
    isLeft ||= trial.isLost;
    return trial;
  };
  const tries = underWay.get(disk) ?? new Set<string>();
  underWay.set(disk, tries.add(unique));
  try {
    return { names: await find(attempted, usualNames(platform), unique), isLeft };
  } finally {
    tries.delete(unique);
    // a folder below the mount point of a disk that went is clean, which says nothing about the disk
    if (isLeft) await removeTrialsIn(disk, folder);
  }
}

/** Signs of those that are tried now: whoever removes what is left elsewhere in the program leaves them alone. */
const underWay = new WeakMap<Disk, Set<string>>();

/** The names of `tryNames` alone. */
export const namesOfDisk = async (...given: Parameters<typeof tryNames>): Promise<DiskNames> =>
  (await tryNames(...given)).names;

async function find(
  attempted: (name: string, aliases?: readonly string[]) => Promise<Trial>,
  usual: DiskNames,
  unique: string,
): Promise<DiskNames> {
  const tried = (name: string): Promise<Trial> => attempted(`.replug-${unique}-${name}`);
  const cased = await attempted(`.replug-${unique}-case`, [`.replug-${unique}-CASE`]);
  if (!cased.made) return usual;
  const other = await attempted(`.replug-${unique}-é`, [`.replug-${unique}-e\u0301`]);
  const insensitive = cased.alias || other.alias;

  let mostBytes = LENGTHS.at(-1) ?? usual.mostBytes;
  for (const length of LENGTHS)
    if ((await tried('x'.repeat(length - unique.length - '.replug--'.length))).made) {
      mostBytes = length;
      break;
    }
  if (usual.noTrailing) return { ...usual, insensitive, mostBytes };

  const refused = new Set<string>();
  // on most disks one look is enough
  if (!(await tried(`${DOUBTFUL}x`)).made)
    for (const character of DOUBTFUL) if (!(await tried(`${character}x`)).made) refused.add(character);
  let noTrailing = false;
  for (const last of ['.', ' ']) {
    // FAT drops them without a word: then the name without them is there
    const trial = await attempted(`.replug-${unique}-end${last}`, [`.replug-${unique}-end`]);
    noTrailing ||= !trial.made || trial.alias;
  }
  return { refused, noTrailing, reserved: refused.has(':') && refused.has('?'), insensitive, mostBytes };
}

async function nearestFolder(disk: Disk, path: string): Promise<string> {
  let folder = path;
  while ((await lookAt(disk, folder).catch(() => undefined)) === undefined && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}

/** Where a folder cannot be read for such a reason, it will not be later: nothing was made in it, or nobody may look. */
const NOT_READ: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']);

/** Whether none is left, as far as this user may look. */
async function removeTrialsIn(disk: Disk, folder: string): Promise<boolean> {
  let isClean = true;
  const names = await disk.readdir(folder).catch((error: unknown) => {
    // a disk that was pulled out answers with errors until its system has noticed
    isClean = NOT_READ.has((error as { readonly code?: unknown }).code);
    return [];
  });
  for (const name of names) {
    if (!isTrialName(name) || isUnderWay(disk, name)) continue;
    const path = join(folder, name);
    const there = await lookAt(disk, path).catch(() => undefined);
    // it was listed a moment ago: its disk may have gone
    isClean &&= there !== undefined;
    if (there?.isFile() !== true || there.size > 0) continue;
    const deleted = await deleteLocal(disk, path, { kind: 'file', size: 0, modified: modifiedOf(there) }).catch(
      () => undefined,
    );
    // where nothing is there any more its disk may have gone, with what is on it
    isClean &&= deleted !== undefined && deleted.kind !== 'nothing';
  }
  return isClean;
}

const isUnderWay = (disk: Disk, name: string): boolean =>
  [...(underWay.get(disk) ?? [])].some((unique) => name.startsWith(`.replug-${unique}-`));

/** An hour of looks. */
const MOST_LOOKS = 1_800;

/**
 * Empty files that may have stayed where the names of a download's disk were tried: it was pulled out in the midst of it, or
 * turned read-only, or the program was killed. They are removed once that can be done.
 */
export class LeftTrials {
  readonly #disk: Disk;
  readonly #targets: Pick<TargetDisks, 'isAway'>;
  readonly #left = new Map<string, { readonly target: Target; looks: number }>();
  #isLooking = false;

  constructor(disk: Disk, targets: Pick<TargetDisks, 'isAway'>) {
    this.#disk = disk;
    this.#targets = targets;
  }

  /** `destination` is where a download goes, or a folder that is not known by a transfer. */
  note(target: Target): void {
    this.#left.set(target.destination, { target, looks: 0 });
  }

  /** Answers at once: a disk may not. */
  look(): void {
    if (this.#isLooking || this.#left.size === 0) return;
    this.#isLooking = true;
    void this.#remove().finally(() => {
      this.#isLooking = false;
    });
  }

  async #remove(): Promise<void> {
    for (const [destination, left] of this.#left) {
      left.looks += 1;
      // below the mount point of a disk that is away nothing is left, which says nothing about the disk
      const { id } = left.target;
      const isAway = id !== undefined && (await this.#targets.isAway({ id, destination }));
      const isClean = !isAway && (await this.#removeAt(destination)) && left.target.isLost !== true;
      if (isClean || left.looks >= MOST_LOOKS) this.#left.delete(destination);
    }
  }

  /** In the folder itself or one above it, since it may have been made meanwhile. */
  async #removeAt(destination: string): Promise<boolean> {
    let isClean = true;
    for (let folder = destination; ; folder = dirname(folder)) {
      isClean = (await removeTrialsIn(this.#disk, folder)) && isClean;
      if (dirname(folder) === folder) return isClean;
    }
  }
}

interface Target {
  readonly id?: TransferRow['id'];
  /** Its disk went while it was tried: that it is clean now says nothing. */
  readonly isLost?: boolean;
  readonly destination: TransferRow['destination'];
}

interface Trial {
  readonly made: boolean;
  /** Whether one of the other names leads to the file that was made. */
  readonly alias: boolean;
  /** It was made and is not there any more: its disk went away, and comes back with it. */
  readonly isLost: boolean;
}

async function attempt(disk: Disk, folder: string, name: string, aliases: readonly string[] = []): Promise<Trial> {
  const path = join(folder, name);
  try {
    await (await disk.open(path, 'create')).close();
  } catch {
    return { made: false, alias: false, isLost: false };
  }
  let alias = false;
  for (const other of aliases) alias ||= (await lookAt(disk, join(folder, other)).catch(() => undefined)) !== undefined;
  // a disk that drops a character may have the file under the other name alone
  for (const one of [path, ...aliases.map((other) => join(folder, other))]) {
    const deleted = await deleteLocal(disk, one, { kind: 'own-name' }).catch(() => undefined);
    if (deleted?.kind === 'done') return { made: true, alias, isLost: false };
  }
  return { made: true, alias, isLost: true };
}

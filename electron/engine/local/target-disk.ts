import { dirname } from 'node:path';
import type { TransferId } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { TransferRow, TransferStore } from '../model/transfer-store.ts';
import { removeEmptyFolder, syncFolders } from './destroy-local.ts';
import type { Disk, FileStats } from './disk.ts';
import { local } from './local-files.ts';

/**
 * The disks that downloads go to. They come and go like those that uploads come from: unmounted, a disk leaves an empty
 * folder behind, into which files would be written in its stead. So each transfer's mount point is remembered, not the
 * device number, which is another one each time a disk is plugged in.
 */
export class TargetDisks {
  readonly #disk: Disk;
  readonly #store: Pick<TransferStore, 'transfer' | 'updateTransfer'>;
  /** As stored: asked for with each file. */
  readonly #known = new Map<TransferId, KnownTarget>();
  /** Looks that were slower than the beginning of their transfer. */
  readonly #late = new Map<TransferId, Promise<void>>();

  constructor(disk: Disk, store: Pick<TransferStore, 'transfer' | 'updateTransfer'>) {
    this.#disk = disk;
    this.#store = store;
  }

  /**
   * Makes sure that the folder a download goes to is there, on the disk it was on when the transfer began. It is made
   * once, where it was not there yet, and never in the place of a disk. Rejects with `local-missing` while it is away.
   */
  async require({ id, destination }: Pick<TransferRow, 'id' | 'destination'>): Promise<void> {
    await this.#late.get(id);
    const known = this.#find(id);
    if (known !== undefined) {
      const away = await whyAway(this.#disk, destination, known);
      if (away !== undefined) throw fail('local-missing', 'find target', away, { subject: destination });
      if (known.seen) return;
    }
    const made = await local('target', 'mkdir', destination, () => this.#disk.mkdir(destination, { recursive: true }));
    const mount = await local('target', 'stat', destination, () => mountPointOf(this.#disk, destination));
    if (known !== undefined && mount !== known.mount && !(await isMounted(this.#disk, known.mount))) {
      await this.#unmake(destination, made);
      throw fail('local-missing', 'find target', `${known.mount} went just now`, { subject: destination });
    }
    // a disk that is pulled out would take it back, and what is not there is waited for as its disk is
    if (made !== undefined)
      try {
        await syncFolders(this.#disk, destination, made);
      } catch (error) {
        // some shares cannot, and say so in their own way
        if (!(await exists(this.#disk, destination))) throw error;
      }
    this.#keep(id, { mount, seen: true });
  }

  /** Takes back folders that were made in the place of a disk, from `made` down to `folder`; those with something in them stay. */
  async #unmake(folder: string, made: string | undefined): Promise<void> {
    if (made === undefined) return;
    for (let at = folder; await removeEmptyFolder(this.#disk, at).catch(() => false); at = dirname(at))
      if (at === made) return;
  }

  /**
   * Where the disk of a folder is mounted, for a new transfer, and whether the folder itself is there (`seen`), or was
   * before its disk went in the midst of looking. `undefined` where that cannot be found out. Never rejects.
   */
  async find(destination: string): Promise<KnownTarget | undefined> {
    let seen = false;
    for (let looks = 0; looks < 2; looks += 1)
      try {
        seen ||= await exists(this.#disk, destination);
        return { mount: await diskFor(this.#disk, destination), seen };
      } catch {
        // a folder that was seen is waited for, wherever its disk is mounted
      }
    return undefined;
  }

  /** Keeps what `find` finds for a transfer that has begun without it. */
  noteLate(id: TransferId, finding: Promise<KnownTarget | undefined>): void {
    const noting = finding
      .then((known) => {
        if (known !== undefined && this.#find(id) === undefined) this.#keep(id, known);
      })
      // the first file that is saved notes it
      .catch(() => undefined)
      .finally(() => this.#late.delete(id));
    this.#late.set(id, noting);
  }

  /** Whether the folder that a download went to is gone, or its disk is. */
  async isAway({ id, destination }: Pick<TransferRow, 'id' | 'destination'>): Promise<boolean> {
    const known = this.#find(id);
    return known !== undefined && (await whyAway(this.#disk, destination, known)) !== undefined;
  }

  #keep(id: TransferId, known: KnownTarget): void {
    this.#store.updateTransfer(id, { targetMount: known.mount, targetSeen: known.seen });
    this.#known.set(id, known);
  }

  #find(id: TransferId): KnownTarget | undefined {
    const kept = this.#known.get(id);
    if (kept !== undefined) return kept;
    const row = this.#store.transfer(id);
    if (row?.targetMount === undefined) return undefined;
    const known = { mount: row.targetMount, seen: row.targetSeen };
    this.#known.set(id, known);
    return known;
  }
}

/** What is known of a destination: where its disk is mounted, and whether the folder itself was seen or made there. */
export interface KnownTarget {
  readonly mount: string;
  readonly seen: boolean;
}

/** How often a mount point is looked for while disks come and go. */
const MOST_LOOKS = 3;

/**
 * The mount point of the disk on which `path` is, or would be made; also that of a disk which goes in the midst of looking.
 * Rejects as `stat` does, and with `ENOENT` where things come and go all the time.
 */
export async function diskFor(disk: Disk, path: string): Promise<string> {
  for (let looks = 1; ; looks += 1) {
    let at = path;
    let there = await look(disk, at);
    for (; there === undefined && dirname(at) !== at; there = await look(disk, at)) at = dirname(at);
    // a link, and on Windows a folder at which a disk is mounted, is on another disk than what it leads to each time
    const dev = there === undefined || there.isSymbolicLink() || looks === MOST_LOOKS ? undefined : there.dev;
    try {
      return await mountPointOf(disk, at, dev);
    } catch (error) {
      if (!(error instanceof WentError) || dev === undefined) throw error;
      const gone = await goneMount(disk, at, dev);
      if (gone !== undefined) return gone;
    }
  }
}

/** What a path leads to is not on the disk on which something was just seen there. */
class WentError extends Error {}

const comesAndGoes = (path: string): Error =>
  Object.assign(new Error(`ENOENT: nothing stays mounted at ${path}`), { code: 'ENOENT' });

/**
 * Where the disk `dev` was mounted, of which `path` was seen and is not there any more: taken for the disk below, what comes
 * for it would be made out of sight. `undefined` where looking again tells, since that disk is there or another came.
 */
async function goneMount(disk: Disk, path: string, dev: FileStats['dev']): Promise<string | undefined> {
  let gone: string | undefined;
  for (let at = path; ; at = dirname(at)) {
    const now = await disk.stat(at).catch(() => undefined);
    if (now !== undefined) {
      if (now.dev === dev) return undefined;
      // an unmounted disk leaves an empty folder, unless the system takes that as well
      const names = await disk.readdir(at).catch(() => undefined);
      // what was listed may be of one that came meanwhile, and what cannot be listed of one that came and went
      if (names === undefined || (await isMounted(disk, at))) return undefined;
      return names.length === 0 ? at : gone;
    }
    if (dirname(at) === at) return undefined;
    gone = at;
  }
}

/**
 * Where the file system that holds `path` is mounted; on Windows the root of its drive. Rejects as `stat` does, with
 * `ENOENT` where it comes and goes all the time, and with `WentError` where `path` is not on the disk `dev`.
 */
async function mountPointOf(disk: Disk, path: string, dev?: FileStats['dev']): Promise<string> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const mount = await mountPointSeen(disk, path, dev);
    // a disk that goes between two looks makes any folder of it look like a mount point, which would be waited for for ever
    if (await isMounted(disk, mount)) return mount;
  }
  throw comesAndGoes(path);
}

async function mountPointSeen(disk: Disk, path: string, expected?: FileStats['dev']): Promise<string> {
  let at = path;
  const there = await (expected === undefined ? disk.stat(at) : disk.stat(at).catch(() => undefined));
  if (there === undefined || (expected !== undefined && there.dev !== expected)) throw new WentError();
  const { dev } = there;
  for (let above = dirname(at); above !== at; above = dirname(at)) {
    if ((await disk.stat(above)).dev !== dev) return at;
    at = above;
  }
  return at;
}

/** Why what was written to `root` would not land there, on the disk mounted at `mount`. */
async function whyAway(disk: Disk, root: string, { mount, seen }: KnownTarget): Promise<string | undefined> {
  if (!(await isMounted(disk, mount))) return `nothing is mounted at ${mount}`;
  return !seen || (await exists(disk, root)) ? undefined : `${root} is not there`;
}

/** Whether a disk is mounted at `path`, or it is the root of all. Never rejects. */
export async function isMounted(disk: Disk, path: string): Promise<boolean> {
  try {
    const there = await disk.stat(path);
    const above = dirname(path);
    return above === path || (await disk.stat(above)).dev !== there.dev;
  } catch {
    return false;
  }
}

/** Stats without following a link; `undefined` where there is nothing to be seen. */
const look = (disk: Disk, path: string): Promise<FileStats | undefined> => disk.lstat(path).catch(() => undefined);

const exists = async (disk: Disk, path: string): Promise<boolean> => (await look(disk, path)) !== undefined;

import { dirname } from 'node:path';
import type { TransferId } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { TransferRow, TransferStore } from '../model/transfer-store.ts';
import type { Disk } from './disk.ts';
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
  readonly #mounts = new Map<TransferId, string>();

  constructor(disk: Disk, store: Pick<TransferStore, 'transfer' | 'updateTransfer'>) {
    this.#disk = disk;
    this.#store = store;
  }

  /**
   * Makes sure that the folder a download goes to is there, on the disk it was on when this was first asked. Only that
   * first time is it made. Rejects with `local-missing` while it is away.
   */
  async require({ id, destination }: Pick<TransferRow, 'id' | 'destination'>): Promise<void> {
    const mount = this.#mountOf(id);
    if (mount !== undefined) {
      const away = await whyAway(this.#disk, destination, mount);
      if (away !== undefined) throw fail('local-missing', 'find target', away, { subject: destination });
      return;
    }
    await local('target', 'mkdir', destination, () => this.#disk.mkdir(destination, { recursive: true }));
    const targetMount = await local('target', 'stat', destination, () => mountPointOf(this.#disk, destination));
    this.#keep(id, targetMount);
  }

  /** Where the disk of a folder is mounted, for a new transfer; nothing where there is no such folder yet. Never rejects. */
  find(destination: string): Promise<string | undefined> {
    return mountPointOf(this.#disk, destination).catch(() => undefined);
  }

  /** Whether the folder that a download went to is gone, or its disk is. */
  async isAway({ id, destination }: Pick<TransferRow, 'id' | 'destination'>): Promise<boolean> {
    const mount = this.#mountOf(id);
    return mount !== undefined && (await whyAway(this.#disk, destination, mount)) !== undefined;
  }

  #keep(id: TransferId, targetMount: string): void {
    this.#store.updateTransfer(id, { targetMount });
    this.#mounts.set(id, targetMount);
  }

  #mountOf(id: TransferId): string | undefined {
    const known = this.#mounts.get(id) ?? this.#store.transfer(id)?.targetMount;
    if (known !== undefined) this.#mounts.set(id, known);
    return known;
  }
}

/** Where the file system that holds `path` is mounted; on Windows the root of its drive. Rejects as `stat` does. */
async function mountPointOf(disk: Disk, path: string): Promise<string> {
  let at = path;
  const { dev } = await disk.stat(at);
  for (let above = dirname(at); above !== at; above = dirname(at)) {
    if ((await disk.stat(above)).dev !== dev) return at;
    at = above;
  }
  return at;
}

/** Why what was written to `root` would not land there, on the disk mounted at `mount`. */
async function whyAway(disk: Disk, root: string, mount: string): Promise<string | undefined> {
  if (!(await isMounted(disk, mount))) return `nothing is mounted at ${mount}`;
  return (await exists(disk, root)) ? undefined : `${root} is not there`;
}

async function isMounted(disk: Disk, path: string): Promise<boolean> {
  try {
    const there = await disk.stat(path);
    const above = dirname(path);
    return above === path || (await disk.stat(above)).dev !== there.dev;
  } catch {
    return false;
  }
}

const exists = (disk: Disk, path: string): Promise<boolean> =>
  disk.lstat(path).then(
    () => true,
    () => false,
  );

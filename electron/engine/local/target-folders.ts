import type { TransferId } from '../../../shared/domain.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import type { Disk } from './disk.ts';
import { makeFolderBelow } from './local-files.ts';
import type { TargetDisks } from './target-disk.ts';

/** How long a folder that was made or seen counts as there, milliseconds: others write here too, but not between two photos. */
const HOLDS_MS = 1_000;
/** How long the disk of a destination counts as there, milliseconds: small files arrive a thousand a second. */
const DISK_HOLDS_MS = 50;
/** Folders; a tree of a hundred thousand of them must not stay in memory. */
const MOST_REMEMBERED = 256;

/**
 * The folders of this computer that a lane writes into, remembered for a moment: a thousand small files of one folder
 * do not ask a thousand times whether it is there.
 */
export class TargetFolders {
  /** Milliseconds of a clock that is never set. */
  readonly #monotonic: () => number;
  readonly #disk: Disk;
  readonly #disks: TargetDisks;
  readonly #made = new Map<string, number>();
  readonly #diskSeen = new Map<TransferId, number>();

  constructor(disk: Disk, disks: TargetDisks, monotonic: () => number) {
    this.#disk = disk;
    this.#disks = disks;
    this.#monotonic = monotonic;
  }

  /** Something here is not as it was remembered. */
  forget(): void {
    this.#made.clear();
    this.#diskSeen.clear();
  }

  /** Rejects with `local-missing` while the disk of the transfer's destination is away. */
  async requireDisk(transfer: Pick<TransferRow, 'id' | 'destination'>): Promise<void> {
    const seen = this.#diskSeen.get(transfer.id);
    if (seen !== undefined && this.#monotonic() - seen < DISK_HOLDS_MS) return;
    this.#diskSeen.delete(transfer.id);
    await this.#disks.require(transfer);
    if (this.#diskSeen.size > MOST_REMEMBERED) this.#diskSeen.clear();
    this.#diskSeen.set(transfer.id, this.#monotonic());
  }

  /**
   * Makes `folder` and what is missing above it, below the transfer's destination; what lies between must be real
   * folders. Rejects with `local-missing` while the disk of the destination is away, and with other `local-…` kinds.
   */
  async make(transfer: Pick<TransferRow, 'id' | 'destination'>, folder: string): Promise<void> {
    await this.requireDisk(transfer);
    const root = transfer.destination;
    const key = `${root}\0${folder}`;
    const made = this.#made.get(key);
    if (made !== undefined && this.#monotonic() - made < HOLDS_MS) return;
    await makeFolderBelow(this.#disk, root, folder);
    if (this.#made.size > MOST_REMEMBERED) this.#made.clear();
    this.#made.set(key, this.#monotonic());
  }
}

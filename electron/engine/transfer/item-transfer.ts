import type { Instant } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { TransferStore } from '../model/transfer-store.ts';
import type { TargetFolders } from '../local/target-folders.ts';

/**
 * The hands of a lane: one way of moving one item. Each step answers with the input it leads to, or throws a
 * `PhoneError` which the lane turns into waiting or failing.
 */
export interface ItemTransfer {
  /** Looks at both sides; creates nothing that is not noted first. */
  prepare(): Promise<Input>;
  /** Moves chunks until the end or until the run is asked to stop. */
  move(): Promise<Input>;
  /** Checks the copy and gives it its name. */
  confirm(): Promise<Input>;
  /** Ends a move: deletes what was copied, unless it was written to since. A folder has none, it may hold what was skipped. */
  deleteOriginal?(): Promise<void>;
  /** Lets go of files and open edits. Never rejects. */
  release(): Promise<void>;
}

export interface ItemTransferContext {
  readonly run: ItemRun;
  readonly connection: Connection;
  readonly store: TransferStore;
  readonly space: SpaceBook;
  readonly folders: TargetFolders;
  readonly now: () => Instant;
  /** Bytes up to which a file is sent as one whole object. */
  readonly wholeBelow: number;
  readonly platform: NodeJS.Platform;
  /** A suffix no other item has, for temporary names. */
  readonly unique: () => string;
}

/** Fresh figures are asked for when less than this is left beyond what is needed: a margin for what the phone itself writes. */
const ROOM_MARGIN = 64 * 1024 * 1024;
/** Bytes after which the remembered figure is looked up again. */
const RECHECK_AFTER = 256 * 1024 * 1024;

/** Free space of a phone's storages, remembered so that a thousand small files do not ask a thousand times. */
export class SpaceBook {
  readonly #free = new Map<string, { free: number; used: number }>();

  forget(): void {
    this.#free.clear();
  }
  used(storage: string, bytes: number): void {
    const entry = this.#free.get(storage);
    if (entry !== undefined) entry.used += bytes;
  }

  /** Rejects with `full` when fewer than `needed` bytes are free. */
  async require(
    connection: Connection,
    storage: { readonly id: Parameters<Connection['phone']['freeSpace']>[0]; readonly key: string },
    needed: number,
  ): Promise<void> {
    const entry = this.#free.get(storage.key);
    if (entry !== undefined && entry.used < RECHECK_AFTER && entry.free - entry.used - needed > ROOM_MARGIN) return;
    const free = await connection.phone.freeSpace(storage.id);
    this.#free.set(storage.key, { free, used: 0 });
    if (free < needed) throw fail('full', 'free space', `needs ${needed} bytes, has ${free}`, { fix: String(needed) });
  }
}

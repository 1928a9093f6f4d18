import type { Instant } from '../../../shared/domain.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { FreeSpace } from '../devices/free-space.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { TransferStore } from '../model/transfer-store.ts';
import type { Disk } from '../local/disk.ts';
import type { Sample } from './sample.ts';
import type { FolderSizes } from './folder-sizes.ts';
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
  /**
   * Ends a move: deletes what was copied, unless it was written to since. A folder has none, it may hold what was skipped.
   * `underWay` is told `true` right before what may delete it, and `false` where that is known to have deleted nothing.
   */
  deleteOriginal?(underWay: (isUnderWay: boolean) => void): Promise<void>;
  /** Lets go of files and open edits. Never rejects. */
  release(): Promise<void>;
}

/** What a lane hands to the transfer of one item. */
export interface ItemTransferContext {
  readonly run: ItemRun;
  readonly connection: Connection;
  readonly store: TransferStore;
  readonly disk: Disk;
  readonly space: FreeSpace;
  readonly folders: TargetFolders;
  /** Which of the transfer's small files are read back. */
  readonly sample: Sample;
  /** Where uploads wait for their sizes; `park` says that this one does, and takes up no place in its lane meanwhile. */
  readonly sizes: FolderSizes;
  readonly park: () => void;
  /** What the item has made cannot be removed now: it is noted as a leftover, and forgotten by the item. */
  readonly leave: () => void;
  readonly now: () => Instant;
  /** Milliseconds for durations: the date may be set back or forward at any time. */
  readonly monotonic: () => number;
  /** When its transfer was begun or taken up again, by `monotonic`. */
  readonly begun: number;
  /** Bytes up to which a file is sent as one whole object. */
  readonly wholeBelow: number;
  readonly platform: NodeJS.Platform;
  /** A suffix no other item has, for temporary names. */
  readonly unique: () => string;
}

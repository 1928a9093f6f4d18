import type { KindCounts, VerifiedCounts } from '../../../shared/transfer-summary.ts';
import type {
  DeviceKey,
  Direction,
  Instant,
  ItemId,
  LocalPath,
  PhonePath,
  PhonePlace,
  StorageKey,
  TargetExpectation,
  TransferId,
  TransferOptions,
} from '../../../shared/domain.ts';
import type { Problem } from '../../../shared/errors.ts';
import type { Settings } from '../../../shared/snapshots.ts';
import type { AnswerChoice, ItemStateName } from '../../../shared/snapshots.ts';
import type { ItemState } from './item-state.ts';

/**
 * What the engine asks of its memory. Two implementations: SQLite and in memory. Every call is synchronous and has
 * reached the database when it returns, so that it survives the death of the process at any later moment (after a
 * power cut the last calls may be missing, never wrong). Each call is one transaction.
 */

/** A folder of this computer on a disk that may be away: where that disk is mounted when it is not. */
export interface SecondPlace {
  readonly folder: LocalPath;
  readonly mount: string;
}

/** Sources of a transfer whose files were chosen one by one by another room. */
export interface ChosenItems {
  readonly kind: 'items';
  /** Who chose them. */
  readonly origin: string;
  /** Of a download whose files are to be saved in another place too: the transfer that does so is still to be made. */
  readonly second?: SecondPlace | undefined;
  /** That transfer is made. */
  readonly hasSecond?: boolean | undefined;
  /** Of a transfer that saves the same files in another place: the first one. What one of both has, the other copies. */
  readonly twin?: TransferId | undefined;
}

/** Whether there is, or will be, another transfer that saves the same files in another place. */
export const mayHaveTwin = ({ sources }: TransferRow): boolean =>
  sources.kind === 'items' &&
  (sources.twin !== undefined || sources.second !== undefined || sources.hasSecond === true);

/** Whether two transfers save the same files in two places. */
export const areTwins = (one: TransferRow, other: TransferRow): boolean =>
  (one.sources.kind === 'items' && one.sources.twin === other.id) ||
  (other.sources.kind === 'items' && other.sources.twin === one.id);

/** One gesture of the user. */
export interface TransferRow {
  readonly id: TransferId;
  readonly direction: Direction;
  readonly device: DeviceKey;
  readonly deviceName: string;
  readonly storage: StorageKey;
  readonly storageName: string;
  /** Upload: the phone folder. Download: the local folder. */
  readonly destination: string;
  /** What was given: local paths of an upload, or places of a download. */
  readonly sources:
    | { readonly kind: 'local'; readonly paths: readonly LocalPath[] }
    | { readonly kind: 'phone'; readonly places: readonly PhonePlace[] }
    /** Its files were chosen one by one by another room, which plans again what was cut short. */
    | ChosenItems;
  readonly title: string;
  readonly options: TransferOptions;
  /** Order in the queue; smaller goes first. */
  readonly position: number;
  readonly createdAt: Instant;
  /** Whether all items are known: a transfer whose planning was cut short is planned again from its sources. */
  readonly planned: boolean;
  /** Planned in vain: its one item stands for what could not be listed. Trying again plans it again. */
  readonly planFailed: boolean;
  /**
   * What the user last said of the whole. It is stored before the items follow, which with 400,000 of them takes a
   * while: no item is reserved unless it is `run`, and after a crash the items follow at the next start.
   */
  readonly intent: 'run' | 'pause' | 'cancel';
  readonly finishedAt: Instant | undefined;
  /** Taken out of the list; still in the history. */
  readonly removed: boolean;
  /** Answer given with "apply to all". */
  readonly conflictAnswer: AnswerChoice | undefined;
  readonly nameAnswer: AnswerChoice | undefined;
  /** Payload bytes moved in this transfer's life, and those of them that went a second time. */
  readonly bytesMoved: number;
  readonly bytesResent: number;
  /** A copy was found different from its source: from then on a sampled verification reads back all of them. */
  readonly doubted: boolean;
  /** Of a download: where the disk of its destination was mounted when it began; see `TargetDisks`. */
  readonly targetMount: string | undefined;
  /** Whether the destination was there then, or has been made since. */
  readonly targetSeen: boolean;
}

/** One file or folder of a transfer. */
export interface ItemRow {
  readonly id: ItemId;
  readonly transfer: TransferId;
  /** Order within the transfer: parents before what is in them. */
  readonly sequence: number;
  readonly kind: 'file' | 'folder';
  /** Path below the destination, with `/`; the names of the source. */
  readonly name: string;
  readonly local: LocalPath;
  /** Storage of the phone side; the transfer's own unless a download spans several. */
  readonly storage: StorageKey;
  readonly phone: PhonePath;
  readonly size: number;
  /** The source's modification time when planned; `undefined` where the phone gave none. */
  readonly modified: Instant | undefined;
  readonly state: ItemState;
  /** Bytes the other side has confirmed. */
  readonly confirmed: number;
  /** Furthest byte ever put on the wire: what is sent below it is sent again. */
  readonly reached: number;
  /** The temporary this item has made or is about to make: a name in the phone folder, or a local path. */
  readonly temporary: string | undefined;
  /**
   * `creating` is stored before SendObjectInfo goes out, else a leftover could not be told from the user's own file;
   * `created` once the phone said OK. `renaming`: verified, the old target may already be gone. Of a move whose original
   * is still to go: `published`, its copy has its name; `deleting`, the deletion of the original has begun. `doubted`: it
   * has its copy, which is to be compared once more.
   */
  readonly creation: 'none' | 'creating' | 'created' | 'renaming' | 'published' | 'deleting' | 'doubted';
  /** How it moves: whole objects start again after a loss. */
  readonly mode: 'whole' | 'chunks' | undefined;
  /** The name on the other side where it could not keep its own (conflict: keep both; legal name). */
  readonly savedAs: string | undefined;
  readonly answer: AnswerChoice | undefined;
  /** What the decision about the target rests upon; `undefined` until it was made. Looked at again when publishing. */
  readonly expectation: TargetExpectation | undefined;
  /** Sampled fingerprint of the source, hex. */
  readonly fingerprint: string | undefined;
  /** SHA-256, hex, of the whole where one pass saw every byte. */
  readonly sha256: string | undefined;
  readonly chunkDigest: string | undefined;
  /** Failures in a row without progress. */
  readonly attempts: number;
  /** Times a chunk or the whole was found different from its source. */
  readonly mismatches: number;
  /** Whether it went on after an interruption: then every joint is verified. */
  readonly resumed: boolean;
  /** Whether an attempt of it ended in an error, ever: then a sampled verification reads it back. */
  readonly retried: boolean;
  readonly updatedAt: Instant;
}

/** An item as it is planned: `queued`, or `failed` with `problem`, or done because it is `skipped`, with the reason. */
export type NewItem = Pick<ItemRow, 'kind' | 'name' | 'local' | 'storage' | 'phone' | 'size' | 'modified'> &
  Partial<Pick<ItemRow, 'expectation' | 'answer' | 'savedAs'>> & {
    readonly problem?: Problem | undefined;
    readonly skipped?: string | undefined;
  };

/** A confirmed chunk. */
export interface Checkpoint {
  readonly offset: number;
  readonly length: number;
  /** SHA-256 of the chunk, hex. */
  readonly digest: string;
}

/** Counts of one transfer’s items; sizes in bytes. */
export interface ItemCounts {
  /** Files and folders by state. */
  readonly byState: Readonly<Record<ItemStateName, number>>;
  /** What `done` is made of. */
  readonly moved: KindCounts;
  readonly alreadyThere: KindCounts;
  /** How the files of `moved` were verified. */
  readonly verified: VerifiedCounts;
  readonly skipped: number;
  readonly total: number;
  /** Sum of sizes of all items, less those skipped, already there or cancelled. */
  readonly bytesTotal: number;
  readonly bytesConfirmed: number;
}

/** How many items are changed at once by state, and which. */
export interface StatesOptions {
  readonly limit?: number;
  /** Also those that have made a temporary, which keep it. */
  readonly withTemporary?: boolean;
  /** As if never tried: without the attempts and mismatches so far. */
  readonly anew?: boolean;
}

/** A page of a transfer’s items, in order of sequence. */
export interface ItemQuery {
  readonly offset: number;
  readonly limit: number;
  readonly only?: 'all' | 'failed' | 'unfinished' | undefined;
}

/** A page of the history. */
export interface HistoryPage {
  readonly offset: number;
  readonly limit: number;
}

/** A temporary of a cancelled or abandoned item, still to be removed from the phone or the disk. */
export interface Leftover {
  readonly item: ItemId;
  readonly transfer: TransferId;
  readonly device: DeviceKey;
  readonly storage: StorageKey;
  readonly direction: Direction;
  /** Phone folder and name, or a local path in `name`. */
  readonly folder: PhonePath | undefined;
  readonly name: string;
  /** `undefined` for leftovers of earlier versions: nothing tells whose they are, so they are never deleted. */
  readonly proof: LeftoverProof | undefined;
}

/** A file that is to be replaced, as it was told. */
export interface OldFile {
  /** Bytes. */
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** What shows that a leftover was made by Replug; without it, what has that name may be the user's own. */
export type LeftoverProof =
  /**
   * Replug made up the name, with a part that no one else has. `replaces`: it is whole, and what had this name may have been
   * deleted for it, so it gets the name if nothing else has it. `old`: what that was, given where nobody else has what it holds:
   * where another file has the name, it gets one beside it.
   */
  | { readonly kind: 'exclusive-name'; readonly replaces?: string | undefined; readonly old?: OldFile | undefined }
  /**
   * What is made of what is at `source` on the same phone, a folder or a file, under a name that Replug made up: each file of
   * it may go only while it is its original or a beginning of it.
   */
  | { readonly kind: 'copy-of'; readonly source: PhonePlace }
  /**
   * Nothing to be removed: copies of what is at `source`, some of whose originals are gone. Until the others are, the copies
   * may be all there is, and are never replaced (`files/half-moved.ts`).
   */
  | { readonly kind: 'half-moved'; readonly source: PhonePlace }
  /** It has a name that others may use too: it may go only while its bytes are a beginning of this source's. */
  | {
      readonly kind: 'beginning-of';
      /** Local path of the upload's source. */
      readonly source: string;
      /** Bytes. */
      readonly size: number;
      readonly modified: Instant | undefined;
    };

/**
 * The queue as it is stored: transfers, items, checkpoints, leftovers, history, settings. Each call is stored whole or
 * not at all, and throws `store` where the database cannot do it and `internal` for an unknown id.
 */
export interface TransferStore {
  addTransfer(row: TransferRow): void;
  transfer(id: TransferId): TransferRow | undefined;
  /** Not removed, in queue order. */
  transfers(): readonly TransferRow[];
  updateTransfer(id: TransferId, change: Partial<Omit<TransferRow, 'id'>>): void;
  /** Forgets the items of a transfer whose planning was cut short, before it is planned again. */
  clearItems(id: TransferId): void;

  /** Appends; sequences follow those there. Answers the new rows' ids in order. */
  addItems(id: TransferId, items: readonly NewItem[], at: Instant): readonly ItemId[];
  item(id: ItemId): ItemRow | undefined;
  items(id: TransferId, query: ItemQuery): { readonly total: number; readonly items: readonly ItemRow[] };
  /** By state, in order of sequence, after `afterSequence`. */
  itemsIn(id: TransferId, states: readonly ItemStateName[], limit: number, afterSequence?: number): readonly ItemRow[];
  updateItem(id: ItemId, change: Partial<Omit<ItemRow, 'id' | 'transfer' | 'sequence'>>, at: Instant): void;
  /** As `updateItem` for each of them, in one transaction. */
  updateItems(
    changes: readonly {
      readonly id: ItemId;
      readonly change: Partial<Omit<ItemRow, 'id' | 'transfer' | 'sequence'>>;
    }[],
    at: Instant,
  ): void;
  /** The sequence of the last file of at most `size` bytes, as it was planned; `undefined` where there is none. */
  lastFileUpTo(id: TransferId, size: number): number | undefined;
  /**
   * Claims an item for whoever works on it: answers the row as it is now, or nothing if it is neither queued nor
   * preparing any more, its transfer is not to run, or it is claimed already. Until `release` no call for many items changes it. The claim lives as long
   * as the process.
   */
  reserve(id: ItemId): ItemRow | undefined;
  release(id: ItemId): void;
  /** For an engine that starts: nobody works on anything. */
  releaseAll(): void;
  /**
   * Gives up what was made of an item, in one transaction: `change` (usually its last state), no temporary, nothing
   * confirmed, no checkpoints, and `leftover`, which is still to be removed.
   */
  abandonItem(
    id: ItemId,
    change: Partial<Omit<ItemRow, 'id' | 'transfer' | 'sequence'>>,
    leftover: Leftover | undefined,
    at: Instant,
  ): void;
  /**
   * Puts items that are in one of `from`, have made no temporary and are not reserved into `to`, at once: at most
   * `limit` of them, so that others have their turn between two calls. Answers how many.
   */
  changeStates(
    id: TransferId,
    from: readonly ItemStateName[],
    to: ItemState,
    at: Instant,
    options?: StatesOptions,
  ): number;
  /** Items that have made a temporary, or may have. */
  withTemporary(id: TransferId): readonly ItemRow[];
  /** A confirmed chunk: the checkpoint and the item's change in one transaction. */
  confirmChunk(
    id: ItemId,
    checkpoint: Checkpoint,
    change: Partial<Omit<ItemRow, 'id' | 'transfer' | 'sequence'>>,
    at: Instant,
  ): void;
  /** In order of offset. */
  checkpoints(id: ItemId): readonly Checkpoint[];
  /** Forgets every checkpoint that ends after `offset`. */
  dropCheckpoints(id: ItemId, offset: number): void;
  counts(id: TransferId): ItemCounts;
  /** Done items at this target, newest first: for "already complete". */
  doneAt(device: DeviceKey, storage: StorageKey, phone: PhonePath, limit: number): readonly ItemRow[];

  /** All that is kept of `from`, finished transfers and leftovers too, is `to`'s from now on. */
  adoptDevice(from: DeviceKey, to: DeviceKey): void;
  /** All that is kept of the storage `from` of a phone, its items and leftovers too, is its storage `to`'s from now on. */
  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void;

  addLeftover(leftover: Leftover): void;
  leftovers(device: DeviceKey): readonly Leftover[];
  removeLeftover(item: ItemId): void;

  /** What has ended, newest first, also what was taken out of the list. */
  history(page: HistoryPage): { readonly total: number; readonly transfers: readonly TransferRow[] };
  /**
   * Of what has ended, newest first, that whose title, destination or an item's name holds the text, whatever its case.
   * `undefined` comes after each piece of work: others should have their turn then.
   */
  searchHistory(search: string): Iterable<TransferRow | undefined>;
  /**
   * Forgets the oldest transfer that ended before then and was taken out of the list, at most `limit` of its items at
   * once. Answers whether there may be more to forget.
   */
  prune(before: Instant, limit: number): boolean;
  settings(): Partial<Settings>;
  saveSettings(settings: Partial<Settings>): void;
  /** Keys that two phones had at once: they identify nobody. */
  sharedKeys(): readonly DeviceKey[];
  noteShared(key: DeviceKey): void;

  /**
   * Everything stored so far outlives a power cut when this returns: for the moment before something is destroyed that
   * only the store remembers. Notes the moment with the item. Throws `store` where the disk does not promise it.
   */
  commitDurably(id: ItemId, at: Instant): void;

  /** Gives back disk space; called when nothing moves. */
  compact(): void;
  /** Set when the database was found damaged at open and put aside: where it is now. */
  readonly setAside: string | undefined;
  close(): void;
}

import type { KindCounts, Original, VerifiedCounts } from './transfer-summary.ts';
import type {
  Brand,
  ConflictRule,
  Device,
  DeviceKey,
  Direction,
  Entry,
  Instant,
  ItemId,
  LargeUploads,
  LocalPath,
  NameRule,
  PhonePath,
  PhonePlace,
  StorageKey,
  StorageInfo,
  TransferId,
  TransferOptions,
  VerifyLevel,
} from './domain.ts';
import type { Problem } from './errors.ts';
import type { LanguageChoice } from './words/languages.ts';

/** The state that a window shows, as plain, numbered snapshots. The engine owns the state. */

/** Phones as they are now; an unplugged one stays while transfers wait for it. */
export interface DevicesSnapshot {
  readonly devices: readonly Device[];
  /** Phones that only the user can identify. */
  readonly questions?: readonly IdentityQuestion[] | undefined;
  /** Storages that only the user can tell apart. */
  readonly storageQuestions?: readonly StorageQuestion[] | undefined;
}

/**
 * "Is this the phone …?": nothing identifies `device`, and something waits for a phone that could not be identified
 * either.
 */
export interface IdentityQuestion {
  readonly device: DeviceKey;
  readonly name: string;
  /** Most likely first. */
  readonly candidates: readonly IdentityCandidate[];
}

/** What is known about a phone that something waits for. */
export interface IdentityCandidate {
  readonly key: DeviceKey;
  readonly name: string;
  readonly maker: string;
  readonly storages: readonly string[];
  readonly lastSeen: Instant;
  /**
   * Titles of the transfers, and names of the folder pairs, that wait for the phone; a cancelled transfer does while
   * something of it is left to be removed.
   */
  readonly transfers: readonly string[];
  readonly pairs: readonly string[];
}

/**
 * "Which of these is the storage …?": something waits for a storage of `device` that is not among those it shows for
 * certain, and `candidates` are alike and nothing tells them apart.
 */
export interface StorageQuestion {
  readonly device: DeviceKey;
  /** The phone's name. */
  readonly name: string;
  /** The key under which things wait. */
  readonly storage: StorageKey;
  readonly storageName: string;
  /** Storages there are now; in the phone's order, which means nothing. */
  readonly candidates: readonly StorageInfo[];
  /** Titles of the transfers, and names of the folder pairs, that wait for it. */
  readonly transfers: readonly string[];
  readonly pairs: readonly string[];
}

/** States of an item; `electron/engine/model/item-state.ts` has the state machine. */
export type ItemStateName =
  | 'queued'
  | 'preparing'
  | 'asking'
  | 'moving'
  | 'confirming'
  | 'stopping'
  | 'waiting'
  | 'paused'
  | 'done'
  | 'failed'
  | 'cancelled';

/** Whether nothing more happens to an item by itself, in success or not. */
export const isEnded = (name: ItemStateName): boolean => name === 'done' || name === 'failed' || name === 'cancelled';

/** What a waiting item is waiting for. */
export type WaitingFor =
  | { readonly kind: 'phone' }
  | { readonly kind: 'unlock' }
  /** The phone's storage that is the item's source or target, such as an SD card that was removed. */
  | { readonly kind: 'storage'; readonly name?: string | undefined }
  /** The phone holds a dead entry with this name until it is unplugged and plugged in again. */
  | { readonly kind: 'replug' }
  | { readonly kind: 'source' }
  /** The local target folder of a download, or its disk. */
  | { readonly kind: 'target' }
  /** `needed`: bytes that must be free in total; `free`: bytes that are, if known. */
  | {
      readonly kind: 'space';
      readonly needed: number;
      readonly where: 'phone' | 'computer';
      readonly free?: number | undefined;
    }
  | { readonly kind: 'time'; readonly until: Instant };

/** How the copy was verified. After a resume, `sampled` includes every boundary between chunks. */
export interface Verification {
  readonly level: VerifyLevel;
  /** Bytes of the copy that were read back and compared. */
  readonly bytesCompared: number;
  /** SHA-256, hex, of the whole file, if one pass read every byte. */
  readonly sha256: string | undefined;
  /** SHA-256, hex, over the digests of the chunks in order. */
  readonly chunkDigest: string | undefined;
}

/**
 * Remark about a copy that is complete nevertheless. `date-not-kept`: its disk or phone refused the date.
 * `whole-only`: the phone cannot read it in parts, so it could not have been resumed.
 */
export type Remark = 'date-not-kept' | 'whole-only';

/** How an item that is done came to be done. */
export type Outcome =
  | {
      readonly kind: 'moved';
      readonly verification: Verification;
      readonly original?: Original;
      /** Date of the copy as its own side reported it when it was published. */
      readonly copyModified?: Instant;
      readonly remarks?: readonly Remark[];
    }
  /** An identical file was already there; nothing was transferred. */
  | { readonly kind: 'already-there' }
  /** `why` is a `SkipReason`; older versions stored a sentence. */
  | { readonly kind: 'skipped'; readonly why: string };

/** An item as the window shows it; sizes in bytes. */
export interface ItemView {
  readonly id: ItemId;
  readonly transfer: TransferId;
  readonly kind: 'file' | 'folder';
  /** Path below the transfer's destination, with `/`. */
  readonly name: string;
  readonly local: LocalPath;
  readonly phone: PhonePath;
  readonly size: number;
  /** Bytes the other side has confirmed. */
  readonly confirmed: number;
  readonly state: ItemStateName;
  readonly stopping: 'paused' | 'cancelled' | undefined;
  readonly waitingFor: WaitingFor | undefined;
  readonly question: AskedQuestion | undefined;
  readonly outcome: Outcome | undefined;
  readonly problem: Problem | undefined;
  /** Name on the other side, if it could not keep its own. */
  readonly savedAs: string | undefined;
}

/** One of the two files of a conflict; size in bytes. */
export interface ConflictSide {
  readonly name: string;
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** A decision only the user can make. The lane continues with other items meanwhile. */
export type Question =
  | {
      readonly kind: 'conflict';
      readonly source: ConflictSide;
      readonly existing: ConflictSide;
      readonly existingIsFolder: boolean;
    }
  | { readonly kind: 'name'; readonly name: string; readonly legal: string };

/** Names one asking: an item that asks again asks another question, even in the same words. */
export type QuestionId = Brand<string, 'QuestionId'>;

/** A question as windows show it; its `id` goes back with the answer, so that it counts for what was shown and nothing else. */
export type AskedQuestion = Question & { readonly id: QuestionId };

/** What a person can answer to a question; `use-legal-name` only to one about a name. */
export type AnswerChoice = 'skip' | 'replace' | 'keep-both' | 'use-legal-name' | 'cancel';

/** Aggregate state of one transfer, or of all; it drives tray, taskbar and notifications. */
export type QueueState = 'running' | 'running-in-background' | 'paused' | 'completed' | 'failed' | 'idle';

/** How many items of a transfer are in which state. */
export interface TransferCounts {
  readonly total: number;
  /** Finished successfully: the sum of moved, already there and skipped. */
  readonly done: number;
  /** Files that were copied and verified, folders that were created. */
  readonly moved: KindCounts;
  readonly alreadyThere: KindCounts;
  /** How the files of `moved` were verified; without it all of them as the transfer's options say. */
  readonly verified?: VerifiedCounts;
  /** Skipped by the user or by a setting. */
  readonly skipped: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly waiting: number;
  readonly asking: number;
  readonly paused: number;
}

/** A transfer as the window shows it; its items come in a stream of their own. */
export interface TransferView {
  readonly id: TransferId;
  readonly direction: Direction;
  readonly device: DeviceKey;
  readonly deviceName: string;
  readonly storage: StorageKey;
  readonly storageName: string;
  /** Target folder: on the phone for an upload, on the computer for a download. */
  readonly destination: string;
  /** Name for the user: that of the file or folder, or "3 items". */
  readonly title: string;
  readonly options: TransferOptions;
  readonly state:
    'planning' | 'running' | 'waiting' | 'stopping' | 'paused' | 'done' | 'failed' | 'cancelled' | 'queued';
  readonly waitingFor: WaitingFor | undefined;
  /** Start of the current wait. */
  readonly waitingSince: Instant | undefined;
  readonly counts: TransferCounts;
  readonly bytesTotal: number;
  readonly bytesConfirmed: number;
  /** Sent but not confirmed yet. Never counted as progress. */
  readonly bytesInFlight: number;
  /** Payload bytes transferred since the transfer was created, and how many of them were sent again. */
  readonly bytesMoved: number;
  readonly bytesResent: number;
  /** The same, since the program was started. */
  readonly run: { readonly bytesMoved: number; readonly bytesResent: number };
  /** Bytes per second over the last seconds; `undefined` while nothing is transferred. */
  readonly speed: number | undefined;
  /** Seconds; `undefined` if unknown. */
  readonly timeLeft: number | undefined;
  readonly currentItem: string | undefined;
  readonly problem: Problem | undefined;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | undefined;
  /** At most a few items with a question, for the window to ask now. */
  readonly questions: readonly ItemView[];
}

/** The whole queue, and the speed of all transfers together. */
export interface TransfersSnapshot {
  readonly state: QueueState;
  /** In queue order, finished ones last. */
  readonly transfers: readonly TransferView[];
  /** Throughput of the last minute in bytes per second, one value per second, oldest first. */
  readonly speedHistory: readonly number[];
  /**
   * Why the database cannot be read or written. Nothing is transferred meanwhile, and the list may be out of date.
   */
  readonly problem?: Problem | undefined;
}

/** A page of a transfer's items. */
export interface ItemsSnapshot {
  readonly transfer: TransferId;
  readonly total: number;
  readonly offset: number;
  readonly items: readonly ItemView[];
}

/**
 * A folder on a phone that grows while it is being listed. Entries arrive in batches: with `reset` they replace those
 * the window has, otherwise they are appended. The last snapshot of a listing may have no entries and only mark its
 * end.
 */
export interface FolderSnapshot {
  readonly place: PhonePlace;
  readonly reset: boolean;
  readonly entries: readonly Entry[];
  readonly state: 'listing' | 'complete' | 'failed';
  readonly expected: number | undefined;
  /** Entries the phone could not describe. */
  readonly unreadable: number;
  readonly problem: Problem | undefined;
  /** These entries are remembered, not told by the phone yet: when they were seen. The phone's own replace them. */
  readonly remembered?: Instant | undefined;
}

/** The person's settings; the first four are the defaults of a new transfer. */
export interface Settings {
  readonly onConflict: ConflictRule;
  readonly onName: NameRule;
  readonly verify: VerifyLevel;
  readonly large: LargeUploads;
  /** Absolute; the default target of downloads. */
  readonly downloadFolder: LocalPath;
  readonly showHidden: boolean;
  readonly notifications: boolean;
  readonly preventSleep: boolean;
  readonly appearance: 'system' | 'light' | 'dark';
  readonly language: LanguageChoice;
  /** Whether Replug remembers what is on phones (the catalogue). */
  readonly catalogue: boolean;
}

/** How the engine is hosted, which determines what the window can offer. */
export interface HostInfo {
  readonly version: string;
  readonly host: 'electron' | 'loopback';
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  /** Whether dropped files have a path (Electron) or must be uploaded to the host (browser). */
  readonly drops: 'paths' | 'streams';
  readonly canReveal: boolean;
  /** Whether copies of phones' files are opened with programs of the computer, or in a tab of the browser. */
  readonly opens: 'programs' | 'tab';
  /** Whether the window can start a virtual phone. */
  readonly canTryVirtual: boolean;
  /** Whether `pickLocal` opens the system's own file chooser. */
  readonly canPick?: boolean | undefined;
  /** Whether the window offers `showDrive`. */
  readonly canShowDrive?: boolean | undefined;
}

/** A file or folder of the computer, for choosing one in a browser; size in bytes. */
export interface LocalEntry {
  readonly path: LocalPath;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** One item in the report of a transfer; size in bytes, `sha256` in hex. */
export interface ReportLine {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly result: 'moved' | 'already-there' | 'skipped' | 'failed' | 'cancelled' | 'unfinished';
  /** In English, for JSON and CSV; a window says it in its own language, from the fields below. */
  readonly detail: string;
  readonly sha256: string | undefined;
  readonly verified: VerifyLevel | undefined;
  /** What of the copy was checked, in words; of a moved file. */
  readonly checked?: string | undefined;
  /** Why it failed. */
  readonly problem?: Problem | undefined;
  /** Why it was skipped. */
  readonly why?: string | undefined;
  readonly savedAs?: string | undefined;
  readonly remarks?: readonly Remark[] | undefined;
  readonly original?: Original | undefined;
}

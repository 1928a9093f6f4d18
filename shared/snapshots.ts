import type { KindCounts, Original } from './transfer-summary.ts';
import type {
  ClashRule,
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
  TransferId,
  TransferOptions,
  VerifyLevel,
} from './domain.ts';
import type { Problem } from './errors.ts';

/** What a window shows: plain, numbered pictures. The truth stays in the engine. */

export interface DevicesSnapshot {
  readonly devices: readonly Device[];
  /** Phones of which only a person can say who they are. */
  readonly questions?: readonly IdentityQuestion[] | undefined;
}

/** "Is this the phone …?": nothing identifies `device`, and something waits for a phone that nothing identified. */
export interface IdentityQuestion {
  readonly device: DeviceKey;
  readonly name: string;
  /** Likeliest first. */
  readonly candidates: readonly IdentityCandidate[];
}

/** What is known of a phone that something waits for. */
export interface IdentityCandidate {
  readonly key: DeviceKey;
  readonly name: string;
  readonly maker: string;
  readonly storages: readonly string[];
  readonly lastSeen: Instant;
  /** Titles of the transfers, and names of the folder pairs, that wait for it. */
  readonly transfers: readonly string[];
  readonly pairs: readonly string[];
}

/** The states of an item, by name; `electron/engine/model/item-state.ts` has the machine. */
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

export const isEnded = (name: ItemStateName): boolean => name === 'done' || name === 'failed' || name === 'cancelled';

/** What a waiting item waits for. */
export type WaitingFor =
  | { readonly kind: 'phone' }
  | { readonly kind: 'unlock' }
  /** The storage of the phone that it goes to or comes from: a card that was taken out, say. */
  | { readonly kind: 'storage'; readonly name?: string | undefined }
  /** The phone holds a dead entry of this name until it is unplugged and plugged in again. */
  | { readonly kind: 'replug' }
  | { readonly kind: 'source' }
  /** The folder of this computer that a download goes to, or the disk it is on. */
  | { readonly kind: 'target' }
  /** `needed`: bytes that must be free, all together; `free`: what is, where it is known. */
  | {
      readonly kind: 'space';
      readonly needed: number;
      readonly where: 'phone' | 'computer';
      readonly free?: number | undefined;
    }
  | { readonly kind: 'time'; readonly until: Instant };

/** How the copy was checked; `sampled` after a resume includes every joint between chunks. */
export interface Verification {
  readonly level: VerifyLevel;
  /** Bytes of the copy that were read back and compared. */
  readonly bytesCompared: number;
  /** SHA-256, hex, of the whole file where one pass saw every byte. */
  readonly sha256: string | undefined;
  /** SHA-256, hex, over the digests of the chunks in order. */
  readonly chunkDigest: string | undefined;
}

/**
 * What a report says of a copy that is whole all the same: `date-not-kept`, its disk or phone refused the date;
 * `whole-only`, the phone cannot read it in parts, so it could not have gone on after an interruption.
 */
export type Remark = 'date-not-kept' | 'whole-only';

export type Outcome =
  | {
      readonly kind: 'moved';
      readonly verification: Verification;
      readonly original?: Original;
      /** The date of the copy as its own side told it when it was published. */
      readonly copyModified?: Instant;
      readonly remarks?: readonly Remark[];
    }
  /** Already there and the same; nothing was sent. */
  | { readonly kind: 'already-there' }
  | { readonly kind: 'skipped'; readonly why: string };

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
  readonly question: Question | undefined;
  readonly outcome: Outcome | undefined;
  readonly problem: Problem | undefined;
  /** The name on the other side, where it could not keep its own. */
  readonly savedAs: string | undefined;
}

export interface ClashSide {
  readonly name: string;
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** Something only the user can decide. The lane goes on with other items meanwhile. */
export type Question =
  | {
      readonly kind: 'clash';
      readonly source: ClashSide;
      readonly existing: ClashSide;
      readonly existingIsFolder: boolean;
    }
  | { readonly kind: 'name'; readonly name: string; readonly legal: string };

export type AnswerChoice = 'skip' | 'replace' | 'keep-both' | 'use-legal-name' | 'cancel';

/** One aggregate state: of a transfer, or of all together; it drives tray, taskbar and notifications. */
export type SessionState = 'running' | 'running-in-background' | 'paused' | 'completed' | 'failed' | 'idle';

export interface TransferCounts {
  readonly total: number;
  /** Ended well: the sum of moved, already there and skipped. */
  readonly done: number;
  /** Files that arrived and were checked, folders that were made. */
  readonly moved: KindCounts;
  readonly alreadyThere: KindCounts;
  /** Left out, as the user or a setting said. */
  readonly skipped: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly waiting: number;
  readonly asking: number;
  readonly paused: number;
}

export interface TransferView {
  readonly id: TransferId;
  readonly direction: Direction;
  readonly device: DeviceKey;
  readonly deviceName: string;
  readonly storage: StorageKey;
  readonly storageName: string;
  /** Where it goes: a folder on the phone for an upload, on the computer for a download. */
  readonly destination: string;
  /** What a person calls it: the file's or folder's name, or "3 items". */
  readonly title: string;
  readonly options: TransferOptions;
  readonly state:
    'planning' | 'running' | 'waiting' | 'stopping' | 'paused' | 'done' | 'failed' | 'cancelled' | 'queued';
  readonly waitingFor: WaitingFor | undefined;
  /** Since when it waits. */
  readonly waitingSince: Instant | undefined;
  readonly counts: TransferCounts;
  readonly bytesTotal: number;
  readonly bytesConfirmed: number;
  /** Sent but not confirmed yet. Never counted as progress. */
  readonly bytesInFlight: number;
  /** Payload bytes moved in the transfer's whole life, and those of them that had to go a second time. */
  readonly bytesMoved: number;
  readonly bytesResent: number;
  /** The same for this run of the program only. */
  readonly run: { readonly bytesMoved: number; readonly bytesResent: number };
  /** Bytes a second over the last seconds; `undefined` while nothing moves. */
  readonly speed: number | undefined;
  /** Seconds; `undefined` while it cannot be told. */
  readonly timeLeft: number | undefined;
  readonly currentItem: string | undefined;
  readonly problem: Problem | undefined;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | undefined;
  /** Items in question, at most a few: what the window should ask now. */
  readonly questions: readonly ItemView[];
}

export interface TransfersSnapshot {
  readonly session: SessionState;
  /** In queue order, finished ones last. */
  readonly transfers: readonly TransferView[];
  /** Throughput of the last minute, bytes a second, one value a second, oldest first. */
  readonly speedHistory: readonly number[];
  /** Why the database cannot be read or written: nothing moves meanwhile, and what is shown may be old. */
  readonly problem?: Problem | undefined;
}

/** A window into a transfer's items. */
export interface ItemsSnapshot {
  readonly transfer: TransferId;
  readonly total: number;
  readonly offset: number;
  readonly items: readonly ItemView[];
}

/**
 * A folder on a phone, growing while it is listed. Entries come in batches: `reset` says that they replace what the
 * window has, else they are appended. The last snapshot of a listing may bring no more than its end.
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
}

export interface Settings {
  readonly onClash: ClashRule;
  readonly onName: NameRule;
  readonly verify: VerifyLevel;
  readonly large: LargeUploads;
  /** Absolute; where downloads go when no folder is named. */
  readonly downloadFolder: LocalPath;
  readonly showHidden: boolean;
  readonly notifications: boolean;
  readonly preventSleep: boolean;
  readonly appearance: 'system' | 'light' | 'dark';
}

/** How the engine is hosted: what this window may offer. */
export interface HostInfo {
  readonly version: string;
  readonly host: 'electron' | 'loopback';
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  /** Whether dropped files come with a path (Electron) or must be streamed to the host (browser). */
  readonly drops: 'paths' | 'streams';
  readonly canReveal: boolean;
  /** Whether a virtual phone may be started from the window. */
  readonly canTryVirtual: boolean;
  /** Whether `pickLocal` opens the system's own chooser. */
  readonly canPick?: boolean | undefined;
}

export interface LocalEntry {
  readonly path: LocalPath;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modified: Instant | undefined;
}

export interface ReportLine {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly result: 'moved' | 'already-there' | 'skipped' | 'failed' | 'cancelled' | 'unfinished';
  readonly detail: string;
  readonly sha256: string | undefined;
  readonly verified: VerifyLevel | undefined;
}

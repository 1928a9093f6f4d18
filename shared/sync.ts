import type { Brand, DeviceKey, Instant, LocalPath, PhonePath, StorageKey, TransferId, VerifyLevel } from './domain.ts';
import type { Problem } from './errors.ts';
import type { SkipReason } from './skipped-names.ts';

/** Folder sync: keeps a folder on a phone and one on the computer in step, in one direction. */

/** Identity of a pair; stays the same when the program is started again. */
export type PairId = Brand<string, 'PairId'>;
/** Takes a string that is already known to be a pair's id; checks nothing. */
export const pairId = (text: string): PairId => text as PairId;

/** Which endpoint of a pair gets the copies; the other one is the source. */
export type SyncDirection = 'to-computer' | 'to-phone';
/** All values of `SyncDirection`, for checks and forms. */
export const SYNC_DIRECTIONS: readonly SyncDirection[] = ['to-computer', 'to-phone'];

/** Kinds of files that a filter can choose, told by the extension of the name. */
export type SyncKind = 'photos' | 'videos' | 'music';
/** All values of `SyncKind`, for checks and forms. */
export const SYNC_KINDS: readonly SyncKind[] = ['photos', 'videos', 'music'];

/** Which files of the source folder are included. Empty lists include all. */
export interface SyncFilters {
  /**
   * Patterns with `*`, `?` and `**`. A pattern without `/` is matched against names, one with `/` against the path
   * below the folder.
   */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly kinds: readonly SyncKind[];
  readonly newerThan: Instant | undefined;
  /** Bytes; files of this size and smaller are left out. */
  readonly largerThan: number | undefined;
}
/** Filters that let every file through. */
export const NO_FILTERS: SyncFilters = {
  include: [],
  exclude: [],
  kinds: [],
  newerThan: undefined,
  largerThan: undefined,
};

/** Whether the copy of a deleted source stays or is deleted too. */
export type SyncDeletions = 'ignore' | 'mirror';
/** All values of `SyncDeletions`, for checks and forms. */
export const SYNC_DELETIONS: readonly SyncDeletions[] = ['ignore', 'mirror'];
/**
 * What to do if both sides have a file with the same name that this pair has not copied, or that has been edited
 * since.
 */
export type SyncConflicts = 'keep-both' | 'replace' | 'newer' | 'skip';
/** All values of `SyncConflicts`, for checks and forms. */
export const SYNC_CONFLICTS: readonly SyncConflicts[] = ['keep-both', 'replace', 'newer', 'skip'];
/** Folders of the copies: the same as on the source, or one per year and month of the file’s date (`2024/05`). */
export type SyncLayout = 'as-on-phone' | 'year-month';
/** All values of `SyncLayout`, for checks and forms. */
export const SYNC_LAYOUTS: readonly SyncLayout[] = ['as-on-phone', 'year-month'];

/** What happens when the person removes a copy, or moves it away: it is made again, or it stays away. */
export type SyncRemoved = 'copy-again' | 'stay-away';
/** All values of `SyncRemoved`, for checks and forms. */
export const SYNC_REMOVED: readonly SyncRemoved[] = ['copy-again', 'stay-away'];

/** A folder on a phone, one on the computer, and how they are kept in step. */
export interface SyncPair {
  readonly id: PairId;
  readonly name: string;
  readonly device: DeviceKey;
  readonly deviceName: string;
  readonly storage: StorageKey;
  readonly storageName: string;
  readonly phone: PhonePath;
  readonly local: LocalPath;
  readonly direction: SyncDirection;
  readonly filters: SyncFilters;
  readonly deletions: SyncDeletions;
  /** 0 to 1: if more than this share of the known files would be deleted, the user is asked first. */
  readonly deletionLimit: number;
  readonly conflicts: SyncConflicts;
  readonly removed: SyncRemoved;
  readonly verify: VerifyLevel;
  readonly layout: SyncLayout;
  /** Starts a run when its phone is plugged in. */
  readonly automatic: boolean;
  readonly createdAt: Instant;
}

/** Options of a pair that can be changed later. */
export type SyncChange = Partial<
  Pick<
    SyncPair,
    | 'name'
    | 'local'
    | 'filters'
    | 'deletions'
    | 'deletionLimit'
    | 'conflicts'
    | 'removed'
    | 'verify'
    | 'layout'
    | 'automatic'
  >
>;

/**
 * State of one file of a pair: decided at the next run, in step, failed at the last one, or left out until it changes.
 */
export type SyncStatus = 'pending' | 'synced' | 'failed' | 'skipped';
/** All values of `SyncStatus`, for checks. */
export const SYNC_STATUSES: readonly SyncStatus[] = ['pending', 'synced', 'failed', 'skipped'];
/** How many known files of a pair are in each state. */
export type SyncCounts = Readonly<Record<SyncStatus, number>>;

/** The remembered state of one file of a pair. */
export interface SyncFile {
  /** Path below the source folder, with `/`. */
  readonly path: string;
  /** Path of its copy below the target folder, with `/`. */
  readonly target: string;
  readonly size: number;
  readonly modified: Instant | undefined;
  readonly status: SyncStatus;
  /** SHA-256, hex, of all of the copy, where the transfer read every byte or nothing less could prove it. */
  readonly sha256: string | undefined;
  readonly syncedAt: Instant | undefined;
  /** When the source was found to be missing. */
  readonly goneAt: Instant | undefined;
  /** Why it failed or was skipped. */
  readonly problem: Problem | undefined;
}

/** One line of a preview. */
export type SyncAction =
  | {
      readonly kind: 'copy';
      readonly path: string;
      readonly target: string;
      readonly size: number;
      readonly modified: Instant | undefined;
      readonly why: 'new' | 'changed' | 'copy-missing' | 'again';
      /** How an existing file with this name is treated. */
      readonly conflict: 'none' | 'replace' | 'keep-both';
    }
  | { readonly kind: 'skip'; readonly path: string; readonly size: number; readonly why: SkipReason }
  | {
      readonly kind: 'rename';
      readonly path: string;
      readonly from: string;
      readonly target: string;
      readonly size: number;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly target: string; readonly size: number };

/** Why the deletions of a mirroring pair are not executed directly. */
export type DeletionHold =
  | { readonly kind: 'none' }
  /** More than the configured share would be deleted: only after asking. */
  | { readonly kind: 'ask'; readonly share: number }
  /** The source could not be listed completely, or is empty: never. */
  | { readonly kind: 'never'; readonly why: 'incomplete' | 'empty' };

/** Why missing copies are not simply created again. */
export type CopyHold =
  | { readonly kind: 'none' }
  /**
   * Nearly all copies are missing, so the target disk or card may be absent. Nothing is done without confirmation.
   */
  | { readonly kind: 'ask'; readonly missing: number; readonly known: number };

/** Summary of what a run would do. */
export interface SyncPreview {
  readonly pair: PairId;
  readonly at: Instant;
  readonly copy: { readonly files: number; readonly bytes: number; readonly hold: CopyHold };
  readonly skip: number;
  readonly rename: number;
  readonly delete: { readonly files: number; readonly bytes: number; readonly hold: DeletionHold };
  readonly unchanged: number;
  /** Copies that were edited on the target side and are left alone, even if their source has been deleted. */
  readonly edited: number;
  /** Files that are the same on both sides (size and date) although this pair never copied them. */
  readonly adopted: number;
  /** Source files that are filtered out, unfinished, in a trash, or belong to the system. */
  readonly leftOut: number;
  /** Folders that could not be listed, and entries that could not be read. */
  readonly problems: readonly Problem[];
  readonly folders: number;
  /** MTP transactions of the scan. */
  readonly transactions: number;
  /** Seconds, based on the speed of earlier runs; `undefined` before the first one. */
  readonly timeEstimate: number | undefined;
}

/** Names one preview that a window was shown, until another program starts. */
export type PreviewId = Brand<string, 'PreviewId'>;
/** Takes a string that is already known to be a preview's id; checks nothing. */
export const previewId = (text: string): PreviewId => text as PreviewId;

/** A preview as a window is shown it: by its id the window asks for the lines, and agrees to what they delete. */
export interface ShownPreview extends SyncPreview {
  readonly id: PreviewId;
}

/** `interrupted`: cut short, and the rest goes on with the next run. `stopped`: by the person. */
export type SyncRunState = 'running' | 'done' | 'failed' | 'interrupted' | 'stopped';

/** One run of a pair, under way or over, as its history keeps it. */
export interface SyncRun {
  readonly id: number;
  readonly pair: PairId;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | undefined;
  readonly state: SyncRunState;
  /** Started because the phone was plugged in, not by hand. */
  readonly automatic: boolean;
  readonly transfer: TransferId | undefined;
  readonly filesMoved: number;
  readonly bytesMoved: number;
  readonly filesFailed: number;
  readonly filesSkipped: number;
  readonly filesRenamed: number;
  readonly filesDeleted: number;
  /** Copies to be deleted that were kept, because they were edited meanwhile or deleting them failed. */
  readonly filesKept: number;
  readonly filesUnchanged: number;
  /** MTP transactions of this run. */
  readonly transactions: number;
  readonly problem: Problem | undefined;
}

/** What a pair is doing now. */
export type SyncActivity =
  | { readonly kind: 'idle' }
  /** The phone was plugged in; a run starts at `at` unless it is cancelled. */
  | { readonly kind: 'soon'; readonly at: Instant }
  /** For the phone (`plug`), for it to be unlocked, or for the storage of this name. */
  | { readonly kind: 'waiting'; readonly for: 'plug' | 'unlock' | 'storage'; readonly name: string }
  | { readonly kind: 'scanning'; readonly folders: number; readonly files: number }
  | { readonly kind: 'copying'; readonly transfer: TransferId }
  | { readonly kind: 'finishing' };

/** What starts a pair's next run, and what that run starts with. */
export type SyncNext =
  /** The phone was plugged in; a run starts at `at` unless it is cancelled. */
  | { readonly kind: 'soon'; readonly at: Instant }
  | { readonly kind: 'plug-in' | 'by-hand'; readonly begins: SyncBeginning };
/** A new scan; another attempt at the failed files; the rest of an interrupted run. */
export type SyncBeginning = 'afresh' | 'failed-again' | 'goes-on';

/** A pair as the window shows it: what it is, what it does now and what comes next. */
export interface SyncPairView {
  readonly pair: SyncPair;
  readonly activity: SyncActivity;
  readonly counts: SyncCounts;
  readonly lastRun: SyncRun | undefined;
  readonly next: SyncNext;
  /** Whether its phone is connected and ready. */
  readonly ready: boolean;
}

/** All pairs, whole. */
export interface SyncSnapshot {
  readonly pairs: readonly SyncPairView[];
}

/** A suggested pair that only needs confirmation. */
export interface PresetPair {
  readonly kind: 'camera' | 'screenshots' | 'music' | 'whatsapp';
  readonly name: string;
  readonly phone: PhonePath;
  readonly local: LocalPath;
  readonly direction: SyncDirection;
  readonly filters: SyncFilters;
  readonly layout: SyncLayout;
  readonly removed: SyncRemoved;
}
/** All kinds of suggested pairs, for the terminal’s `--ready`. */
export const PRESET_KINDS: readonly PresetPair['kind'][] = ['camera', 'screenshots', 'music', 'whatsapp'];

import type { Brand, DeviceKey, Instant, LocalPath, PhonePath, StorageKey, TransferId, VerifyLevel } from './domain.ts';
import type { Problem } from './errors.ts';

/** Folder sync: a folder on a phone and one on the computer that are kept in step, one way. */

export type PairId = Brand<string, 'PairId'>;
export const pairId = (text: string): PairId => text as PairId;

export type SyncDirection = 'to-computer' | 'to-phone';
export const SYNC_DIRECTIONS: readonly SyncDirection[] = ['to-computer', 'to-phone'];

export type SyncKind = 'photos' | 'videos' | 'music';
export const SYNC_KINDS: readonly SyncKind[] = ['photos', 'videos', 'music'];

/** Which files of the source folder are meant. Empty lists mean all. */
export interface SyncFilters {
  /** Patterns with `*`, `?` and `**`; one without `/` is matched against names, with `/` against the path below the folder. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly kinds: readonly SyncKind[];
  readonly newerThan: Instant | undefined;
  /** Bytes; files of this size and below are left out. */
  readonly largerThan: number | undefined;
}
export const NO_FILTERS: SyncFilters = {
  include: [],
  exclude: [],
  kinds: [],
  newerThan: undefined,
  largerThan: undefined,
};

/** What becomes of a copy whose source has gone: it stays, or it goes too. */
export type SyncDeletions = 'ignore' | 'mirror';
export const SYNC_DELETIONS: readonly SyncDeletions[] = ['ignore', 'mirror'];
/** What happens where both sides have something under one name that was not copied by this pair, or was edited since. */
export type SyncConflicts = 'keep-both' | 'replace' | 'newer' | 'skip';
export const SYNC_CONFLICTS: readonly SyncConflicts[] = ['keep-both', 'replace', 'newer', 'skip'];
export type SyncLayout = 'as-on-phone' | 'year-month';
export const SYNC_LAYOUTS: readonly SyncLayout[] = ['as-on-phone', 'year-month'];

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
  /** 0 to 1: when more than this share of the known files would be deleted, nothing is deleted without asking. */
  readonly deletionLimit: number;
  readonly conflicts: SyncConflicts;
  readonly verify: VerifyLevel;
  readonly layout: SyncLayout;
  /** Runs by itself when its phone is plugged in. */
  readonly automatic: boolean;
  readonly createdAt: Instant;
}

/** What a person may choose about a pair after it was made. */
export type SyncChange = Partial<
  Pick<
    SyncPair,
    'name' | 'local' | 'filters' | 'deletions' | 'deletionLimit' | 'conflicts' | 'verify' | 'layout' | 'automatic'
  >
>;

export type SyncStatus = 'pending' | 'synced' | 'failed' | 'skipped';
export const SYNC_STATUSES: readonly SyncStatus[] = ['pending', 'synced', 'failed', 'skipped'];
export type SyncCounts = Readonly<Record<SyncStatus, number>>;

/** One file of a pair, as it is remembered. */
export interface SyncFile {
  /** Below the source folder, with `/`. */
  readonly path: string;
  /** Its copy below the target folder, with `/`. */
  readonly target: string;
  readonly size: number;
  readonly modified: Instant | undefined;
  readonly status: SyncStatus;
  /** SHA-256, hex, where the transfer saw every byte; never read again for it. */
  readonly sha256: string | undefined;
  readonly syncedAt: Instant | undefined;
  /** The source was not there at the last look. */
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
      /** How a file that is already there is treated. */
      readonly clash: 'none' | 'replace' | 'keep-both';
    }
  | { readonly kind: 'skip'; readonly path: string; readonly size: number; readonly why: string }
  | {
      readonly kind: 'rename';
      readonly path: string;
      readonly from: string;
      readonly target: string;
      readonly size: number;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly target: string; readonly size: number };

/** Why the deletions of a mirror are not carried out as they are. */
export type DeletionHold =
  | { readonly kind: 'none' }
  /** More than the set share would go: only after asking. */
  | { readonly kind: 'ask'; readonly share: number }
  /** The source could not be listed whole, or is empty: never. */
  | { readonly kind: 'never'; readonly why: 'incomplete' | 'empty' };

/** Why copies that are missing are not simply made again. */
export type CopyHold =
  | { readonly kind: 'none' }
  /** Nearly all copies are missing: the target may be away (a disk, a card). Nothing is done without a yes. */
  | { readonly kind: 'ask'; readonly missing: number; readonly known: number };

/** What a run would do, in numbers. */
export interface SyncPreview {
  readonly pair: PairId;
  readonly at: Instant;
  readonly copy: { readonly files: number; readonly bytes: number; readonly hold: CopyHold };
  readonly skip: number;
  readonly rename: number;
  readonly delete: { readonly files: number; readonly bytes: number; readonly hold: DeletionHold };
  readonly unchanged: number;
  /** Copies that were edited on the target side and are left alone, also where their source has gone. */
  readonly edited: number;
  /** Known already (same size and date on both sides) though this pair never copied them. */
  readonly adopted: number;
  /** Files of the source that the filters leave out, or that are unfinished, thrown away or the system's own. */
  readonly leftOut: number;
  /** Folders that could not be listed, and entries that could not be looked at. */
  readonly problems: readonly Problem[];
  readonly folders: number;
  /** Of the phone, for the scan. */
  readonly transactions: number;
  /** Seconds; from how fast earlier runs were, `undefined` before the first. */
  readonly timeEstimate: number | undefined;
}

export type SyncRunState = 'running' | 'done' | 'failed' | 'interrupted' | 'stopped';

export interface SyncRun {
  readonly id: number;
  readonly pair: PairId;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | undefined;
  readonly state: SyncRunState;
  /** Started by the plug, not by hand. */
  readonly automatic: boolean;
  readonly transfer: TransferId | undefined;
  readonly filesMoved: number;
  readonly bytesMoved: number;
  readonly filesFailed: number;
  readonly filesSkipped: number;
  readonly filesRenamed: number;
  readonly filesDeleted: number;
  /** Copies that were to be deleted and are still there: edited meanwhile, or refused. */
  readonly filesKept: number;
  readonly filesUnchanged: number;
  /** Transactions with the phone in this run. */
  readonly transactions: number;
  readonly problem: Problem | undefined;
}

/** What a pair does right now. */
export type SyncActivity =
  | { readonly kind: 'idle' }
  /** It was plugged in; this begins by itself at `at` unless it is stopped. */
  | { readonly kind: 'soon'; readonly at: Instant }
  | { readonly kind: 'scanning'; readonly folders: number; readonly files: number }
  | { readonly kind: 'copying'; readonly transfer: TransferId }
  | { readonly kind: 'finishing' };

/** What makes a pair run next, and what that run begins with. */
export type SyncNext =
  /** Its phone was plugged in: automatically at `at`, unless it is stopped. */
  | { readonly kind: 'soon'; readonly at: Instant }
  | { readonly kind: 'plug-in' | 'by-hand'; readonly begins: SyncBeginning };
/** A fresh scan; another attempt at what failed; the rest of a run that did not end. */
export type SyncBeginning = 'afresh' | 'failed-again' | 'goes-on';

export interface SyncPairView {
  readonly pair: SyncPair;
  readonly activity: SyncActivity;
  readonly counts: SyncCounts;
  readonly lastRun: SyncRun | undefined;
  readonly next: SyncNext;
  /** Whether its phone is there and ready. */
  readonly ready: boolean;
}

export interface SyncSnapshot {
  readonly pairs: readonly SyncPairView[];
}

/** A pair that only needs a yes. */
export interface ReadyMadePair {
  readonly kind: 'camera' | 'screenshots' | 'music' | 'whatsapp';
  readonly name: string;
  readonly phone: PhonePath;
  readonly local: LocalPath;
  readonly direction: SyncDirection;
  readonly filters: SyncFilters;
  readonly layout: SyncLayout;
}
export const READY_MADE_KINDS: readonly ReadyMadePair['kind'][] = ['camera', 'screenshots', 'music', 'whatsapp'];

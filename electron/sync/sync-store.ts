import type { DeviceKey, Instant, TransferId } from '../../shared/domain.ts';
import type { PairId, SyncCounts, SyncFile, SyncPair, SyncRun, SyncStatus } from '../../shared/sync.ts';

/**
 * Persistence interface of sync. Two implementations: SQLite and in memory. As with transfers, each call is one
 * transaction and has reached the database when it returns; all throw `store` when the database cannot be used.
 */

/** One file of a pair, with both sides as they were when it was last in step. */
export interface SyncRow extends SyncFile {
  /** The copy as it was when it was published, by which later edits are seen. `undefined` before the first copy. */
  readonly targetSize: number | undefined;
  readonly targetModified: Instant | undefined;
  /** Samples of the copy, hex; made only where a decision needs it. Of one that was never compared, samples of its source. */
  readonly fingerprint: string | undefined;
  /** What is at the target was there already, and this pair has not written to it: it is a person's. */
  readonly adopted: boolean;
}

/** Which files of a pair, and which of them. */
export interface SyncFileQuery {
  readonly search?: string | undefined;
  readonly status?: SyncStatus | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** What can be asked while another process writes. */
export interface SyncReader {
  pairs(): readonly SyncPair[];
  counts(pair: PairId): SyncCounts;
  /** Newest first. */
  runs(pair: PairId, query: { readonly offset: number; readonly limit: number }): readonly SyncRun[];
  /** Pending ones first, newest first within a status. */
  files(pair: PairId, query: SyncFileQuery): { readonly total: number; readonly files: readonly SyncRow[] };
  /** How far a run's transfer is, where the transfers are kept beside. */
  progress(transfer: TransferId): SyncProgress | undefined;
  close(): void;
}

/** How far the transfer of a run is. */
export interface SyncProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesConfirmed: number;
  readonly bytesTotal: number;
  /** All that is left of it is paused. */
  readonly paused: boolean;
}

/** The disk on which a pair's local folder was at its last run, or when the folder was named. */
export interface SyncDisk {
  /** Device and inode number of the folder; `undefined` where it was not there yet. */
  readonly root: string | undefined;
  /** Mount point of the disk on which the folder is, or is to be made. */
  readonly mount?: string | undefined;
  /** Folders below it that lay on other disks. */
  readonly mounts: readonly string[];
}

/** All that sync keeps. */
export interface SyncStore extends SyncReader {
  addPair(pair: SyncPair): void;
  changePair(id: PairId, change: Partial<Omit<SyncPair, 'id'>>): void;
  /** With all that is remembered of it. */
  removePair(id: PairId): void;

  /** `undefined` where nothing was noted yet. */
  disk(pair: PairId): SyncDisk | undefined;
  putDisk(pair: PairId, disk: SyncDisk | undefined): void;

  row(pair: PairId, path: string): SyncRow | undefined;
  rows(pair: PairId): readonly SyncRow[];
  /** Adds rows, or puts them in the place of those with the same path; at once with it those of `insteadOf` go. */
  putRows(pair: PairId, rows: readonly SyncRow[], insteadOf?: readonly string[]): void;
  dropRows(pair: PairId, paths: readonly string[]): void;
  /** Synced rows directly in one source folder (`''` is the pair's own): what is backed up of it. */
  syncedIn(pair: PairId, folder: string): readonly SyncRow[];
  /** Pairs of a phone, on whichever storage. */
  pairsOn(device: DeviceKey): readonly SyncPair[];

  addRun(run: Omit<SyncRun, 'id'>): number;
  updateRun(id: number, change: Partial<Omit<SyncRun, 'id' | 'pair'>>): void;
  /** Runs that never ended: this process's own, or of one that died. */
  openRuns(): readonly SyncRun[];
}

import type { DeviceKey, Instant, StorageKey, TransferId } from '../../shared/domain.ts';
import type { PairId, SyncCounts, SyncFile, SyncPair, SyncRun, SyncStatus } from '../../shared/sync.ts';

/**
 * What sync asks of its memory. Two implementations: SQLite and in memory. As with transfers, each call is one
 * transaction and has reached the database when it returns.
 */

/** One file of a pair, with both sides as they were when it was last in step. */
export interface SyncRow extends SyncFile {
  /** The copy as it was when it was made: whoever edits it later is seen by these. `undefined` before the first copy. */
  readonly targetSize: number | undefined;
  readonly targetModified: Instant | undefined;
  /** Sampled, hex; made only where a decision needs it. */
  readonly fingerprint: string | undefined;
}

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

export interface SyncProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesConfirmed: number;
  readonly bytesTotal: number;
  /** All that is left of it waits until the user says go on. */
  readonly paused: boolean;
}

export interface SyncStore extends SyncReader {
  addPair(pair: SyncPair): void;
  changePair(id: PairId, change: Partial<Omit<SyncPair, 'id'>>): void;
  /** With all that is remembered of it. */
  removePair(id: PairId): void;

  row(pair: PairId, path: string): SyncRow | undefined;
  rows(pair: PairId): readonly SyncRow[];
  /** Adds rows, or puts them in the place of those with the same path. */
  putRows(pair: PairId, rows: readonly SyncRow[]): void;
  dropRows(pair: PairId, paths: readonly string[]): void;
  /** Synced rows directly in one source folder (`''` is the pair's own): what is backed up of it. */
  syncedIn(pair: PairId, folder: string): readonly SyncRow[];
  pairsOn(device: DeviceKey, storage: StorageKey): readonly SyncPair[];

  addRun(run: Omit<SyncRun, 'id'>): number;
  updateRun(id: number, change: Partial<Omit<SyncRun, 'id' | 'pair'>>): void;
  /** Runs that never ended: this process's own, or of one that died. */
  openRuns(): readonly SyncRun[];
}

import type { SyncPair, SyncRun } from '../../shared/sync.ts';
import type { SyncRow } from '../sync/sync-store.ts';
import { json, plain, readWith, truth, type ColumnsOf, type Raw } from './rows.ts';

/** Maps database rows of the sync tables to rows of the sync room and back, by tables of columns. */

export const PAIR_COLUMNS: ColumnsOf<SyncPair> = {
  id: plain('id'),
  name: plain('name'),
  device: plain('device'),
  deviceName: plain('device_name'),
  storage: plain('storage'),
  storageName: plain('storage_name'),
  phone: plain('phone'),
  local: plain('local'),
  direction: plain('direction'),
  filters: json('filters'),
  deletions: plain('deletions'),
  deletionLimit: plain('deletion_limit'),
  conflicts: plain('conflicts'),
  removed: plain('removed'),
  verify: plain('verify'),
  layout: plain('layout'),
  automatic: truth('automatic'),
  createdAt: plain('created_at'),
};

/** The pair is a number in the database; the caller knows its id. */
export const STATE_COLUMNS: ColumnsOf<SyncRow> = {
  path: plain('path'),
  target: plain('target'),
  size: plain('size'),
  modified: plain('modified'),
  targetSize: plain('target_size'),
  targetModified: plain('target_modified'),
  sha256: plain('sha256'),
  fingerprint: plain('fingerprint'),
  adopted: truth('adopted'),
  status: plain('status'),
  syncedAt: plain('synced_at'),
  goneAt: plain('gone_at'),
  problem: json('problem'),
};

/** The columns of a run; its pair is a number in the database. */
export const RUN_COLUMNS: ColumnsOf<SyncRun, 'pair'> = {
  id: plain('id'),
  startedAt: plain('started_at'),
  finishedAt: plain('finished_at'),
  state: plain('state'),
  automatic: truth('automatic'),
  transfer: plain('transfer'),
  filesMoved: plain('files_moved'),
  bytesMoved: plain('bytes_moved'),
  filesFailed: plain('files_failed'),
  filesSkipped: plain('files_skipped'),
  filesRenamed: plain('files_renamed'),
  filesDeleted: plain('files_deleted'),
  filesKept: plain('files_kept'),
  filesUnchanged: plain('files_unchanged'),
  transactions: plain('transactions'),
  problem: json('problem'),
};

/** The pair in a row of `PAIR_COLUMNS`. */
export const readPair = (raw: Raw): SyncPair => {
  const pair = readWith(PAIR_COLUMNS, raw) as unknown as SyncPair;
  // unset limits are missing from the JSON
  return {
    ...pair,
    filters: { ...pair.filters, newerThan: pair.filters.newerThan, largerThan: pair.filters.largerThan },
  };
};
/** What is remembered of one file of a pair, from a row of `STATE_COLUMNS`. */
export const readState = (raw: Raw): SyncRow => readWith(STATE_COLUMNS, raw) as unknown as SyncRow;
/** The run in a row, which does not hold the id of its `pair`. */
export const readRun = (raw: Raw, pair: SyncRun['pair']): SyncRun =>
  ({ ...readWith(RUN_COLUMNS, raw), pair }) as unknown as SyncRun;

import type { TransferId } from '../../shared/domain.ts';
import type { SyncRun } from '../../shared/sync.ts';
import type { Engine } from '../engine/index.ts';
import { originOf, recordResults, rootOf, type Recorded, type RecordParts } from './record-results.ts';
import type { SyncRow } from './sync-store.ts';

/** Runs that never ended, because their process died, their phone went, or somebody stopped them. */

/** What it takes to end them. */
export interface InterruptedRunParts extends RecordParts {
  readonly engine: Pick<Engine, 'transfersFrom' | 'transferRow' | 'itemRows'>;
  readonly now: () => number;
}

/** Latest runs of a pair that are asked for what they have recorded. */
const MOST_RUNS = 1_000;

/** Transfers of the pair that have not ended, or may have ended with nobody there to record it. */
export function interruptedTransfers({ engine, store, pair }: InterruptedRunParts): readonly TransferId[] {
  const open = store.openRuns().filter((run) => run.pair === pair.id);
  const since = Math.min(...open.map((run) => run.startedAt));
  const ids = new Set<TransferId>();
  const recorded = new Set<TransferId>();
  const may = engine
    .transfersFrom(originOf(pair))
    .filter((row) => row.finishedAt === undefined || row.createdAt >= since);
  // a clock that was set back makes what was recorded long ago look new
  if (may.some(({ finishedAt }) => finishedAt !== undefined))
    for (const { finishedAt, transfer } of store.runs(pair.id, { offset: 0, limit: MOST_RUNS }))
      if (finishedAt !== undefined && transfer !== undefined) recorded.add(transfer);
  for (const { id, finishedAt } of may) if (finishedAt === undefined || !recorded.has(id)) ids.add(id);
  for (const run of open) if (run.transfer !== undefined) ids.add(run.transfer);
  return [...ids].filter((id) => engine.transferRow(id) !== undefined);
}

/** Whether a transfer is to or from the folder that the pair has now: a person may have changed it since. */
export function isOfThisFolder({ engine, pair, local }: InterruptedRunParts, id: TransferId): boolean {
  if (pair.direction === 'to-computer') return engine.transferRow(id)?.destination === pair.local;
  const [first] = engine.itemRows(id);
  return first === undefined || first.local === local.resolve(first.name);
}

/** Records what one of its transfers has done. Rejects with `store` when nothing can be written. */
export const recordTransfer = (parts: InterruptedRunParts, id: TransferId): Promise<Recorded> =>
  recordResults(parts, parts.engine.itemRows(id), rootOf(parts.pair, parts.engine.transferRow(id)));

/** Records what those transfers have done since. Rejects with `store` when nothing can be written. */
export async function recordInterrupted(parts: InterruptedRunParts): Promise<void> {
  for (const id of interruptedTransfers(parts)) await recordTransfer(parts, id);
}

/** What ending the runs came to. */
export interface Ended {
  /** The newest of those that were ended; `undefined` where none was open. */
  readonly last: SyncRun | undefined;
  readonly moved: readonly SyncRow[];
}

/**
 * Ends the runs before `current`, or all. Each gets the files that were copied in its own time, also by a process that
 * died before it could record them. Without a `current`, the newest of them is the one whose files have now all ended.
 */
export async function endRuns(parts: InterruptedRunParts, current?: Pick<SyncRun, 'id' | 'startedAt'>): Promise<Ended> {
  const { store, pair, now } = parts;
  const open = store.openRuns().filter((run) => run.pair === pair.id && run.id !== current?.id);
  if (open.length === 0) return { last: undefined, moved: [] };
  const recorded: Recorded[] = [];
  for (const id of interruptedTransfers(parts)) recorded.push(await recordTransfer(parts, id));
  const moved = recorded.flatMap((one) => one.moved);
  const count = (of: 'failed' | 'skipped' | 'cancelled'): number => recorded.reduce((sum, one) => sum + one[of], 0);
  let last: SyncRun | undefined;
  for (const [index, run] of open.entries()) {
    const until = open[index + 1]?.startedAt ?? current?.startedAt ?? Infinity;
    const mine = moved.filter(({ syncedAt = 0 }) => syncedAt >= run.startedAt && syncedAt < until);
    const figures = {
      finishedAt: now(),
      filesMoved: mine.length,
      // its own figure counts parts of files as well
      bytesMoved: Math.max(
        run.bytesMoved,
        mine.reduce((sum, row) => sum + row.size, 0),
      ),
    };
    const isLast = current === undefined && index === open.length - 1;
    const change: Partial<SyncRun> = isLast
      ? {
          ...figures,
          state: endOf(run, recorded.length, count),
          filesFailed: count('failed'),
          filesSkipped: count('skipped'),
        }
      : { ...figures, state: run.state === 'running' ? 'interrupted' : run.state };
    store.updateRun(run.id, change);
    last = { ...run, ...change };
  }
  return { last, moved };
}

function endOf(run: SyncRun, transfers: number, count: (of: 'failed' | 'cancelled') => number): SyncRun['state'] {
  // it died while it scanned: nothing had begun, and nobody knows what there was to do
  if (transfers === 0) return run.state === 'running' ? 'interrupted' : run.state;
  if (count('failed') > 0) return 'failed';
  return count('cancelled') > 0 ? 'stopped' : 'done';
}

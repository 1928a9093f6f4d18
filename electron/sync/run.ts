import { baseNameOf, localPath, type DeviceKey, type TransferId } from '../../shared/domain.ts';
import { fail, problemOf } from '../../shared/errors.ts';
import type { SyncAction, SyncActivity, SyncPair, SyncPreview, SyncRun } from '../../shared/sync.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import type { Engine, ItemsRequest } from '../engine/index.ts';
import { isUntouched } from './compare.ts';
import { LocalSide } from './local-side.ts';
import { PhoneSide } from './phone-side.ts';
import { actionsOf, copiesIn, makePlan, targetSide, type Plan } from './plan.ts';
import { lookAgain, originOf, settle, type SettleParts } from './settle.ts';
import type { SyncRow, SyncStore } from './store-types.ts';

/** One run of one pair: what an earlier one left, then look, then do. */

export type SyncEngine = Pick<
  Engine,
  | 'scan'
  | 'fingerprint'
  | 'execute'
  | 'enqueueItems'
  | 'settled'
  | 'transactions'
  | 'itemRows'
  | 'transfersFrom'
  | 'transferRow'
  | 'view'
  | 'devices'
>;

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long a run waits for a phone that went away, an unlock, space. */
  readonly waitMs: number;
  readonly automatic?: boolean;
  /** The person has seen what would be deleted and said yes. */
  readonly confirmDeletions?: boolean;
  readonly onActivity?: (activity: SyncActivity) => void;
  /** The plan, before anything of it is done. */
  readonly onPlan?: (preview: SyncPreview, actions: () => readonly SyncAction[]) => void;
}

export interface RunResult {
  readonly run: SyncRun;
  readonly preview: SyncPreview | undefined;
}

export interface RunParts {
  readonly engine: SyncEngine;
  readonly store: SyncStore;
  readonly pair: SyncPair;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
}

interface Totals {
  filesMoved: number;
  bytesMoved: number;
  filesFailed: number;
  filesSkipped: number;
  filesRenamed: number;
  filesDeleted: number;
  filesUnchanged: number;
}

/** Transactions of one phone over reconnections: each connection counts from nought. */
class Meter {
  readonly #read: () => number;
  #last: number;
  #sum = 0;
  constructor(engine: Pick<SyncEngine, 'transactions'>, device: DeviceKey) {
    this.#read = () => engine.transactions(device);
    this.#last = this.#read();
  }
  get count(): number {
    const now = this.#read();
    this.#sum += now >= this.#last ? now - this.#last : now;
    this.#last = now;
    return this.#sum;
  }
}

export class PairRun {
  readonly #parts: RunParts;
  readonly #sides: SettleParts;
  #startedAt = 0;
  readonly #totals: Totals = {
    filesMoved: 0,
    bytesMoved: 0,
    filesFailed: 0,
    filesSkipped: 0,
    filesRenamed: 0,
    filesDeleted: 0,
    filesUnchanged: 0,
  };

  constructor(parts: RunParts) {
    const { engine, pair, store } = parts;
    this.#parts = parts;
    this.#sides = {
      pair,
      store,
      phone: new PhoneSide(engine, { device: pair.device, storage: pair.storage, path: pair.phone }),
      local: new LocalSide(pair.local),
    };
  }

  /** Looks at both sides; changes nothing but what earlier transfers have long done. */
  async plan(options: Pick<RunOptions, 'signal' | 'onActivity'>): Promise<{ plan: Plan; preview: SyncPreview }> {
    const meter = new Meter(this.#parts.engine, this.#parts.pair.device);
    this.settleEarlier();
    return this.#plan(options, meter);
  }

  async #plan(
    { signal, onActivity }: Pick<RunOptions, 'signal' | 'onActivity'>,
    meter: Meter,
  ): Promise<{ plan: Plan; preview: SyncPreview }> {
    const { engine, pair, store, platform, now } = this.#parts;
    const device = engine.devices.find((one) => one.key === pair.device);
    if (device?.state.kind !== 'ready') throw fail('disconnected', 'sync', '', { subject: pair.deviceName });
    const storage = device.storages.find((one) => one.key === pair.storage);
    if (storage === undefined) throw fail('missing', 'sync', 'storage', { subject: pair.storageName });
    const rows = new Map(store.rows(pair.id).map((row) => [row.path, row]));
    if (pair.direction === 'to-computer' && rows.size > 0 && !this.#sides.local.exists())
      // a drive that is not mounted: copying everything again into its empty place would help nobody
      throw fail('local-missing', 'sync', 'ENOENT', { subject: pair.local });
    const plan = await makePlan({
      ...this.#sides,
      rows,
      platform,
      strictNames: storage.removable,
      now: now(),
      signal,
      onProgress: (folders, files) => onActivity?.({ kind: 'scanning', folders, files }),
    });
    const preview = {
      ...plan.preview,
      transactions: meter.count,
      timeEstimate: this.#estimate(plan.preview.copy.bytes),
    };
    return { plan, preview };
  }

  #estimate(bytes: number): number | undefined {
    const { store, pair } = this.#parts;
    let moved = 0;
    let ms = 0;
    for (const run of store.runs(pair.id, { offset: 0, limit: 10 }))
      if (run.finishedAt !== undefined && run.bytesMoved > 1_000_000) {
        moved += run.bytesMoved;
        ms += run.finishedAt - run.startedAt;
      }
    return ms > 0 && moved > 0 ? (bytes * ms) / moved / 1000 : undefined;
  }

  async run(options: RunOptions): Promise<RunResult> {
    const { engine, store, pair, now } = this.#parts;
    const meter = new Meter(engine, pair.device);
    const startedAt = now();
    this.#startedAt = startedAt;
    const id = store.addRun({
      pair: pair.id,
      startedAt,
      finishedAt: undefined,
      state: 'running',
      automatic: options.automatic ?? false,
      transfer: undefined,
      ...this.#totals,
      transactions: 0,
      problem: undefined,
    });
    let preview: SyncPreview | undefined;
    const end = (change: Partial<SyncRun>): RunResult => {
      store.updateRun(id, { ...this.#totals, transactions: meter.count, ...change });
      const [run] = store.runs(pair.id, { offset: 0, limit: 1 });
      if (run === undefined) throw fail('internal', 'sync', 'the run is not there');
      return { run, preview };
    };
    try {
      const left = await this.#continueEarlier(options);
      if (left !== undefined) return end({ state: left });
      // runs before this one are settled now, however they ended
      for (const run of store.openRuns())
        if (run.pair === pair.id && run.id !== id)
          store.updateRun(run.id, { finishedAt: now(), state: run.state === 'running' ? 'interrupted' : run.state });

      const planned = await this.#plan(options, meter);
      preview = planned.preview;
      options.onPlan?.(preview, () => actionsOf(planned.plan));
      await this.#rename(planned.plan);
      this.#remember(planned.plan);
      const items = this.#items(planned.plan);
      if (items.length > 0) {
        const transfer = await engine.enqueueItems(this.#request(items));
        store.updateRun(id, { transfer });
        const stopped = await this.#follow(transfer, options);
        if (stopped !== undefined) return end({ state: stopped });
      }
      await this.#delete(planned.plan, options.confirmDeletions === true);
      const failed = this.#totals.filesFailed > 0 || preview.problems.length > 0;
      return end({ state: failed ? 'failed' : 'done', finishedAt: now(), problem: preview.problems[0] });
    } catch (error) {
      const problem = problemOf(error, 'sync');
      // what was not begun needs no settling; a transfer that was begun is found by its origin
      return end({ state: problem.kind === 'cancelled' ? 'stopped' : 'failed', finishedAt: now(), problem });
    }
  }

  // --- earlier transfers

  #earlier(): readonly TransferId[] {
    const { engine, store, pair } = this.#parts;
    const open = store.openRuns().filter((run) => run.pair === pair.id);
    const since = Math.min(...open.map((run) => run.startedAt));
    const ids = new Set<TransferId>();
    for (const row of engine.transfersFrom(originOf(pair)))
      if (row.finishedAt === undefined || row.createdAt >= since) ids.add(row.id);
    for (const run of open) if (run.transfer !== undefined) ids.add(run.transfer);
    return [...ids].filter((id) => engine.transferRow(id) !== undefined);
  }

  /** Notes what transfers of runs that died, or were stopped, have done since. */
  settleEarlier(): void {
    for (const id of this.#earlier()) settle(this.#sides, this.#parts.engine.itemRows(id));
  }

  /** A transfer of an earlier life has ended on its own: its run ends with it. Answers the run, where there was one. */
  endEarlier(): SyncRun | undefined {
    const { engine, store, pair, now } = this.#parts;
    const ids = this.#earlier();
    let last: SyncRun | undefined;
    if (ids.some((id) => engine.transferRow(id)?.finishedAt === undefined)) return undefined;
    const settled = ids.map((id) => settle(this.#sides, engine.itemRows(id)));
    for (const run of store.openRuns()) {
      if (run.pair !== pair.id) continue;
      const mine = settled.flatMap(({ moved }) => moved.filter((row) => (row.syncedAt ?? 0) >= run.startedAt));
      const failed = settled.reduce((sum, one) => sum + one.failed, 0);
      const change = {
        finishedAt: now(),
        state: failed > 0 ? 'failed' : 'done',
        filesMoved: mine.length,
        bytesMoved: mine.reduce((sum, row) => sum + row.size, 0),
        filesFailed: failed,
      } as const;
      store.updateRun(run.id, change);
      last = { ...run, ...change };
    }
    return last;
  }

  /** Unfinished transfers go on first: their half copied files are worth keeping. */
  async #continueEarlier(options: RunOptions): Promise<'interrupted' | 'stopped' | undefined> {
    const { engine } = this.#parts;
    for (const id of this.#earlier()) {
      if (engine.transferRow(id)?.finishedAt === undefined) await engine.execute('resume', { transfer: id });
      const stopped = await this.#follow(id, options);
      if (stopped !== undefined) return stopped;
    }
    return undefined;
  }

  /** Stays with a transfer until its end, or until it cannot go on, and notes what became of its files. */
  async #follow(transfer: TransferId, options: RunOptions): Promise<'interrupted' | 'stopped' | undefined> {
    const { engine } = this.#parts;
    const before = engine.view(transfer).run.bytesMoved;
    options.onActivity?.({ kind: 'copying', transfer });
    const view = await engine.settled(transfer, {
      waitMs: options.waitMs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    options.onActivity?.({ kind: 'finishing' });
    const settled = settle(this.#sides, engine.itemRows(transfer));
    this.#totals.bytesMoved += engine.view(transfer).run.bytesMoved - before;
    // what an earlier life of the transfer moved was moved then
    this.#totals.filesMoved += settled.moved.filter((row) => (row.syncedAt ?? 0) >= this.#startedAt).length;
    this.#totals.filesFailed += settled.failed;
    this.#totals.filesSkipped += settled.skipped;
    if (view.finishedAt === undefined && !isOver(view)) return view.state === 'paused' ? 'stopped' : 'interrupted';
    await lookAgain(this.#sides, settled.moved);
    return undefined;
  }

  // --- carrying out

  async #rename(plan: Plan): Promise<void> {
    const { store, pair } = this.#parts;
    for (const verdict of plan.verdicts) {
      if (verdict.kind !== 'rename') continue;
      const { found, row } = verdict;
      const slash = row.target.lastIndexOf('/') + 1;
      const names = found.path.split('/');
      const wanted =
        pair.layout === 'year-month' && pair.direction === 'to-computer'
          ? row.target.slice(0, slash) + (names.at(-1) ?? '')
          : found.path;
      const moved = wanted !== row.target && (await targetSide(this.#sides).rename(row.target, wanted));
      const target = moved ? wanted : row.target;
      // the new row first: a death in between leaves one too many, never one too few
      store.putRows(pair.id, [{ ...row, path: found.path, target, modified: found.modified, goneAt: undefined }]);
      store.dropRows(pair.id, [row.path]);
      this.#totals.filesRenamed += 1;
    }
  }

  /** Everything of the plan that is only knowledge, and what is to come as pending: it survives the death of the program. */
  #remember({ verdicts }: Plan): void {
    const { store, pair, now } = this.#parts;
    const at = now();
    const rows: SyncRow[] = [];
    for (const verdict of verdicts) {
      switch (verdict.kind) {
        case 'same':
          this.#totals.filesUnchanged += 1;
          if (verdict.row.modified !== verdict.found.modified || verdict.row.goneAt !== undefined)
            rows.push({ ...verdict.row, modified: verdict.found.modified, goneAt: undefined });
          break;
        case 'adopt':
          this.#totals.filesUnchanged += 1;
          rows.push({
            ...blank,
            ...verdict.found,
            target: verdict.target,
            targetSize: verdict.copy.size,
            targetModified: verdict.copy.modified,
            status: 'synced',
            syncedAt: at,
          });
          break;
        case 'copy':
          rows.push({
            ...(verdict.row ?? blank),
            ...verdict.found,
            target: verdict.target,
            status: 'pending',
            goneAt: undefined,
            problem: undefined,
          });
          break;
        case 'skip':
          this.#totals.filesSkipped += 1;
          if (verdict.row?.status !== 'skipped')
            rows.push({
              ...(verdict.row ?? blank),
              ...verdict.found,
              target: verdict.target,
              status: 'skipped',
              goneAt: undefined,
              problem: { kind: 'exists', operation: 'sync', detail: verdict.why },
            });
          break;
        case 'gone':
          if (verdict.row.goneAt === undefined) rows.push({ ...verdict.row, goneAt: at });
          break;
        case 'rename':
          break;
      }
    }
    store.putRows(pair.id, rows);
  }

  #items({ verdicts }: Plan): ItemsRequest['items'] {
    const { pair } = this.#parts;
    const { phone, local } = this.#sides;
    return copiesIn(verdicts).map(({ found, target, clash }) => {
      const toComputer = pair.direction === 'to-computer';
      return {
        kind: 'file',
        name: found.path,
        local: localPath(local.resolve(toComputer ? target : found.path)),
        storage: pair.storage,
        phone: phone.resolve(toComputer ? found.path : target),
        size: found.size,
        modified: found.modified,
        answer: clash === 'none' ? undefined : clash,
      };
    });
  }

  #request(items: ItemsRequest['items']): ItemsRequest {
    const { pair } = this.#parts;
    const toComputer = pair.direction === 'to-computer';
    return {
      direction: toComputer ? 'download' : 'upload',
      device: pair.device,
      storage: pair.storage,
      destination: toComputer ? pair.local : pair.phone,
      title: pair.name === '' ? baseNameOf(pair.phone) : pair.name,
      origin: originOf(pair),
      items,
      // `ask` would leave a sync standing with nobody there to answer
      options: { onClash: pair.conflicts, onName: 'legal', verify: pair.verify, large: 'resumable', move: false },
    };
  }

  async #delete(plan: Plan, confirmed: boolean): Promise<void> {
    const { store, pair } = this.#parts;
    if (pair.deletions !== 'mirror') return;
    switch (plan.hold.kind) {
      case 'never':
        return;
      case 'ask':
        if (!confirmed) return;
        break;
      case 'none':
        break;
    }
    const gone = plan.verdicts.filter((verdict) => verdict.kind === 'gone').map(({ row }) => row);
    const copied = gone.filter((row) => row.targetSize !== undefined);
    const byTarget = new Map(copied.map((row) => [row.target, row]));
    const deleted = await targetSide(this.#sides).delete(
      // an edited copy is somebody's work and stays
      copied.map((row) => ({ path: row.target, expected: (copy) => isUntouched(row, copy) })),
    );
    store.dropRows(
      pair.id,
      deleted.map((target) => byTarget.get(target)?.path ?? target),
    );
    // never copied: there is nothing to delete, and nothing to remember
    store.dropRows(
      pair.id,
      gone.filter((row) => row.targetSize === undefined).map((row) => row.path),
    );
    this.#totals.filesDeleted += deleted.length;
  }
}

/** Ended as far as the files go, even where the note of it is still to come. */
const isOver = ({ counts }: TransferView): boolean => counts.done + counts.failed + counts.cancelled === counts.total;

const blank: Omit<SyncRow, 'path' | 'target' | 'size' | 'modified'> = {
  targetSize: undefined,
  targetModified: undefined,
  sha256: undefined,
  fingerprint: undefined,
  status: 'pending',
  syncedAt: undefined,
  goneAt: undefined,
  problem: undefined,
};

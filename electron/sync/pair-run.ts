import type { DeviceKey, TransferId } from '../../shared/domain.ts';
import { fail, problemOf, type Problem } from '../../shared/errors.ts';
import { matchStorage } from '../../shared/storages.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import type { CopyHold, SyncAction, SyncActivity, SyncPair, SyncPreview, SyncRun } from '../../shared/sync.ts';
import { isMounted, type Engine } from '../engine/index.ts';
import { withStorage } from './await-storage.ts';
import { deleteCopies, noteContents, noTotals, recordAgreed, renameCopies, requestFor } from './execute-plan.ts';
import {
  interruptedTransfers,
  endRuns,
  isOfThisFolder,
  recordInterrupted,
  recordTransfer,
  type InterruptedRunParts,
} from './interrupted-runs.ts';
import type { MissingCopies } from './local-disk.ts';
import { LocalEndpoint } from './local-endpoint.ts';
import { PhoneEndpoint } from './phone-endpoint.ts';
import { actionsOf, makePlan, type Plan } from './plan.ts';
import { recheckCopies } from './record-results.ts';
import { STOPPED } from './run-registry.ts';
import type { SyncRow, SyncStore } from './sync-store.ts';

/** One run of one pair: finishes what an earlier one left, then scans and compares, then copies and deletes. */

/** What sync asks of the engine. */
export type SyncEngine = Pick<
  Engine,
  | 'disk'
  | 'scan'
  | 'stat'
  | 'fingerprint'
  | 'digest'
  | 'execute'
  | 'deleteSeen'
  | 'enqueueItems'
  | 'settled'
  | 'transactions'
  | 'itemRows'
  | 'transfersFrom'
  | 'tidyTrials'
  | 'transferRow'
  | 'view'
  | 'devices'
>;

/** How a run is to go. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long a run waits for a phone that went away, an unlock, space; milliseconds. */
  readonly waitMs: number;
  readonly automatic?: boolean;
  /**
   * The person said yes to what would be deleted: a set has the source paths of the copies that they were shown, and
   * what has gone since waits for another yes; `true` is a yes beforehand.
   */
  readonly confirmDeletions?: boolean | ReadonlySet<string>;
  /**
   * The person knows that nearly all copies are missing, and wants them made again: those that they were shown, and what
   * is missing since waits for another yes; `true` is a yes beforehand.
   */
  readonly confirmMissing?: boolean | MissingCopies;
  readonly onActivity?: (activity: SyncActivity) => void;
  /** Called with the plan, before anything of it is done. */
  readonly onPlan?: (preview: SyncPreview, actions: () => readonly SyncAction[], missing: MissingCopies) => void;
}

/** How a run went; `preview` is undefined where it did not come to a plan. */
export interface RunResult {
  readonly run: SyncRun;
  readonly preview: SyncPreview | undefined;
}

/** What a run works with. */
export interface RunParts {
  readonly engine: SyncEngine;
  readonly store: SyncStore;
  readonly pair: SyncPair;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
}

/** How a transfer was left: at its end, cancelled by the user, paused, or waiting for something that is away. */
type Left = 'ended' | 'cancelled' | 'stopped' | 'interrupted';

const SCANNING: SyncActivity = { kind: 'scanning', folders: 0, files: 0 };
const FINISHING: SyncActivity = { kind: 'finishing' };

/** A run, or the plan of one. */
export class PairRun {
  readonly #parts: RunParts & InterruptedRunParts;
  #startedAt = 0;
  readonly #totals = noTotals();

  constructor(parts: RunParts) {
    const { engine, pair } = parts;
    this.#parts = {
      ...parts,
      phone: new PhoneEndpoint(engine, { device: pair.device, storage: pair.storage, path: pair.phone }),
      local: new LocalEndpoint(engine.disk, pair.local),
    };
  }

  /** Scans both sides; changes nothing, but records what earlier transfers did. Rejects as the scans do. */
  async plan(options: Pick<RunOptions, 'signal' | 'onActivity'>): Promise<{ plan: Plan; preview: SyncPreview }> {
    const counter = new TransactionCounter(this.#parts.engine, this.#parts.pair.device);
    await recordInterrupted(this.#parts);
    return this.#withStorage({ ...options, waitMs: 0 }, SCANNING, () => this.#plan(options, counter));
  }

  async #plan(
    { signal, onActivity, confirmMissing }: Pick<RunOptions, 'signal' | 'onActivity' | 'confirmMissing'>,
    counter: TransactionCounter,
  ): Promise<{ plan: Plan; preview: SyncPreview; mount: string | undefined }> {
    const { engine, pair, store, local, platform, now } = this.#parts;
    const device = engine.devices.find((one) => one.key === pair.device);
    if (device?.state.kind !== 'ready') throw fail('disconnected', 'sync', '', { subject: pair.deviceName });
    const storage = matchStorage(pair.storage, device.storages);
    if (storage === undefined) throw fail('storage-missing', 'sync', 'storage', { subject: pair.storageName });
    const rows = new Map(store.rows(pair.id).map((row) => [row.path, row]));
    const copied = [...rows.values()].some((row) => row.targetSize !== undefined);
    const root = await local.identity();
    const disk = store.disk(pair.id);
    if (pair.direction === 'to-computer' && root === undefined) {
      // a drive that is not mounted; where the folder never was, it is made
      const wasThere = copied || disk?.root !== undefined;
      if (wasThere || (disk?.mount !== undefined && !(await isMounted(engine.disk, disk.mount))))
        throw fail('local-missing', 'sync', 'ENOENT', { subject: pair.local });
    }
    // nothing else tells a folder that is to be made from one that is made in the place of its disk
    const isNew = pair.direction === 'to-computer' && root === undefined;
    const mount = isNew ? (disk?.mount ?? (await local.mount())) : undefined;
    const targets = function* (): Generator<string> {
      for (const row of rows.values()) yield row.target;
    };
    const tried = pair.direction === 'to-computer' ? await local.names(platform) : undefined;
    // its disk went meanwhile, and comes back with what it was tried with
    if (tried?.isLeft === true) engine.tidyTrials(pair.local, true);
    const names = tried?.names;
    const plan = await makePlan({
      ...this.#parts,
      rows,
      names,
      disk,
      foldsCase: names === undefined || (await local.foldsCase(names.insensitive, targets())),
      strictNames: storage.removable,
      copiesAgain: confirmMissing ?? false,
      now: now(),
      signal,
      onProgress: (folders, files) => onActivity?.({ kind: 'scanning', folders, files }),
    });
    // the drive went away during the scan, so half of its listing is meaningless
    if (root !== undefined && plan.root !== root)
      throw fail('local-missing', 'sync', 'another folder than when the scan began', { subject: pair.local });
    if (mount !== undefined && !(await isMounted(engine.disk, mount)))
      throw fail('local-missing', 'sync', `nothing is mounted at ${mount}`, { subject: pair.local });
    const preview = {
      ...plan.preview,
      transactions: counter.count,
      timeEstimate: estimate(plan.preview.copy.bytes, store.runs(pair.id, { offset: 0, limit: 10 })),
    };
    return { plan, preview, mount };
  }

  async run(options: RunOptions): Promise<RunResult> {
    const { engine, store, pair, now } = this.#parts;
    const counter = new TransactionCounter(engine, pair.device);
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
      store.updateRun(id, { ...this.#totals, transactions: counter.count, ...change });
      const [run] = store.runs(pair.id, { offset: 0, limit: 1 });
      if (run === undefined) throw fail('internal', 'sync', 'the run is not there');
      return { run, preview };
    };
    try {
      const left = await this.#continueEarlier(id, options);
      if (left !== undefined) return end({ state: left });
      const { moved } = await endRuns(this.#parts, { id, startedAt });
      await this.#withStorage(options, SCANNING, () => recheckCopies(this.#parts, moved));
      // what they failed at or left out is decided anew below
      this.#totals.filesFailed = 0;
      this.#totals.filesSkipped = 0;

      const planned = await this.#withStorage(options, SCANNING, () => this.#plan(options, counter));
      preview = planned.preview;
      options.onPlan?.(preview, () => actionsOf(planned.plan), planned.plan.missing);
      refuseStopped(options);
      const { hold } = preview.copy;
      if (hold.kind === 'ask' && !planned.plan.areCopiesAgain)
        return end({ state: 'failed', finishedAt: now(), problem: missingCopies(pair, hold) });
      await this.#noteDisk(planned.plan);
      if (planned.plan.respelled.length > 0) store.putRows(pair.id, planned.plan.respelled);
      this.#totals.filesRenamed += await renameCopies(this.#parts, planned.plan, options.signal);
      const known = recordAgreed(this.#parts, planned.plan, now());
      await noteContents(this.#parts, planned.plan, options.signal);
      this.#totals.filesUnchanged += known.filesUnchanged;
      this.#totals.filesSkipped += known.filesSkipped;
      refuseStopped(options);
      const request = requestFor(this.#parts, planned.plan, planned.mount);
      if (request !== undefined) {
        await this.#requireSameFolder(planned.plan);
        const transfer = await engine.enqueueItems(request);
        store.updateRun(id, { transfer });
        const stopped = await this.#follow(transfer, options, 'own');
        switch (stopped) {
          case 'ended':
            break;
          case 'cancelled':
            return end({ state: 'stopped', finishedAt: now() });
          case 'stopped':
          case 'interrupted':
            return end({ state: stopped });
        }
      }
      refuseStopped(options);
      await this.#requireSameFolder(planned.plan);
      const mirrored = await this.#withStorage(options, FINISHING, () =>
        deleteCopies(this.#parts, planned.plan, options.confirmDeletions ?? false, options.signal),
      );
      this.#totals.filesDeleted += mirrored.deleted;
      this.#totals.filesKept += mirrored.kept;
      refuseStopped(options);
      const failed = this.#totals.filesFailed > 0 || !planned.plan.listing.complete || mirrored.problem !== undefined;
      const problem = preview.problems[0] ?? mirrored.problem;
      return end({ state: failed ? 'failed' : 'done', finishedAt: now(), problem });
    } catch (error) {
      const problem = problemOf(error, 'sync');
      // what was not begun leaves nothing to record; a transfer that was begun is found by its origin
      return end({ state: problem.kind === 'cancelled' ? 'stopped' : 'failed', finishedAt: now(), problem });
    }
  }

  /** `doing`: what is told when a wait is over. */
  #withStorage<T>(
    { waitMs, signal, onActivity }: Pick<RunOptions, 'waitMs' | 'signal' | 'onActivity'>,
    doing: SyncActivity,
    work: () => Promise<T>,
  ): Promise<T> {
    const onWait = (waiting: SyncActivity | undefined): void => onActivity?.(waiting ?? doing);
    return withStorage(this.#parts.engine, this.#parts.pair, { waitMs, signal, onWait }, work);
  }

  /** Rejects with `local-missing` where the disk of the local folder went away since it was scanned. */
  async #requireSameFolder({ root }: Plan): Promise<void> {
    const { local, pair } = this.#parts;
    if (root !== undefined && (await local.identity()) !== root)
      throw fail('local-missing', 'sync', 'another folder than was scanned', { subject: pair.local });
  }

  /** Remembers on which disk the pair is, for the next run to compare. */
  async #noteDisk(plan: Plan): Promise<void> {
    const { store, pair, local } = this.#parts;
    const root = await local.identity();
    if (root === undefined) return;
    const known = store.disk(pair.id);
    const mount = await local.mount();
    // a folder of copies that are back on this disk is known by them to be no other disk any more
    const before = pair.direction === 'to-phone' ? (known?.mounts ?? []) : [];
    const mounts = [...new Set([...before, ...plan.mounts])];
    if (known?.root !== root || known.mount !== mount || known.mounts.join('\n') !== mounts.join('\n'))
      store.putDisk(pair.id, { root, mount, mounts });
  }

  /** Unfinished transfers go on first: their half copied files are worth keeping. */
  async #continueEarlier(run: number, options: RunOptions): Promise<'interrupted' | 'stopped' | undefined> {
    const { engine, store } = this.#parts;
    for (const id of interruptedTransfers(this.#parts)) {
      // if this process dies too, what it copies of that counts for this run
      store.updateRun(run, { transfer: id });
      const isLeft = engine.transferRow(id)?.finishedAt === undefined;
      // what it has not done is decided anew, for the folder that the pair has now
      if (isLeft && !isOfThisFolder(this.#parts, id)) await engine.execute('cancel', { transfer: id });
      else if (isLeft) await engine.execute('resume', { transfer: id });
      const left = await this.#follow(id, options, 'earlier');
      if (left === 'stopped' || left === 'interrupted') return left;
    }
    return undefined;
  }

  /** Waits for a transfer until its end, or until it cannot go on, and records what became of its files. */
  async #follow(transfer: TransferId, options: RunOptions, of: 'own' | 'earlier'): Promise<Left> {
    const { engine } = this.#parts;
    const before = engine.view(transfer).run.bytesMoved;
    options.onActivity?.({ kind: 'copying', transfer });
    const view = await engine.settled(transfer, {
      waitMs: options.waitMs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    // the stop came before there was a transfer that whoever stopped could have paused
    const isStopped = options.signal?.aborted === true && options.signal.reason === STOPPED;
    const isLeft = view.finishedAt === undefined && !isOver(view);
    if (isStopped && isLeft) await engine.execute('pause', { transfer });
    options.onActivity?.({ kind: 'finishing' });
    const recorded = await recordTransfer(this.#parts, transfer);
    this.#totals.bytesMoved += engine.view(transfer).run.bytesMoved - before;
    // what an earlier life of the transfer moved was moved then; no date tells that of this run's own, whose clock may jump
    const isMine = ({ syncedAt = 0 }: SyncRow): boolean => of === 'own' || syncedAt >= this.#startedAt;
    this.#totals.filesMoved += recorded.moved.filter(isMine).length;
    this.#totals.filesFailed += recorded.failed;
    this.#totals.filesSkipped += recorded.skipped;
    if (isLeft) return isStopped || view.state === 'paused' ? 'stopped' : 'interrupted';
    await this.#withStorage(options, FINISHING, () => recheckCopies(this.#parts, recorded.moved));
    return recorded.cancelled > 0 ? 'cancelled' : 'ended';
  }

  /**
   * A run whose process died ends with its transfers, which went on by themselves. Answers it; `undefined` where none
   * was open, or something is still to come.
   */
  async endEarlier(): Promise<SyncRun | undefined> {
    const { engine, pair } = this.#parts;
    if (interruptedTransfers(this.#parts).some((id) => engine.transferRow(id)?.finishedAt === undefined))
      return undefined;
    const { last, moved } = await endRuns(this.#parts);
    if (engine.devices.some((device) => device.key === pair.device && device.state.kind === 'ready'))
      // a phone that goes meanwhile is looked at by the next run
      await recheckCopies(this.#parts, moved).catch(() => undefined);
    return last;
  }
}

/** Whoever stops a run wants nothing more to be done, whatever it was doing: least of all deletions. Throws `cancelled`. */
function refuseStopped({ signal }: Pick<RunOptions, 'signal'>): void {
  if (signal?.aborted === true) throw fail('cancelled', 'sync', 'stopped');
}

/** Transactions with one phone across reconnections: the engine's counter restarts with each connection. */
class TransactionCounter {
  readonly #read: () => number;
  #last: number;
  #sum = 0;
  constructor(engine: Pick<Engine, 'transactions'>, device: DeviceKey) {
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

/** Why a run does nothing while nearly all copies are missing. */
function missingCopies(pair: SyncPair, { missing, known }: Extract<CopyHold, { readonly kind: 'ask' }>): Problem {
  const [place, kind] =
    pair.direction === 'to-computer' ? ([pair.local, 'local-missing'] as const) : ([pair.phone, 'missing'] as const);
  return fail(kind, 'sync', `${missing} of ${known} copies`, {
    subject: place,
    fault: { id: 'nearly-all-missing', with: { folder: place } },
    advice: { id: 'connect-or-copy-again', with: { missing, known } },
  }).problem;
}

/** Seconds, at the pace of the last runs that copied something to speak of. */
function estimate(bytes: number, runs: readonly SyncRun[]): number | undefined {
  let moved = 0;
  let ms = 0;
  for (const run of runs)
    if (run.finishedAt !== undefined && run.bytesMoved > 1_000_000) {
      moved += run.bytesMoved;
      ms += run.finishedAt - run.startedAt;
    }
  return ms > 0 && moved > 0 ? (bytes * ms) / moved / 1000 : undefined;
}

/** Whether all files have ended, even where the end of the transfer is not stored yet. */
const isOver = ({ counts }: TransferView): boolean => counts.done + counts.failed + counts.cancelled === counts.total;

import type { DeviceKey, ItemId, TransferId } from '../../../shared/domain.ts';
import { endsConnection, problemOf } from '../../../shared/errors.ts';
import { isEnded } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { TargetFolders } from '../local/target-folders.ts';
import { ItemRun } from '../model/item-run.ts';
import { ItemWrites } from '../model/item-writes.ts';
import { mayHaveTwin, type ItemRow, type TransferRow } from '../model/transfer-store.ts';
import { inTurns, isSameFile, twinsOf } from './twins.ts';
import { PlanOnPhone } from '../plan/plan-on-phone.ts';
import { checkAgain } from './check-again.ts';
import { ItemWorker, endConnection } from './item-worker.ts';
import { Leftovers } from './leftovers.ts';
import { Patience } from './patience.ts';
import { Sample, SMALL } from '../transfer/sample.ts';
import { FolderSizes } from '../transfer/folder-sizes.ts';
import { WaitingItems } from './waiting-items.ts';
import { WakeableSleep } from './wakeable-sleep.ts';

/** Items fetched from the store at once. */
const AHEAD = 256;
/**
 * How many small files go together, and how many of them are left when further ones begin: those that begin together are
 * read, looked up and stored together.
 */
const TOGETHER = 12;
const LEFT = 4;
/** Bytes above which an item takes so long that nothing else is kept waiting for it. */
const LONG = 256 * 1024 * 1024;

/**
 * One phone's queue: chooses the next item and starts it. Large items go one at a time, since a phone does one
 * transaction at a time; what waits or asks a question holds up nothing.
 */
export class Lane {
  readonly device: DeviceKey;
  readonly #context: EngineContext;
  readonly #mayRun: (transfer: TransferRow) => boolean;
  readonly #folders: TargetFolders;
  readonly #leftovers: Leftovers;
  readonly #patience: Patience;
  readonly #plan: PlanOnPhone;
  readonly #waiting: WaitingItems;
  readonly #runs = new Map<ItemId, ItemRun>();
  /** Those that take up a place, and all of them: what waits for its folder's sizes takes up none. */
  readonly #working = new Set<Promise<void>>();
  readonly #unfinished = new Map<ItemRun, Promise<void>>();
  readonly #writes: ItemWrites;
  /** Called when a place is free again. */
  #onPlace: (() => void) | undefined;
  #sizes: FolderSizes | undefined;
  readonly #samples = new Map<TransferId, Sample>();
  /** When the first of its items was taken here, in milliseconds of the monotonic clock. */
  readonly #begun = new Map<TransferId, number>();
  /** As of the last wake: a change of a transfer wakes its lane. */
  readonly #rows = new Map<TransferId, TransferRow>();
  readonly #twins = new Map<TransferId, readonly TransferId[]>();
  /** Candidates as of the last wake; each is read again and reserved before it starts. */
  #upcoming: ItemRow[] = [];
  #isPlanning = false;
  readonly #rest: WakeableSleep;
  #halted = false;
  #task: Promise<void> | undefined;

  constructor(device: DeviceKey, context: EngineContext, mayRun: (transfer: TransferRow) => boolean) {
    this.device = device;
    this.#context = context;
    this.#mayRun = mayRun;
    this.#rest = new WakeableSleep(context.clock);
    this.#writes = new ItemWrites((ms) => context.clock.sleep(ms));
    this.#folders = new TargetFolders(context.disk, context.targets, () => context.clock.monotonic());
    this.#leftovers = new Leftovers(device, context);
    this.#patience = new Patience(context);
    this.#plan = new PlanOnPhone(context);
    this.#waiting = new WaitingItems({
      device,
      context,
      patience: this.#patience,
      transfers: () => this.#transfers(),
      onReady: () => {
        this.#lookAgain();
      },
    });
  }

  start(): void {
    this.#task ??= this.#loop();
    this.#waiting.start();
  }

  /** Something changed (a command, the phone): look again. */
  wake(): void {
    this.#patience.nudge();
    this.#sizes?.hurry();
    this.#waiting.look();
    this.#lookAgain();
  }

  /** Lets go at the next chunk boundary; what was moving waits for its phone at the next start. */
  async halt(): Promise<void> {
    this.#halted = true;
    for (const run of this.#runs.values()) run.halt();
    this.#patience.end();
    this.wake();
    this.#writes.expectMore(false);
    await Promise.all([this.#task, this.#waiting.halt()]);
    await Promise.all(this.#working);
    // one list for each folder, so that what was sent is not compared in full at the next start
    await this.#sizes?.end();
    await Promise.all(this.#unfinished.values());
  }

  /** Whether a download cannot be planned until the disk that it goes to is there again. */
  isTargetAway(id: TransferId): boolean {
    return this.#plan.isTargetAway(id);
  }

  run(item: ItemId): ItemRun | undefined {
    return this.#runs.get(item);
  }
  get runs(): Iterable<ItemRun> {
    return this.#runs.values();
  }
  /** Files are being moved. */
  get isMoving(): boolean {
    return [...this.#runs.values()].some((run) => !isEnded(run.row.state.kind));
  }
  /** The same, or some are about to be, or a transfer is being planned. */
  get isBusy(): boolean {
    return this.#isPlanning || this.#upcoming.length > 0 || this.isMoving;
  }
  /** Leftovers were noted: remove them when next idle. */
  cleanAgain(): void {
    this.#leftovers.noted();
    this.wake();
  }

  /** Items and leftovers of one storage are another one's now: what was read of them is old. */
  storageIdentified(): void {
    this.#waiting.readAgain();
    this.cleanAgain();
  }

  #lookAgain(): void {
    this.#upcoming = [];
    this.#rows.clear();
    this.#twins.clear();
    this.#rest.wake();
  }

  async #loop(): Promise<void> {
    while (!this.#halted) {
      try {
        await this.#turn();
      } catch (error) {
        // neither a bug nor a database that cannot be written may end the lane, or make it spin
        await this.#patience.pauseAfter('lane', error);
      }
    }
  }

  async #turn(): Promise<void> {
    const connection = this.#context.registry.connection(this.device);
    if (this.#sizes !== undefined && this.#sizes.connection !== connection) {
      // rejects, and they wait for their phone
      await this.#sizes.end();
      this.#sizes = undefined;
    }
    if (connection === undefined) {
      await this.#rest.sleep(this.#context.limits.lookAgainMs * 5);
      return;
    }
    if (!this.#leftovers.isSwept(connection)) await this.#leftovers.sweep(connection);
    if (this.#upcoming.length === 0 && (await this.#planNext(connection)) === 'lost') return;
    const next = this.#next();
    this.#writes.expectMore(next !== undefined);
    if (next === undefined) {
      this.#leftovers.lookForReturned(connection);
      this.#sizes?.leave(undefined);
      if (this.#working.size > 0) await this.#place();
      else if (this.#sizes?.isBusy === true) await this.#sizes.settle();
      else await this.#rest.sleep(this.#context.limits.lookAgainMs);
      return;
    }
    // a phone does one transaction at a time, but while one small file waits for its answer the next can be opened,
    // read, written and hashed; a large one, and a folder that others go into, has the lane for itself
    const together = next.kind === 'file' && next.size <= SMALL;
    if (this.#working.size >= (together ? TOGETHER : 1))
      while (this.#working.size > (together ? LEFT : 0)) await this.#place();
    if (!connection.alive || this.#halted) return;
    await this.#twinDone(next);
    if (!connection.alive || this.#halted) return;
    // what was sent does not wait for a long one to be done
    this.#sizes?.leave(next.size > LONG ? undefined : next);
    const working = this.#start(next, connection);
    if (!together) await working;
  }

  /** A file that the other transfer of two is just fetching is not read a second time: the copy is taken from there. */
  async #twinDone(item: ItemRow): Promise<void> {
    const transfer = this.#transfer(item.transfer);
    if (transfer === undefined || !mayHaveTwin(transfer)) return;
    let twins = this.#twins.get(item.transfer);
    if (twins === undefined) {
      twins = twinsOf(item.transfer, this.#transfers()).map(({ id }) => id);
      this.#twins.set(item.transfer, twins);
    }
    if (twins.length === 0) return;
    const run = [...this.#runs.values()].find(({ row }) => isSameFile(row, item) && twins.includes(row.transfer));
    if (run === undefined) return;
    this.#writes.expectMore(false);
    await this.#unfinished.get(run);
  }

  /** Starts an item unless it was taken, paused or cancelled since it was chosen: nothing is decided on an old row. */
  #start({ id, transfer: of }: ItemRow, connection: Connection): Promise<void> | undefined {
    const transfer = this.#transfer(of);
    if (transfer === undefined) return undefined;
    // may fail with the database: before the item is reserved, or nobody would work on it
    const sample = this.#sampleOf(transfer);
    const { store } = this.#context;
    const run = ItemRun.reserve(id, transfer, store, () => this.#context.now(), this.#context, this.#writes);
    if (run === undefined) return undefined;
    this.#runs.set(id, run);
    const sizes = (this.#sizes ??= new FolderSizes(connection));
    const isOver = sizes.begin(run.row);
    const begun = this.#begun.get(of) ?? this.#context.clock.monotonic();
    this.#begun.set(of, begun);
    let park = (): void => undefined;
    const parked = new Promise<void>((resolve) => (park = resolve));
    const worker = new ItemWorker(run, {
      context: this.#context,
      connection,
      folders: this.#folders,
      sample,
      sizes,
      begun,
      park: () => {
        isOver();
        park();
      },
      leftovers: this.#leftovers,
      patience: this.#patience,
    });
    const done = worker
      .work()
      .finally(() => {
        this.#runs.delete(id);
        this.#unfinished.delete(run);
        isOver();
        this.#waiting.add(run.row);
        run.release();
        this.#context.touch(transfer.id);
      })
      .catch((error: unknown) => this.#patience.pauseAfter('lane', error));
    this.#unfinished.set(run, done);
    const working = Promise.race([done, parked]).finally(() => {
      this.#working.delete(working);
      this.#onPlace?.();
    });
    this.#working.add(working);
    return working;
  }

  /** Resolves when the next of those that are at work is through. */
  #place(): Promise<void> {
    return new Promise((resolve) => {
      this.#onPlace = resolve;
    });
  }

  #sampleOf({ id, doubted }: TransferRow): Sample {
    let sample = this.#samples.get(id);
    if (sample === undefined) {
      const { store } = this.#context;
      // noted before anything follows from it, so that a restart reads back as many
      sample = new Sample(id, store.lastFileUpTo(id, SMALL), doubted, async () => {
        const both = [id, ...twinsOf(id, store.transfers()).map((twin) => twin.id)];
        for (const one of both) store.updateTransfer(one, { doubted: true });
        // where a person is content with sizes they are not asked for more
        if (store.transfer(id)?.options.verify !== 'sampled') return;
        for (const one of both) {
          await this.#endsStored(one);
          await checkAgain(this.#context, one);
        }
      });
      this.#samples.set(id, sample);
    }
    return sample;
  }

  /** What has ended waits a moment to be stored with others, and would be missed among what the store has as done. */
  async #endsStored(id: TransferId): Promise<void> {
    const ended = [...this.#unfinished].filter(([run]) => run.transfer.id === id && run.row.state.kind === 'done');
    await Promise.all(ended.map(([, stored]) => stored));
  }

  #transfers(): readonly TransferRow[] {
    return this.#context.store.transfers().filter((row) => row.device === this.device && this.#mayRun(row));
  }

  #transfer(id: TransferId): TransferRow | undefined {
    const row = this.#rows.get(id) ?? this.#context.store.transfer(id);
    if (row !== undefined) this.#rows.set(id, row);
    return row;
  }

  async #planNext(connection: Connection): Promise<'lost' | undefined> {
    for (const row of this.#transfers()) {
      if (row.planned || row.finishedAt !== undefined) continue;
      try {
        this.#isPlanning = true;
        const planned = await this.#plan.plan(row, connection, () => this.#halted);
        if (this.#halted) return 'lost';
        if (planned === 'later') continue;
      } catch (error) {
        const problem = problemOf(error, 'plan');
        if (!endsConnection(problem.kind)) throw error;
        await endConnection(connection, problem);
        return 'lost';
      } finally {
        this.#isPlanning = false;
      }
      this.#upcoming = [];
      this.#context.touch(row.id);
    }
    return undefined;
  }

  #next(): ItemRow | undefined {
    const first = this.#upcoming.shift();
    if (first !== undefined) return first;
    const transfers = this.#transfers();
    for (const transfer of transfers) {
      if (!transfer.planned) continue;
      const counts = this.#context.store.counts(transfer.id).byState;
      if (counts.queued + counts.preparing === 0) continue;
      const both = [transfer, ...twinsOf(transfer.id, transfers).filter(({ planned }) => planned)];
      this.#upcoming = inTurns(
        both.map(({ id }) =>
          this.#context.store.itemsIn(id, ['preparing', 'queued'], AHEAD).filter((row) => !this.#runs.has(row.id)),
        ),
      );
      const row = this.#upcoming.shift();
      if (row !== undefined) return row;
    }
    return undefined;
  }
}

import { rm, stat } from 'node:fs/promises';
import { ROOT, localPath, type DeviceKey, type Instant, type ItemId, type TransferId } from '../../../shared/domain.ts';
import { endsConnection, fail, problemOf, type Problem } from '../../../shared/errors.ts';
import type { WaitingFor } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { Download } from '../transfer/download/download.ts';
import { MakeFolder } from '../transfer/make-folder.ts';
import type { Effect, Input } from '../model/item-state.ts';
import { freeBytes, lookAt } from '../local/local-files.ts';
import { SpaceBook, type ItemTransfer } from '../transfer/item-transfer.ts';
import { deleteOriginal, withOriginal } from '../transfer/delete-source.ts';
import { planTransfer } from '../plan/plan-transfer.ts';
import { ItemRun } from '../model/item-run.ts';
import { decideRetry } from './retry-policy.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';
import { TargetFolders } from '../local/target-folders.ts';
import { Upload } from '../transfer/upload/upload.ts';

/** Items fetched from the store at once. */
const AHEAD = 256;
/** Bytes up to which files go together, and how many of them. */
const SMALL = 1024 * 1024;
const TOGETHER = 6;

/**
 * One phone's queue: takes the next item, performs its effects, feeds the answers back. One item at a time, since a
 * phone does one transaction at a time; whatever waits or asks does not hold up the others.
 */
export class Lane {
  readonly device: DeviceKey;
  readonly #context: EngineContext;
  readonly #mayRun: (transfer: TransferId) => boolean;
  readonly #space = new SpaceBook();
  readonly #folders: TargetFolders;
  readonly #runs = new Map<ItemId, ItemRun>();
  readonly #working = new Set<Promise<void>>();
  /** As of the last wake: a change of a transfer wakes its lane. */
  #rows = new Map<TransferId, TransferRow>();
  #upcoming: ItemRow[] = [];
  #wake: (() => void) | undefined;
  #signalled = false;
  #halted = false;
  #cleanFor: Connection | undefined;
  #task: Promise<void> | undefined;
  #lookedAt: Instant = 0;

  constructor(device: DeviceKey, context: EngineContext, mayRun: (transfer: TransferId) => boolean) {
    this.device = device;
    this.#context = context;
    this.#mayRun = mayRun;
    this.#folders = new TargetFolders(() => context.now());
  }

  start(): void {
    this.#task ??= this.#loop();
  }

  /** Something changed: look again. */
  wake(): void {
    this.#upcoming = [];
    this.#rows.clear();
    this.#signalled = true;
    this.#wake?.();
  }

  /** Lets go at the next chunk boundary; what was moving waits for its phone at the next start. */
  async halt(): Promise<void> {
    this.#halted = true;
    for (const run of this.#runs.values()) run.halt();
    this.wake();
    await this.#task;
    await Promise.all(this.#working);
  }

  run(item: ItemId): ItemRun | undefined {
    return this.#runs.get(item);
  }
  get runs(): Iterable<ItemRun> {
    return this.#runs.values();
  }
  /** Leftovers were added: remove them when next idle. */
  cleanAgain(): void {
    this.#cleanFor = undefined;
    this.wake();
  }

  async #loop(): Promise<void> {
    while (!this.#halted) {
      try {
        await this.#turn();
      } catch (error) {
        // a bug must not end the lane silently; it is logged and the lane goes on after a pause
        this.#context.log(`lane: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        await this.#context.clock.sleep(1_000);
      }
    }
  }

  async #turn(): Promise<void> {
    const connection = this.#context.registry.connection(this.device);
    if (connection === undefined) {
      await this.#sleep(this.#context.limits.lookAgainMs * 5);
      return;
    }
    if (this.#cleanFor !== connection) {
      if (this.#cleanFor === undefined || !this.#cleanFor.alive) this.#space.forget();
      this.#cleanFor = connection;
      await this.#clean(connection);
      this.#phoneIsBack();
    }
    await this.#lookAgain(connection);
    if (this.#upcoming.length === 0 && (await this.#planNext(connection)) === 'lost') return;
    const next = this.#next();
    if (next === undefined) {
      if (this.#working.size > 0) await Promise.race(this.#working);
      else await this.#sleep(this.#context.limits.lookAgainMs);
      return;
    }
    // a phone does one transaction at a time, but while one small file waits for its answer the next can be opened,
    // read, written and hashed; a large one, and a folder that others go into, has the lane for itself
    const together = next.row.kind === 'file' && next.row.size <= SMALL;
    while (this.#working.size >= (together ? TOGETHER : 1)) await Promise.race(this.#working);
    if (!connection.alive || this.#halted) return;
    const work = this.#work(connection, next.row, next.transfer);
    const watched = work
      .catch((error: unknown) => {
        this.#context.log(`lane: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      })
      .finally(() => this.#working.delete(watched));
    this.#working.add(watched);
    if (!together) await watched;
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#signalled || this.#halted) {
      this.#signalled = false;
      return;
    }
    const ended = new AbortController();
    this.#wake = () => {
      ended.abort();
    };
    await this.#context.clock.sleep(ms, ended.signal);
    this.#wake = undefined;
    this.#signalled = false;
  }

  #transfers(): readonly TransferRow[] {
    return this.#context.store.transfers().filter((row) => row.device === this.device && this.#mayRun(row.id));
  }

  // --- choosing

  async #planNext(connection: Connection): Promise<'lost' | undefined> {
    for (const row of this.#transfers()) {
      if (row.planned || row.finishedAt !== undefined) continue;
      try {
        await planTransfer(this.#context, row, connection, () => this.#halted);
        if (this.#halted) return 'lost';
      } catch (error) {
        const problem = problemOf(error, 'plan');
        if (endsConnection(problem.kind)) {
          await this.#connectionLost(connection, problem);
          return 'lost';
        }
        this.#planFailed(row, problem);
      }
      this.#upcoming = [];
      this.#context.touch(row.id);
    }
    return undefined;
  }

  /** What cannot be listed fails as a whole, told in one line of its own, instead of being tried for ever. */
  #planFailed(row: TransferRow, problem: Problem): void {
    const { store } = this.#context;
    this.#context.log(`planning failed: ${problem.kind} ${problem.operation} ${problem.detail}`);
    store.clearItems(row.id);
    const phone = (row.sources.kind === 'phone' ? row.sources.places[0]?.path : undefined) ?? ROOT;
    const item = { name: row.title, local: localPath(row.destination), storage: row.storage, phone, problem };
    store.addItems(row.id, [{ ...item, kind: 'file', size: 0, modified: undefined }], this.#context.now());
    store.updateTransfer(row.id, { planned: true });
  }

  #next(): { readonly row: ItemRow; readonly transfer: TransferRow } | undefined {
    const first = this.#upcoming.shift();
    if (first !== undefined) {
      const transfer = this.#rows.get(first.transfer) ?? this.#context.store.transfer(first.transfer);
      if (transfer !== undefined) {
        this.#rows.set(first.transfer, transfer);
        return { row: first, transfer };
      }
    }
    for (const transfer of this.#transfers()) {
      if (!transfer.planned) continue;
      const counts = this.#context.store.counts(transfer.id).byState;
      if (counts.queued + counts.preparing === 0) continue;
      this.#upcoming = this.#context.store
        .itemsIn(transfer.id, ['preparing', 'queued'], AHEAD)
        .filter((row) => !this.#runs.has(row.id));
      const row = this.#upcoming.shift();
      if (row !== undefined) return { row, transfer };
    }
    return undefined;
  }

  // --- working

  async #work(connection: Connection, row: ItemRow, transfer: TransferRow): Promise<void> {
    const run = new ItemRun(row, transfer, this.#context.store, () => this.#context.now(), this.#context);
    this.#runs.set(row.id, run);
    if (this.#halted) run.halt();
    const mover = this.#mover(run, connection);
    try {
      let effects = run.apply({ kind: 'taken' });
      for (let effect = effects[0]; effect !== undefined; effect = effects[0] ?? this.#goOn(run)) {
        if (effect.kind === 'discard') break;
        const input = withOriginal(await this.#perform(effect, mover, run, connection), run, mover);
        if (isCancelling(run, input)) await this.#undo(run, mover, connection);
        effects = run.apply(input);
        if (run.row.state.kind === 'stopping') effects = run.apply({ kind: 'stopped' });
        if (run.halted) break;
      }
      await deleteOriginal(run, mover);
      this.#abandonEnded(run);
    } finally {
      this.#runs.delete(row.id);
      await mover.release();
      this.#settleLeft(run);
      run.flush();
      this.#context.touch(transfer.id);
    }
  }

  /** What a cancelled item has made is gone before it counts as cancelled; without the phone it is noted for later. */
  async #undo(run: ItemRun, mover: ItemTransfer, connection: Connection): Promise<void> {
    await mover.release();
    this.#context.abandon(run.row, this.device, run.transfer.direction, run);
    if (connection.alive) await this.#clean(connection).catch(() => undefined);
  }

  /** A pause that was taken back before it took effect leaves an item that moves, with nothing left to do it. */
  #goOn(run: ItemRun): Effect | undefined {
    if (run.halted) return undefined;
    const { kind } = run.row.state;
    if (kind === 'moving') return { kind: 'move' };
    if (kind === 'confirming') return { kind: 'confirm' };
    return undefined;
  }

  /** Nothing may stay active without a lane working on it. */
  #settleLeft(run: ItemRun): void {
    const { kind } = run.row.state;
    if (kind === 'moving' || kind === 'confirming' || kind === 'stopping' || (kind === 'preparing' && run.halted))
      run.apply({ kind: 'restarted', at: this.#context.now() });
  }

  #mover(run: ItemRun, connection: Connection): ItemTransfer {
    const context = this.#context;
    const given = {
      run,
      connection,
      store: context.store,
      space: this.#space,
      folders: this.#folders,
      now: () => context.now(),
      wholeBelow: context.limits.wholeBelow,
      platform: context.platform,
      unique: () => context.unique(),
    };
    if (run.row.kind === 'folder') return new MakeFolder(given);
    return run.transfer.direction === 'upload' ? new Upload(given) : new Download(given);
  }

  async #perform(effect: Effect, mover: ItemTransfer, run: ItemRun, connection: Connection): Promise<Input> {
    try {
      switch (effect.kind) {
        case 'prepare':
          return await mover.prepare();
        case 'move':
          return await mover.move();
        case 'confirm':
          return await mover.confirm();
        case 'discard':
          return { kind: 'stopped' };
      }
    } catch (error) {
      const problem = problemOf(error, effect.kind);
      if (problem.kind === 'internal')
        this.#context.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      if (endsConnection(problem.kind)) await this.#connectionLost(connection, problem);
      return decideRetry(this.#context, this.#space, problem, run, connection);
    }
  }

  async #connectionLost(connection: Connection, problem: Problem): Promise<void> {
    this.#upcoming = [];
    if (!connection.alive) return;
    connection.alive = false;
    if (problem.kind !== 'disconnected') await connection.phone.close();
  }

  /** Whatever was cancelled or failed for good leaves nothing behind. */
  #abandonEnded(run: ItemRun): void {
    const { row, transfer } = run;
    const { state } = row;
    if (row.temporary === undefined) return;
    const worthKeeping =
      state.kind === 'failed' &&
      row.mode === 'chunks' &&
      row.confirmed > 0 &&
      state.problem.kind !== 'mismatch' &&
      state.problem.kind !== 'source-changed';
    // cancelled: while it was prepared
    if (state.kind !== 'cancelled' && (state.kind !== 'failed' || worthKeeping)) return;
    this.#context.abandon(row, this.device, transfer.direction, run);
    this.#cleanFor = undefined;
  }

  // --- waiting

  /** The phone is there again: whoever waited for it goes on. */
  #phoneIsBack(): void {
    for (const transfer of this.#transfers())
      for (const row of this.#context.store.itemsIn(transfer.id, ['waiting'], 10_000))
        if (row.state.kind === 'waiting' && (row.state.for.kind === 'phone' || row.state.for.kind === 'unlock'))
          this.#ready(row, transfer);
  }

  async #lookAgain(connection: Connection): Promise<void> {
    const now = this.#context.now();
    if (now - this.#lookedAt < Math.min(250, this.#context.limits.lookAgainMs)) return;
    this.#lookedAt = now;
    for (const transfer of this.#transfers()) {
      if (this.#context.store.counts(transfer.id).byState.waiting === 0) continue;
      for (const row of this.#context.store.itemsIn(transfer.id, ['waiting'], 100))
        if (row.state.kind === 'waiting' && (await this.#over(row.state.for, row, connection)))
          this.#ready(row, transfer);
    }
  }

  async #over(what: WaitingFor, row: ItemRow, connection: Connection): Promise<boolean> {
    switch (what.kind) {
      case 'phone':
      case 'unlock':
        return true;
      case 'time':
        return what.until <= this.#context.now();
      case 'source':
        return stat(row.local).then(
          () => true,
          () => false,
        );
      case 'space':
        if (what.where === 'computer') return (await freeBytes(row.local).catch(() => 0)) >= what.needed;
        this.#space.forget();
        return connection.phone.freeSpace(connection.tree.storage(row.storage).id).then(
          (free) => free >= what.needed,
          () => false,
        );
    }
  }

  #ready(row: ItemRow, transfer: TransferRow): void {
    const run = new ItemRun(row, transfer, this.#context.store, () => this.#context.now(), this.#context);
    run.apply({ kind: 'ready' });
    run.flush();
    this.#upcoming = [];
  }

  // --- housekeeping

  /** Removes temporaries of cancelled and abandoned items: only what this program noted as its own. */
  async #clean(connection: Connection): Promise<void> {
    for (const leftover of this.#context.store.leftovers(this.device)) {
      try {
        if (leftover.direction === 'download') {
          const there = await lookAt(leftover.name);
          if (there?.isFile() === true) await rm(leftover.name, { force: true });
        } else if (leftover.folder !== undefined) {
          const folder = await connection.tree.folder(leftover.storage, leftover.folder, { fresh: true });
          const object = folder.exactly(leftover.name);
          if (object !== undefined) {
            await connection.phone.delete(object.handle);
            folder.remove(object.name);
          }
        }
        this.#context.store.removeLeftover(leftover.item);
        this.#context.touch(leftover.transfer);
      } catch (error) {
        const problem = problemOf(error, 'clean');
        if (endsConnection(problem.kind)) throw fail(problem.kind, 'clean', problem.detail);
        if (problem.kind === 'missing' || problem.kind === 'not-a-folder')
          this.#context.store.removeLeftover(leftover.item);
        else this.#context.log(`a temporary stays for now: ${leftover.name}: ${problem.detail}`);
      }
    }
  }
}

/** Whether the answer ends a run that was asked to cancel: every end but a completed one does. */
const isCancelling = (run: ItemRun, input: Input): boolean =>
  run.row.state.kind === 'stopping' &&
  run.row.state.next === 'cancelled' &&
  input.kind !== 'verified' &&
  input.kind !== 'allMoved' &&
  input.kind !== 'mismatched';

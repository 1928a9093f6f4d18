import { setImmediate as turn } from 'node:timers/promises';
import type { DeviceKey, ItemId, TransferId } from '../../../shared/domain.ts';
import type { WaitingFor } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { eachPage } from '../model/each-page.ts';
import { ItemRun } from '../model/item-run.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';
import type { Patience } from './patience.ts';
import { fitting, isStorageThere, sourcesBack } from './wait-questions.ts';
import { WakeableSleep } from './wakeable-sleep.ts';

/** Rows read from the store, and items that go on, at once; others have their turn in between. */
const AT_ONCE = 200;
/** Between two tries of an item although no free space is told, milliseconds. */
const PROBE_MS = 60_000;
/** Questions to file systems under way at once: one that never answers (a dead share) holds a thread of four for good. */
const MOST_QUESTIONS = 2;

/** What many items may wait for together: one question decides for all of them. */
interface Thing {
  readonly kind: Exclude<WaitingFor['kind'], 'time'>;
  readonly items: Map<ItemId, ItemRow>;
  /** When it is asked for again, in milliseconds of the monotonic clock. */
  askAt: number;
  /** When one item tries although the figure says no, in milliseconds of the monotonic clock. */
  probeAt?: number;
  /** Its question has not been answered yet. */
  asking: boolean;
}

/** What the waiting items of one phone need of the rest of the queue. */
export interface WaitingParts {
  readonly device: DeviceKey;
  readonly context: EngineContext;
  readonly patience: Patience;
  /** Transfers that may run. */
  readonly transfers: () => readonly TransferRow[];
  /** Called when items may go on. */
  readonly onReady: () => void;
}

/**
 * What may go on now? Beside the lane and off its road: items that wait are kept by what they wait for, and each distinct
 * thing (a storage's free space, the sources of a transfer, a time) is asked for once, however many wait for it. A
 * question that takes long holds up no other, and no item that can go.
 */
export class WaitingItems {
  readonly #device: DeviceKey;
  readonly #context: EngineContext;
  readonly #patience: Patience;
  readonly #transfers: () => readonly TransferRow[];
  readonly #onReady: () => void;
  #things = new Map<string, Thing>();
  /** Deadlines, in milliseconds of the monotonic clock. */
  #times = new Map<ItemId, number>();
  /** Transfers whose waiting items were read from the store on this connection. */
  #read = new Set<TransferId>();
  #connection: Connection | undefined;
  #questions = 0;
  #halted = false;
  readonly #rest: WakeableSleep;
  #task: Promise<void> | undefined;

  constructor({ device, context, patience, transfers, onReady }: WaitingParts) {
    this.#device = device;
    this.#context = context;
    this.#rest = new WakeableSleep(context.clock);
    this.#patience = patience;
    this.#transfers = transfers;
    this.#onReady = onReady;
  }

  start(): void {
    this.#task ??= this.#loop();
  }

  async halt(): Promise<void> {
    this.#halted = true;
    this.look();
    await this.#task;
  }

  /** The phone came or went, or a transfer may run now: looks at once. */
  look(): void {
    this.#rest.wake();
  }

  /** What items wait for is called something else now: they are read from the store again. */
  readAgain(): void {
    this.#connection = undefined;
    this.look();
  }

  /** An item began to wait. */
  add(row: ItemRow): void {
    if (row.state.kind !== 'waiting' || row.state.for.kind === 'replug') return;
    this.#keep(row, this.#now() + this.#context.limits.lookAgainMs);
    this.look();
  }

  #now(): number {
    return this.#context.clock.monotonic();
  }

  async #loop(): Promise<void> {
    while (!this.#halted) {
      try {
        await this.#pass();
      } catch (error) {
        await this.#patience.pauseAfter('waiting items', error);
      }
      await this.#rest.sleep(this.#untilNext());
    }
  }

  async #pass(): Promise<void> {
    const connection = this.#context.registry.connection(this.#device);
    if (connection !== this.#connection) {
      this.#connection = connection;
      this.#things = new Map();
      this.#times = new Map();
      this.#read = new Set();
    }
    if (connection === undefined) return;
    for (const transfer of this.#transfers()) await this.#readWaiting(transfer);
    const now = this.#now();
    const over = [...this.#times].filter(([, deadline]) => deadline <= now).map(([item]) => item);
    await this.#letGo(over, 'time', this.#times);
    for (const [key, thing] of this.#things) {
      if (thing.items.size === 0) this.#things.delete(key);
      else if (thing.askAt <= now && !thing.asking) this.#ask(thing, connection);
    }
  }

  /** Milliseconds until something is due. */
  #untilNext(): number {
    if (this.#connection === undefined) return this.#context.limits.lookAgainMs * 5;
    let next = Number.POSITIVE_INFINITY;
    for (const deadline of this.#times.values()) next = Math.min(next, deadline);
    for (const thing of this.#things.values()) if (!thing.asking) next = Math.min(next, thing.askAt);
    return Math.min(Math.max(0, next - this.#now()), this.#context.limits.lookAgainMs * 5);
  }

  /** What waited before the phone came is found in the store, once. */
  async #readWaiting(transfer: TransferRow): Promise<void> {
    if (this.#read.has(transfer.id) || !transfer.planned) return;
    this.#read.add(transfer.id);
    const now = this.#now();
    await eachPage(this.#context.store, { transfer: transfer.id, states: ['waiting'], atOnce: AT_ONCE }, (rows) => {
      for (const row of rows) this.#keep(row, now);
    });
  }

  #keep(row: ItemRow, askAt: number): void {
    if (row.state.kind !== 'waiting') return;
    const { for: what, since } = row.state;
    if (what.kind === 'time') {
      // both dates were taken at one moment: their difference is right, whatever the clock was set to since
      this.#times.set(row.id, this.#now() + Math.max(0, what.until - since));
      return;
    }
    const key = keyOf(what, row);
    const thing = this.#things.get(key);
    if (thing === undefined)
      this.#things.set(key, { kind: what.kind, items: new Map([[row.id, row]]), askAt, asking: false });
    else thing.items.set(row.id, row);
  }

  #ask(thing: Thing, connection: Connection): void {
    const isLocal = thing.kind === 'source' || thing.kind === 'target';
    if (isLocal && this.#questions >= MOST_QUESTIONS) return;
    thing.asking = true;
    if (isLocal) this.#questions += 1;
    void this.#answer(thing, connection)
      .catch((error: unknown) => this.#patience.pauseAfter('waiting items', error))
      .finally(() => {
        thing.asking = false;
        if (isLocal) this.#questions -= 1;
        thing.askAt = this.#now() + this.#context.limits.lookAgainMs;
        this.look();
      });
  }

  async #answer(thing: Thing, connection: Connection): Promise<void> {
    this.#dropSettled(thing);
    const [first] = thing.items.values();
    if (first === undefined) return;
    const over = await this.#over(thing, first, connection);
    await this.#letGo(over, thing.kind, thing.items);
  }

  /** Items whose wait is over. */
  async #over(thing: Thing, first: ItemRow, connection: Connection): Promise<readonly ItemId[]> {
    switch (thing.kind) {
      case 'phone':
      case 'replug':
        // a replug is waited for by items found in the store on a later connection: `add` does not keep them
        return connection.alive ? [...thing.items.keys()] : [];
      case 'unlock':
      case 'storage':
        return (await isStorageThere(connection, thing.kind === 'storage' ? first : undefined))
          ? [...thing.items.keys()]
          : [];
      case 'source':
        return sourcesBack(this.#context.disk, thing.items.values());
      case 'target':
        return (await this.#isTargetAway(first)) ? [] : [...thing.items.keys()];
      case 'space': {
        const isPhone =
          first.state.kind === 'waiting' && first.state.for.kind === 'space' && first.state.for.where === 'phone';
        const { space } = this.#context;
        try {
          const free = await (isPhone
            ? space.onPhone(connection, connection.tree.storage(first.storage))
            : space.onComputer(first.local));
          return free === 0 && this.#isProbeDue(thing) ? [first.id] : fitting(thing.items.values(), free);
        } catch {
          // away for now
          return [];
        }
      }
    }
  }

  async #isTargetAway(row: ItemRow): Promise<boolean> {
    const transfer = this.#context.store.transfer(row.transfer);
    return transfer !== undefined && this.#context.targets.isAway(transfer);
  }

  /** A disk may go on saying 0 when there is room again: one item tries it now and then. */
  #isProbeDue(thing: Thing): boolean {
    const now = this.#now();
    if (now < (thing.probeAt ??= now + PROBE_MS)) return false;
    thing.probeAt = now + PROBE_MS;
    return true;
  }

  /** Items that were paused or cancelled meanwhile, as far as they come first, are not waited for. */
  #dropSettled(thing: Thing): void {
    let looked = 0;
    for (const id of thing.items.keys()) {
      if (this.#context.store.item(id)?.state.kind === 'waiting' || looked === AT_ONCE) return;
      thing.items.delete(id);
      looked += 1;
    }
  }

  async #letGo(items: readonly ItemId[], kind: WaitingFor['kind'], from: Map<ItemId, unknown>): Promise<void> {
    const { store } = this.#context;
    for (const [index, id] of items.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) {
        this.#onReady();
        await turn();
      }
      // paused, cancelled or located meanwhile
      const row = store.item(id);
      const transfer = row === undefined ? undefined : store.transfer(row.transfer);
      if (row?.state.kind === 'waiting' && row.state.for.kind === kind && transfer !== undefined) {
        const run = new ItemRun(row, transfer, store, () => this.#context.now(), this.#context);
        run.apply({ kind: 'ready' });
        run.flush();
      }
      // only now: what could not be stored is tried again
      from.delete(id);
    }
    if (items.length > 0) this.#onReady();
  }
}

function keyOf(what: Exclude<WaitingFor, { readonly kind: 'time' }>, row: ItemRow): string {
  switch (what.kind) {
    case 'phone':
    case 'unlock':
    case 'replug':
      return what.kind;
    case 'storage':
      return `storage\0${row.storage}`;
    case 'target':
      return `target\0${row.transfer}`;
    case 'source':
      return `source\0${row.transfer}`;
    case 'space':
      return what.where === 'phone' ? `phone\0${row.storage}` : `computer\0${row.transfer}`;
  }
}

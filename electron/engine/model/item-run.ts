import type { Instant, ItemId } from '../../../shared/domain.ts';
import type { ItemStateName } from '../../../shared/snapshots.ts';
import type { Input, ItemCore, Effect } from './item-state.ts';
import { transition } from './item-state.ts';
import type { Checkpoint, ItemRow, Leftover, TransferRow, TransferStore } from './transfer-store.ts';

/** Fields of an item that may change while it is worked on. */
export type ItemChange = Partial<Omit<ItemRow, 'id' | 'transfer' | 'sequence'>>;

/** What a run tells the queue as it goes. */
export interface RunListener {
  /** Confirmed bytes grew, a state changed: whoever watches should look again. */
  changed(row: ItemRow, before: ItemRow): void;
  /** Payload bytes that were moved, and how many of them for a second time. */
  moved(row: ItemRow, bytes: number, again: number): void;
}

/** Stores rows, several together (`ItemWrites`). */
export interface ItemWriter {
  /** Resolves when the row is stored. */
  now(run: ItemRun): Promise<void>;
  /** As `now`, but not at once. */
  soon(run: ItemRun): Promise<void>;
}

/** States an item passes on its happy road; a crash takes them back to the last thing that was stored. */
const ON_THE_ROAD: ReadonlySet<ItemStateName> = new Set(['preparing', 'moving', 'confirming']);
/**
 * Bytes above which the furthest byte reached is stored before it goes out, so that what is sent again is counted, and
 * above which each chunk is stored when it is confirmed. What is smaller is one chunk: after a crash it goes again.
 */
const LARGE = 1024 * 1024;

/**
 * One item while a lane works on it. Until then nothing else changes its row, and whatever must survive a crash is in
 * the store before anything depends on it.
 */
export class ItemRun {
  readonly transfer: TransferRow;
  readonly #store: TransferStore;
  readonly #now: () => Instant;
  readonly #listener: RunListener;
  readonly #writes: ItemWriter | undefined;
  #row: ItemRow;
  /** As the store has it, and what it does not have yet. */
  #stored: ItemRow;
  #unstored: ItemChange = {};
  /** The one chunk of a small file, stored only if the item stops before it is done. */
  #held: Checkpoint | undefined;
  /** As the store has them, once they were asked for; nothing was ever confirmed of a file nothing was reached of. */
  #checkpoints: Checkpoint[] | undefined;
  /** As it was taken: something of it went wrong, or was begun, before. */
  readonly #wasBegun: boolean;
  #halted = false;
  /** Sent but not confirmed; for display only. */
  inFlight = 0;

  constructor(
    row: ItemRow,
    transfer: TransferRow,
    store: TransferStore,
    now: () => Instant,
    listener: RunListener,
    writes?: ItemWriter,
  ) {
    this.#writes = writes;
    this.#row = row;
    this.#stored = row;
    if (row.reached === 0) this.#checkpoints = [];
    this.#wasBegun = row.retried || row.resumed || row.reached > 0 || row.creation !== 'none';
    this.transfer = transfer;
    this.#store = store;
    this.#now = now;
    this.#listener = listener;
  }

  /**
   * Claims an item for the one who calls: answers nothing when the row is not to be taken any more, whatever the caller
   * last saw of it. `release` gives it back.
   */
  static reserve(
    id: ItemId,
    transfer: TransferRow,
    store: TransferStore,
    now: () => Instant,
    listener: RunListener,
    writes?: ItemWriter,
  ): ItemRun | undefined {
    const row = store.reserve(id);
    return row === undefined ? undefined : new ItemRun(row, transfer, store, now, listener, writes);
  }
  /** Nobody works on it any more; what was not stored is stored by `flush` before. */
  release(): void {
    this.#store.release(this.#row.id);
  }

  get row(): ItemRow {
    return this.#row;
  }
  /** Whether its transfer did not go through at the first attempt: an error, an interruption, a copy found different. */
  get metRetry(): boolean {
    const { retried, attempts, mismatches } = this.#row;
    return this.#wasBegun || retried || attempts > 0 || mismatches > 0;
  }
  /** The program ends: let go at the next chunk boundary and go on at the next start. */
  halt(): void {
    this.#halted = true;
  }
  get halted(): boolean {
    return this.#halted;
  }
  /** Whether the user, or the end of the program, wants the lane to let go at the next chunk boundary. */
  get stopRequested(): boolean {
    if (this.#halted) return true;
    const kind = this.#row.state.kind;
    return kind === 'stopping' || kind === 'paused' || kind === 'cancelled';
  }

  /**
   * Feeds the machine. What a crash must find again is stored at once; steps on the happy road wait for the next
   * store, since after a crash they are taken again anyway.
   */
  apply(input: Input, change: ItemChange = {}): readonly Effect[] {
    const step = transition(this.#core(), input);
    const sameState = step.state === this.#row.state && step.confirmed === this.#row.confirmed;
    if (sameState && Object.keys(change).length === 0) return step.effects;
    this.#change({ ...change, ...(sameState ? {} : { state: step.state, confirmed: step.confirmed }) });
    if (!ON_THE_ROAD.has(step.state.kind) && (this.#writes === undefined || !this.mayEndTogether)) this.flush();
    return step.effects;
  }

  /**
   * As `update` with what announces that something is made; it may be made when this resolves. Rejects with `store`; then
   * nothing is announced.
   */
  async announce(change: ItemChange & Pick<ItemRow, 'creation' | 'temporary'>): Promise<void> {
    this.#change(change);
    if (this.#writes !== undefined && this.#row.size <= LARGE) await this.#writes.now(this);
    else this.flush();
  }

  /** Stores what has not been stored yet; the end of a small file within a moment, together with others. Rejects with `store`. */
  async end(): Promise<void> {
    if (this.#writes !== undefined && this.mayEndTogether) await this.#writes.soon(this);
    else this.flush();
  }

  /** A change that is no input of the machine: names, modes, digests. What announces something to be made is stored before it is. */
  update(change: ItemChange): void {
    this.#change(change);
    if (change.creation === 'creating' || change.creation === 'renaming' || change.size !== undefined) this.flush();
    else if (change.reached !== undefined && this.#row.size > LARGE) this.flush();
  }

  /** The other side confirmed a chunk: checkpoint, state and counters in one transaction. */
  confirmChunk(checkpoint: Checkpoint, change: ItemChange = {}): void {
    const upTo = checkpoint.offset + checkpoint.length;
    const step = transition(this.#core(), { kind: 'chunkConfirmed', upTo });
    const before = this.#row;
    const again = Math.max(0, Math.min(before.reached, upTo) - checkpoint.offset);
    const full: ItemChange = {
      ...this.#unstored,
      ...change,
      state: step.state,
      confirmed: step.confirmed,
      reached: Math.max(before.reached, upTo, change.reached ?? 0),
      attempts: 0,
    };
    if (checkpoint.length === before.size && before.size <= LARGE) {
      this.#held = checkpoint;
      this.#change(full);
    } else {
      this.#store.confirmChunk(before.id, checkpoint, full, this.#now());
      const last = this.#checkpoints?.at(-1);
      if (last !== undefined && last.offset >= checkpoint.offset) this.#checkpoints = undefined;
      else this.#checkpoints?.push(checkpoint);
      this.#row = { ...before, ...full };
      this.#stored = this.#row;
      this.#unstored = {};
    }
    this.inFlight = 0;
    this.#listener.moved(this.#row, checkpoint.length, this.#againCounted(checkpoint, again));
    this.#listener.changed(this.#row, before);
  }

  /** Stores what has not been stored yet, in a way that outlives a power cut. Throws `store`. */
  commitDurably(): void {
    this.flush();
    this.#store.commitDurably(this.#row.id, this.#now());
  }

  get #isStored(): boolean {
    for (const _field in this.#unstored) return false;
    return true;
  }

  /** Stores what has not been stored yet. */
  flush(): void {
    if (this.#isStored) return;
    const before = this.#stored;
    const { kind } = this.#row.state;
    if (this.#held !== undefined && kind !== 'done' && !ON_THE_ROAD.has(kind)) {
      this.#store.confirmChunk(this.#row.id, this.#held, this.#unstored, this.#now());
      this.#checkpoints = undefined;
      this.#held = undefined;
    } else this.#store.updateItem(this.#row.id, this.#unstored, this.#now());
    this.#stored = this.#row;
    this.#unstored = {};
    this.#listener.changed(this.#row, before);
  }

  /** A small file that is done, and nothing else hangs on it: its end may be stored with that of others. */
  get mayEndTogether(): boolean {
    const { state, kind, size } = this.#row;
    return state.kind === 'done' && kind === 'file' && size <= LARGE && !this.transfer.options.move;
  }
  /** As `flush` for items on their way or done, in one transaction. Throws `store`. */
  static flushAll(runs: readonly ItemRun[]): void {
    const isStorable = ({ kind }: ItemRow['state']): boolean => ON_THE_ROAD.has(kind) || kind === 'done';
    const some = runs.filter((run) => !run.#isStored && isStorable(run.#row.state));
    const [first] = some;
    if (first === undefined) return;
    if (some.length === 1) {
      first.flush();
      return;
    }
    first.#store.updateItems(
      some.map((run) => ({ id: run.#row.id, change: run.#unstored })),
      first.#now(),
    );
    for (const run of some) {
      const before = run.#stored;
      run.#stored = run.#row;
      run.#unstored = {};
      run.#listener.changed(run.#row, before);
    }
  }

  /** Furthest byte reached before this run began; what lies below it and is sent in this run is sent again. */
  #reachedBefore: number | undefined;
  #againCounted(checkpoint: Checkpoint, again: number): number {
    const limit = this.#reachedBefore ?? 0;
    return Math.min(again, Math.max(0, Math.min(limit, checkpoint.offset + checkpoint.length) - checkpoint.offset));
  }
  /** Called when a move begins: `reached` as the store had it. */
  beginMove(): void {
    this.#reachedBefore = this.#row.reached;
  }

  /** Bytes that went a second time outside the order of chunks: a repaired one. */
  resent(bytes: number): void {
    this.#listener.moved(this.#row, bytes, bytes);
  }

  /**
   * Gives up what was made of the item, in one transaction with what was not stored yet and with the note of what is
   * left to remove. With an input, the state that follows from it is stored together with that.
   */
  abandon(leftover: Leftover | undefined, input?: Input): void {
    const before = this.#stored;
    const state = input === undefined ? this.#row.state : transition(this.#core(), input).state;
    this.#store.abandonItem(this.#row.id, { ...this.#unstored, state }, leftover, this.#now());
    this.#row = { ...this.#row, state, temporary: undefined, creation: 'none', confirmed: 0 };
    this.#stored = this.#row;
    this.#unstored = {};
    this.#held = undefined;
    this.#checkpoints = [];
    this.#listener.changed(this.#row, before);
  }

  checkpoints(): readonly Checkpoint[] {
    if (this.#held !== undefined) return [this.#held];
    this.#checkpoints ??= [...this.#store.checkpoints(this.#row.id)];
    return this.#checkpoints;
  }
  /** Forgets the chunks that end beyond `offset`. */
  dropCheckpoints(offset: number): void {
    if (this.#held !== undefined && this.#held.length > offset) this.#held = undefined;
    if (this.#checkpoints?.length === 0) return;
    this.#store.dropCheckpoints(this.#row.id, offset);
    this.#checkpoints = undefined;
  }

  #core(): ItemCore {
    return { state: this.#row.state, confirmed: this.#row.confirmed, size: this.#row.size };
  }
  #change(change: ItemChange): void {
    this.#row = { ...this.#row, ...change };
    this.#unstored = { ...this.#unstored, ...change };
  }
}

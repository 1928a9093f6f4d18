import type { DeviceKey, ItemId, TransferId } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { AnswerChoice, ItemStateName } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import { transition, type Input } from '../model/item-state.ts';
import type { Lane } from './lane.ts';
import { abandonItem } from './leftovers.ts';
import type { ItemChange } from '../model/item-run.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';

/** States in which an item is in nobody's hands, so that many can be changed at once. */
const IDLE: readonly ItemStateName[] = ['queued', 'waiting', 'preparing', 'asking', 'paused'];

/** What the user says of transfers: pause, go on, cancel, retry, answer, reorder. */
export class TransferControl {
  readonly #context: EngineContext;
  readonly #lane: (device: DeviceKey) => Lane | undefined;

  constructor(context: EngineContext, lane: (device: DeviceKey) => Lane | undefined) {
    this.#context = context;
    this.#lane = lane;
  }

  /** At the program's start nothing is active any more: it waits for its phone. */
  restart(row: TransferRow): void {
    const at = this.#context.now();
    for (const state of ['preparing', 'moving', 'confirming', 'stopping', 'waiting'] as const)
      for (const item of this.#context.store.itemsIn(row.id, [state], 10_000))
        this.feed(item, row, { kind: 'restarted', at });
  }

  pause(row: TransferRow): void {
    if (!row.planned) this.#context.pausedPlans.add(row.id);
    this.#each(row, { kind: 'pause' }, ['queued', 'waiting'], 'paused');
  }

  resume(row: TransferRow): void {
    this.#context.pausedPlans.delete(row.id);
    this.#each(row, { kind: 'resume' }, ['paused'], 'queued');
    // whoever waits is looked at again at once
    for (const item of this.#context.store.itemsIn(row.id, ['waiting', 'stopping'], 10_000))
      if (item.state.kind !== 'waiting' || item.state.for.kind !== 'source') this.feed(item, row, { kind: 'resume' });
  }

  cancel(row: TransferRow): void {
    // what was never planned has nothing to undo
    if (!row.planned) this.#context.store.updateTransfer(row.id, { planned: true });
    this.#each(row, { kind: 'cancel' }, IDLE, 'cancelled');
    this.#lane(row.device)?.cleanAgain();
  }

  retry(row: TransferRow, only: ItemId | undefined): void {
    const failed = this.#context.store.itemsIn(row.id, ['failed'], 1_000_000);
    for (const item of failed)
      if (only === undefined || item.id === only)
        this.feed(item, row, { kind: 'retry' }, { attempts: 0, mismatches: 0 });
    this.#done(row);
  }

  /** A failed item that is taken off the list is not tried again: what it made goes. */
  abandonFailed(row: TransferRow): void {
    for (const item of this.#context.store.withTemporary(row.id))
      if (item.state.kind === 'failed') abandonItem(this.#context, item, row.device, row.direction);
    this.#lane(row.device)?.cleanAgain();
  }

  answer(row: TransferRow, id: ItemId, choice: AnswerChoice, applyToAll: boolean): void {
    const item = this.#context.store.item(id);
    if (item === undefined || item.transfer !== row.id) throw fail('bad-request', 'answer', 'There is no such file.');
    if (item.state.kind !== 'asking') throw fail('bad-request', 'answer', 'This was answered already.');
    const { question } = item.state;
    if (applyToAll)
      this.#context.store.updateTransfer(
        row.id,
        question.kind === 'clash' ? { clashAnswer: choice } : { nameAnswer: choice },
      );
    const asked = applyToAll
      ? this.#context.store
          .itemsIn(row.id, ['asking'], 1_000_000)
          .filter((other) => other.state.kind === 'asking' && other.state.question.kind === question.kind)
      : [item];
    for (const other of asked) this.feed(other, row, { kind: 'answered', choice }, { answer: choice });
    if (asked.some((other) => other.temporary !== undefined)) this.#lane(row.device)?.cleanAgain();
    this.#done(row);
  }

  reorder(row: TransferRow, before: TransferId | undefined): void {
    const others = this.#context.store.transfers().filter((other) => other.id !== row.id);
    const index = before === undefined ? others.length : others.findIndex((other) => other.id === before);
    if (index < 0) throw fail('bad-request', 'reorder', `There is no transfer ${before ?? ''}.`);
    const previous = others[index - 1]?.position ?? (others[0]?.position ?? 0) - 2;
    const next = others[index]?.position ?? previous + 2;
    this.#context.store.updateTransfer(row.id, { position: (previous + next) / 2 });
    this.#done(row);
  }

  /** Feeds one input to all items: those without a temporary at once, the others one by one, running ones through their lane. */
  #each(row: TransferRow, input: Input, from: readonly ItemStateName[], to: 'paused' | 'queued' | 'cancelled'): void {
    const { store } = this.#context;
    const lane = this.#lane(row.device);
    for (const run of lane?.runs ?? []) if (run.row.transfer === row.id) run.apply(input);
    for (const item of store.withTemporary(row.id)) if (lane?.run(item.id) === undefined) this.feed(item, row, input);
    const running = new Set([...(lane?.runs ?? [])].map((run) => run.row.id));
    if (running.size === 0 || !from.includes('preparing'))
      store.changeStates(row.id, from, { kind: to }, this.#context.now());
    else {
      // a running item that prepares would be changed behind its lane's back
      store.changeStates(
        row.id,
        from.filter((state) => state !== 'preparing'),
        { kind: to },
        this.#context.now(),
      );
      for (const item of store.itemsIn(row.id, ['preparing'], 10_000))
        if (!running.has(item.id)) this.feed(item, row, input);
    }
    this.#done(row);
  }

  /** Feeds one input to an item, through its lane where one works on it. */
  feed(item: ItemRow, row: TransferRow, input: Input, change: ItemChange = {}): void {
    const run = this.#lane(row.device)?.run(item.id);
    if (run !== undefined) {
      run.apply(input, change);
      return;
    }
    const step = transition(item, input);
    if (step.state === item.state && Object.keys(change).length === 0) return;
    if (step.effects.some((effect) => effect.kind === 'discard')) {
      abandonItem(this.#context, item, row.device, row.direction, input);
      return;
    }
    this.#context.store.updateItem(
      item.id,
      { ...change, state: step.state, confirmed: step.confirmed },
      this.#context.now(),
    );
  }

  #done(row: TransferRow): void {
    this.#lane(row.device)?.wake();
    this.#context.touch(row.id);
  }
}

import { setImmediate as turn } from 'node:timers/promises';
import type { DeviceKey, TransferId } from '../../../shared/domain.ts';
import type { Question } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { ItemChange, ItemRun } from '../model/item-run.ts';
import {
  IDLE_STATES,
  transition,
  transitionOfAll,
  type IdleStateName,
  type Input,
  type ItemState,
} from '../model/item-state.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';
import type { Lane } from './lane.ts';
import { abandonItem, leftoverOf } from './note-leftover.ts';

/**
 * Items changed before others have their turn: whatever moves, and whoever looks, waits for that long. Rows that are
 * changed by one statement cost a hundredth of those that are read and fed one by one.
 */
const MANY_AT_ONCE = 800;
/** As above, of those that are fed one by one. */
export const FEW_AT_ONCE = 200;

/** An input that all items of a transfer may get at once. */
type Instruction = Parameters<typeof transitionOfAll>[1];

/**
 * Gives inputs to the items of transfers: through their lane where one works on them, in batches where they are many.
 */
export class ItemInputs {
  readonly #context: EngineContext;
  readonly #lane: (device: DeviceKey) => Lane | undefined;
  /** The instruction that the items of a transfer are following; a new one ends those before it. */
  readonly #instructions = new Map<TransferId, Instruction>();

  constructor(context: EngineContext, lane: (device: DeviceKey) => Lane | undefined) {
    this.#context = context;
    this.#lane = lane;
  }

  /**
   * Gives an instruction to all items of a transfer: to those that are worked on at once, to the others in batches. Ends
   * early when another instruction is given.
   */
  async toAll(row: TransferRow, instruction: Instruction): Promise<void> {
    this.#instructions.set(row.id, instruction);
    const isLast = (): boolean => this.#instructions.get(row.id) === instruction;
    this.#tellRunning(row, instruction);
    this.look(row);
    if (instruction.kind === 'cancel') await this.#cancelMade(row, isLast);
    for (const state of IDLE_STATES) {
      // what failed keeps its reason
      const to = instruction.kind === 'cancel' && state === 'failed' ? undefined : transitionOfAll(state, instruction);
      if (to !== undefined) await this.#moveAll(row, state, to, instruction, isLast);
    }
    if (instruction.kind === 'resume') await this.#resumeWaiting(row, isLast);
  }

  /** Each gets it, even if the store fails for another. Throws the first error. */
  #tellRunning(row: TransferRow, instruction: Instruction): void {
    const errors: unknown[] = [];
    for (const run of this.#lane(row.device)?.runs ?? [])
      if (run.row.transfer === row.id)
        try {
          this.#tell(run, row, instruction);
        } catch (error) {
          errors.push(error);
        }
    if (errors.length > 0) throw errors[0];
  }

  /** What has made something leaves a leftover behind, so it is cancelled one by one. */
  async #cancelMade(row: TransferRow, isLast: () => boolean): Promise<void> {
    for (const [index, item] of this.#context.store.withTemporary(row.id).entries()) {
      if (index % FEW_AT_ONCE === FEW_AT_ONCE - 1) await turn();
      if (!isLast()) return;
      const now = this.#context.store.item(item.id);
      if (now !== undefined) this.toOne(now, row, { kind: 'cancel' });
    }
    // these may have been all that was left of it
    this.look(row);
  }

  async #moveAll(
    row: TransferRow,
    from: IdleStateName,
    to: ItemState,
    instruction: Instruction,
    isLast: () => boolean,
  ): Promise<void> {
    const options = {
      limit: MANY_AT_ONCE,
      withTemporary: instruction.kind !== 'cancel',
      anew: instruction.kind === 'retry',
    };
    while (isLast()) {
      const changed = this.#context.store.changeStates(row.id, [from], to, this.#context.now(), options);
      if (changed > 0) this.look(row);
      if (changed < MANY_AT_ONCE) return;
      await turn();
    }
  }

  /** Whoever waits is looked at again at once, but for missing sources, which are looked for anyway. */
  async #resumeWaiting(row: TransferRow, isLast: () => boolean): Promise<void> {
    let after = -1;
    for (;;) {
      const items = this.#context.store.itemsIn(row.id, ['waiting'], FEW_AT_ONCE, after);
      for (const item of items) this.toOne(item, row, { kind: 'resume' });
      const last = items.at(-1);
      if (last === undefined || items.length < FEW_AT_ONCE) break;
      after = last.sequence;
      await turn();
      if (!isLast()) return;
    }
    this.look(row);
  }

  /** Feeds all items of a transfer that ask a question of this kind, in batches. */
  async toAsking(
    row: TransferRow,
    kind: Question['kind'],
    fed: (question: Question) => { readonly input: Input; readonly change?: ItemChange },
  ): Promise<void> {
    let after = -1;
    for (;;) {
      const asking = this.#context.store.itemsIn(row.id, ['asking'], FEW_AT_ONCE, after);
      for (const item of asking) {
        if (item.state.kind !== 'asking' || item.state.question.kind !== kind) continue;
        const { input, change } = fed(item.state.question);
        this.toOne(item, row, input, change);
      }
      const last = asking.at(-1);
      if (last === undefined || asking.length < FEW_AT_ONCE) return;
      after = last.sequence;
      this.look(row);
      await turn();
    }
  }

  /** Feeds one input to an item, through its lane where one works on it. */
  toOne(item: ItemRow, row: TransferRow, input: Input, change: ItemChange = {}): void {
    const run = this.#lane(row.device)?.run(item.id);
    if (run !== undefined) {
      this.#tell(run, row, input, change);
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

  /**
   * Tells it to whoever works on the item. A lane that is just letting go of it has cleaned up already: what the item
   * made and nobody will finish is given up here.
   */
  #tell(run: ItemRun, row: TransferRow, input: Input, change: ItemChange = {}): void {
    const { effects } = transition(run.row, input);
    if (effects.some(({ kind }) => kind === 'discard'))
      run.abandon(leftoverOf(run.row, row.device, row.direction), input);
    else run.apply(input, change);
  }

  /** Something of the transfer has changed: its lane looks at it, and so does whoever shows it. */
  look(row: TransferRow): void {
    this.#lane(row.device)?.wake();
    this.#context.touch(row.id);
  }
}

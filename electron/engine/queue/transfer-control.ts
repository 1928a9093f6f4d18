import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { DeviceKey, ItemId, TransferId, TransferOptions } from '../../../shared/domain.ts';
import { failRequest } from '../../../shared/errors.ts';
import type { AnswerChoice, Question } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import {
  IDLE_STATES,
  isOriginalLeft,
  transition,
  transitionOfAll,
  type IdleStateName,
  type Input,
  type ItemState,
} from '../model/item-state.ts';
import { checkAgain } from './check-again.ts';
import type { Lane } from './lane.ts';
import { abandonItem, leftoverOf } from './note-leftover.ts';
import type { ItemChange, ItemRun } from '../model/item-run.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';

/**
 * Items changed before others have their turn: whatever moves, and whoever looks, waits for that long. Rows that are
 * changed by one statement cost a hundredth of those that are read and fed one by one.
 */
const MANY_AT_ONCE = 800;
const FEW_AT_ONCE = 200;
/** Between two looks whether the lane has let go. */
const LET_GO_MS = 10;

/** What a question is told when its rule has changed. */
const OTHER_RULE = { input: { kind: 'otherRule' } } as const;

/** States that a crash may leave behind with no lane on them. */
const LEFT_BEHIND = ['preparing', 'moving', 'confirming', 'stopping'] as const;

/** An input that all items of a transfer may get at once. */
type Instruction = Parameters<typeof transitionOfAll>[1];

/**
 * A person's instructions for transfers: pause, resume, cancel, retry, answer, reorder. An instruction holds as soon as it
 * is given, since the transfer's intent is stored first; the items follow in batches, so that 400,000 of them block nobody.
 */
export class TransferControl {
  readonly #context: EngineContext;
  readonly #lane: (device: DeviceKey) => Lane | undefined;
  /** The instruction that the items of a transfer are following; a new one ends those before it. */
  readonly #instructions = new Map<TransferId, Instruction>();

  constructor(context: EngineContext, lane: (device: DeviceKey) => Lane | undefined) {
    this.#context = context;
    this.#lane = lane;
  }

  /** At the program's start nothing is active any more: it waits for its phone. The last instruction is carried through. */
  async restart(row: TransferRow): Promise<void> {
    const at = this.#context.now();
    for (const state of LEFT_BEHIND)
      for (const item of this.#context.store.itemsIn(row.id, [state], Infinity))
        this.feed(item, row, { kind: 'restarted', at });
    await this.finishMoves(row);
    // the program may have ended before all of them were taken up again
    if (row.doubted && row.finishedAt === undefined && row.options.verify === 'sampled')
      await checkAgain(this.#context, row.id);
    if (row.finishedAt === undefined && row.intent !== 'run') await this.#instruct(row, { kind: row.intent });
  }

  /**
   * Takes up the files of a move whose copy is done and whose original may still be there: the program ended between the
   * two, or the phone or a disk was away. Answers whether there are any.
   */
  async finishMoves(row: TransferRow): Promise<boolean> {
    if (!row.options.move || row.intent === 'cancel') return false;
    const { store } = this.#context;
    let found = false;
    for (let after: number | undefined; ;) {
      const rows = store.itemsIn(row.id, ['done'], FEW_AT_ONCE, after);
      for (const item of rows) {
        if (item.state.kind !== 'done' || !isOriginalLeft(item.state.outcome)) continue;
        if (!found && row.finishedAt !== undefined)
          store.updateTransfer(row.id, { finishedAt: undefined, removed: false });
        found = true;
        const creation = item.creation === 'deleting' ? 'deleting' : 'published';
        const anew = { creation, temporary: undefined, attempts: 0, mismatches: 0 } as const;
        this.feed(item, row, { kind: 'originalLeft', at: this.#context.now() }, anew);
      }
      after = rows.at(-1)?.sequence;
      if (rows.length < FEW_AT_ONCE) break;
      await turn();
    }
    if (found) this.#done(row);
    return found;
  }

  /** Resolves when every item has followed. */
  async pause(row: TransferRow): Promise<void> {
    // what has ended, or is being cancelled, is not paused any more
    if (row.finishedAt !== undefined || row.intent === 'cancel') return;
    this.#context.store.updateTransfer(row.id, { intent: 'pause' });
    await this.#instruct(row, { kind: 'pause' });
  }

  /**
   * The same transfer with other options. What is under way under the old ones lets go first, so that nothing is
   * replaced or deleted that the user no longer asks for. The transfer is paused when this resolves.
   */
  async useOptions(row: TransferRow, options: TransferOptions): Promise<void> {
    if (isDeepStrictEqual(row.options, options)) return;
    await this.pause(row);
    const isRunning = (): boolean =>
      [...(this.#lane(row.device)?.runs ?? [])].some((run) => run.row.transfer === row.id);
    while (isRunning()) await this.#context.clock.sleep(LET_GO_MS);
    this.#context.store.updateTransfer(row.id, {
      options,
      // what was answered for all was an answer to another rule
      ...(row.options.onConflict === options.onConflict ? {} : { conflictAnswer: undefined }),
      ...(row.options.onName === options.onName ? {} : { nameAnswer: undefined }),
    });
    // what was asked, or answered, under the old rule is decided under the new one
    if (row.options.onConflict !== options.onConflict) {
      await this.#feedAsking(row, 'conflict', () => OTHER_RULE);
      await this.#forgetAnswers(row);
    }
    if (row.options.onName !== options.onName) await this.#feedAsking(row, 'name', () => OTHER_RULE);
    this.#done(row);
  }

  /** As `pause`. */
  async resume(row: TransferRow): Promise<void> {
    if (row.finishedAt !== undefined || row.intent === 'cancel') return;
    this.#context.store.updateTransfer(row.id, { intent: 'run' });
    await this.#instruct(row, { kind: 'resume' });
  }

  /**
   * As `pause`. What had ended already keeps its end; what failed and kept its part for another try gives it up, also
   * in a transfer that has ended.
   */
  async cancel(row: TransferRow): Promise<void> {
    if (row.finishedAt === undefined)
      // what was never planned has nothing to undo
      this.#context.store.updateTransfer(row.id, { intent: 'cancel', planned: true });
    await this.#instruct(row, { kind: 'cancel' });
    this.#lane(row.device)?.cleanAgain();
  }

  /**
   * Tries again what failed: all of it, or one item. Where nothing could be listed, it is listed again. A transfer that was
   * taken out of the list is in it again.
   */
  async retry(row: TransferRow, only: ItemId | undefined): Promise<void> {
    const { store } = this.#context;
    // a cancel comes to its end first: what it has not reached yet is not tried again
    if (row.finishedAt === undefined && row.intent === 'cancel') await this.#instruct(row, { kind: 'cancel' });
    if (row.planFailed) {
      // as the phone is now, not as it was when it failed
      this.#context.registry.connection(row.device)?.tree.forget();
      store.clearItems(row.id);
      store.updateTransfer(row.id, {
        planned: false,
        planFailed: false,
        finishedAt: undefined,
        intent: 'run',
        removed: false,
      });
      this.#done(row);
      return;
    }
    // one that was taken out of the list is back in it: what nobody sees is not worked on
    store.updateTransfer(row.id, { intent: 'run', removed: false });
    // what could not be looked at when it failed goes first: else it would be in the way
    if (store.leftovers(row.device).length > 0) this.#lane(row.device)?.cleanAgain();
    if (only === undefined) {
      await this.#instruct(row, { kind: 'retry' });
      return;
    }
    const item = store.item(only);
    if (item?.transfer === row.id) this.feed(item, row, { kind: 'retry' }, { attempts: 0, mismatches: 0 });
    this.#done(row);
  }

  /** A failed item that is taken off the list is not tried again: what it made goes. */
  abandonFailed(row: TransferRow): void {
    for (const item of this.#context.store.withTemporary(row.id))
      if (item.state.kind === 'failed') abandonItem(this.#context, item, row.device, row.direction);
    this.#lane(row.device)?.cleanAgain();
  }

  /** Answers an item's question, and with `applyToAll` all of its kind, those to come as well. */
  async answer(row: TransferRow, id: ItemId, choice: AnswerChoice, applyToAll: boolean): Promise<void> {
    const item = this.#context.store.item(id);
    if (item === undefined || item.transfer !== row.id) throw failRequest('answer', { id: 'no-such-file' });
    if (item.state.kind !== 'asking') throw failRequest('answer', { id: 'answered' });
    const { question } = item.state;
    if (applyToAll)
      this.#context.store.updateTransfer(
        row.id,
        question.kind === 'conflict' ? { conflictAnswer: choice } : { nameAnswer: choice },
      );
    const said = { input: { kind: 'answered', choice } } as const;
    this.feed(item, row, said.input, answered(row, question, choice));
    if (applyToAll)
      await this.#feedAsking(row, question.kind, (asked) => ({ ...said, change: answered(row, asked, choice) }));
    // skipped or cancelled: what it had made is given up
    if (this.#context.store.leftovers(row.device).length > 0) this.#lane(row.device)?.cleanAgain();
    this.#done(row);
  }

  /** Feeds all items of a transfer that ask a question of this kind, in batches. */
  async #feedAsking(
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
        this.feed(item, row, input, change);
      }
      const last = asking.at(-1);
      if (last === undefined || asking.length < FEW_AT_ONCE) return;
      after = last.sequence;
      this.#done(row);
      await turn();
    }
  }

  /** Files that were answered about and are not there yet. */
  async #forgetAnswers(row: TransferRow): Promise<void> {
    const { store } = this.#context;
    for (let after = -1; ;) {
      const rows = store.itemsIn(row.id, IDLE_STATES, FEW_AT_ONCE, after);
      const changes = rows
        .filter(({ answer }) => answer === 'replace')
        .map(({ id }) => ({ id, change: { answer: undefined } }));
      if (changes.length > 0) store.updateItems(changes, this.#context.now());
      const last = rows.at(-1);
      if (last === undefined || rows.length < FEW_AT_ONCE) return;
      after = last.sequence;
      await turn();
    }
  }

  reorder(row: TransferRow, before: TransferId | undefined): void {
    const others = this.#context.store.transfers().filter((other) => other.id !== row.id);
    const index = before === undefined ? others.length : others.findIndex((other) => other.id === before);
    if (index < 0) throw failRequest('reorder', { id: 'no-transfer', with: { id: before ?? '' } });
    const previous = others[index - 1]?.position ?? (others[0]?.position ?? 0) - 2;
    const next = others[index]?.position ?? previous + 2;
    this.#context.store.updateTransfer(row.id, { position: (previous + next) / 2 });
    this.#done(row);
  }

  /**
   * Gives an instruction to all items of a transfer: to those that are worked on at once, to the others in batches. Ends
   * early when another instruction is given.
   */
  async #instruct(row: TransferRow, instruction: Instruction): Promise<void> {
    this.#instructions.set(row.id, instruction);
    const isLast = (): boolean => this.#instructions.get(row.id) === instruction;
    this.#tellRunning(row, instruction);
    this.#done(row);
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
      if (now !== undefined) this.feed(now, row, { kind: 'cancel' });
    }
    // these may have been all that was left of it
    this.#done(row);
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
      if (changed > 0) this.#done(row);
      if (changed < MANY_AT_ONCE) return;
      await turn();
    }
  }

  /** Whoever waits is looked at again at once, but for missing sources, which are looked for anyway. */
  async #resumeWaiting(row: TransferRow, isLast: () => boolean): Promise<void> {
    let after = -1;
    for (;;) {
      const items = this.#context.store.itemsIn(row.id, ['waiting'], FEW_AT_ONCE, after);
      for (const item of items) this.feed(item, row, { kind: 'resume' });
      const last = items.at(-1);
      if (last === undefined || items.length < FEW_AT_ONCE) break;
      after = last.sequence;
      await turn();
      if (!isLast()) return;
    }
    this.#done(row);
  }

  /** Feeds one input to an item, through its lane where one works on it. */
  feed(item: ItemRow, row: TransferRow, input: Input, change: ItemChange = {}): void {
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

  #done(row: TransferRow): void {
    this.#lane(row.device)?.wake();
    this.#context.touch(row.id);
  }
}

/** An answer is about what was shown. Of an upload that is stored with the question, since it may need the content. */
function answered({ direction }: TransferRow, question: Question, answer: AnswerChoice): ItemChange {
  if (direction === 'upload' || answer !== 'replace' || question.kind !== 'conflict' || question.existingIsFolder)
    return { answer };
  const { size, modified } = question.existing;
  return { answer, expectation: { kind: 'file', size, modified } };
}

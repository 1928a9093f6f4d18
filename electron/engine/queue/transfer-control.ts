import { isDeepStrictEqual } from 'node:util';
import type { DeviceKey, ItemId, TransferId, TransferOptions } from '../../../shared/domain.ts';
import { failRequest } from '../../../shared/errors.ts';
import type { AnswerChoice, Question, QuestionId } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import { eachPage } from '../model/each-page.ts';
import { IDLE_STATES, isOriginalLeft, isSkippedByRule, type Input } from '../model/item-state.ts';
import { questionOf } from '../model/question-id.ts';
import { checkAgain } from './check-again.ts';
import { FEW_AT_ONCE, ItemInputs } from './item-inputs.ts';
import type { Lane } from './lane.ts';
import { abandonItem } from './note-leftover.ts';
import type { ItemChange } from '../model/item-run.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';

/** Between two looks whether the lane has let go. */
const LET_GO_MS = 10;

/** What a question is told when its rule has changed. */
const OTHER_RULE = { input: { kind: 'otherRule' } } as const;

/** States that a crash may leave behind with no lane on them. */
const LEFT_BEHIND = ['preparing', 'moving', 'confirming', 'stopping'] as const;

/**
 * A person's instructions for transfers: pause, resume, cancel, retry, answer, reorder. An instruction holds as soon as it
 * is given, since the transfer's intent is stored first; the items follow in batches, so that 400,000 of them block nobody.
 */
export class TransferControl {
  readonly #context: EngineContext;
  readonly #lane: (device: DeviceKey) => Lane | undefined;
  readonly #inputs: ItemInputs;

  constructor(context: EngineContext, lane: (device: DeviceKey) => Lane | undefined) {
    this.#context = context;
    this.#lane = lane;
    this.#inputs = new ItemInputs(context, lane);
  }

  /** At the program's start nothing is active any more: it waits for its phone. The last instruction is carried through. */
  async restart(row: TransferRow): Promise<void> {
    const at = this.#context.now();
    for (const state of LEFT_BEHIND)
      for (const item of this.#context.store.itemsIn(row.id, [state], Infinity))
        this.#inputs.toOne(item, row, { kind: 'restarted', at });
    await this.finishMoves(row);
    // the program may have ended before all of them were taken up again
    if (row.doubted && row.finishedAt === undefined && row.options.verify === 'sampled')
      await checkAgain(this.#context, row.id);
    if (row.finishedAt === undefined && row.intent !== 'run') await this.#inputs.toAll(row, { kind: row.intent });
  }

  /**
   * Takes up the files of a move whose copy is done and whose original may still be there: it was copied before this was a
   * move, the program ended between the two, or the phone or a disk was away. Answers whether there are any.
   */
  async finishMoves(row: TransferRow): Promise<boolean> {
    if (!row.options.move || row.intent === 'cancel') return false;
    const { store } = this.#context;
    let found = false;
    await eachPage(store, { transfer: row.id, states: ['done'], atOnce: FEW_AT_ONCE }, (rows) => {
      for (const stored of rows) {
        const item = inMove(stored);
        if (item.state.kind !== 'done' || !isOriginalLeft(item.state.outcome)) continue;
        if (!found && row.finishedAt !== undefined)
          store.updateTransfer(row.id, { finishedAt: undefined, removed: false });
        found = true;
        const creation = item.creation === 'deleting' ? 'deleting' : 'published';
        const anew = { creation, temporary: undefined, attempts: 0, mismatches: 0 } as const;
        this.#inputs.toOne(item, row, { kind: 'originalLeft', at: this.#context.now() }, anew);
      }
    });
    if (found) this.#inputs.look(row);
    return found;
  }

  /** Resolves when every item has followed. */
  async pause(row: TransferRow): Promise<void> {
    // what has ended, or is being cancelled, is not paused any more
    if (row.finishedAt !== undefined || row.intent === 'cancel') return;
    this.#context.store.updateTransfer(row.id, { intent: 'pause' });
    await this.#inputs.toAll(row, { kind: 'pause' });
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
    // what was asked, answered or skipped under the old rule is decided under the new one
    if (row.options.onConflict !== options.onConflict) {
      await this.#inputs.toAsking(row, 'conflict', () => OTHER_RULE);
      await this.#forgetAnswers(row);
      await this.#takeUpSkipped(row);
    }
    if (row.options.onName !== options.onName) await this.#inputs.toAsking(row, 'name', () => OTHER_RULE);
    this.#inputs.look(row);
  }

  /** As `pause`. */
  async resume(row: TransferRow): Promise<void> {
    if (row.finishedAt !== undefined || row.intent === 'cancel') return;
    this.#context.store.updateTransfer(row.id, { intent: 'run' });
    await this.#inputs.toAll(row, { kind: 'resume' });
  }

  /**
   * As `pause`. What had ended already keeps its end; what failed and kept its part for another try gives it up, also
   * in a transfer that has ended.
   */
  async cancel(row: TransferRow): Promise<void> {
    if (row.finishedAt === undefined)
      // what was never planned has nothing to undo
      this.#context.store.updateTransfer(row.id, { intent: 'cancel', planned: true });
    await this.#inputs.toAll(row, { kind: 'cancel' });
    this.#lane(row.device)?.cleanAgain();
  }

  /**
   * Tries again what failed: all of it, or one item. Where nothing could be listed, it is listed again. A transfer that was
   * taken out of the list is in it again.
   */
  async retry(row: TransferRow, only: ItemId | undefined): Promise<void> {
    const { store } = this.#context;
    // a cancel comes to its end first: what it has not reached yet is not tried again
    if (row.finishedAt === undefined && row.intent === 'cancel') await this.#inputs.toAll(row, { kind: 'cancel' });
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
      this.#inputs.look(row);
      return;
    }
    // one that was taken out of the list is back in it: what nobody sees is not worked on
    store.updateTransfer(row.id, { intent: 'run', removed: false });
    // what could not be looked at when it failed goes first: else it would be in the way
    if (store.leftovers(row.device).length > 0) this.#lane(row.device)?.cleanAgain();
    if (only === undefined) {
      await this.#inputs.toAll(row, { kind: 'retry' });
      return;
    }
    const item = store.item(only);
    if (item?.transfer === row.id) this.#inputs.toOne(item, row, { kind: 'retry' }, { attempts: 0, mismatches: 0 });
    this.#inputs.look(row);
  }

  /** A failed item that is taken off the list is not tried again: what it made goes. */
  abandonFailed(row: TransferRow): void {
    for (const item of this.#context.store.withTemporary(row.id))
      if (item.state.kind === 'failed') abandonItem(this.#context, item, row.device, row.direction);
    this.#lane(row.device)?.cleanAgain();
  }

  /**
   * Answers the question of an item that was shown, and with `applyToAll` all of its kind, those to come as well. Rejects
   * with `bad-request` where the item asks another one by now, or none.
   */
  async answer(
    row: TransferRow,
    id: ItemId,
    shown: QuestionId,
    choice: AnswerChoice,
    applyToAll: boolean,
  ): Promise<void> {
    const item = this.#context.store.item(id);
    if (item === undefined || item.transfer !== row.id) throw failRequest('answer', { id: 'no-such-file' });
    if (item.state.kind !== 'asking') throw failRequest('answer', { id: 'answered' });
    if (questionOf(item)?.id !== shown) throw failRequest('answer', { id: 'other-question' });
    const { question } = item.state;
    if (applyToAll)
      this.#context.store.updateTransfer(
        row.id,
        question.kind === 'conflict' ? { conflictAnswer: choice } : { nameAnswer: choice },
      );
    const said = { input: { kind: 'answered', choice } } as const;
    this.#inputs.toOne(item, row, said.input, answered(row, question, choice));
    if (applyToAll)
      await this.#inputs.toAsking(row, question.kind, (asked) => ({ ...said, change: answered(row, asked, choice) }));
    // skipped or cancelled: what it had made is given up
    if (this.#context.store.leftovers(row.device).length > 0) this.#lane(row.device)?.cleanAgain();
    this.#inputs.look(row);
  }

  /** Files that were answered about and are not there yet. */
  async #forgetAnswers(row: TransferRow): Promise<void> {
    const { store } = this.#context;
    await eachPage(store, { transfer: row.id, states: IDLE_STATES, atOnce: FEW_AT_ONCE }, (rows) => {
      const changes = rows
        .filter(({ answer }) => answer === 'replace')
        .map(({ id }) => ({ id, change: { answer: undefined } }));
      if (changes.length > 0) store.updateItems(changes, this.#context.now());
    });
  }

  /** Files that were skipped by the rule of before. */
  async #takeUpSkipped(row: TransferRow): Promise<void> {
    const { store } = this.#context;
    await eachPage(store, { transfer: row.id, states: ['done'], atOnce: FEW_AT_ONCE }, (rows) => {
      for (const item of rows)
        if (item.state.kind === 'done' && isSkippedByRule(item.state.outcome))
          this.#inputs.toOne(item, row, OTHER_RULE.input, { expectation: undefined });
    });
  }

  /** An input for one item of a transfer, as `ItemInputs.toOne`. */
  feed(item: ItemRow, row: TransferRow, input: Input, change?: ItemChange): void {
    this.#inputs.toOne(item, row, input, change);
  }

  reorder(row: TransferRow, before: TransferId | undefined): void {
    const others = this.#context.store.transfers().filter((other) => other.id !== row.id);
    const index = before === undefined ? others.length : others.findIndex((other) => other.id === before);
    if (index < 0) throw failRequest('reorder', { id: 'no-transfer', with: { id: before ?? '' } });
    const previous = others[index - 1]?.position ?? (others[0]?.position ?? 0) - 2;
    const next = others[index]?.position ?? previous + 2;
    this.#context.store.updateTransfer(row.id, { position: (previous + next) / 2 });
    this.#inputs.look(row);
  }
}

/** In a move, a file that was copied before it was one still has its original, which is to go like any other. */
function inMove(item: ItemRow): ItemRow {
  const { kind, state } = item;
  if (kind !== 'file' || state.kind !== 'done' || state.outcome.kind !== 'moved') return item;
  if (state.outcome.original !== undefined) return item;
  return { ...item, state: { ...state, outcome: { ...state.outcome, original: { deleted: false } } } };
}

/** An answer is about what was shown. Of an upload that is stored with the question, since it may need the content. */
function answered({ direction }: TransferRow, question: Question, answer: AnswerChoice): ItemChange {
  if (direction === 'upload' || answer !== 'replace' || question.kind !== 'conflict' || question.existingIsFolder)
    return { answer };
  const { size, modified } = question.existing;
  return { answer, expectation: { kind: 'file', size, modified } };
}

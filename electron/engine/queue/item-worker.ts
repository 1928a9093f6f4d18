import { endsConnection, fail, problemOf, type Problem } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { TargetFolders } from '../local/target-folders.ts';
import type { ItemRun } from '../model/item-run.ts';
import { transition, type Effect, type Input } from '../model/item-state.ts';
import { deleteOriginal, isPublished, originalIs, withOriginal } from '../transfer/delete-source.ts';
import { Download } from '../transfer/download/download.ts';
import type { ItemTransfer } from '../transfer/item-transfer.ts';
import type { Sample } from '../transfer/sample.ts';
import { MakeFolder } from '../transfer/make-folder.ts';
import type { FolderSizes } from '../transfer/folder-sizes.ts';
import { Upload } from '../transfer/upload/upload.ts';
import { doubting, isDoubtful } from './check-again.ts';
import type { Leftovers } from './leftovers.ts';
import type { Patience } from './patience.ts';
import { decideRetry } from './retry-policy.ts';

/** What a worker needs beside the item. */
export interface WorkerParts {
  readonly context: EngineContext;
  readonly connection: Connection;
  readonly folders: TargetFolders;
  readonly sample: Sample;
  readonly sizes: FolderSizes;
  /** When the lane began with its transfer, in milliseconds of the monotonic clock. */
  readonly begun: number;
  /** Called when the item only waits for its folder's sizes: another one may start. */
  readonly park: () => void;
  readonly leftovers: Leftovers;
  readonly patience: Patience;
}

/**
 * Takes one item through prepare, move and confirm: performs the effects of its state machine and feeds it what they
 * lead to. However it ends, the item is left in a state in which nobody needs to work on it.
 */
export class ItemWorker {
  readonly #parts: WorkerParts;
  readonly #run: ItemRun;
  readonly #transfer: ItemTransfer;

  constructor(run: ItemRun, parts: WorkerParts) {
    this.#run = run;
    this.#parts = parts;
    const { context, connection, folders } = parts;
    const given = {
      run,
      connection,
      store: context.store,
      disk: context.disk,
      space: context.space,
      folders,
      sample: parts.sample,
      sizes: parts.sizes,
      park: parts.park,
      leave: () => parts.leftovers.note(run),
      now: () => context.now(),
      monotonic: () => context.clock.monotonic(),
      begun: parts.begun,
      wholeBelow: context.limits.wholeBelow,
      platform: context.platform,
      unique: () => context.unique(),
    };
    if (run.row.kind === 'folder') this.#transfer = new MakeFolder(given);
    else this.#transfer = run.transfer.direction === 'upload' ? new Upload(given) : new Download(given);
  }

  /**
   * While the store cannot be written the item is held, so that it is in no state that nobody works on. Rejects with
   * `store` when the program ends meanwhile.
   */
  async work(): Promise<void> {
    const run = this.#run;
    try {
      let effects = await this.#apply({ kind: 'taken' });
      for (let effect = effects[0]; effect !== undefined; effect = effects[0] ?? this.#unfinished()) {
        if (effect.kind === 'discard') break;
        const input = this.#unlessDoubted(withOriginal(await this.#perform(effect), run, this.#transfer));
        if (isCancelling(run, input)) await this.#undo();
        effects = await this.#apply(input);
        if (run.row.state.kind === 'stopping') effects = await this.#apply({ kind: 'stopped' });
        if (run.halted) break;
      }
      if ((await deleteOriginal(run, this.#transfer)) || run.row.creation === 'deleting') await this.#lookForOriginal();
    } finally {
      await this.#transfer.release();
      await this.#letGo();
      // it needs nothing more of the lane but to be stored
      if (run.mayEndTogether) this.#parts.park();
      // last of all: until here it could still be cancelled, and nobody else would note what it has made
      await this.#stored(() => {
        this.#abandonEnded();
        return run.end();
      });
    }
    this.#parts.patience.works();
  }

  /**
   * Where the phone went before the original of a move was seen to have gone, the item waits for it, and takes the move up
   * again. What a person has cancelled or paused meanwhile, and what the program's end cuts off, is taken up by
   * `TransferControl.finishMoves`.
   */
  async #lookForOriginal(): Promise<void> {
    const run = this.#run;
    const { state } = run.row;
    if (state.kind !== 'done' || state.outcome.kind !== 'moved' || run.halted) return;
    const problem = state.outcome.original?.problem;
    if (problem === undefined || !endsConnection(problem.kind)) return;
    const { context, connection } = this.#parts;
    await endConnection(connection, problem);
    if (context.store.transfer(run.transfer.id)?.intent !== 'run') return;
    await this.#apply({ kind: 'originalLeft', at: context.now() });
  }

  /**
   * Another copy was found different while only the size of this one was compared: it is not done yet, and is compared.
   * One that was taken up for that ends as it ends.
   */
  #unlessDoubted(input: Input): Input {
    const { sample, context } = this.#parts;
    const run = this.#run;
    if (input.kind !== 'verified' || !sample.isAll || run.transfer.options.verify !== 'sampled') return input;
    if (!isDoubtful(run.row, input)) return input;
    run.update(doubting(run.row, input.outcome));
    const at = context.now();
    return { kind: 'waitFor', for: { kind: 'time', until: at }, at };
  }

  /** Feeds the state machine; what must be stored is stored when this resolves. */
  async #apply(input: Input): Promise<readonly Effect[]> {
    try {
      const { effects } = transition(this.#run.row, input);
      const isGivenUp = this.#run.row.temporary !== undefined && effects.some(({ kind }) => kind === 'discard');
      if (!isGivenUp) return this.#run.apply(input);
      // cancelled with what it has made noted, or not cancelled: the program may end in between
      this.#parts.leftovers.note(this.#run, input);
      return effects;
    } catch (error) {
      // the row here has changed all the same; what is left to do follows from its state
      await this.#transfer.release();
      await this.#parts.patience.pauseAfter('item', error);
      await this.#stored(() => {
        this.#run.flush();
      });
      return [];
    }
  }

  /** Tries until the store can be written, or the program ends. */
  async #stored(write: () => void | Promise<void>): Promise<void> {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        if (this.#run.halted || problemOf(error).kind !== 'store') throw error;
        await this.#parts.patience.pauseAfter('item', error);
      }
    }
  }

  async #perform(effect: Effect): Promise<Input> {
    const { context, connection } = this.#parts;
    try {
      this.#requireFits();
      switch (effect.kind) {
        case 'prepare':
          return await this.#transfer.prepare();
        case 'move':
          return await this.#transfer.move();
        case 'confirm':
          return await this.#transfer.confirm();
        case 'discard':
          return { kind: 'stopped' };
      }
    } catch (error) {
      const problem = problemOf(error, effect.kind);
      if (problem.kind === 'internal')
        context.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      if (!this.#run.row.retried) this.#run.update({ retried: true });
      if (endsConnection(problem.kind)) await endConnection(connection, problem);
      else if (isRefusedCreation(this.#run, problem)) this.#run.update({ temporary: undefined, creation: 'none' });
      const input = await decideRetry(context, problem, this.#run, connection);
      // the copy is whole whatever keeps its original
      const isCopied = isPublished(this.#run.row) && input.kind === 'failed';
      return isCopied ? originalIs(this.#run.row, input) : input;
    }
  }

  /** What is too large for its storage fails before the first byte, once one file has shown where it ends. */
  #requireFits(): void {
    const { row, transfer } = this.#run;
    if (transfer.direction !== 'upload') return;
    const largest = this.#parts.context.space.largest(transfer.device, row.storage);
    if (largest !== undefined && row.size > largest)
      throw fail('too-large', 'upload', `${row.size} bytes; the storage ends at ${largest}`, { subject: row.name });
  }

  /** A pause that was taken back before it took effect leaves an active item with nothing left to do for it. */
  #unfinished(): Effect | undefined {
    if (this.#run.halted) return undefined;
    const { kind } = this.#run.row.state;
    if (kind === 'moving') return { kind: 'move' };
    if (kind === 'confirming') return { kind: 'confirm' };
    return undefined;
  }

  /** What a cancelled item has made is gone before it counts as cancelled; without the phone it is noted for later. */
  async #undo(): Promise<void> {
    const { connection, leftovers } = this.#parts;
    await this.#transfer.release();
    await this.#stored(() => {
      leftovers.note(this.#run);
    });
    if (connection.alive) await leftovers.sweep(connection).catch(() => undefined);
  }

  /** What was cancelled while it was prepared, or failed for good, leaves nothing behind. */
  #abandonEnded(): void {
    const { row } = this.#run;
    const { state } = row;
    if (row.temporary === undefined) return;
    const isOver = state.kind === 'cancelled' || (state.kind === 'failed' && !isWorthKeeping(this.#run, state.problem));
    if (isOver) this.#parts.leftovers.note(this.#run);
  }

  /** Nothing may stay active with nobody working on it. */
  async #letGo(): Promise<void> {
    const { kind } = this.#run.row.state;
    if (kind === 'moving' || kind === 'confirming' || kind === 'stopping' || (kind === 'preparing' && this.#run.halted))
      await this.#apply({ kind: 'restarted', at: this.#parts.context.now() });
  }
}

/** Whether the answer to the announcement of an object, or the exclusive create of a part file, was no: then nothing was made. */
const isRefusedCreation = ({ row, transfer }: ItemRun, { kind, operation, code }: Problem): boolean =>
  row.creation === 'creating' &&
  (transfer.direction === 'upload'
    ? (operation === 'SendObjectInfo' || operation === 'SendObjectPropList') && code !== undefined
    : operation === 'open' && kind === 'local-exists');

/** Problems after which what has arrived is of no use to another attempt. */
const WORTHLESS_AFTER: ReadonlySet<Problem['kind']> = new Set([
  'mismatch',
  'source-changed',
  'too-large',
  'local-too-large',
]);

/** What failed can be tried again from where it stopped; and a part whose source is gone may be all there is of it. */
function isWorthKeeping({ row, transfer }: ItemRun, { kind }: Problem): boolean {
  if (transfer.direction === 'download' && kind === 'missing') return true;
  return row.mode === 'chunks' && row.confirmed > 0 && !WORTHLESS_AFTER.has(kind);
}

/** Whether the answer ends a run that was asked to cancel: every end but a completed one does. */
const isCancelling = (run: ItemRun, input: Input): boolean =>
  run.row.state.kind === 'stopping' &&
  run.row.state.next === 'cancelled' &&
  input.kind !== 'verified' &&
  input.kind !== 'allMoved' &&
  input.kind !== 'mismatched';

/** A connection on which something ended it is used no more; the registry opens the phone again. */
export async function endConnection(connection: Connection, problem: Problem): Promise<void> {
  if (!connection.alive) return;
  connection.alive = false;
  if (problem.kind !== 'disconnected') await connection.phone.close();
}

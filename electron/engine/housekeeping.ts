import type { EngineContext } from './context.ts';
import type { CompletionNotifier } from './queue/completion.ts';
import type { TransferQueue } from './queue/transfer-queue.ts';
import type { SnapshotStreams } from './snapshots/snapshot-streams.ts';

const EVERY_MS = 2_000;
/** Two years. */
const HISTORY_MS = 2 * 365 * 24 * 60 * 60 * 1000;
/** Items of an old transfer forgotten at once. */
const ITEMS_AT_ONCE = 1_000;

/**
 * Beside the transfers, every two seconds: notes ends that the database refused, saves totals, removes what names were tried with and could not be removed
 * then, and compacts the store once nothing moves.
 */
export class Housekeeping {
  readonly #context: EngineContext;
  readonly #queue: TransferQueue;
  readonly #streams: SnapshotStreams;
  readonly #completion: Pick<CompletionNotifier, 'lookAgain'>;
  #mayCompact = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    context: EngineContext,
    queue: TransferQueue,
    streams: SnapshotStreams,
    completion: Pick<CompletionNotifier, 'lookAgain'>,
  ) {
    this.#context = context;
    this.#queue = queue;
    this.#streams = streams;
    this.#completion = completion;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#context.guard('completion', () => {
        this.#completion.lookAgain();
      });
      this.#context.guard('save', () => {
        this.#context.saveTotals();
        this.#context.trials.look();
        // time left and speed change also when nothing else does
        if (this.#queue.isMoving()) this.#streams.changed('transfers');
        else this.#compact();
      });
    }, EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A transfer has finished: what it needed for resuming can go. */
  transferFinished(): void {
    this.#mayCompact = true;
  }

  /** For the end, when nothing moves any more. */
  finish(): void {
    this.#context.guard('stop', () => {
      this.#context.saveTotals();
      this.#compact();
    });
  }

  /** The chunks of finished files are of no more use, and transfers too old for the history go, some at each call. */
  #compact(): void {
    if (!this.#mayCompact) return;
    this.#mayCompact = false;
    this.#context.store.compact();
    if (this.#context.store.prune(this.#context.now() - HISTORY_MS, ITEMS_AT_ONCE)) this.#mayCompact = true;
  }
}

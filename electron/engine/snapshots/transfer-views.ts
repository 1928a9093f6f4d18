import type { TransferId } from '../../../shared/domain.ts';
import type { QueueState, TransfersSnapshot, TransferView } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import type { TransferQueue } from '../queue/transfer-queue.ts';
import { queueState, transferView } from './transfer-view.ts';

/** Seconds of throughput shown. */
const SPEED_SECONDS = 60;

/** The transfers as front ends see them. */
export class TransferViews {
  readonly #context: EngineContext;
  readonly #queue: TransferQueue;
  #last: readonly TransferView[] = [];
  /** Whether the last look failed: a look that succeeds says nothing of writing. */
  #failed = false;
  /** Whether a window is open; without one the session runs in the background. */
  foreground = true;

  constructor(context: EngineContext, queue: TransferQueue) {
    this.#context = context;
    this.#queue = queue;
  }

  /** Throws `bad-request` where there is no such transfer. */
  view(id: TransferId): TransferView {
    return this.of(this.#queue.row(id));
  }

  of(row: TransferRow): TransferView {
    const device = this.#context.registry.devices.find((one) => one.key === row.device);
    return transferView(this.#context, row, device, this.#queue.inFlight(row));
  }

  /** Not removed, in queue order, the finished ones last. */
  all(): readonly TransferView[] {
    const views = this.#context.store.transfers().map((row) => this.of(row));
    return [
      ...views.filter((view) => view.finishedAt === undefined),
      ...views.filter((view) => view.finishedAt !== undefined),
    ];
  }

  get queueState(): QueueState {
    return queueState(this.all(), this.foreground);
  }

  /** Never throws for the database: while it cannot be read, what was last seen is shown beside the problem. */
  snapshot(): TransfersSnapshot {
    try {
      this.#last = this.all();
      if (this.#failed) this.#context.health.works();
      this.#failed = false;
    } catch (error) {
      if (!this.#context.health.ranInto(error)) throw error;
      this.#failed = true;
    }
    return {
      state: queueState(this.#last, this.foreground),
      transfers: this.#last,
      speedHistory: this.#context.speed.history(this.#context.clock.monotonic(), SPEED_SECONDS),
      problem: this.#context.health.problem,
    };
  }
}

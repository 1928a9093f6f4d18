import { failRequest } from '../../shared/errors.ts';
import type { PairId, SyncActivity } from '../../shared/sync.ts';

/** Which pair does what right now; each does one thing at a time. */

const IDLE: SyncActivity = { kind: 'idle' };

/** Why a run is aborted: a person has stopped it. One that ends with the program has another reason, and is resumed by the next. */
export const STOPPED = 'stopped';

interface Active {
  activity: SyncActivity;
  readonly abort: AbortController;
}

/** The pairs that are being run, previewed or announced. */
export class RunRegistry {
  readonly #active = new Map<PairId, Active>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** What a pair does now. */
  of(id: PairId): SyncActivity {
    return this.#active.get(id)?.activity ?? IDLE;
  }

  /** Throws `bad-request` while a pair is being run or previewed. */
  refuseRunning(id: PairId): void {
    const { kind } = this.of(id);
    if (kind !== 'idle' && kind !== 'soon') throw failRequest('sync', { id: 'pair-running' }, { id: 'wait-or-stop' });
  }

  /** Reserves the pair until `body` ends; rejects with `bad-request` when it is taken. */
  async alone<T>(
    id: PairId,
    begin: SyncActivity,
    signal: AbortSignal | undefined,
    body: (signal: AbortSignal, onActivity: (activity: SyncActivity) => void) => Promise<T>,
  ): Promise<T> {
    this.refuseRunning(id);
    const abort = new AbortController();
    const active: Active = { activity: begin, abort };
    const forward = (): void => abort.abort(signal?.reason);
    if (signal?.aborted === true) forward();
    signal?.addEventListener('abort', forward, { once: true });
    this.#active.set(id, active);
    this.#changed();
    const work = body(abort.signal, (activity) => {
      active.activity = activity;
      this.#changed();
    });
    this.#running.add(work);
    try {
      return await work;
    } finally {
      signal?.removeEventListener('abort', forward);
      this.#running.delete(work);
      this.#active.delete(id);
      this.#changed();
    }
  }

  /** Announces a run; after `noticeMs` answers whether nobody stopped it, and nobody began it by hand, in that time. */
  async announce(id: PairId, at: number, noticeMs: number): Promise<boolean> {
    const mine: Active = { activity: { kind: 'soon', at }, abort: new AbortController() };
    const { signal } = mine.abort;
    this.#active.set(id, mine);
    this.#changed();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, noticeMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const isStill = this.#active.get(id) === mine;
    if (isStill) this.#active.delete(id);
    this.#changed();
    return isStill && !signal.aborted;
  }

  /** Aborts what the pair does; answers what that was. */
  abort(id: PairId): SyncActivity {
    const { activity } = this.#active.get(id) ?? { activity: IDLE };
    this.#active.get(id)?.abort.abort(STOPPED);
    return activity;
  }

  /** Aborts everything and waits for its end. */
  async end(): Promise<void> {
    for (const { abort } of this.#active.values()) abort.abort();
    await Promise.allSettled(this.#running);
  }
}

import { ItemRun } from './item-run.ts';

/** How long what has ended may wait for company, milliseconds. */
const SOON_MS = 100;

interface Waiting {
  readonly run: ItemRun;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes the rows of small files to the store together: a transaction of eight costs little more than one of one, and
 * two transactions for each file were a fifth of its processor time (docs/performance.md). Nobody goes on before their own
 * row is stored, so a crash finds what it would have found.
 */
export class ItemWrites {
  readonly #sleep: (ms: number) => Promise<void>;
  #waiting: Waiting[] = [];
  #isFlushing = false;
  #isTimed = false;
  #expectsMore = false;

  /** `sleep` resolves after so many milliseconds. */
  constructor(sleep: (ms: number) => Promise<void>) {
    this.#sleep = sleep;
  }

  /** Whether more items follow: until then what has ended waits a moment for them. */
  expectMore(isExpected: boolean): void {
    this.#expectsMore = isExpected;
    if (!isExpected && this.#waiting.length > 0) this.#flushSoon();
  }

  /** Resolves when the run's row is stored, which is at once with all that wait. Rejects with `store`. */
  now(run: ItemRun): Promise<void> {
    const stored = this.#add(run);
    this.#flushSoon();
    return stored;
  }

  /** As `now`, within a tenth of a second while more items follow. */
  soon(run: ItemRun): Promise<void> {
    const stored = this.#add(run);
    if (this.#expectsMore) this.#flushLater();
    else this.#flushSoon();
    return stored;
  }

  #add(run: ItemRun): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve, reject });
    });
  }

  /** When all that is ready has run: items that began together come here together. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flushLater(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    void this.#sleep(SOON_MS).then(() => {
      this.#isTimed = false;
      this.#flush();
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      ItemRun.flushAll(waiting.map(({ run }) => run));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      return;
    }
    for (const { resolve } of waiting) resolve();
  }
}

import { fail, type PhoneError } from '../../shared/errors.ts';
import type { CallOptions, Priority } from './phone-types.ts';

/** One turn at a time; *browse* before *bulk*, otherwise in the order of asking. */

interface Waiting {
  readonly signal: CallOptions['signal'];
  readonly start: () => void;
  readonly reject: (error: PhoneError) => void;
}

export class Turns {
  readonly #queues: Record<Priority, Waiting[]> = { browse: [], bulk: [] };
  #busy = false;
  #ended: PhoneError | undefined;
  #idle: (() => void)[] = [];

  get ended(): PhoneError | undefined {
    return this.#ended;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Runs `work` when its turn comes. Rejects with `cancelled` when the signal is aborted by then. */
  async take<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve, reject) => {
      this.#queues[options?.priority ?? 'browse'].push({ signal: options?.signal, start: resolve, reject });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.#next();
    }
  }

  /** Rejects everything that waits, and what is asked from now on. What is on the wire ends by itself. */
  end(cause: PhoneError): void {
    this.#ended ??= cause;
    this.#next();
  }

  /** Resolves when nothing is on the wire. */
  async idle(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    while (!this.#busy) {
      const waiting = this.#queues.browse.shift() ?? this.#queues.bulk.shift();
      if (waiting === undefined) break;
      if (this.#ended !== undefined) {
        waiting.reject(this.#ended);
      } else if (waiting.signal?.aborted === true) {
        waiting.reject(fail('cancelled', 'wait for the phone'));
      } else {
        this.#busy = true;
        waiting.start();
      }
    }
    if (!this.#busy) {
      const idle = this.#idle;
      this.#idle = [];
      for (const resolve of idle) resolve();
    }
    if (this.#ended !== undefined) this.#rejectAll(this.#ended);
  }

  #rejectAll(cause: PhoneError): void {
    for (const queue of [this.#queues.browse, this.#queues.bulk])
      for (const waiting of queue.splice(0)) waiting.reject(cause);
  }
}

import { fail, type PhoneError } from '../../../shared/errors.ts';
import type { CallOptions, Clock, Priority } from '../ports.ts';

/**
 * One turn at a time; *browse* before *bulk* before *idle*, otherwise in the order of asking. Opening a folder is several transactions,
 * each asked for when the one before has been answered (on phones without property lists one for every entry): between
 * them bulk stands back, or a person would wait for a chunk at each.
 */

interface Waiting {
  readonly signal: CallOptions['signal'];
  readonly start: () => void;
  readonly reject: (error: PhoneError) => void;
}

/** Bulk that has stood back for so long goes on for a moment, so that a listing of many thousands does not stop a transfer. */
const LONGEST_STANDING_BACK_MS = 1_000;
const MOMENT_MS = 500;

/** Who has the session, and who waits for it. */
export class SessionQueue {
  readonly #queues: Record<Priority, Waiting[]> = { browse: [], bulk: [], idle: [] };
  readonly #clock: Clock;
  #busy = false;
  /** That have ended. */
  #turns = 0;
  #ended: PhoneError | undefined;
  #idle: (() => void)[] = [];
  /** Since when bulk waits without having had a turn. */
  #standingBackSince = 0;
  /** Until then bulk goes first. */
  #bulkUntil = -Infinity;
  #idleWaitMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get ended(): PhoneError | undefined {
    return this.#ended;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Milliseconds that *idle* has waited for its turns so far: what it takes of others is the rest. */
  get idleWaitMs(): number {
    return this.#idleWaitMs;
  }

  /** Runs `work` when its turn comes; without a priority it is bulk. Rejects with `cancelled` when the signal is aborted by then. */
  take<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    const priority = options?.priority ?? 'bulk';
    const asked = this.#clock.now();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (priority === 'bulk' && this.#queues.bulk.length === 0) this.#standingBackSince = asked;
    // the next turn begins before whoever had this one goes on: the phone need not wait for what follows from its answer
    const done = (value: T): void => {
      this.#end(priority);
      resolve(value);
    };
    const failed = (error: unknown): void => {
      this.#end(priority);
      reject(error);
    };
    const start = (): void => {
      if (priority === 'idle') this.#idleWaitMs += this.#clock.now() - asked;
      let turn;
      try {
        turn = work();
      } catch (error) {
        failed(error);
        return;
      }
      turn.then(done, failed);
    };
    this.#queues[priority].push({ signal: options?.signal, start, reject });
    this.#next();
    return promise;
  }

  #end(priority: Priority): void {
    this.#busy = false;
    if (priority === 'bulk') this.#standingBackSince = this.#clock.now();
    // whoever has just had a turn usually sends the next request within this turn of the event loop; it goes first
    const turn = (this.#turns += 1);
    if (this.#ended === undefined && this.#queues[priority].length === 0 && this.#hasLesser(priority))
      void this.#clock.sleep(0).then(() => {
        // another one has ended since, and sees to the rest
        if (turn === this.#turns) this.#next();
      });
    else this.#next();
  }

  /** Whether somebody waits who goes after this one. */
  #hasLesser(than: Priority): boolean {
    const { bulk, idle } = this.#queues;
    return than === 'browse' ? bulk.length + idle.length > 0 : than === 'bulk' && idle.length > 0;
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
      const waiting = this.#first();
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

  #first(): Waiting | undefined {
    const { browse, bulk, idle } = this.#queues;
    if (browse.length === 0 || bulk.length === 0) return browse.shift() ?? bulk.shift() ?? idle.shift();
    const now = this.#clock.now();
    if (now - this.#standingBackSince >= LONGEST_STANDING_BACK_MS) this.#bulkUntil = now + MOMENT_MS;
    return (now < this.#bulkUntil ? bulk : browse).shift();
  }

  #rejectAll(cause: PhoneError): void {
    for (const queue of Object.values(this.#queues)) for (const waiting of queue.splice(0)) waiting.reject(cause);
  }
}

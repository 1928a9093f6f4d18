import { fail, type PhoneError } from '../../shared/errors.ts';
import type { Timers } from './timers.ts';

/** How long another program holds the interface, from the first attempt to open it; `undefined` for good. */
export interface Held {
  readonly forMs: number | undefined;
}

/** Another program that holds the interface, if the script says so. */
export class Holder {
  readonly #timers: Timers;
  #held: Held | undefined;
  #isCounting = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Does nothing for undefined. */
  take(held: Held | undefined): void {
    if (held === undefined) return;
    this.#held = held;
    this.#isCounting = false;
  }
  release(): void {
    this.#held = undefined;
  }

  /** Why the interface cannot be opened: a `held` error. */
  refusal(): PhoneError | undefined {
    const held = this.#held;
    if (held === undefined) return undefined;
    if (held.forMs !== undefined && !this.#isCounting) {
      this.#isCounting = true;
      this.#timers.after(held.forMs, () => {
        if (this.#held === held) this.release();
      });
    }
    return fail('held', 'open', 'scripted', {
      holder: { program: 'other-program', pid: process.pid, releasable: false },
    });
  }
}

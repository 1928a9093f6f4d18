import { fail, isPhoneError, type PhoneError } from '../../shared/errors.ts';
import type { Outcome } from './driver.ts';
import { Hresult } from './keys.ts';
import type { Timers } from './timers.ts';

/**
 * ERROR_BUSY: another program is at the phone, mostly the Explorer or an indexer, and is done in a moment. Nothing has
 * reached the phone then, so the same call is made again.
 */

/** Milliseconds: the first pause, which doubles up to the longest. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;
/** Milliseconds of being busy without a break, after which it is told as an error. */
const MOST = 60_000;
/** The same where whoever waits would rather let go. */
const MOST_UNWANTED = 2_000;
/** Milliseconds of it after which it is told, while the wait goes on. */
const TOLD = 2_000;

const DETAIL = 'ERROR_BUSY 0x800700aa';
const SHARED = { fault: { id: 'phone-shared' }, advice: { id: 'phone-shared' } } as const;

/** Whether a driver was busy for as long as is waited: the error says in words that another program has the phone. */
export const isShared = (error: unknown): error is PhoneError =>
  isPhoneError(error) && error.problem.fault?.id === SHARED.fault.id;

/** The same as the end of a connection: what was under way goes on when the phone can be opened again. */
export const lostTo = ({ problem: { operation, detail } }: PhoneError): PhoneError =>
  fail('disconnected', operation, detail, SHARED);

/** Waits for a driver that is busy; it can be stopped. */
export class Patience {
  /** Whether whoever waits would rather let go: asked between two tries. */
  isUnwanted: () => boolean = () => false;
  /** Called once in a call that waits for longer than a moment, with what the end of its limit would reject it with. */
  onLong: (cause: PhoneError) => void = () => undefined;
  readonly #timers: Timers;
  readonly #stops = new Set<() => void>();
  #stopped = false;
  #round = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /**
   * Makes the call until it is answered with something else. Rejects with `busy`: after a minute, or after two seconds
   * where it is not wanted any more, with the words for it (`isShared`); once stopped, without.
   */
  async call<T extends Outcome>(operation: string, call: () => Promise<T>, onAnswer?: () => void): Promise<T> {
    const began = this.#timers.now();
    const round = this.#round;
    const isStopped = (): boolean => this.#stopped || this.#round !== round;
    const waited = (): number => this.#timers.now() - began;
    const isLong = (): boolean => waited() >= (this.isUnwanted() ? MOST_UNWANTED : MOST);
    let isTold = false;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const outcome = await call();
      onAnswer?.();
      if (outcome.hresult >>> 0 !== Hresult.busy) return outcome;
      if (!isTold && !isStopped() && waited() >= TOLD) {
        isTold = true;
        this.onLong(fail('busy', operation, DETAIL, SHARED));
      }
      if (!isStopped() && !isLong()) await this.#sleep(pause);
      if (isStopped()) throw fail('busy', operation, DETAIL);
      if (isLong()) throw fail('busy', operation, DETAIL, SHARED);
    }
  }

  /** Ends every pause; calls that are busy are not made again. */
  stop(): void {
    this.#stopped = true;
    this.giveUp();
  }

  /** Gives up whatever waits now; calls from now on wait again. */
  giveUp(): void {
    this.#round += 1;
    for (const stop of [...this.#stops]) stop();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#stops.delete(done);
        resolve();
      };
      const cancel = this.#timers.after(ms, done);
      this.#stops.add(done);
    });
  }
}

import type { EngineClock } from '../engine/index.ts';

/** While a transfer is at work, a scan takes one part in so many of the time. */
const SHARE = 60;
/** Milliseconds until it is looked again whether one is. */
const LOOK_MS = 1_000;

/** How much of a phone's time, and of this computer's, a scan takes beside transfers. */
export class Pace {
  readonly #clock: EngineClock;
  readonly #isBusy: () => boolean;
  readonly #waitedMs: () => number;
  #began = 0;
  #waited = 0;

  constructor(parts: {
    readonly clock: EngineClock;
    /** Whether a transfer is at work on the same phone. */
    readonly isBusy: () => boolean;
    /** Milliseconds that the scan has waited, by now, while others had the phone: those cost nobody anything. */
    readonly waitedMs: () => number;
  }) {
    this.#clock = parts.clock;
    this.#isBusy = parts.isBusy;
    this.#waitedMs = parts.waitedMs;
  }

  /** A piece of the scan begins. */
  begin(): void {
    this.#began = this.#clock.monotonic();
    this.#waited = this.#waitedMs();
  }

  /**
   * Resolves when the next piece may begin: at once, or while a transfer is at work once this one has been a `SHARE`th of
   * the time, however long it took. Whoever waits for a turn meanwhile gets one.
   */
  async rest(signal: AbortSignal): Promise<void> {
    const took = this.#clock.monotonic() - this.#began - (this.#waitedMs() - this.#waited);
    await this.#clock.sleep(0, signal);
    for (let left = Math.max(1, took) * SHARE; left > 0 && !signal.aborted && this.#isBusy(); left -= LOOK_MS)
      await this.#clock.sleep(Math.min(left, LOOK_MS), signal);
  }
}

import type { EngineClock } from '../api.ts';
import { Alarm } from '../model/alarm.ts';

/** Sleep of a loop that looks again now and then, and at once when something has changed. For one sleeper. */
export class WakeableSleep {
  readonly #clock: Pick<EngineClock, 'sleep'>;
  #sleep: Alarm | undefined;
  #awake = false;

  constructor(clock: Pick<EngineClock, 'sleep'>) {
    this.#clock = clock;
  }

  /** Resolves after `ms` milliseconds or on `wake`; at once if `wake` was called since the last sleep. */
  async sleep(ms: number): Promise<void> {
    if (!this.#awake) {
      this.#sleep = new Alarm();
      await this.#clock.sleep(ms, this.#sleep);
      this.#sleep = undefined;
    }
    this.#awake = false;
  }

  /** Ends the present sleep, or the next one before it begins: what changes while nobody sleeps is not missed. */
  wake(): void {
    this.#awake = true;
    this.#sleep?.ring();
  }
}

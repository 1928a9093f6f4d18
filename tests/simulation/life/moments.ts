import type { Scheduler } from '../process/scheduler.ts';
import type { Step } from './script.ts';

/** Steps of the program at which deeds happen, and those between which nobody else can come. */

/** Operations that destroy, or put something at a name: the look before them is in the same turn of the session. */
const DESTROYS = new Set([
  0x100b, // DeleteObject
  0x100c, // SendObjectInfo, which SendObject follows
  0x100d, // SendObject
  0x1019, // MoveObject
  0x9804, // SetObjectPropValue, a rename
  0x9808, // SendObjectPropList, which SendObject follows
]);

/** Milliseconds between two looks whether somebody else can come, and after which they come in any case. */
const LOOK_MS = 1;
const PATIENCE_MS = 500;

interface Wait {
  readonly step: Step;
  left: number;
  readonly act: () => void;
}

export class Moments {
  readonly #scheduler: Scheduler;
  #waits: Wait[] = [];
  /** The latest operation of each phone. */
  readonly #operations = new Map<number, number>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Calls `act` right at a step from now on. */
  at({ step, count }: { readonly step: Step; readonly count: number }, act: () => void): void {
    this.#waits.push({ step, left: count, act });
  }

  /** What has not come to its step does not happen any more. */
  calm(): void {
    this.#waits = [];
  }

  step(step: Step): void {
    if (this.#waits.length === 0) return;
    for (const wait of this.#waits) {
      if (wait.step !== step) continue;
      wait.left -= 1;
      if (wait.left === 0) this.#scheduler.after(0, wait.act);
    }
    this.#waits = this.#waits.filter(({ left }) => left > 0);
  }

  /** A phone gets an operation. */
  operation(phone: number, code: number): void {
    this.#operations.set(phone, code);
    this.step('phone');
  }

  /**
   * Resolves when nothing is being destroyed: MTP has no lock, and no disk compares before it renames, so between a last look and
   * what follows it nobody can be seen.
   */
  async untilHarmless(isDestroying: () => boolean): Promise<void> {
    const until = this.#scheduler.now + PATIENCE_MS;
    while (this.#scheduler.now < until) {
      if (!isDestroying() && ![...this.#operations.values()].some((code) => DESTROYS.has(code))) return;
      await new Promise<void>((resolve) => {
        this.#scheduler.after(LOOK_MS, resolve);
      });
    }
  }
}

import { fail } from '../../../shared/errors.ts';
import type { Alarm } from '../model/alarm.ts';

/** What lending works with. */
interface LendingParts {
  /** Rings when the device was unplugged, or the program ends. */
  readonly gone: Alarm;
  readonly name: () => string;
  /** Somebody wants the phone: whatever is waited for ends. */
  readonly onAsked: () => void;
}

/** Lends a phone to somebody who opens it in their own way, and takes it back. */
export class PhoneLending {
  readonly #parts: LendingParts;
  /** Somebody else has the phone, or is about to: settles when they are done with it. */
  #lent: Promise<void> | undefined;
  /** Called once nothing is open here any more. */
  #onClosed: (() => void) | undefined;

  constructor(parts: LendingParts) {
    this.#parts = parts;
  }

  /** Whether somebody has the phone, or is to have it once it is closed. */
  get isLent(): boolean {
    return this.#lent !== undefined;
  }

  /**
   * Waits for the phone to be closed, lets `work` open it and close it again. Transfers wait for it as for one that is
   * unplugged. Rejects with `busy` while it is lent already, with `disconnected` when it goes away before it is closed, and
   * as `work` does.
   */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    const { gone, name, onAsked } = this.#parts;
    if (this.#lent !== undefined) throw fail('busy', 'lend', 'it is lent already', { subject: name() });
    const closed = Promise.withResolvers<boolean>();
    const back = Promise.withResolvers<void>();
    const left = (): void => closed.resolve(false);
    gone.addEventListener('abort', left);
    this.#onClosed = () => closed.resolve(true);
    this.#lent = back.promise;
    onAsked();
    try {
      if (gone.aborted || !(await closed.promise)) throw fail('disconnected', 'lend', 'unplugged', { subject: name() });
      return await work();
    } finally {
      gone.removeEventListener('abort', left);
      this.#lent = undefined;
      this.#onClosed = undefined;
      back.resolve();
    }
  }

  /** The phone is closed: resolves when whoever borrowed it gives it back. */
  async handOver(): Promise<void> {
    const lent = this.#lent;
    this.#onClosed?.();
    await lent;
  }
}

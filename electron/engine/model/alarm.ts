/** What ends a sleep early. Every `AbortSignal` is one. */
export interface SleepSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Ends sleeps early, once. What an `AbortController` does beyond that, with an event for each listener and an exception for
 * its reason, costs more than a turn of the loops that make one for each turn.
 */
export class Alarm implements SleepSignal {
  #rang = false;
  #listeners: (() => void)[] = [];

  /** Whether it rang. */
  get aborted(): boolean {
    return this.#rang;
  }

  /** Ends what sleeps, and keeps awake what would from now on. */
  ring(): void {
    if (this.#rang) return;
    this.#rang = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#rang) this.#listeners.push(listener);
  }
  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
}

/** Does what is asked for one thing one after the other; things do not wait for each other. */
export class OneAtATime<K> {
  readonly #last = new Map<K, Promise<unknown>>();

  /** Begins once all that was asked for this thing before has ended, however it did. Rejects as `work` does. */
  run<T>(thing: K, work: () => Promise<T>): Promise<T> {
    const done = (this.#last.get(thing) ?? Promise.resolve()).then(work);
    const last = done
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(thing) === last) this.#last.delete(thing);
      });
    this.#last.set(thing, last);
    return done;
  }

  /** Resolves when all that was asked for by now has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}

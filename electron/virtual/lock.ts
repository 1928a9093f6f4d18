/**
 * Whether the phone shows its storages: not while it is locked, or before the user has allowed access where the
 * phone asks after each plug.
 */
export class Lock {
  readonly #promptMs: number | undefined;
  #isClosed: boolean;
  #openAfterMs: number | undefined;

  constructor(promptMs: number | undefined) {
    this.#promptMs = promptMs;
    this.#isClosed = promptMs !== undefined;
    this.#openAfterMs = promptMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }
  /** At each plug. */
  prompt(): void {
    if (this.#promptMs !== undefined) this.close(this.#promptMs);
  }
  close(openAfterMs: number | undefined): void {
    this.#isClosed = true;
    this.#openAfterMs = openAfterMs;
  }
  open(): void {
    this.#isClosed = false;
    this.#openAfterMs = undefined;
  }
  /** Somebody takes the phone into their hand after so many milliseconds; told once. */
  sessionOpened(): number | undefined {
    const ms = this.#isClosed ? this.#openAfterMs : undefined;
    this.#openAfterMs = undefined;
    return ms;
  }
}

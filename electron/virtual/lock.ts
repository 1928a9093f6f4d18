/**
 * Whether the phone shows its storages: not while it is locked, nor before the user has allowed access on phones that
 * ask after each plug.
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
  /** Milliseconds after which the user unlocks the phone; returned once. */
  sessionOpened(): number | undefined {
    const ms = this.#isClosed ? this.#openAfterMs : undefined;
    this.#openAfterMs = undefined;
    return ms;
  }
}

import type { Link } from './link.ts';
import type { Timers } from './timers.ts';

/** Milliseconds without a request from the host after which a server silenced with `quiet` resumes. */
const QUIET_MS = 2000;

/** A phone that has stopped answering, and what ends that: another plug, a port reset, or quiet on the cable. */
export class Silence {
  readonly #timers: Timers;
  #until: 'replug' | 'reset' | 'quiet' | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** What it waits for to answer again; `undefined` while it answers. */
  get until(): 'replug' | 'reset' | 'quiet' | undefined {
    return this.#until;
  }

  /** The phone stops answering on this link. */
  begin(until: 'replug' | 'reset' | 'quiet', link: Link | undefined): void {
    this.#until = until;
    link?.freeze();
    if (until === 'quiet') this.#thawWhenQuiet(link);
  }

  /** The phone was plugged in. */
  plugged(): void {
    this.#until = undefined;
  }

  /** The port was reset; `link` is the new one. */
  wasReset(link: Link): void {
    if (this.#until === 'replug') link.freeze();
    else this.#until = undefined;
  }

  #thawWhenQuiet(link: Link | undefined): void {
    if (link === undefined || !link.alive) return;
    const rest = link.hostActiveAt + QUIET_MS - performance.now();
    if (rest <= 0) {
      this.#until = undefined;
      link.thaw();
    } else this.#timers.after(rest, () => this.#thawWhenQuiet(link));
  }
}

import type { EngineClock, PhoneWalk } from '../engine/index.ts';

type Happening = Parameters<Parameters<PhoneWalk['onEvent']>[0]>[0];

/** More events than this within `STORM_MS` are a storm: looking after each would never end. */
const STORM = 5_000;
const STORM_MS = 10_000;

/** Collects what a phone says by itself, and passes it on once it has been quiet for a moment. */
export class Happenings {
  readonly #clock: EngineClock;
  readonly #quietMs: number;
  readonly #look: (handles: { readonly added: readonly number[]; readonly other: readonly number[] }) => Promise<void>;
  readonly #storm: () => void;
  #added = new Set<number>();
  #other = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking = false;
  /** When the last events came, in milliseconds, around and around; `#next` is the oldest. */
  readonly #times = new Float64Array(STORM).fill(-Infinity);
  #next = 0;
  #stopped = false;

  constructor(parts: {
    readonly clock: EngineClock;
    readonly quietMs: number;
    readonly look: (handles: { readonly added: readonly number[]; readonly other: readonly number[] }) => Promise<void>;
    readonly storm: () => void;
  }) {
    this.#clock = parts.clock;
    this.#quietMs = parts.quietMs;
    this.#look = parts.look;
    this.#storm = parts.storm;
  }

  add(event: Happening): void {
    switch (event.kind) {
      // which storages there are now is known a moment later only: the walk tells it
      case 'storages-changed':
      case 'battery-changed':
        return;
      case 'object-added':
        this.#added.add(event.handle);
        break;
      case 'object-removed':
        this.#added.delete(event.handle);
        this.#other.add(event.handle);
        break;
      case 'object-changed':
        this.#other.add(event.handle);
        break;
    }
    if (this.#isStorm(this.#clock.monotonic())) {
      [this.#added, this.#other] = [new Set(), new Set()];
      this.#storm();
      return;
    }
    this.#soon();
  }

  /** Whether, with this event, more than `STORM` came within `STORM_MS`. The next storm begins to be counted then. */
  #isStorm(now: number): boolean {
    const before = this.#times[this.#next] ?? -Infinity;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % STORM;
    if (now - before > STORM_MS) return false;
    this.#times.fill(-Infinity);
    return true;
  }

  #soon(): void {
    if (this.#stopped || this.#looking || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#pass();
    }, this.#quietMs);
    this.#timer.unref();
  }

  async #pass(): Promise<void> {
    const [added, other] = [[...this.#added], [...this.#other]];
    [this.#added, this.#other] = [new Set(), new Set()];
    this.#looking = true;
    try {
      await this.#look({ added, other });
    } catch {
      // a store that cannot be written is told by the scan, and what was missed is seen by the next look
      this.#storm();
    } finally {
      this.#looking = false;
      if (this.#added.size + this.#other.size > 0) this.#soon();
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

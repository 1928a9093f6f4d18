import { fail, type PhoneError } from '../../shared/errors.ts';
import { INTERRUPT } from './addon.ts';
import { CANCELLED, COMPLETED, phoneErrorOf, STALL, statusError } from './problems.ts';
import type { Timers, Urb, Urbs } from './urbs.ts';

/** Events kept until there is a listener. A phone that was unused for long sends all of its events at once. */
const KEPT = 256;
/** Bytes. An event container has at most 24; a longer one must not overflow the read. */
const PACKET = 64;
/** Consecutive failures after which the endpoint (or, for bus errors, the connection) is given up. */
const PATIENCE = 3;

/** The endpoint to read; `onFatal` gets the error that ends the connection. */
export interface EventsOptions {
  readonly urbs: Urbs;
  readonly timers: Timers;
  readonly endpoint: number;
  /** Bytes. */
  readonly maxPacketSize: number;
  readonly clearHalt: () => Promise<void>;
  readonly onFatal: (cause: PhoneError) => void;
}

/**
 * The interrupt-IN endpoint. One read is always posted, because unread events pile up on the phone as blocked
 * threads. It also detects an unplug while nothing else is in flight.
 */
export class Events {
  readonly #options: EventsOptions;
  readonly #listeners = new Set<(packet: Uint8Array) => void>();
  readonly #kept: Uint8Array[] = [];
  #urb: Urb | undefined;
  #failures = 0;
  #ended = false;

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#post();
  }

  listen(listener: (packet: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    for (const packet of this.#kept.splice(0)) listener(packet);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  end(): void {
    this.#ended = true;
    this.#listeners.clear();
    this.#urb?.cancel();
  }

  #post(): void {
    if (this.#ended) return;
    const { urbs, endpoint, maxPacketSize, onFatal } = this.#options;
    const size = Math.ceil(PACKET / maxPacketSize) * maxPacketSize;
    const buffer = Buffer.allocUnsafeSlow(size);
    try {
      this.#urb = urbs.submit(endpoint, INTERRUPT, buffer, ({ status, actual }) => {
        this.#urb = undefined;
        if (actual > 0) this.#give(buffer.subarray(0, actual));
        this.#next(status);
      });
    } catch (error) {
      const cause = phoneErrorOf(error, 'interrupt-IN read');
      if (cause.kind === 'disconnected') onFatal(cause);
    }
  }

  #next(status: number): void {
    if (this.#ended || status === CANCELLED) return;
    if (status === COMPLETED) {
      this.#failures = 0;
      this.#post();
      return;
    }
    const cause = statusError(status, 'interrupt-IN read');
    this.#failures += 1;
    if (status === 5 || (status === 1 && this.#failures >= PATIENCE)) {
      this.#options.onFatal(
        cause.kind === 'disconnected' ? cause : fail('disconnected', 'interrupt-IN read', cause.problem.detail),
      );
      return;
    }
    // Events are only hints: a phone that keeps stalling this endpoint is used without them.
    if (this.#failures >= PATIENCE) return;
    const again = (): void => {
      this.#options.timers.after(100, () => {
        this.#post();
      });
    };
    if (status === STALL) this.#options.clearHalt().then(again, again);
    else again();
  }

  #give(packet: Uint8Array): void {
    if (this.#listeners.size === 0) {
      this.#kept.push(packet);
      if (this.#kept.length > KEPT) this.#kept.shift();
      return;
    }
    for (const listener of this.#listeners) listener(packet);
  }
}

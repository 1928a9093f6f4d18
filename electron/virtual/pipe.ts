/**
 * One direction of a bulk endpoint: a byte stream with marks for short and empty packets. Packets are not objects;
 * where they matter they are computed.
 */

export interface Step {
  readonly bytes: Uint8Array;
  /** A short or empty packet ends this step. */
  readonly short: boolean;
}

/** A pending write. It can be withdrawn until the phone has read it. */
export interface Ticket {
  readonly bytes: Uint8Array;
  /** A short packet ends it, or an empty one where the bytes fill whole packets. */
  readonly short: boolean;
}

interface Chunk extends Ticket {
  taken: number;
  readonly finish: () => void;
}

const NOTHING = new Uint8Array(0);
const unheard = (): void => undefined;

/** One bulk endpoint: packets enter at one end and leave at the other, in order. */
export class PacketPipe {
  #queue: Chunk[] = [];
  #waiters: (() => void)[] = [];
  /** Time of the last transfer, for time limits; `performance.now()`. */
  lastMove = 0;

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /**
   * `short` ends the write with a short packet, or with an empty one if the bytes fill whole packets. `finish` is called once
   * the other side has taken every byte and the mark; never after `clear` or `withdraw`.
   */
  push(bytes: Uint8Array, short: boolean, finish: () => void = unheard): Ticket {
    const chunk: Chunk = { bytes, taken: 0, short, finish };
    if (bytes.byteLength === 0 && !short) {
      finish();
      return chunk;
    }
    this.#queue.push(chunk);
    const waiters = this.#waiters;
    if (waiters.length > 0) {
      this.#waiters = [];
      for (const wake of waiters) wake();
    }
    return chunk;
  }

  /** What has not been taken of it is not sent. */
  withdraw(ticket: Ticket): void {
    this.#queue = this.#queue.filter((chunk) => chunk !== ticket);
  }

  /**
   * The next available bytes, at most `room`; the caller's request must have room for whole packets. If the bytes
   * fill it exactly, a following empty packet stays for the next request, as on the bus.
   */
  pull(room: number): Step | undefined {
    const chunk = this.#queue[0];
    if (chunk === undefined) return undefined;
    const left = chunk.bytes.byteLength - chunk.taken;
    const size = Math.min(left, room);
    // a part of small bytes costs more than they do
    const bytes =
      size === 0
        ? NOTHING
        : size === chunk.bytes.byteLength
          ? chunk.bytes
          : chunk.bytes.subarray(chunk.taken, chunk.taken + size);
    chunk.taken += size;
    const whole = chunk.taken === chunk.bytes.byteLength;
    const short = whole && chunk.short && (size < room || size === 0);
    if (short || (whole && !chunk.short)) {
      this.#queue.shift();
      chunk.finish();
    }
    this.lastMove = performance.now();
    return { bytes, short };
  }

  /** Takes an empty packet, if that is next. */
  pullEmpty(): void {
    const chunk = this.#queue[0];
    if (chunk?.short === true && chunk.taken === chunk.bytes.byteLength) this.pull(1);
  }

  /** Calls `wake` once, when new data may be available: at once where some is. */
  onData(wake: () => void): void {
    if (this.#queue.length > 0) wake();
    else this.#waiters.push(wake);
  }

  /** Discards everything; nobody hears of the end of pending writes. */
  clear(): void {
    this.#queue = [];
  }
}

import { fail, type PhoneError } from '../../shared/errors.ts';
import { BufferPool } from '../mtp/buffer-pool.ts';
import type { Piece } from '../mtp/ports.ts';
import { BULK } from './addon.ts';
import {
  CANCELLED,
  COMPLETED,
  errnoOf,
  isFatalStatus,
  NO_MEMORY,
  phoneErrorOf,
  STALL,
  statusError,
} from './problems.ts';
import type { Timers, Urb, UrbResult, Urbs } from './urbs.ts';

/** Largest single read, in bytes. The last read of a phase may be up to `READ_MIN` larger. */
export const READ_MAX = 1024 * 1024;
/** Smallest read, in bytes: a response or a small dataset fits, and no phone sends 64 KiB unrequested. */
export const READ_MIN = 64 * 1024;
/** Reads in flight at once. With two the bus sometimes waits for us; more than three gained nothing in the lab. */
const READS_IN_FLIGHT = 3;

/** Buffers kept for reuse: of two of the largest chunks, one that is being stored and one that comes, and one more each. */
const MOST_KEPT = 18;
/** Pieces up to this size, in bytes, are copied out of their read buffer. */
const COPIED = 4096;

const OPERATION = 'bulk-IN read';

interface Slot {
  readonly buffer: Buffer;
  urb: Urb | undefined;
  result: UrbResult | undefined;
}

interface Waiter {
  readonly want: number;
  readonly limitMs: number;
  readonly stopTimer: () => void;
  readonly resolve: (piece: Piece) => void;
  readonly reject: (error: PhoneError) => void;
}

/** The endpoint to read; `onFatal` gets the error that ends the connection. */
export interface BulkInOptions {
  readonly urbs: Urbs;
  readonly timers: Timers;
  readonly endpoint: number;
  /** Bytes. Every read is a multiple of it, since a shorter one would overflow. */
  readonly maxPacketSize: number;
  readonly onFatal: (cause: PhoneError) => void;
}

/**
 * The bulk-IN stream. Reads are delivered in the order of submission, whatever the order of their callbacks. When a
 * caller's limit expires its reads stay in flight, so no byte is lost.
 */
export class BulkIn {
  readonly #options: BulkInOptions;
  readonly #small = new BufferPool(READ_MIN, READS_IN_FLIGHT + 1);
  readonly #large = new BufferPool(READ_MAX + READ_MIN, MOST_KEPT);
  #slots: Slot[] = [];
  #waiter: Waiter | undefined;
  #listener: (() => void) | undefined;
  /** Waits until no read is in flight. */
  #withdrawn: (() => void) | undefined;
  #cause: PhoneError | undefined;

  constructor(options: BulkInOptions) {
    this.#options = options;
  }

  /** The next piece. Posts reads for at most `want` bytes (> 0), rounded up to packets and `READ_MIN`. */
  read(want: number, limitMs: number): Promise<Piece> {
    if (this.#cause !== undefined) return Promise.reject(this.#cause);
    if (this.#waiter !== undefined) return Promise.reject(fail('internal', OPERATION, 'two reads at once'));
    return new Promise((resolve, reject) => {
      const stopTimer = this.#options.timers.after(limitMs, () => {
        this.#waiter = undefined;
        reject(fail('silent', OPERATION, `no data for ${limitMs} ms`));
      });
      this.#waiter = { want, limitMs, stopTimer, resolve, reject };
      this.#serve();
    });
  }

  /**
   * Posts a small read without a caller and calls `heard` if it brings data; the next `read` gets that data. The
   * returned function unsubscribes; the read stays in flight.
   */
  listen(heard: () => void): () => void {
    this.#listener = heard;
    if (this.#cause === undefined) this.#post(1);
    return () => {
      if (this.#listener === heard) this.#listener = undefined;
    };
  }

  /**
   * Posts the reads for a response, or for a data phase of `reads` bytes and the response behind it, before anybody asks: so
   * the system has them when the phone's answer comes, and both wake this program once. Where the phone sends fewer
   * transfers, one read stays in flight and serves the next call.
   */
  expect(reads: 'response' | number): void {
    if (this.#cause !== undefined) return;
    this.#forgetEmpty();
    if (!this.#post(reads === 'response' ? 1 : reads) || reads === 'response') return;
    const flying = this.#slots.reduce((sum, slot) => sum + (slot.result === undefined ? 1 : 0), 0);
    const covered = this.#slots.reduce((sum, slot) => sum + slot.buffer.length, 0);
    if (flying !== 1 || covered < reads) return;
    try {
      this.#submit(READ_MIN);
    } catch (error) {
      // that there is room for one is enough
      if (errnoOf(error) !== NO_MEMORY) this.#options.onFatal(phoneErrorOf(error, OPERATION));
    }
  }

  /**
   * Resolves once no read is in flight; `undefined` if none is. What a cancelled read brought is kept for the next call. A
   * system that never gives one back is not waited for longer than `limitMs`.
   */
  withdraw(limitMs: number): Promise<void> | undefined {
    if (!this.#isFlying()) return undefined;
    return new Promise((resolve) => {
      const stop = this.#options.timers.after(limitMs, resolve);
      this.#withdrawn = () => {
        stop();
        resolve();
      };
      this.cancelAll();
    });
  }

  #isFlying(): boolean {
    return this.#slots.some((slot) => slot.result === undefined);
  }

  /** Returns the buffer of a piece that is no longer needed. */
  giveBack(bytes: Uint8Array): void {
    this.#small.giveBack(bytes);
    this.#large.giveBack(bytes);
  }

  /** Cancels the transfers in flight. Data that a cancelled read has received is kept for the next `read`. */
  cancelAll(): void {
    for (const slot of this.#slots) slot.urb?.cancel();
  }

  /** The connection is over: the waiting caller and all later ones get `cause`. */
  end(cause: PhoneError): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#slots = [];
    this.#withdrawn?.();
    this.#settle((waiter) => {
      waiter.reject(cause);
    });
  }

  #settle(give: (waiter: Waiter) => void): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    this.#waiter = undefined;
    waiter.stopTimer();
    give(waiter);
  }

  /** Hands the oldest finished read to the waiting caller, after posting new ones. */
  #serve(): void {
    const waiter = this.#waiter;
    if (waiter === undefined || this.#cause !== undefined) return;
    this.#forgetEmpty();
    if (!this.#post(waiter.want)) return;
    const slot = this.#slots[0];
    if (slot?.result === undefined) return;
    const { status, actual } = slot.result;
    if (actual > 0 || status === COMPLETED) {
      // If the status is not "completed", the bytes are delivered first and the status with the next call.
      const isAll = status === COMPLETED || status === CANCELLED;
      if (isAll) this.#slots.shift();
      else slot.result = { status, actual: 0 };
      const filled = slot.buffer.subarray(0, actual);
      const bytes = isAll ? this.#handOut(filled) : filled;
      const short = status === COMPLETED ? actual < slot.buffer.length : actual % this.#options.maxPacketSize !== 0;
      this.#settle((owner) => {
        owner.resolve({ bytes, short });
      });
      return;
    }
    this.#slots.shift();
    this.#settle((owner) => {
      owner.reject(statusError(status, OPERATION));
    });
  }

  /** A cancelled read without data is not part of the stream. */
  #forgetEmpty(): void {
    const isEmpty = ({ result }: Slot): boolean => result?.status === CANCELLED && result.actual === 0;
    if (!this.#slots.some(isEmpty)) return;
    for (const { buffer } of this.#slots.filter(isEmpty)) this.giveBack(buffer);
    this.#slots = this.#slots.filter((slot) => !isEmpty(slot));
  }

  /**
   * Posts reads until `want` bytes are covered, and not one more: QEMU's responder halts both endpoints if it is
   * asked for data while it is receiving some. Returns whether the caller is still waiting.
   */
  #post(want: number): boolean {
    const { maxPacketSize } = this.#options;
    let covered = 0;
    let flying = 0;
    for (const slot of this.#slots) {
      covered += slot.result === undefined ? slot.buffer.length : slot.result.actual;
      if (slot.result === undefined) flying += 1;
      // After a stall nothing moves until the halt is cleared. A short packet ends a phase, so the caller has to see
      // it before it knows how much more to ask for.
      else if (slot.result.status !== COMPLETED || slot.result.actual < slot.buffer.length) return true;
    }
    while ((covered < want && flying < READS_IN_FLIGHT) || this.#slots.length === 0) {
      const wanted = Math.ceil((want - covered) / maxPacketSize) * maxPacketSize;
      // A chunk and its header end in one read, without a separate read for the last twelve bytes.
      let size = wanted <= READ_MAX + READ_MIN ? Math.max(wanted, READ_MIN) : READ_MAX;
      for (;;) {
        try {
          this.#submit(size);
          break;
        } catch (error) {
          // The system's memory for transfers in flight is exhausted: use fewer or smaller ones.
          if (errnoOf(error) === NO_MEMORY && flying > 0) return true;
          if (errnoOf(error) === NO_MEMORY && size > READ_MIN) {
            size = READ_MIN;
            continue;
          }
          this.#options.onFatal(phoneErrorOf(error, OPERATION));
          return false;
        }
      }
      covered += size;
      flying += 1;
    }
    return true;
  }

  /**
   * Copies a response or a dataset, so that its read buffer can be reused at once. Larger pieces are handed out
   * without a copy.
   */
  #handOut(filled: Buffer): Uint8Array {
    if (filled.length > COPIED) return filled;
    const copy = Buffer.from(filled);
    this.giveBack(filled);
    return copy;
  }

  #submit(size: number): void {
    const memory = (size <= READ_MIN ? this.#small : this.#large).take();
    const slot: Slot = { buffer: Buffer.from(memory, 0, size), urb: undefined, result: undefined };
    slot.urb = this.#options.urbs.submit(this.#options.endpoint, BULK, slot.buffer, (result) => {
      this.#finished(slot, result);
    });
    this.#slots.push(slot);
  }

  #finished(slot: Slot, result: UrbResult): void {
    if (this.#cause !== undefined) return;
    slot.urb = undefined;
    slot.result = result;
    if (isFatalStatus(result.status)) {
      this.#options.onFatal(statusError(result.status, OPERATION));
      return;
    }
    if (result.status === STALL) this.cancelAll();
    if (this.#withdrawn !== undefined && !this.#isFlying()) {
      this.#withdrawn();
      this.#withdrawn = undefined;
    }
    if (result.actual > 0 || result.status === STALL) this.#listener?.();
    this.#serve();
  }
}

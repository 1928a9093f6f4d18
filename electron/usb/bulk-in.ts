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

/** Largest single read, bytes, but for the last one of a phase, which may take `READ_MIN` more. */
export const READ_MAX = 1024 * 1024;
/** Smallest read, bytes: a response or a small dataset fits whole, and no phone sends 64 KiB unasked. */
export const READ_MIN = 64 * 1024;
/** Reads in flight at once: with two, the bus waits for us now and then; more than three gained nothing in the lab. */
const READS_IN_FLIGHT = 3;

/** Two chunks' worth of memory: one is written to disk while the next comes. */
const MOST_KEPT = 16;
/** Up to so many bytes are copied out. */
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

export interface BulkInOptions {
  readonly urbs: Urbs;
  readonly timers: Timers;
  readonly endpoint: number;
  /** Bytes; every read is a multiple of it, since a shorter one would overflow. */
  readonly maxPacketSize: number;
  readonly onFatal: (cause: PhoneError) => void;
}

/**
 * The bulk-IN stream. Reads are handed out strictly in the order in which they were submitted, whatever order their
 * callbacks take; a caller's limit leaves them in flight, so no byte is ever lost to a limit.
 */
export class BulkIn {
  readonly #options: BulkInOptions;
  readonly #small = new BufferPool(READ_MIN, READS_IN_FLIGHT + 1);
  readonly #large = new BufferPool(READ_MAX + READ_MIN, MOST_KEPT);
  #slots: Slot[] = [];
  #waiter: Waiter | undefined;
  #listener: (() => void) | undefined;
  #cause: PhoneError | undefined;

  constructor(options: BulkInOptions) {
    this.#options = options;
  }

  /** The next piece. `want` > 0 bytes: reads are posted for at most that many (rounded up to packets and `READ_MIN`). */
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
   * Posts a small read for nobody, and calls `heard` when it brings something; the next `read` gets that. The returned
   * function takes the call back, the read stays in flight.
   */
  listen(heard: () => void): () => void {
    this.#listener = heard;
    if (this.#cause === undefined) this.#post(1);
    return () => {
      if (this.#listener === heard) this.#listener = undefined;
    };
  }

  /** Bytes of a piece that nobody reads any more. */
  giveBack(bytes: Uint8Array): void {
    this.#small.giveBack(bytes);
    this.#large.giveBack(bytes);
  }

  /** Cancels what is in flight; data that a cancelled read has brought is kept for the next `read`. */
  cancelAll(): void {
    for (const slot of this.#slots) slot.urb?.cancel();
  }

  /** The cable is of no more use: the waiting caller and all later ones get `cause`. */
  end(cause: PhoneError): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#slots = [];
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

  /** Gives the waiting caller the oldest finished read, posting new ones first. */
  #serve(): void {
    const waiter = this.#waiter;
    if (waiter === undefined || this.#cause !== undefined) return;
    // A cancelled read that brought nothing leaves no trace in the stream.
    this.#slots = this.#slots.filter((slot) => !(slot.result?.status === CANCELLED && slot.result.actual === 0));
    if (!this.#post(waiter.want)) return;
    const slot = this.#slots[0];
    if (slot?.result === undefined) return;
    const { status, actual } = slot.result;
    if (actual > 0 || status === COMPLETED) {
      // With a status other than "completed", bytes first; the status itself is the next call's answer.
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

  /**
   * Posts reads until `want` bytes are covered, and never one more: QEMU's responder halts both endpoints when it is
   * asked for data while it is being sent some. Returns whether the caller is still waiting.
   */
  #post(want: number): boolean {
    const { maxPacketSize } = this.#options;
    let covered = 0;
    let flying = 0;
    for (const slot of this.#slots) {
      covered += slot.result === undefined ? slot.buffer.length : slot.result.actual;
      if (slot.result === undefined) flying += 1;
      // Behind a stall nothing moves until it is cleared; and a short packet ends a phase, so how much is still to
      // come is for the caller to say once it has seen it.
      else if (slot.result.status !== COMPLETED || slot.result.actual < slot.buffer.length) return true;
    }
    while ((covered < want && flying < READS_IN_FLIGHT) || this.#slots.length === 0) {
      const wanted = Math.ceil((want - covered) / maxPacketSize) * maxPacketSize;
      // a chunk and its header end with one read, not with a read for the last twelve bytes
      let size = wanted <= READ_MAX + READ_MIN ? Math.max(wanted, READ_MIN) : READ_MAX;
      for (;;) {
        try {
          this.#submit(size);
          break;
        } catch (error) {
          // The system's memory for transfers in flight is spent: fewer or smaller ones.
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

  /** A response or a dataset is copied, so that its read's memory serves the next one; more than that is handed out as it is. */
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
    if (result.actual > 0 || result.status === STALL) this.#listener?.();
    this.#serve();
  }
}

import type { Addon, AddonDevice, AddonTransfer } from './addon.ts';
import { errnoOf } from './problems.ts';

/** Injected timers, so that tests need no clock. */
export interface Timers {
  /** Calls `run` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/**
 * The timers of Node, one of them for all: the limits here nearly always end unused, three for each transaction, and to
 * set and clear that many costs as much as one of its transfers.
 */
export class SharedTimers implements Timers {
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  #timer: NodeJS.Timeout | undefined;
  /** When `#timer` is due; by `performance.now()`. */
  #due = Infinity;

  after(ms: number, run: () => void): () => void {
    const entry = { at: performance.now() + ms, run };
    this.#waiting.add(entry);
    if (entry.at < this.#due) this.#arm(entry.at);
    else if (this.#waiting.size === 1) this.#timer?.ref();
    return () => {
      // the timer stays for the next limit, and keeps no program from ending
      if (this.#waiting.delete(entry) && this.#waiting.size === 0) this.#timer?.unref();
    };
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#due = at;
    this.#timer = setTimeout(
      () => {
        this.#ring();
      },
      Math.max(1, at - performance.now()),
    );
  }

  #ring(): void {
    this.#due = Infinity;
    this.#timer = undefined;
    // a timer of Node may fire up to a millisecond early
    const now = performance.now() + 1;
    let next = Infinity;
    try {
      for (const entry of [...this.#waiting]) {
        if (entry.at > now) next = Math.min(next, entry.at);
        else if (this.#waiting.delete(entry)) entry.run();
      }
    } finally {
      for (const { at } of this.#waiting) next = Math.min(next, at);
      if (next < this.#due) this.#arm(next);
    }
  }
}

/** The timers of this process. */
export const systemTimers: Timers = new SharedTimers();

/** How a transfer ended. */
export interface UrbResult {
  /** libusb transfer status; 0 is completed. */
  readonly status: number;
  /** Bytes transferred; also valid if the status is not 0. */
  readonly actual: number;
}

/** A transfer in flight. `cancel` only asks: its result still comes. */
export interface Urb {
  cancel(): void;
}

/** A transfer of the addon: making one costs as much as submitting it. */
interface Reusable {
  readonly transfer: AddonTransfer;
  done: (result: UrbResult) => void;
}
/** For each endpoint: one more than are ever in flight on it. */
const MOST_SPARE = 4;

/**
 * The transfers in flight on one device. They have no libusb timeout (0), because a timeout there loses bytes;
 * callers keep their own limits.
 */
export class Urbs {
  readonly #addon: Addon;
  readonly #device: AddonDevice;
  readonly #timers: Timers;
  /** Each transfer with its endpoint. */
  readonly #flying = new Map<AddonTransfer, number>();
  /** Completed and not in use; by endpoint. */
  readonly #spare = new Map<number, Reusable[]>();
  #waiting: { readonly endpoint: number | undefined; readonly wake: () => void }[] = [];

  constructor(addon: Addon, device: AddonDevice, timers: Timers) {
    this.#addon = addon;
    this.#device = device;
    this.#timers = timers;
  }

  get inFlight(): number {
    return this.#flying.size;
  }

  /** Throws what the addon throws. `done` is called once, never before `submit` has returned. */
  submit(endpoint: number, type: number, buffer: Buffer, done: (result: UrbResult) => void, libusbLimitMs = 0): Urb {
    const isPlain = libusbLimitMs === 0;
    const reusable =
      (isPlain ? this.#spare.get(endpoint)?.pop() : undefined) ?? this.#make(endpoint, type, libusbLimitMs);
    const { transfer } = reusable;
    // One whose submit throws stays "already active" forever (node-usb 2.18) and is not used again.
    transfer.submit(buffer);
    this.#flying.set(transfer, endpoint);
    let isOver = false;
    reusable.done = (result) => {
      isOver = true;
      this.#flying.delete(transfer);
      if (isPlain) this.#keep(endpoint, reusable);
      try {
        done(result);
      } finally {
        if (this.#waiting.length > 0) this.#wake();
      }
    };
    return {
      cancel: () => {
        if (!isOver) this.#cancel(transfer);
      },
    };
  }

  #make(endpoint: number, type: number, libusbLimitMs: number): Reusable {
    const reusable: Reusable = {
      transfer: new this.#addon.Transfer(this.#device, endpoint, type, libusbLimitMs, (error, _buffer, actual) => {
        reusable.done({ status: error === undefined ? 0 : (errnoOf(error) ?? 1), actual });
      }),
      done: () => undefined,
    };
    return reusable;
  }

  #keep(endpoint: number, reusable: Reusable): void {
    const spare = this.#spare.get(endpoint);
    if (spare === undefined) this.#spare.set(endpoint, [reusable]);
    else if (spare.length < MOST_SPARE) spare.push(reusable);
  }

  cancelAll(): void {
    for (const transfer of this.#flying.keys()) this.#cancel(transfer);
  }

  /** Resolves `true` once nothing is in flight (on `endpoint`, if given), or `false` after `limitMs`. */
  idle(limitMs: number, endpoint?: number): Promise<boolean> {
    if (this.#isIdle(endpoint)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = {
        endpoint,
        wake: (): void => {
          stop();
          resolve(true);
        },
      };
      const stop = this.#timers.after(limitMs, () => {
        // nothing may become idle for as long as the phone is there
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        resolve(false);
      });
      this.#waiting.push(waiter);
    });
  }

  #isIdle(endpoint: number | undefined): boolean {
    if (endpoint === undefined) return this.#flying.size === 0;
    for (const used of this.#flying.values()) if (used === endpoint) return false;
    return true;
  }

  #wake(): void {
    const ready = this.#waiting.filter((waiting) => this.#isIdle(waiting.endpoint));
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { wake } of ready) wake();
  }

  #cancel(transfer: AddonTransfer): void {
    if (!this.#flying.has(transfer)) return;
    try {
      transfer.cancel();
    } catch {
      // The device is gone; its transfers complete by themselves.
    }
  }
}

import type { Addon, AddonDevice, AddonTransfer } from './addon.ts';
import { errnoOf } from './problems.ts';

/** Injected timers, so that tests need no clock. */
export interface Timers {
  /** Calls `run` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The timers of Node. */
export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

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
    // A new Transfer each time: one whose submit has thrown stays "already active" forever (node-usb 2.18).
    const transfer: AddonTransfer = new this.#addon.Transfer(
      this.#device,
      endpoint,
      type,
      libusbLimitMs,
      (error, _buffer, actual) => {
        this.#flying.delete(transfer);
        const status = error === undefined ? 0 : (errnoOf(error) ?? 1);
        try {
          done({ status, actual });
        } finally {
          this.#wake();
        }
      },
    );
    transfer.submit(buffer);
    this.#flying.set(transfer, endpoint);
    return {
      cancel: () => {
        this.#cancel(transfer);
      },
    };
  }

  cancelAll(): void {
    for (const transfer of this.#flying.keys()) this.#cancel(transfer);
  }

  /** Resolves `true` once nothing is in flight (on `endpoint`, if given), or `false` after `limitMs`. */
  idle(limitMs: number, endpoint?: number): Promise<boolean> {
    if (this.#isIdle(endpoint)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const stop = this.#timers.after(limitMs, () => {
        resolve(false);
      });
      const wake = (): void => {
        stop();
        resolve(true);
      };
      this.#waiting.push({ endpoint, wake });
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

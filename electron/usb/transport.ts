import { fail, type PhoneError } from '../../shared/errors.ts';
import type { Piece, Transport, WriteOptions } from '../mtp/ports.ts';
import { CONTROL, type Addon, type AddonDevice } from './addon.ts';
import { BulkIn } from './bulk-in.ts';
import { BulkOut } from './bulk-out.ts';
import { Events } from './events.ts';
import type { MtpInterface } from './identify.ts';
import { COMPLETED, isFatalStatus, phoneErrorOf, statusError } from './problems.ts';
import { Urbs, type Timers } from './urbs.ts';

/**
 * Milliseconds that `close` waits for cancelled transfers, and again for the release, so that a hung driver cannot
 * block it.
 */
const CLOSE_LIMIT_MS = 2000;
const HALT_LIMIT_MS = 2000;
const WITHDRAW_LIMIT_MS = 2000;
const RESET_LIMIT_MS = 10_000;

/** What a transport is made of; the bus has opened it all. */
export interface UsbTransportOptions {
  readonly addon: Addon;
  /** Open, with its interface claimed. The transport owns it from now on and closes it. */
  readonly device: AddonDevice;
  readonly mtp: MtpInterface;
  readonly linkSpeed: Transport['linkSpeed'];
  readonly bestLinkSpeed?: Transport['linkSpeed'];
  readonly timers: Timers;
  /** Called once, after the device has been closed. */
  readonly onClosed: () => void;
}

/**
 * One claimed interface. Its first fatal error ends it: `closed` resolves, and every pending and later call rejects
 * with that error.
 */
export class UsbTransport implements Transport {
  readonly maxPacketSize: number;
  readonly linkSpeed: Transport['linkSpeed'];
  readonly bestLinkSpeed: Transport['linkSpeed'];
  readonly closed: Promise<PhoneError>;
  readonly #options: UsbTransportOptions;
  readonly #urbs: Urbs;
  readonly #in: BulkIn;
  readonly #out: BulkOut;
  readonly #events: Events | undefined;
  readonly #resolveClosed: (cause: PhoneError) => void;
  #cause: PhoneError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: UsbTransportOptions) {
    const { addon, device, mtp, timers } = options;
    this.#options = options;
    this.maxPacketSize = mtp.maxPacketSize;
    this.linkSpeed = options.linkSpeed;
    this.bestLinkSpeed = options.bestLinkSpeed;
    const closed = Promise.withResolvers<PhoneError>();
    this.closed = closed.promise;
    this.#resolveClosed = closed.resolve;
    this.#urbs = new Urbs(addon, device, timers);
    const onFatal = (cause: PhoneError): void => {
      this.#end(cause);
    };
    const bulk = { urbs: this.#urbs, timers, maxPacketSize: mtp.maxPacketSize, onFatal };
    this.#in = new BulkIn({ ...bulk, endpoint: mtp.bulkIn });
    this.#out = new BulkOut({
      ...bulk,
      endpoint: mtp.bulkOut,
      listen: (heard) => this.#in.listen(heard),
      onDataSent: () => {
        this.#in.expect('response');
      },
    });
    const interrupt = mtp.interruptIn;
    if (interrupt !== undefined)
      this.#events = new Events({
        urbs: this.#urbs,
        timers,
        endpoint: interrupt.address,
        maxPacketSize: interrupt.maxPacketSize,
        clearHalt: () => this.#clearHalt(interrupt.address),
        onFatal,
      });
  }

  write(parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    const { reads } = options;
    if (reads === 'none') return this.#unread(() => this.#out.write(parts, options));
    const written = this.#out.write(parts, options);
    if (reads !== undefined) this.#in.expect(reads);
    return written;
  }

  writeBehind(command: Uint8Array, parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    return this.#unread(() => this.#out.write(parts, options, command));
  }

  /** Writes once no read is in flight. */
  #unread(write: () => Promise<void>): Promise<void> {
    const withdrawn = this.#in.withdraw(WITHDRAW_LIMIT_MS);
    return withdrawn === undefined ? write() : withdrawn.then(write);
  }

  read(want: number, options: { readonly limitMs: number }): Promise<Piece> {
    return this.#in.read(want, options.limitMs);
  }

  giveBack(bytes: Uint8Array): void {
    this.#in.giveBack(bytes);
  }

  onInterrupt(listener: (packet: Uint8Array) => void): () => void {
    return this.#events?.listen(listener) ?? (() => undefined);
  }

  async classRequestOut(request: number, data: Uint8Array, options: { readonly limitMs: number }): Promise<void> {
    await this.#control(0x21, request, data, data.length, options.limitMs);
  }

  classRequestIn(request: number, length: number, options: { readonly limitMs: number }): Promise<Uint8Array> {
    return this.#control(0xa1, request, undefined, length, options.limitMs);
  }

  async clearHalt(endpoint: 'in' | 'out'): Promise<void> {
    if (this.#cause !== undefined) throw this.#cause;
    // libusb requires that no transfer is in flight on an endpoint whose halt is cleared. Those of the other pipe are
    // cancelled too, because a halt on one ends the transaction on both.
    const { bulkIn, bulkOut } = this.#options.mtp;
    this.#in.cancelAll();
    this.#out.cancelAll();
    await Promise.all([this.#urbs.idle(HALT_LIMIT_MS, bulkIn), this.#urbs.idle(HALT_LIMIT_MS, bulkOut)]);
    await this.#clearHalt(endpoint === 'in' ? bulkIn : bulkOut);
  }

  async reset(): Promise<void> {
    if (this.#cause !== undefined) throw this.#cause;
    this.#end(fail('disconnected', 'bus reset', 'reset on purpose'), { reset: true });
    await this.#closing;
  }

  close(): Promise<void> {
    this.#end(fail('disconnected', 'close', 'closed by Replug'));
    return this.#closing ?? Promise.resolve();
  }

  #end(cause: PhoneError, how: { readonly reset: boolean } = { reset: false }): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#in.end(cause);
    this.#out.end(cause);
    this.#events?.end();
    this.#closing = this.#shut(how.reset);
    this.#resolveClosed(cause);
  }

  async #shut(reset: boolean): Promise<void> {
    const { device, mtp, onClosed } = this.#options;
    this.#urbs.cancelAll();
    await this.#urbs.idle(CLOSE_LIMIT_MS);
    if (reset)
      await this.#within(RESET_LIMIT_MS, (done) => {
        device.reset(done);
      });
    await this.#within(CLOSE_LIMIT_MS, (done) => {
      device.__releaseInterface(mtp.number, done);
    });
    try {
      device.close();
    } catch {
      // The system has not returned a transfer yet. The device is closed once it does, or when the process ends.
      void this.#urbs.idle(60_000).then(() => {
        try {
          device.close();
        } catch {
          // Nothing more can be done; the kernel releases the device when the process ends.
        }
      });
    }
    onClosed();
  }

  async #clearHalt(address: number): Promise<void> {
    const operation = `clear halt of endpoint 0x${address.toString(16)}`;
    const outcome = await this.#within(HALT_LIMIT_MS, (done) => {
      this.#options.device.__clearHalt(address, done);
    });
    if (outcome.kind === 'done') return;
    if (this.#cause !== undefined) throw this.#cause;
    const error =
      outcome.kind === 'failed' ? phoneErrorOf(outcome.error, operation) : fail('silent', operation, 'no answer');
    if (error.kind === 'disconnected') this.#end(error);
    throw error;
  }

  /**
   * Runs an addon call that takes a callback; resolves with its outcome, or with `late` after `limitMs`. Never
   * rejects.
   */
  #within(
    limitMs: number,
    start: (done: (error?: Error) => void) => void,
  ): Promise<
    { readonly kind: 'done' } | { readonly kind: 'late' } | { readonly kind: 'failed'; readonly error: unknown }
  > {
    return new Promise((resolve) => {
      const stop = this.#options.timers.after(limitMs, () => {
        resolve({ kind: 'late' });
      });
      try {
        start((error) => {
          stop();
          resolve(error === undefined ? { kind: 'done' } : { kind: 'failed', error });
        });
      } catch (error) {
        stop();
        resolve({ kind: 'failed', error });
      }
    });
  }

  #control(
    requestType: number,
    request: number,
    data: Uint8Array | undefined,
    length: number,
    limitMs: number,
  ): Promise<Uint8Array> {
    if (this.#cause !== undefined) return Promise.reject(this.#cause);
    const operation = `class request 0x${request.toString(16)}`;
    const buffer = Buffer.alloc(8 + length);
    buffer.writeUInt8(requestType, 0);
    buffer.writeUInt8(request, 1);
    buffer.writeUInt16LE(0, 2);
    buffer.writeUInt16LE(this.#options.mtp.number, 4);
    buffer.writeUInt16LE(length, 6);
    if (data !== undefined) buffer.set(data, 8);
    return new Promise((resolve, reject) => {
      try {
        this.#urbs.submit(
          0,
          CONTROL,
          buffer,
          ({ status, actual }) => {
            if (status === COMPLETED) {
              resolve(new Uint8Array(buffer.subarray(8, 8 + actual)));
              return;
            }
            const error = this.#cause ?? statusError(status, operation);
            reject(error);
            if (isFatalStatus(status)) this.#end(error);
          },
          // A control transfer that times out loses no data that could be read later.
          limitMs,
        );
      } catch (error) {
        const problem = phoneErrorOf(error, operation);
        reject(problem);
        if (problem.kind === 'disconnected') this.#end(problem);
      }
    });
  }
}

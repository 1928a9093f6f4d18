import { fail, type PhoneError } from '../../shared/errors.ts';
import type { Clock, Piece, Transport } from '../../electron/mtp/ports.ts';
import { join } from '../../electron/mtp/wire/bytes.ts';

/**
 * A connection whose phone is a function. Time is counted, not waited for: a read that finds nothing uses up its
 * whole limit at once.
 */
export type ScriptedPhone = (written: Uint8Array, cable: ScriptedTransport, last: boolean) => void | Promise<void>;

/** Longest chain of promises before the test counts as idle. */
const LONGEST_CHAIN = 100;

export class ScriptedTransport implements Transport, Clock {
  readonly maxPacketSize: number;
  readonly linkSpeed = 'high';
  readonly closed: Promise<PhoneError>;
  /** Log of the connection: `write 12`, `clear in`, `sleep 1000`. */
  readonly log: string[] = [];
  /** Answers class requests; by default each stalls. */
  onControl: (request: number, data: Uint8Array | undefined, length: number) => Uint8Array = () => {
    throw fail('stalled', 'class request');
  };
  readonly #phone: ScriptedPhone;
  readonly #queue: (Piece | PhoneError)[] = [];
  readonly #listeners = new Set<(packet: Uint8Array) => void>();
  #settle!: (cause: PhoneError) => void;
  #cause: PhoneError | undefined;
  #now = 0;

  constructor(phone: ScriptedPhone, maxPacketSize = 512) {
    this.#phone = phone;
    this.maxPacketSize = maxPacketSize;
    this.closed = new Promise((resolve) => (this.#settle = resolve));
  }

  // the phone's end

  /** One transfer to the host. */
  send(bytes: Uint8Array, short = true): void {
    this.#queue.push({ bytes, short });
  }
  /** Makes the next read fail with this error. */
  sendError(error: PhoneError): void {
    this.#queue.push(error);
  }
  interrupt(packet: Uint8Array): void {
    for (const listener of this.#listeners) listener(packet);
  }
  unplug(): void {
    this.#end(fail('disconnected', 'cable', 'unplugged'));
  }

  // the host's end

  now(): number {
    return this.#now;
  }
  async sleep(milliseconds: number): Promise<void> {
    if (milliseconds === 0) {
      for (let step = 0; step < LONGEST_CHAIN; step += 1) await Promise.resolve();
      return;
    }
    this.log.push(`sleep ${milliseconds}`);
    this.#now += milliseconds;
    await Promise.resolve();
  }

  async write(
    parts: readonly Uint8Array[],
    options: { readonly last: boolean; readonly limitMs: number },
  ): Promise<void> {
    this.#check();
    const bytes = join(parts).slice();
    if (!options.last && bytes.byteLength % this.maxPacketSize !== 0)
      throw new RangeError(`a write of ${bytes.byteLength} bytes that is not the last`);
    this.log.push(`write ${bytes.byteLength}${options.last ? '' : ' and more'}`);
    await this.#phone(bytes, this, options.last);
    this.#check();
  }

  async read(_want: number, options: { readonly limitMs: number }): Promise<Piece> {
    this.#check();
    await Promise.resolve();
    const next = this.#queue.shift();
    this.#check();
    if (next === undefined) {
      this.#now += options.limitMs;
      this.log.push(`silent ${options.limitMs}`);
      throw fail('silent', 'read', `${options.limitMs} ms`);
    }
    if (next instanceof Error) throw next;
    return next;
  }

  onInterrupt(listener: (packet: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async classRequestOut(request: number, data: Uint8Array): Promise<void> {
    this.#check();
    this.log.push(`class request 0x${request.toString(16)}`);
    await Promise.resolve(this.onControl(request, data, 0));
  }
  async classRequestIn(request: number, length: number): Promise<Uint8Array> {
    this.#check();
    this.log.push(`class request 0x${request.toString(16)} of ${length}`);
    return await Promise.resolve(this.onControl(request, undefined, length));
  }

  async clearHalt(endpoint: 'in' | 'out'): Promise<void> {
    this.#check();
    this.log.push(`clear ${endpoint}`);
    await Promise.resolve();
  }
  async reset(): Promise<void> {
    this.#end(fail('disconnected', 'bus reset'));
    await Promise.resolve();
  }
  async close(): Promise<void> {
    this.log.push('close');
    this.#end(fail('disconnected', 'close', 'closed'));
    await Promise.resolve();
  }

  #check(): void {
    if (this.#cause !== undefined) throw this.#cause;
  }
  #end(cause: PhoneError): void {
    this.#cause ??= cause;
    this.#settle(this.#cause);
  }
}

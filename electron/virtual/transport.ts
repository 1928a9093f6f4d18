import { setImmediate as turn } from 'node:timers/promises';
import { fail } from '../../shared/errors.ts';
import type { PhoneError } from '../../shared/errors.ts';
import type { Piece, Transport, WriteOptions } from '../mtp/ports.ts';
import type { Link } from './link.ts';

/** As the real bus: one bulk-IN transfer asks for at most this much. */
const LARGEST_READ = 1024 * 1024;
/** A timer beyond this fires at once. */
const LONGEST_TIMER = 0x7fffffff;

interface InFlight {
  readonly piece: Promise<Piece>;
  withdrawn: boolean;
}

/** The host's end of a `Link`. Closing it leaves the phone as it is: in the middle of whatever it was doing. */
export class VirtualTransport implements Transport {
  readonly maxPacketSize: number;
  readonly linkSpeed: Transport['linkSpeed'];
  readonly closed: Promise<PhoneError>;
  readonly #link: Link;
  readonly #onReset: () => void;
  readonly #resolveClosed: (error: PhoneError) => void;
  readonly #waits = new Set<(error: PhoneError) => void>();
  readonly #watcher: { stalled(): void; gone(): void };
  readonly #listeners = new Set<(packet: Uint8Array) => void>();
  #end: PhoneError | undefined;
  #inFlight: InFlight | undefined;

  constructor(link: Link, options: { readonly onReset: () => void }) {
    this.#link = link;
    this.maxPacketSize = link.maxPacketSize;
    this.linkSpeed = link.maxPacketSize === 1024 ? 'super' : link.maxPacketSize === 64 ? 'full' : 'high';
    this.#onReset = options.onReset;
    let resolveClosed!: (error: PhoneError) => void;
    this.closed = new Promise((resolve) => (resolveClosed = resolve));
    this.#resolveClosed = resolveClosed;
    this.#watcher = {
      stalled: () => this.#failWaits(fail('stalled', 'bulk transfer', 'both endpoints halted')),
      gone: () => this.#finish(fail('disconnected', 'cable', 'unplugged')),
    };
    link.watchers.add(this.#watcher);
  }

  write(parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    return this.#write(undefined, parts, options);
  }

  writeBehind(command: Uint8Array, parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    return this.#write(command, parts, options);
  }

  async #write(command: Uint8Array | undefined, parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    this.#check('out', 'write');
    const solid = parts.filter((part) => part.byteLength > 0);
    const total = solid.reduce((sum, part) => sum + part.byteLength, 0);
    if (!options.last && total % this.maxPacketSize !== 0)
      throw new RangeError(
        `a write of ${total} bytes that is not the last must be a multiple of ${this.maxPacketSize}`,
      );
    const pipe = this.#link.out;
    const tickets = command === undefined ? [] : [pipe.push(command, true)];
    for (const [index, part] of solid.entries())
      tickets.push(pipe.push(part, options.last && index === solid.length - 1));
    if (solid.length === 0 && options.last) tickets.push(pipe.push(new Uint8Array(0), true));
    const last = tickets.at(-1);
    if (last === undefined) return;
    const { listenAfterMs } = options;
    const heard = listenAfterMs === undefined ? undefined : this.#listen(listenAfterMs, () => pipe.lastMove);
    try {
      const taken = this.#limited(last.done, options.limitMs, 'write', () => pipe.lastMove);
      await (heard === undefined ? taken : Promise.race([taken, heard.rejects]));
    } catch (error) {
      for (const ticket of tickets) ticket.withdraw();
      throw error;
    } finally {
      heard?.stop();
    }
  }

  async read(want: number, options: { readonly limitMs: number }): Promise<Piece> {
    this.#check('in', 'read');
    const mps = this.maxPacketSize;
    const flight = (this.#inFlight ??= this.#post(Math.max(mps, Math.min(LARGEST_READ, Math.ceil(want / mps) * mps))));
    const pipe = this.#link.in;
    const piece = await this.#limited(flight.piece, options.limitMs, 'read', () => pipe.lastMove);
    if (this.#inFlight === flight) this.#inFlight = undefined;
    return piece;
  }

  /** Reads bulk-IN once nothing was taken for `afterMs`; `rejects` does so when something came, and it stays for `read`. */
  #listen(afterMs: number, lastMove: () => number): { readonly rejects: Promise<never>; readonly stop: () => void } {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    const started = performance.now();
    let timer: ReturnType<typeof setTimeout>;
    let stopped = false;
    const arm = (ms: number): void => {
      timer = setTimeout(() => {
        const rest = Math.max(started, lastMove()) + afterMs - performance.now();
        if (rest > 0.5) {
          arm(rest);
          return;
        }
        this.#inFlight ??= this.#post(this.maxPacketSize);
        void this.#inFlight.piece.then(() => {
          if (!stopped) reject(fail('silent', 'write', 'the phone sends instead of taking'));
        });
      }, ms);
    };
    arm(afterMs);
    return {
      rejects: promise,
      stop: () => {
        stopped = true;
        clearTimeout(timer);
      },
    };
  }

  /** A bulk-IN transfer on its way; it stays posted when the caller's limit runs out. */
  #post(size: number): InFlight {
    const flight: { piece: Promise<Piece>; withdrawn: boolean } = { piece: undefined as never, withdrawn: false };
    flight.piece = this.#fill(flight, size);
    flight.piece.catch(() => undefined);
    return flight;
  }

  async #fill(flight: { readonly withdrawn: boolean }, size: number): Promise<Piece> {
    const pipe = this.#link.in;
    let whole: Uint8Array | undefined;
    let count = 0;
    for (;;) {
      const step = flight.withdrawn ? undefined : pipe.pull(size - count);
      if (step === undefined) {
        await pipe.wait();
        if (flight.withdrawn) return await new Promise<Piece>(() => undefined);
        continue;
      }
      const done = step.short || count + step.bytes.byteLength === size;
      // one step is the common case: no copy
      if (done && count === 0) return { bytes: step.bytes, short: step.short };
      whole ??= new Uint8Array(size);
      whole.set(step.bytes, count);
      count += step.bytes.byteLength;
      if (done) return { bytes: whole.subarray(0, count), short: step.short };
    }
  }

  giveBack(bytes: Uint8Array): void {
    this.#link.pieces.giveBack(bytes);
  }

  onInterrupt(listener: (packet: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    if (this.#end === undefined)
      this.#link.listen((packet) => {
        for (const each of this.#listeners) each(packet);
      });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0 && this.#end === undefined) this.#link.listen(undefined);
    };
  }

  async classRequestOut(request: number, data: Uint8Array, options: { readonly limitMs: number }): Promise<void> {
    await this.#control(request, data, 0, options.limitMs);
  }

  async classRequestIn(request: number, length: number, options: { readonly limitMs: number }): Promise<Uint8Array> {
    const bytes = await this.#control(request, undefined, length, options.limitMs);
    return bytes.subarray(0, length);
  }

  async #control(request: number, data: Uint8Array | undefined, length: number, limitMs: number): Promise<Uint8Array> {
    this.#check(undefined, 'class request');
    const reply = this.#link.control({ request, data, length });
    // what the request does to the transfer in progress is done when the host hears of it
    await turn();
    switch (reply.kind) {
      case 'data':
        return reply.bytes;
      case 'stall':
        throw fail('stalled', 'class request', `0x${request.toString(16)}`);
      case 'silence':
        return this.#limited(new Promise<never>(() => undefined), limitMs, 'class request', () => 0);
    }
  }

  async clearHalt(endpoint: 'in' | 'out'): Promise<void> {
    this.#check(undefined, 'clear halt');
    this.#link.halted[endpoint] = false;
  }

  async reset(): Promise<void> {
    this.#check(undefined, 'reset');
    this.#finish(fail('disconnected', 'bus reset', 'closed by the reset'));
    this.#onReset();
  }

  async close(): Promise<void> {
    this.#finish(fail('disconnected', 'close', 'closed by this program'));
  }

  #finish(error: PhoneError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#link.watchers.delete(this.#watcher);
    if (this.#listeners.size > 0) this.#link.listen(undefined);
    this.#failWaits(error);
    this.#resolveClosed(error);
  }

  #failWaits(error: PhoneError): void {
    if (this.#inFlight !== undefined) this.#inFlight.withdrawn = true;
    this.#inFlight = undefined;
    for (const reject of [...this.#waits]) reject(error);
  }

  #check(endpoint: 'in' | 'out' | undefined, operation: string): void {
    if (this.#end !== undefined) throw this.#end;
    this.#link.hostActiveAt = performance.now();
    if (endpoint !== undefined && this.#link.halted[endpoint])
      throw fail('stalled', operation, `bulk-${endpoint} is halted`);
  }

  /** `work`, but no longer than `limitMs` without a byte having moved, and not past a stall or the end. */
  #limited<T>(work: Promise<T>, limitMs: number, operation: string, lastMove: () => number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const started = performance.now();
      let timer: ReturnType<typeof setTimeout>;
      const finish = (): void => {
        clearTimeout(timer);
        this.#waits.delete(failNow);
      };
      const failNow = (error: PhoneError): void => {
        finish();
        reject(error);
      };
      const arm = (ms: number): void => {
        timer = setTimeout(
          () => {
            const rest = Math.max(started, lastMove()) + limitMs - performance.now();
            if (rest > 0.5) arm(rest);
            else failNow(fail('silent', operation, `nothing for ${limitMs} ms`));
          },
          Math.min(ms, LONGEST_TIMER),
        );
      };
      arm(limitMs);
      this.#waits.add(failNow);
      work.then(
        (value) => {
          finish();
          resolve(value);
        },
        (error: unknown) => {
          finish();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }
}

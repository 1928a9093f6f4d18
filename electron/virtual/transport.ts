import { setImmediate as turn } from 'node:timers/promises';
import { fail } from '../../shared/errors.ts';
import type { PhoneError } from '../../shared/errors.ts';
import type { Piece, Transport, WriteOptions } from '../mtp/ports.ts';
import type { Link } from './link.ts';
import type { PacketPipe, Ticket } from './pipe.ts';

/** As the real bus: one bulk-IN transfer asks for at most this much. */
const LARGEST_READ = 1024 * 1024;
const NOTHING = new Uint8Array(0);
/** A timer beyond this fires at once. */
const LONGEST_TIMER = 0x7fffffff;

/** A bulk-IN transfer on its way; it stays posted when the limit of whoever asked for it runs out. */
class InFlight {
  readonly size: number;
  /** What came, once it is whole. */
  piece: Piece | undefined;
  isWithdrawn = false;
  #hear: ((piece: Piece) => void) | undefined;

  constructor(size: number) {
    this.size = size;
  }

  /** Calls back with the piece once it is there, or at once; of several, whoever asked last hears of it. */
  when(hear: ((piece: Piece) => void) | undefined): void {
    if (this.piece === undefined) this.#hear = hear;
    else hear?.(this.piece);
  }

  complete(piece: Piece): void {
    this.piece = piece;
    this.#hear?.(piece);
  }
}

/** A wait of the host: no longer than its limit without a byte having moved, and not past a stall or the end. */
class Wait {
  readonly #waits: Set<Wait>;
  readonly #operation: string;
  readonly #limitMs: number;
  readonly #lastMove: () => number;
  readonly #reject: (error: PhoneError) => void;
  readonly #started = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    waits: Set<Wait>,
    operation: string,
    limitMs: number,
    lastMove: () => number,
    reject: (error: PhoneError) => void,
  ) {
    this.#waits = waits;
    this.#operation = operation;
    this.#limitMs = limitMs;
    this.#lastMove = lastMove;
    this.#reject = reject;
    waits.add(this);
    this.#arm(limitMs);
  }

  /** What was waited for has come. */
  end(): void {
    clearTimeout(this.#timer);
    this.#waits.delete(this);
  }

  fail(error: PhoneError): void {
    this.end();
    this.#reject(error);
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(
      () => {
        const rest = Math.max(this.#started, this.#lastMove()) + this.#limitMs - performance.now();
        if (rest > 0.5) this.#arm(rest);
        else this.fail(fail('silent', this.#operation, `nothing for ${this.#limitMs} ms`));
      },
      Math.min(ms, LONGEST_TIMER),
    );
  }
}

/** The host's end of a `Link`. Closing it leaves the phone as it is: in the middle of whatever it was doing. */
export class VirtualTransport implements Transport {
  readonly maxPacketSize: number;
  readonly linkSpeed: Transport['linkSpeed'];
  readonly closed: Promise<PhoneError>;
  readonly #link: Link;
  readonly #onReset: () => void;
  readonly #resolveClosed: (error: PhoneError) => void;
  readonly #waits = new Set<Wait>();
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

  #write(command: Uint8Array | undefined, parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#check('out', 'write');
      const solid = parts.filter((part) => part.byteLength > 0);
      const total = solid.reduce((sum, part) => sum + part.byteLength, 0);
      if (!options.last && total % this.maxPacketSize !== 0)
        throw new RangeError(
          `a write of ${total} bytes that is not the last must be a multiple of ${this.maxPacketSize}`,
        );
      if (solid.length === 0 && options.last) solid.push(NOTHING);
      const pipe = this.#link.out;
      const { listenAfterMs } = options;
      const tickets: Ticket[] = [];
      const wait = new Wait(
        this.#waits,
        'write',
        options.limitMs,
        () => pipe.lastMove,
        (error) => {
          stopListening?.();
          for (const ticket of tickets) pipe.withdraw(ticket);
          reject(error);
        },
      );
      const stopListening =
        listenAfterMs === undefined ? undefined : this.#listen(listenAfterMs, pipe, (error) => wait.fail(error));
      const taken = (): void => {
        wait.end();
        stopListening?.();
        resolve();
      };
      if (command !== undefined) tickets.push(pipe.push(command, true, solid.length === 0 ? taken : undefined));
      for (const [index, part] of solid.entries()) {
        const isLast = index === solid.length - 1;
        tickets.push(pipe.push(part, options.last && isLast, isLast ? taken : undefined));
      }
      if (tickets.length === 0) taken();
    });
  }

  read(want: number, options: { readonly limitMs: number }): Promise<Piece> {
    return new Promise((resolve, reject) => {
      this.#check('in', 'read');
      const mps = this.maxPacketSize;
      const flight = (this.#inFlight ??= this.#post(
        Math.max(mps, Math.min(LARGEST_READ, Math.ceil(want / mps) * mps)),
      ));
      if (flight.piece !== undefined) {
        this.#inFlight = undefined;
        resolve(flight.piece);
        return;
      }
      const pipe = this.#link.in;
      const wait = new Wait(
        this.#waits,
        'read',
        options.limitMs,
        () => pipe.lastMove,
        (error) => {
          flight.when(undefined);
          reject(error);
        },
      );
      flight.when((piece) => {
        wait.end();
        if (this.#inFlight === flight) this.#inFlight = undefined;
        resolve(piece);
      });
    });
  }

  /**
   * Reads bulk-IN once nothing was taken for `afterMs`, and calls back with an error when something came, which stays for
   * `read`. Answers how to stop.
   */
  #listen(afterMs: number, pipe: PacketPipe, reject: (error: PhoneError) => void): () => void {
    const started = performance.now();
    let timer: ReturnType<typeof setTimeout>;
    let isStopped = false;
    const arm = (ms: number): void => {
      timer = setTimeout(() => {
        const rest = Math.max(started, pipe.lastMove) + afterMs - performance.now();
        if (rest > 0.5) {
          arm(rest);
          return;
        }
        this.#inFlight ??= this.#post(this.maxPacketSize);
        this.#inFlight.when(() => {
          if (!isStopped) reject(fail('silent', 'write', 'the phone sends instead of taking'));
        });
      }, ms);
    };
    arm(afterMs);
    return () => {
      isStopped = true;
      clearTimeout(timer);
    };
  }

  #post(size: number): InFlight {
    const flight = new InFlight(size);
    this.#fill(flight, undefined, 0);
    return flight;
  }

  /** Takes what there is; `whole` holds the first `filled` bytes of a piece that comes in several steps. */
  #fill(flight: InFlight, whole: Uint8Array | undefined, filled: number): void {
    const pipe = this.#link.in;
    let count = filled;
    while (!flight.isWithdrawn) {
      const step = pipe.pull(flight.size - count);
      if (step === undefined) {
        // not within the phone's own step
        pipe.onData(() => queueMicrotask(() => this.#fill(flight, whole, count)));
        return;
      }
      const isDone = step.short || count + step.bytes.byteLength === flight.size;
      // one step is the common case: no copy
      if (isDone && count === 0) {
        flight.complete({ bytes: step.bytes, short: step.short });
        return;
      }
      whole ??= new Uint8Array(flight.size);
      whole.set(step.bytes, count);
      count += step.bytes.byteLength;
      if (isDone) {
        flight.complete({ bytes: whole.subarray(0, count), short: step.short });
        return;
      }
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
        return new Promise<never>((_, reject) => new Wait(this.#waits, 'class request', limitMs, () => 0, reject));
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
    if (this.#inFlight !== undefined) this.#inFlight.isWithdrawn = true;
    this.#inFlight = undefined;
    for (const wait of [...this.#waits]) wait.fail(error);
  }

  #check(endpoint: 'in' | 'out' | undefined, operation: string): void {
    if (this.#end !== undefined) throw this.#end;
    this.#link.hostActiveAt = performance.now();
    if (endpoint !== undefined && this.#link.halted[endpoint])
      throw fail('stalled', operation, `bulk-${endpoint} is halted`);
  }
}

import { BufferPool } from '../mtp/buffer-pool.ts';
import { PacketPipe } from './pipe.ts';

/** Why the phone's read or write of an endpoint failed. */
export type BreakReason =
  /** The cable was pulled or the USB function went down (ESHUTDOWN). */
  | 'gone'
  /** The host's class request Cancel or Reset (ECANCELED). */
  | 'cancelled'
  /** A class request that cannot be parsed (EINVAL). */
  | 'invalid';

/** The phone's read or write ended: the link is gone, or the initiator cancelled. */
export class LinkBreak extends Error {
  override readonly name = 'LinkBreak';
  readonly reason: BreakReason;
  constructor(reason: BreakReason) {
    super(reason);
    this.reason = reason;
  }
}

/** Counts payload and limits it up to a scripted unplug. */
export interface Meter {
  left(): number;
  moved(bytes: number): void;
}

/** Limits the speed. */
export interface Pace {
  /** Bytes per second; 0 is unlimited. */
  readonly rate: number;
}

/** A class request to the phone's server. An undefined `reply` is answered with a stall. */
export interface ControlRequest {
  readonly request: number;
  /** Only for OUT requests. */
  readonly data: Uint8Array | undefined;
  /** wLength of IN requests. */
  readonly length: number;
}
/** The phone's response to a class request. */
export type ControlReply =
  { readonly kind: 'data'; readonly bytes: Uint8Array } | { readonly kind: 'stall' } | { readonly kind: 'silence' };

/** Bytes in which files are sent to the host; small enough to hold three pieces. */
export const PIECE = 1024 * 1024;

const SLICES_PER_SECOND = 20;

/**
 * The connection between one host process and the phone while plugged in: two bulk pipes, the interrupt pipe, halts.
 * This is the phone's end; the host's end is `VirtualTransport`. Used by one server task at a time.
 */
export class Link {
  readonly out = new PacketPipe();
  readonly in = new PacketPipe();
  /** Buffers in which files are sent to the host. */
  readonly pieces = new BufferPool(PIECE, 16);
  readonly maxPacketSize: number;
  readonly #meter: Meter;
  readonly #pace: Pace;
  readonly halted = { in: false, out: false };
  alive = true;
  /** Set by the server; answers class requests. */
  control: (request: ControlRequest) => ControlReply = () => ({ kind: 'silence' });
  #breaker: ((reason: LinkBreak) => void) | undefined;
  #pending: LinkBreak | undefined;
  #dueAt = 0;
  #frozen: Promise<void> | undefined;
  #thaw: () => void = () => undefined;
  /** Time of the host's last request; `performance.now()`. */
  hostActiveAt = 0;
  /** The host's end; notified of stalls and of the end. */
  readonly watchers = new Set<{ stalled(): void; gone(): void }>();
  #interrupts: Uint8Array[] = [];
  #interruptListener: ((packet: Uint8Array) => void) | undefined;

  constructor(maxPacketSize: number, meter: Meter, pace: Pace) {
    this.maxPacketSize = maxPacketSize;
    this.#meter = meter;
    this.#pace = pace;
  }

  // ---- the phone's end

  /**
   * One read request of `size` bytes: takes packets until it is full or a short one arrives. Bytes of the last packet
   * beyond `size` are dropped, as by FunctionFS. `uncounted` leading bytes are the container header.
   */
  async receive(target: Uint8Array, size: number, uncounted: number): Promise<{ count: number; short: boolean }> {
    const mps = this.maxPacketSize;
    const room = Math.ceil(size / mps) * mps;
    let count = 0;
    let free = uncounted;
    for (;;) {
      this.check();
      if (this.#frozen !== undefined) await this.blocked(this.#frozen);
      const allowed = Math.min(room - count, this.#meter.left() + free, this.#slice());
      const step = allowed > 0 ? this.out.pull(allowed) : undefined;
      if (step === undefined) {
        await this.#until((fed) => this.out.onData(fed));
        continue;
      }
      if (step.bytes.byteLength <= size - count) target.set(step.bytes, count);
      else if (count < size) target.set(step.bytes.subarray(0, size - count), count);
      count += step.bytes.byteLength;
      const header = Math.min(free, step.bytes.byteLength);
      free -= header;
      const pause = this.#moved(step.bytes.byteLength - header);
      if (pause !== undefined) await pause;
      // a limit of meter or pace ends a step, never the request
      if (step.short || count >= room) return { count: Math.min(count, size), short: step.short };
    }
  }

  /** Queues bytes on bulk-IN; resolves once the host has taken them. */
  async send(bytes: Uint8Array, short: boolean, uncounted: number): Promise<void> {
    let at = 0;
    let free = uncounted;
    do {
      if (this.#frozen !== undefined) await this.blocked(this.#frozen);
      // queued first, as in AOSP: after a cancel in between, the bytes stay in the endpoint
      const size = Math.min(bytes.byteLength - at, this.#meter.left() + free, this.#slice());
      const last = at + size >= bytes.byteLength;
      const part = size === bytes.byteLength ? bytes : bytes.subarray(at, at + size);
      await this.#until((taken) => this.in.push(part, last && short, taken));
      const header = Math.min(free, size);
      free -= header;
      at += size;
      const pause = this.#moved(size - header);
      if (pause !== undefined) await pause;
    } while (at < bytes.byteLength);
  }

  /** Takes a trailing empty packet that was not requested, as a controller's own buffer would (f_mtp). */
  swallowEmptyPacket(): void {
    this.out.pullEmpty();
  }

  /** Waits for `work`, or rejects if the link breaks first. Throws where it is broken already. */
  blocked<T>(work: Promise<T>): Promise<T> {
    this.check();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const broken = (reason: unknown): void => {
      if (this.#breaker === broken) this.#breaker = undefined;
      reject(reason);
    };
    this.#breaker = broken;
    work.then((value) => {
      if (this.#breaker === broken) this.#breaker = undefined;
      resolve(value);
    }, broken);
    return promise;
  }

  /** The same of something that calls back when it is done; `begin` is called also where the link is broken already. */
  #until(begin: (done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let isDone = false;
      const broken = (reason: LinkBreak): void => {
        if (this.#breaker === broken) this.#breaker = undefined;
        reject(reason);
      };
      begin(() => {
        isDone = true;
        if (this.#breaker === broken) this.#breaker = undefined;
        resolve();
      });
      this.check();
      if (!isDone) this.#breaker = broken;
    });
  }

  /** Stops the server, whatever it is doing, until `thaw`. */
  freeze(): void {
    this.#frozen ??= new Promise((resolve) => (this.#thaw = resolve));
  }
  thaw(): void {
    this.#frozen = undefined;
    this.#thaw();
  }
  async whileFrozen(): Promise<void> {
    if (this.#frozen !== undefined) await this.blocked(this.#frozen);
  }

  async sleep(ms: number): Promise<void> {
    if (ms <= 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await this.blocked(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the server's current wait, or else its next one. */
  interrupt(reason: 'cancelled' | 'invalid'): void {
    const error = new LinkBreak(reason);
    if (this.#breaker === undefined) this.#pending = error;
    else this.#breaker(error);
  }

  /** The device aborts: both bulk endpoints answer STALL until cleared. */
  stall(): void {
    this.halted.in = true;
    this.halted.out = true;
    this.in.clear();
    this.out.clear();
    for (const watcher of this.watchers) watcher.stalled();
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    for (const watcher of [...this.watchers]) watcher.gone();
    this.watchers.clear();
    this.#breaker?.(new LinkBreak('gone'));
  }

  // ---- interrupt-IN: events are kept until they are read

  event(packet: Uint8Array): void {
    if (!this.alive) return;
    if (this.#interruptListener === undefined) this.#interrupts.push(packet);
    else this.#interruptListener(packet);
  }
  listen(listener: ((packet: Uint8Array) => void) | undefined): void {
    this.#interruptListener = listener;
    if (listener === undefined) return;
    const waiting = this.#interrupts;
    this.#interrupts = [];
    for (const packet of waiting) listener(packet);
  }

  /** Throws what has ended or interrupted the link. */
  check(): void {
    if (!this.alive) throw new LinkBreak('gone');
    const pending = this.#pending;
    if (pending !== undefined) {
      this.#pending = undefined;
      throw pending;
    }
  }

  #slice(): number {
    if (this.#pace.rate <= 0) return Number.MAX_SAFE_INTEGER;
    const mps = this.maxPacketSize;
    return Math.max(mps, Math.floor(this.#pace.rate / SLICES_PER_SECOND / mps) * mps);
  }

  /** Counts; what it answers has to be waited for, where there is a pace. */
  #moved(bytes: number): Promise<void> | undefined {
    this.#meter.moved(bytes);
    if (this.#pace.rate <= 0 || bytes === 0) return undefined;
    const now = performance.now();
    this.#dueAt = Math.max(this.#dueAt, now - 100) + (bytes / this.#pace.rate) * 1000;
    return this.#dueAt > now ? this.sleep(this.#dueAt - now) : undefined;
  }
}

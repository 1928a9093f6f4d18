import { openPhone, type Clock, type Transport } from '../../electron/mtp/index.ts';
import type { Piece } from '../../electron/mtp/ports.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { fail, isPhoneError, type PhoneError } from '../../shared/errors.ts';
import { EVERY_ACTION, perform, type Action } from './actions.ts';
import { Random, mutate } from './random.ts';
import { isCommand, type Answer, type Recording } from './responder.ts';
import { PAYLOADS } from './seeds.ts';

/**
 * Whole sessions against a responder whose answers are mutated: bytes, lengths, order, pieces, silence, stalls, endless
 * data. Time is counted, not waited for. Every call ends with a value or a `PhoneError`, in bounded work and time.
 */

/** One read from bulk-IN. */
type Event =
  | { readonly kind: 'piece'; readonly bytes: Uint8Array; readonly short: boolean }
  | { readonly kind: 'stall' }
  | { readonly kind: 'unplug' }
  /** A container that never ends. */
  | { readonly kind: 'endless'; readonly dripping: boolean };

const MOST_CALLS = 40_000;
/** Milliseconds of the counted clock; the longest single timeout is forty minutes. */
const MOST_TIME = 20 * 3_600_000;
const MOST_KEPT = 512 * 1024 * 1024;

class Unbounded extends Error {
  override readonly name = 'Unbounded';
}

/** A clock on which waiting costs nothing. */
class CountedClock implements Clock {
  time = 1_000;
  now(): number {
    return this.time;
  }
  sleep(ms: number): Promise<void> {
    this.time += ms;
    return Promise.resolve();
  }
}

const ENDLESS = new Uint8Array(64 * 1024);

class MutatingTransport implements Transport {
  readonly maxPacketSize = 512;
  readonly linkSpeed = 'high';
  readonly closed: Promise<PhoneError>;
  readonly #random: Random;
  readonly #recording: Recording;
  readonly #clock: CountedClock;
  /** One in this many answers is mutated. */
  readonly #rate: number;
  #settle!: (cause: PhoneError) => void;
  #end: PhoneError | undefined;
  #queue: Event[] = [];
  #transactionId = 0;
  #listener: ((packet: Uint8Array) => void) | undefined;
  readonly #played = new Map<string, number>();
  calls = 0;
  given = 0;
  mutations = 0;

  constructor(random: Random, recording: Recording, clock: CountedClock) {
    this.#random = random;
    this.#recording = recording;
    this.#clock = clock;
    this.#rate = 1 + random.below(6);
    this.closed = new Promise((resolve) => (this.#settle = resolve));
  }

  #count(): void {
    this.calls += 1;
    if (this.calls > MOST_CALLS) throw new Unbounded(`${this.calls} calls`);
    if (this.#clock.time > MOST_TIME) throw new Unbounded(`${this.#clock.time} ms`);
    if (this.#end !== undefined) throw this.#end;
  }
  #finish(cause: PhoneError): void {
    this.#end ??= cause;
    this.#settle(this.#end);
  }

  async write(parts: readonly Uint8Array[], { limitMs }: { readonly limitMs: number }): Promise<void> {
    this.#count();
    const first = parts[0];
    if (first === undefined || parts.length !== 1 || !isCommand(first)) {
      // outgoing data: accepted, or not
      if (this.#random.oneIn(60)) await this.#trouble(limitMs);
      return;
    }
    if (this.#random.oneIn(400)) await this.#trouble(limitMs);
    const view = new DataView(first.buffer, first.byteOffset);
    this.#transactionId = view.getUint32(8, true);
    this.#answer(view.getUint16(6, true), Buffer.from(first.subarray(12)).toString('hex'));
  }

  async #trouble(limitMs: number): Promise<never> {
    switch (this.#random.below(3)) {
      case 0:
        this.#clock.time += limitMs;
        throw fail('silent', 'write', `nothing for ${limitMs} ms`);
      case 1:
        throw fail('stalled', 'write', 'halted');
      default: {
        const cause = fail('disconnected', 'cable', 'unplugged');
        this.#finish(cause);
        throw cause;
      }
    }
  }

  #recorded(operation: number, parameters: string): Answer | undefined {
    const alike = this.#recording.answers.filter((answer) => answer.operation === operation);
    const same = alike.filter((answer) => answer.parameters === parameters);
    const from = same.length > 0 ? same : alike;
    const key = `${operation}:${same.length > 0 ? parameters : ''}`;
    const times = this.#played.get(key) ?? 0;
    this.#played.set(key, times + 1);
    return from[Math.min(times, from.length - 1)];
  }

  /** Queues the recorded answer with the current transaction id, then mutates it. */
  #answer(operation: number, parameters: string): void {
    const random = this.#random;
    const answer = random.oneIn(200) ? random.pick(this.#recording.answers) : this.#recorded(operation, parameters);
    let events: Event[] = (answer?.pieces ?? []).map((piece) => ({
      kind: 'piece',
      bytes: withId(piece.bytes, this.#transactionId),
      short: piece.short,
    }));
    if (answer === undefined) events = [{ kind: 'piece', bytes: refusal(this.#transactionId), short: true }];
    const opening = operation === Operation.OpenSession || operation === Operation.GetDeviceInfo;
    if (random.oneIn(opening ? this.#rate * 8 : this.#rate)) events = this.#spoil(events);
    this.#queue.push(...events);
    if (random.oneIn(40)) this.#listener?.(new Uint8Array(random.pick(PAYLOADS).subarray(0, random.below(40))));
  }

  #spoil(events: Event[]): Event[] {
    const random = this.#random;
    this.mutations += 1;
    const at = random.below(events.length + 1);
    const event = events[at];
    switch (random.below(14)) {
      case 0:
        return events.filter((_, index) => index !== at);
      case 1:
        return event === undefined ? events : [...events.slice(0, at), event, ...events.slice(at)];
      case 2:
        return [...events].reverse();
      case 3:
        return [...events.slice(0, at), { kind: 'piece', bytes: new Uint8Array(0), short: true }, ...events.slice(at)];
      case 4:
        return events.map((one) => (one.kind === 'piece' ? { ...one, short: !one.short } : one));
      case 5:
        return [...events.slice(0, at), { kind: 'stall' }, ...events.slice(at)];
      case 6:
        return [...events.slice(0, at), { kind: 'unplug' }];
      case 7: {
        // cut inside a packet
        if (event?.kind !== 'piece' || event.bytes.byteLength < 2) return events;
        const cut = 1 + random.below(event.bytes.byteLength - 1);
        const [head, tail] = [event.bytes.subarray(0, cut), event.bytes.subarray(cut)];
        const first: Event = { kind: 'piece', bytes: head, short: random.oneIn(2) };
        return [...events.slice(0, at), first, { ...event, bytes: tail }, ...events.slice(at + 1)];
      }
      case 8: {
        // glued together
        const pieces = events.flatMap((one) => (one.kind === 'piece' ? [one.bytes] : []));
        return [{ kind: 'piece', bytes: new Uint8Array(Buffer.concat(pieces)), short: true }];
      }
      case 9:
        if (!random.oneIn(50)) return events;
        return [...events.slice(0, at), { kind: 'endless', dripping: random.oneIn(4) }];
      default: {
        if (event?.kind !== 'piece') return events;
        const room = new Uint8Array(event.bytes.byteLength + 512);
        const length = mutate(random, event.bytes, random.pick(PAYLOADS), room);
        return events.map((one, index) => (index === at ? { ...event, bytes: room.subarray(0, length) } : one));
      }
    }
  }

  async read(want: number, { limitMs }: { readonly limitMs: number }): Promise<Piece> {
    this.#count();
    if (!(want >= 0)) throw new Unbounded(`wants ${want}`);
    const event = this.#queue[0];
    if (event === undefined) {
      this.#clock.time += limitMs;
      throw fail('silent', 'read', `nothing for ${limitMs} ms`);
    }
    switch (event.kind) {
      case 'piece':
        this.#queue.shift();
        this.given += event.bytes.byteLength;
        this.#clock.time += 1;
        return { bytes: event.bytes, short: event.short };
      case 'stall':
        this.#queue.shift();
        throw fail('stalled', 'read', 'halted');
      case 'unplug': {
        const cause = fail('disconnected', 'cable', 'unplugged');
        this.#finish(cause);
        throw cause;
      }
      case 'endless': {
        // at cable speed, or one byte just before each timeout
        this.#clock.time += event.dripping ? Math.max(1, limitMs - 1) : 2;
        const bytes = event.dripping ? ENDLESS.subarray(0, 512) : ENDLESS;
        this.given += bytes.byteLength;
        if (this.given > MOST_KEPT) throw new Unbounded(`${this.given} bytes`);
        return { bytes, short: false };
      }
    }
  }

  onInterrupt(listener: (packet: Uint8Array) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = undefined);
  }
  async classRequestOut(_request: number, _data: Uint8Array, { limitMs }: { readonly limitMs: number }): Promise<void> {
    this.#count();
    // a Cancel aborts the data phase, or is ignored
    if (this.#random.oneIn(2)) this.#queue = [];
    if (this.#random.oneIn(4)) await this.#trouble(limitMs);
  }
  async classRequestIn(
    _request: number,
    length: number,
    { limitMs }: { readonly limitMs: number },
  ): Promise<Uint8Array> {
    this.#count();
    if (this.#random.oneIn(4)) await this.#trouble(limitMs);
    return Uint8Array.from({ length: this.#random.below(length + 1) }, () => this.#random.next());
  }
  async clearHalt(): Promise<void> {
    this.#count();
  }
  async reset(): Promise<void> {
    this.#finish(fail('disconnected', 'reset', ''));
  }
  async close(): Promise<void> {
    this.#finish(fail('disconnected', 'close', ''));
  }
}

function withId(bytes: Uint8Array, transactionId: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  if (copy.byteLength >= 12) new DataView(copy.buffer).setUint32(8, transactionId, true);
  return copy;
}
function refusal(transactionId: number): Uint8Array {
  const bytes = new Uint8Array([12, 0, 0, 0, 3, 0, 2, 0x20, 0, 0, 0, 0]);
  return withId(bytes, transactionId);
}

export interface SessionFinding {
  readonly seed: number;
  readonly action: Action | 'open' | 'close';
  readonly problem: string;
}

export interface SessionResult {
  readonly mutations: number;
  readonly answered: number;
  readonly refused: number;
  readonly finding: SessionFinding | undefined;
}

/** One session, fully determined by its seed. */
export async function runSession(seed: number, recording: Recording): Promise<SessionResult> {
  const random = new Random(seed);
  const clock = new CountedClock();
  const transport = new MutatingTransport(random, recording, clock);
  let answered = 0;
  let refused = 0;
  let finding: SessionFinding | undefined;
  const tryTo = async <T>(action: SessionFinding['action'], work: () => Promise<T>): Promise<T | undefined> => {
    try {
      const value = await work();
      answered += 1;
      return value;
    } catch (error) {
      if (isPhoneError(error) && error.kind !== 'internal') refused += 1;
      else
        finding ??= { seed, action, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      return undefined;
    }
  };
  const phone = await tryTo('open', () => openPhone(transport, recording.attached, clock));
  if (phone !== undefined) {
    const times = 1 + random.below(4);
    for (let time = 0; time < times && finding === undefined; time += 1) {
      const action = random.pick(EVERY_ACTION);
      await tryTo(action, () => perform(phone, action));
    }
    await tryTo('close', () => phone.close());
  }
  return { mutations: transport.mutations, answered, refused, finding };
}

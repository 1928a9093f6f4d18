import { failRequest, type Fault as Sentence } from '../../shared/errors.ts';
import { Operation } from '../mtp/wire/index.ts';

/**
 * Point within an operation: before it is processed, in the middle of its data phase, or done but not yet answered.
 */
export type Phase = 'before' | 'data' | 'response';

/** Scripted misbehaviour. Each fault happens once. Counts start when the phone is created. */
export type Fault =
  /** After this many payload bytes, in either direction. */
  | { readonly kind: 'unplug-after'; readonly bytes: number }
  | { readonly kind: 'unplug-in'; readonly operation: number; readonly occurrence: number; readonly phase: Phase }
  /** The server stops responding, until the given event or a replug. */
  | {
      readonly kind: 'silence';
      readonly operation: number;
      readonly occurrence: number;
      readonly phase: Phase;
      readonly until: 'replug' | 'reset' | 'quiet';
    }
  /** The file being read is overwritten in place (same size, later date), or grows by half. */
  | {
      readonly kind: 'rewrite' | 'grow';
      readonly operation: number;
      readonly occurrence: number;
      readonly phase: Phase;
    }
  /** The storage is full after this many bytes were written, until `makeRoom()`. */
  | { readonly kind: 'full'; readonly bytes: number }
  /** No storages until `unlock()`, or until this many milliseconds after the session was opened. */
  | { readonly kind: 'locked'; readonly unlockAfterMs: number | undefined }
  /**
   * Another program has claimed the interface, until the next replug or this many milliseconds after the first
   * attempt to open it.
   */
  | { readonly kind: 'held'; readonly forMs: number | undefined }
  /** Plugged in again this long after the next unplug caused by a fault. */
  | { readonly kind: 'replug'; readonly afterMs: number };

const OPERATION = 'fault';
const FORMS =
  'unplug@bytes=N, unplug@op=NAME:K[:before|:data|:response], silence@op=NAME:K[:before|:data|:response][:reset|:quiet], rewrite@op=NAME:K[:before|:data|:response], grow@op=NAME:K[:before|:data|:response], full@bytes=N, locked@open[:MS], held@open[:MS], replug@ms=N';

const bad = (fault: Sentence): Error => failRequest(OPERATION, fault, { id: 'form', with: { form: FORMS } });

const number = (fault: string, value: string, unit: 'bytes' | 'ms' | 'other'): number => {
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(Number(value)))
    throw bad({ id: 'fault-number', with: { fault, value, unit } });
  return Number(value);
};

/** Code of an operation by its name in the wire's table, ignoring case; `undefined` if there is none. */
function operationByName(name: string): number | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(Operation).find(([known]) => known.toLowerCase() === wanted)?.[1];
}

/** Parses one `--fault` specification. Throws `bad-request` with what is wrong with it. */
export function parseFault(text: string): Fault {
  const [head = '', tail = ''] = splitOnce(text, '@');
  const [key, value] = splitOnce(tail, '=');
  const form = `${head}@${key.split(':', 1)[0] ?? ''}`;
  switch (form) {
    case 'unplug@bytes':
      return { kind: 'unplug-after', bytes: number(text, value, 'bytes') };
    case 'full@bytes':
      return { kind: 'full', bytes: number(text, value, 'bytes') };
    case 'replug@ms':
      return { kind: 'replug', afterMs: number(text, value, 'ms') };
    case 'locked@open':
      return { kind: 'locked', unlockAfterMs: pauseIn(text, key) };
    case 'held@open':
      return { kind: 'held', forMs: pauseIn(text, key) };
    case 'unplug@op': {
      const { operation, occurrence, phase, until } = parsePoint(text, value);
      if (until !== undefined) throw bad({ id: 'fault-word', with: { fault: text, word: until } });
      return { kind: 'unplug-in', operation, occurrence, phase };
    }
    case 'rewrite@op':
    case 'grow@op': {
      const { operation, occurrence, phase, until } = parsePoint(text, value);
      if (until !== undefined) throw bad({ id: 'fault-word', with: { fault: text, word: until } });
      return { kind: head === 'grow' ? 'grow' : 'rewrite', operation, occurrence, phase };
    }
    case 'silence@op': {
      const { operation, occurrence, phase, until } = parsePoint(text, value);
      return { kind: 'silence', operation, occurrence, phase, until: until ?? 'replug' };
    }
    default:
      throw bad({ id: 'fault-unknown', with: { fault: text } });
  }
}

/** Milliseconds after the colon, if given. */
function pauseIn(text: string, key: string): number | undefined {
  const [, ms] = splitOnce(key, ':');
  return ms === '' ? undefined : number(text, ms, 'ms');
}

interface Point {
  readonly operation: number;
  readonly occurrence: number;
  readonly phase: Phase;
  readonly until: 'reset' | 'quiet' | undefined;
}

function parsePoint(text: string, value: string): Point {
  const [name = '', count, ...rest] = value.split(':');
  const operation = operationByName(name);
  if (operation === undefined)
    throw bad({ id: 'fault-operation', with: { fault: text, name, known: Object.keys(Operation).join(', ') } });
  const occurrence = count === undefined ? 1 : number(text, count, 'other');
  if (occurrence < 1) throw bad({ id: 'fault-count', with: { fault: text } });
  let phase: Phase = 'before';
  let until: 'reset' | 'quiet' | undefined;
  for (const word of rest) {
    if (word === 'before' || word === 'data' || word === 'response') phase = word;
    else if (word === 'reset' || word === 'quiet') until = word;
    else throw bad({ id: 'fault-word', with: { fault: text, word } });
  }
  return { operation, occurrence, phase, until };
}

const splitOnce = (text: string, mark: string): [string, string] => {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
};

/** A fault that occurs in an operation, and where. */
export interface PointHit {
  readonly action: 'unplug' | 'silence' | 'rewrite' | 'grow';
  readonly phase: Phase;
  readonly until: 'replug' | 'reset' | 'quiet';
}

/** The pending faults, and the counters that trigger them. */
export class FaultScript {
  #faults: Fault[] = [];
  #moved = 0;
  #written = 0;
  /** Payload position in a data phase at which its fault occurs. */
  #cut: { readonly at: number; readonly hit: PointHit } | undefined;
  readonly #seen = new Map<number, number>();
  /** Set once the storage has reported full; stays until there is room. */
  #full = false;

  get moved(): number {
    return this.#moved;
  }

  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  /** Payload bytes until the next fault. */
  bytesLeft(): number {
    // asked for each piece, and mostly nothing is to come
    if (this.#faults.length === 0 && this.#cut === undefined) return Number.MAX_SAFE_INTEGER;
    const marks = this.#faults.flatMap((fault) => (fault.kind === 'unplug-after' ? [fault.bytes] : []));
    if (this.#cut !== undefined) marks.push(this.#cut.at);
    return marks.length === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, Math.min(...marks) - this.#moved);
  }
  /** Counts payload; returns the fault if one was reached. */
  count(bytes: number): PointHit | undefined {
    this.#moved += bytes;
    return this.reached();
  }
  /** The fault that has been reached; consumes it. */
  reached(): PointHit | undefined {
    const cut = this.#cut;
    if (cut !== undefined && cut.at <= this.#moved) {
      this.#cut = undefined;
      return cut.hit;
    }
    const index = this.#faults.findIndex((fault) => fault.kind === 'unplug-after' && fault.bytes <= this.#moved);
    if (index < 0) return undefined;
    this.#faults.splice(index, 1);
    return { action: 'unplug', phase: 'data', until: 'replug' };
  }
  /** Schedules a fault in the middle of a data phase of this size. */
  cutWithin(payload: number, hit: PointHit): void {
    this.#cut = { at: this.#moved + Math.floor(payload / 2), hit };
  }

  timesSeen(operation: number): number {
    return this.#seen.get(operation) ?? 0;
  }
  /** Counts an operation; returns the faults that occur in it. */
  arrive(operation: number): readonly PointHit[] {
    const count = (this.#seen.get(operation) ?? 0) + 1;
    this.#seen.set(operation, count);
    if (this.#faults.length === 0) return [];
    const hits = this.#faults.filter(
      (fault) => 'operation' in fault && fault.operation === operation && fault.occurrence === count,
    );
    this.#faults = this.#faults.filter((fault) => !hits.includes(fault));
    return hits.flatMap((fault): PointHit[] => {
      if (fault.kind === 'unplug-in') return [{ action: 'unplug', phase: fault.phase, until: 'replug' }];
      if (fault.kind === 'rewrite' || fault.kind === 'grow')
        return [{ action: fault.kind, phase: fault.phase, until: 'replug' }];
      return fault.kind === 'silence' ? [{ action: 'silence', phase: fault.phase, until: fault.until }] : [];
    });
  }

  get awaitsUnplug(): boolean {
    return this.#faults.some((fault) => fault.kind === 'unplug-after' || fault.kind === 'unplug-in');
  }
  takeReplug(): number | undefined {
    return this.#take('replug')?.afterMs;
  }
  takeLocked(): { readonly unlockAfterMs: number | undefined } | undefined {
    return this.#take('locked');
  }
  takeHeld(): { readonly forMs: number | undefined } | undefined {
    return this.#take('held');
  }

  /** Bytes that may be written until the storage is full. */
  left(): number {
    this.wrote(0);
    if (this.#full) return 0;
    if (this.#faults.length === 0) return Number.MAX_SAFE_INTEGER;
    const limits = this.#faults.flatMap((fault) => (fault.kind === 'full' ? [fault.bytes - this.#written] : []));
    return Math.min(Number.MAX_SAFE_INTEGER, ...limits);
  }
  wrote(bytes: number): void {
    this.#written += bytes;
    const reached = this.#faults.find((fault) => fault.kind === 'full' && fault.bytes <= this.#written);
    if (reached === undefined) return;
    this.#full = true;
    this.#faults = this.#faults.filter((fault) => fault !== reached);
  }
  get isFull(): boolean {
    return this.#full;
  }
  makeRoom(): void {
    this.#full = false;
  }

  #take<Kind extends Fault['kind']>(kind: Kind): Extract<Fault, { readonly kind: Kind }> | undefined {
    const index = this.#faults.findIndex((fault) => fault.kind === kind);
    if (index < 0) return undefined;
    return this.#faults.splice(index, 1)[0] as Extract<Fault, { readonly kind: Kind }>;
  }
}

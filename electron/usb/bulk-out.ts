import { fail, type PhoneError } from '../../shared/errors.ts';
import type { WriteOptions } from '../mtp/ports.ts';
import { BULK } from './addon.ts';
import { COMPLETED, errnoOf, isFatalStatus, NO_MEMORY, phoneErrorOf, statusError } from './problems.ts';
import type { Timers, Urb, Urbs } from './urbs.ts';

/** Largest single write, in bytes. */
export const WRITE_MAX = 1024 * 1024;
/**
 * Bytes that may be copied into one buffer: the header and the start of the payload. Android's first read has exactly
 * this size.
 */
export const JOIN = 16 * 1024;
const WRITES_IN_FLIGHT = 3;
/** Bytes up to which a header and its payload are copied into one transfer: the copy costs less than a second transfer. */
const JOINED_WHOLE = 64 * 1024;

const OPERATION = 'bulk-OUT write';

function joinOf(parts: readonly Uint8Array[], total: number): Buffer {
  const joined = Buffer.allocUnsafe(total);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * Splits the concatenation of `parts` into transfers. Bytes are copied only where a boundary between parts lies
 * inside a transfer, and at most `JOIN` of them; everything else is a view. Every transfer but the last is a multiple
 * of `maxPacketSize`, because a short packet would end the phase. With `last`, an empty transfer follows if the total
 * is such a multiple.
 */
export function* chunksOf(
  parts: readonly Uint8Array[],
  options: { readonly last: boolean; readonly maxPacketSize: number; readonly command?: Uint8Array | undefined },
): Generator<Buffer, void> {
  const { command } = options;
  if (command !== undefined) yield Buffer.from(command.buffer, command.byteOffset, command.byteLength);
  let total = 0;
  for (const part of parts) total += part.length;
  const small = total > 0 && total <= JOINED_WHOLE && parts.length > 1 ? joinOf(parts, total) : undefined;
  if (small !== undefined) {
    yield small;
    if (options.last && total % options.maxPacketSize === 0) yield Buffer.alloc(0);
    return;
  }
  let sent = 0;
  let index = 0;
  let offset = 0;
  while (sent < total) {
    let part = parts[index];
    while (part !== undefined && offset === part.length) {
      index += 1;
      offset = 0;
      part = parts[index];
    }
    if (part === undefined) return;
    const here = part.length - offset;
    const lastPart = sent + here === total;
    // A view of as much of this part as fits into one transfer, in whole packets unless it is the end of the data.
    let length = Math.min(here, WRITE_MAX);
    if (!(lastPart && length === here)) length -= length % options.maxPacketSize;
    if (length >= JOIN || (lastPart && length === here)) {
      yield Buffer.from(part.buffer, part.byteOffset + offset, length);
      offset += length;
      sent += length;
      continue;
    }
    const joined = Buffer.allocUnsafeSlow(Math.min(JOIN, total - sent));
    let filled = 0;
    while (filled < joined.length) {
      const source = parts[index];
      if (source === undefined) break;
      const take = Math.min(source.length - offset, joined.length - filled);
      joined.set(source.subarray(offset, offset + take), filled);
      filled += take;
      offset += take;
      if (offset === source.length) {
        index += 1;
        offset = 0;
      }
    }
    yield joined;
    sent += joined.length;
  }
  if (options.last && total % options.maxPacketSize === 0) yield Buffer.alloc(0);
}

/** The endpoint to write; `onFatal` gets the error that ends the connection. */
export interface BulkOutOptions {
  readonly urbs: Urbs;
  readonly timers: Timers;
  readonly endpoint: number;
  /** Bytes. */
  readonly maxPacketSize: number;
  readonly onFatal: (cause: PhoneError) => void;
  /** Reads bulk-IN and calls `heard` if data arrives; the returned function unsubscribes. */
  readonly listen: (heard: () => void) => () => void;
  /** Called when the last byte of a data phase is out, before anybody is told: the response is next. */
  readonly onDataSent: () => void;
}

/** The bulk-OUT stream: one write at a time, split into several transfers in flight. */
export class BulkOut {
  readonly #options: BulkOutOptions;
  #cause: PhoneError | undefined;
  #stop: ((cause: PhoneError) => void) | undefined;

  constructor(options: BulkOutOptions) {
    this.#options = options;
  }

  /** Writes `parts`, after `command` if there is one: a transfer of its own. */
  write(parts: readonly Uint8Array[], options: WriteOptions, command?: Uint8Array): Promise<void> {
    const { maxPacketSize } = this.#options;
    if (this.#cause !== undefined) return Promise.reject(this.#cause);
    if (this.#stop !== undefined) return Promise.reject(fail('internal', OPERATION, 'two writes at once'));
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    if (!options.last && total % maxPacketSize !== 0)
      return Promise.reject(fail('internal', OPERATION, `${total} bytes are no whole packets, and the phase goes on`));
    return new Promise((resolve, reject) => {
      this.#run(chunksOf(parts, { last: options.last, maxPacketSize, command }), options, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** The connection is over: the current write and all later ones reject with `cause`. */
  end(cause: PhoneError): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#stop?.(cause);
  }

  cancelAll(): void {
    this.#stop?.(fail('stalled', OPERATION, 'cancelled before clearing the halt'));
  }

  /**
   * Submits the chunks. Calls `settle` once all submitted transfers have completed, so that their buffers are free
   * again.
   */
  #run(
    chunks: Generator<Buffer, void>,
    { limitMs, listenAfterMs, endsData }: WriteOptions,
    settle: (error: PhoneError | undefined) => void,
  ): void {
    const { urbs, timers, endpoint, onFatal } = this.#options;
    const flying = new Set<Urb>();
    let problem: PhoneError | undefined;
    let waiting: Buffer | undefined;
    let settled = false;
    let stopTimer = (): void => undefined;
    let stopListening = (): void => undefined;

    const finish = (): void => {
      if (settled) return;
      settled = true;
      stopTimer();
      stopListening();
      this.#stop = undefined;
      if (endsData === true && problem === undefined) this.#options.onDataSent();
      settle(problem);
    };
    const stop = (cause: PhoneError): void => {
      problem ??= cause;
      stopTimer();
      stopListening();
      for (const urb of flying) urb.cancel();
      if (flying.size === 0) finish();
      // A system that never returns a cancelled transfer must not block the caller.
      else stopTimer = timers.after(2000, finish);
    };
    const arm = (): void => {
      stopTimer();
      stopTimer = timers.after(limitMs, () => {
        stop(fail('silent', OPERATION, `nothing taken for ${limitMs} ms`));
      });
      stopListening();
      if (listenAfterMs !== undefined)
        stopListening = timers.after(listenAfterMs, () => {
          stopListening = this.#options.listen(() => {
            stop(fail('silent', OPERATION, 'the phone sends instead of taking'));
          });
        });
    };
    const pump = (): void => {
      while (problem === undefined && flying.size < WRITES_IN_FLIGHT) {
        const next = waiting === undefined ? chunks.next() : { done: false as const, value: waiting };
        if (next.done === true) {
          if (flying.size === 0) finish();
          return;
        }
        const buffer = next.value;
        waiting = undefined;
        let urb: Urb | undefined;
        try {
          urb = urbs.submit(endpoint, BULK, buffer, (result) => {
            if (urb !== undefined) flying.delete(urb);
            if (problem !== undefined) {
              if (flying.size === 0) finish();
              return;
            }
            if (result.status !== COMPLETED) {
              const cause = statusError(result.status, OPERATION);
              stop(cause);
              if (isFatalStatus(result.status)) onFatal(cause);
              return;
            }
            if (result.actual !== buffer.length) {
              stop(fail('confused', OPERATION, `${result.actual} of ${buffer.length} bytes taken`));
              return;
            }
            pump();
            if (!settled && problem === undefined) arm();
          });
          flying.add(urb);
        } catch (error) {
          if (errnoOf(error) === NO_MEMORY && flying.size > 0) {
            waiting = buffer;
            return;
          }
          const cause = phoneErrorOf(error, OPERATION);
          stop(cause);
          if (cause.kind === 'disconnected') onFatal(cause);
          return;
        }
      }
    };

    this.#stop = stop;
    arm();
    pump();
  }
}

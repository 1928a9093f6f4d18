import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { Transport, WriteOptions } from '../ports.ts';
import { join } from '../wire/bytes.ts';
import { HEADER_SIZE } from '../wire/codes.ts';

/**
 * The bytes of an outgoing data phase as transfers. Every transfer but the last must be a multiple of the packet
 * size, for a short packet means "end of data" to the phone (a silent truncation on the old kernel driver, §1.4).
 */

/** A file's bytes, read while they are sent. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The source threw or had another length than was promised; not the phone's fault. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
  readonly problem: Error;
  constructor(problem: Error) {
    super(problem.message, { cause: problem });
    this.problem = problem;
  }
}

/**
 * This much of a source is read before anything is sent (all of a smaller one). AOSP takes the first 16 KiB of a data
 * phase at once; a phase that breaks off within them can be neither cancelled nor ended cleanly (§10), so a source
 * that fails so early must not have been announced.
 */
const READ_BEFORE_SENDING = 64 * 1024;

/** A payload that is at hand. */
export interface Whole {
  readonly payload: Uint8Array;
  /** The same behind room for the header: one transfer, made while the phone is busy with the transaction before. */
  readonly container?: Uint8Array | undefined;
}

const wholeOf = (payload: Uint8Array): Whole => {
  if (payload.byteLength > READ_BEFORE_SENDING - HEADER_SIZE) return { payload };
  const container = new Uint8Array(HEADER_SIZE + payload.byteLength);
  container.set(payload, HEADER_SIZE);
  return { payload, container };
};

/**
 * A source of pieces that is always asked one piece ahead: the next one is read from the disk while this one is on
 * the wire, and its end is known before the last packet goes out.
 */
export class Source {
  readonly size: number;
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #ahead: Promise<Uint8Array | undefined>;
  /** All of it, where that was read before anything is sent. */
  #all: Whole | undefined;
  #given = 0;
  #ended = false;

  constructor(pieces: Pieces, size: number) {
    this.size = size;
    this.#iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
    this.#ahead = this.#beginning();
    this.#ahead.catch(() => undefined);
  }

  /** Waits for the beginning, so that a source that cannot be read costs the phone nothing. Throws the source's own problem. */
  async ready(): Promise<void> {
    try {
      await this.#ahead;
    } catch (error) {
      throw error instanceof SourceFailure ? error.problem : error;
    }
  }

  async #beginning(): Promise<Uint8Array | undefined> {
    const wanted = Math.min(this.size, READ_BEFORE_SENDING);
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < wanted) {
      const bytes = await this.#ask();
      if (bytes === undefined) throw this.#wrongSize(length);
      parts.push(bytes);
      length += bytes.byteLength;
    }
    if (length > this.size) throw this.#wrongSize(length);
    // Asked already here, so that a source that goes on is not announced either.
    if (length === this.size) {
      const more = await this.#ask();
      if (more !== undefined) throw this.#wrongSize(length + more.byteLength);
    }
    const beginning = join(parts);
    if (length === this.size) this.#all = wholeOf(beginning);
    return parts.length === 0 ? undefined : beginning;
  }

  /** All of a small source once it is `ready`; nothing of it is asked for any more. Counts as given. */
  takeAll(): Whole | undefined {
    if (this.#given > 0) return undefined;
    this.#given = this.#all?.payload.byteLength ?? 0;
    return this.#all;
  }

  /** Whether it may have a file to close. */
  get isOpen(): boolean {
    return !this.#ended;
  }

  async #ask(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    try {
      for (;;) {
        const next = await this.#iterator.next();
        if (next.done === true) {
          this.#ended = true;
          return undefined;
        }
        if (next.value.byteLength > 0) return next.value;
      }
    } catch (error) {
      this.#ended = true;
      throw new SourceFailure(
        isPhoneError(error) ? error : fail('source-unreadable', 'read the source', String(error), {}, error),
      );
    }
  }

  /** The next piece and whether it is the last. Throws `SourceFailure` when the source fails, ends early or goes on too long. */
  async next(): Promise<{ readonly bytes: Uint8Array; readonly last: boolean } | undefined> {
    const bytes = await this.#ahead;
    if (bytes === undefined) {
      if (this.#given !== this.size) throw this.#wrongSize(this.#given);
      return undefined;
    }
    this.#given += bytes.byteLength;
    if (this.#given > this.size) throw this.#wrongSize(this.#given);
    this.#ahead = this.#ask();
    // Waited for below or by the next call; a failure in between must not count as unhandled.
    this.#ahead.catch(() => undefined);
    const last = this.#given === this.size;
    if (last) {
      const more = await this.#ahead;
      if (more !== undefined) throw this.#wrongSize(this.#given + more.byteLength);
    }
    return { bytes, last };
  }

  #wrongSize(seen: number): SourceFailure {
    return new SourceFailure(
      fail('source-changed', 'read the source', `${this.size} bytes were promised, ${seen} came`),
    );
  }

  /** Lets the source close its file. Never rejects. */
  async close(): Promise<void> {
    await this.#ahead.catch(() => undefined);
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#iterator.return?.();
    } catch {
      // Whatever closing a file may say, its bytes are not wanted any more.
    }
  }
}

/** How far a data phase has got; read after it failed. */
export interface DataOutProgress {
  /** Payload bytes handed to the cable. */
  sent: number;
  /** The last packet of the phase is out. */
  ended: boolean;
  /** Less than a packet that waits for the next piece; what a failed source leaves behind. */
  carried: Uint8Array;
}

/** Nothing sent yet. */
export const newProgress = (): DataOutProgress => ({ sent: 0, ended: false, carried: new Uint8Array(0) });

/** One data phase to the phone. */
export interface Sending {
  readonly transport: Transport;
  /** Goes out before the first bytes, as a transfer of its own. */
  readonly command: Uint8Array;
  readonly header: Uint8Array;
  /** Bytes of the data phase without the header. */
  readonly payload: number;
  /** Garmin and Zune-era devices want the header in a transfer of its own (§1.4). */
  readonly splitHeader: boolean;
  readonly limitMs: number;
  readonly listenAfterMs?: number | undefined;
  readonly progress: DataOutProgress;
  readonly onSent: ((bytes: number) => void) | undefined;
}

/** The command, and the first write of data behind it. */
async function writeBegin(sending: Sending, parts: readonly Uint8Array[], how: WriteOptions): Promise<void> {
  const { transport, command, payload } = sending;
  const options: WriteOptions = { ...how, payload };
  if (transport.writeBehind !== undefined) return transport.writeBehind(command, parts, options);
  await transport.write([command], { last: true, limitMs: options.limitMs, reads: 'none' });
  await transport.write(parts, options);
}

/** A whole payload that is at hand: one write. */
export async function sendBytes(sending: Sending, { payload, container }: Whole): Promise<void> {
  const { transport, header, limitMs, listenAfterMs, progress } = sending;
  const isEmpty = payload.byteLength === 0;
  if (sending.splitHeader) {
    await writeBegin(sending, [header], { last: true, limitMs, endsData: isEmpty });
    if (!isEmpty) await transport.write([payload], { last: true, limitMs, endsData: true });
  } else {
    container?.set(header);
    const parts = container === undefined ? [header, payload].slice(0, isEmpty ? 1 : 2) : [container];
    await writeBegin(sending, parts, { last: true, limitMs, listenAfterMs, endsData: true });
  }
  progress.sent = payload.byteLength;
  progress.ended = true;
}

/**
 * A payload that is read while it is sent. The header travels with the first piece, so each write is cut at a packet
 * edge and the rest (less than a packet) is carried in front of the next piece: nothing else is copied.
 */
export async function sendSource(sending: Sending, source: Source): Promise<void> {
  const { transport, limitMs, progress } = sending;
  const all = source.takeAll();
  if (all !== undefined) {
    await sendBytes(sending, all);
    if (source.size > 0) sending.onSent?.(source.size);
    return;
  }
  let isFirst = true;
  const write = (parts: readonly Uint8Array[], last: boolean, endsData = last): Promise<void> => {
    if (!isFirst) return transport.write(parts, { last, limitMs, endsData });
    isFirst = false;
    return writeBegin(sending, parts, { last, limitMs, endsData });
  };
  if (sending.splitHeader) await write([sending.header], true, false);
  else progress.carried = sending.header;
  for (;;) {
    let piece;
    try {
      piece = await source.next();
    } catch (error) {
      // the phone was told that data comes: what ends that properly needs the command to be out
      if (isFirst) await transport.write([sending.command], { last: true, limitMs, reads: 'none' });
      throw error;
    }
    if (piece === undefined) break;
    const { bytes, last } = piece;
    const { carried } = progress;
    const total = carried.byteLength + bytes.byteLength;
    const kept = last ? 0 : total % transport.maxPacketSize;
    if (total > kept) {
      // `carried` is less than a packet, so what is kept back lies wholly in the new piece.
      const parts = [carried, bytes.subarray(0, bytes.byteLength - kept)];
      await write(
        parts.filter((part) => part.byteLength > 0),
        last,
      );
      // Copied, since the source may be read into the same memory again (and `slice` of a Node buffer copies nothing).
      progress.carried = new Uint8Array(bytes.subarray(bytes.byteLength - kept));
    } else {
      progress.carried = join([carried, bytes]);
    }
    progress.sent += bytes.byteLength;
    sending.onSent?.(progress.sent);
    if (last) {
      progress.ended = true;
      return;
    }
  }
  // An empty source: the bare header, where it has not gone ahead.
  if (progress.carried.byteLength > 0) await write([progress.carried], true);
  progress.ended = true;
}

/**
 * After a failed source: brings the phase to a packet edge, so that a Cancel finds the phone inside the data phase
 * (before any OUT data it would poison the next operations, §10). Up to one packet of padding goes out; it never
 * becomes part of a file that stays, for the object is cancelled or deleted next.
 */
export async function fillPacket(sending: Sending): Promise<void> {
  const { carried } = sending.progress;
  if (carried.byteLength === 0) return;
  const packet = new Uint8Array(
    Math.ceil(carried.byteLength / sending.transport.maxPacketSize) * sending.transport.maxPacketSize,
  );
  packet.set(carried);
  sending.progress.carried = new Uint8Array(0);
  await sending.transport.write([packet], { last: false, limitMs: sending.limitMs });
}

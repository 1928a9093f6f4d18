import type { Instant } from '../../../shared/domain.ts';
import { endsConnection, fail, isPhoneError } from '../../../shared/errors.ts';
import { BufferPool } from '../../mtp/buffer-pool.ts';
import type { CallOptions, PhoneObject, Priority } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { FIRST_WINDOW, LARGEST_REUSED, LARGEST_WINDOW, afterJump, grown } from './window-size.ts';
import { LARGEST_WHOLE, readAll, readRange } from './read-range.ts';
import type { FileWindows, Window } from './windows.ts';

/** A file on a phone, open for reading at any place. */
export interface PhoneFile {
  /** As the phone spells it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes as the phone tells them: some tell every file as empty. */
  readonly told: number;
  readonly modified: Instant | undefined;
  /**
   * Exactly that range, shorter only where the file ends. Not to be written to: it may share its memory with other readers.
   * While the phone is away it waits 10 s, and goes on only in the file that was opened. Rejects with `disconnected` (or
   * why else the phone cannot be asked), `source-changed`, `missing`, `storage-missing`, `unsupported` where the phone
   * reads no parts of files, and `cancelled` once closed.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same in pieces of any size, as they come and without a copy; what comes first is small. */
  stream(offset: number, length: number): AsyncGenerator<Uint8Array, void, undefined>;
  /** Whatever is read now rejects with `cancelled`, and nothing is read any more. A second call does nothing. */
  close(): void;
}

/** Where a file is now, and its windows in memory. */
export interface Source {
  readonly connection: Connection;
  readonly object: PhoneObject;
  readonly windows: FileWindows;
  /** How often the phone had said that the object changed. */
  readonly changes: number;
}

/** How a file is read. */
export interface OpenOptions {
  /** `browse`, the default: a person waits for it. What is read ahead is always bulk. */
  readonly priority?: Priority;
  /** `false`: nothing is read but what is asked for, in requests of exactly that length. */
  readonly readAhead?: boolean;
  /** `false`: what was read is forgotten when the file is closed. */
  readonly keep?: boolean;
  /**
   * `true`: what `read` and `stream` give is good until the next one is asked for only. Then a long stream uses the same few
   * megabytes all the time, instead of some for each window that the garbage collector has not looked at yet.
   */
  readonly reuse?: boolean;
  /** How long a phone that is away is waited for, milliseconds; 10 s by default. */
  readonly patienceMs?: number;
  /** As `CallOptions.onTurn`, for what this file reads of the phone. */
  readonly onTurn?: CallOptions['onTurn'];
}

/** What an open file asks of whoever opened it. */
export interface FileOwner {
  /**
   * The file as it is after its connection broke, or its handle went stale. Rejects with why it cannot be read on. `since`:
   * when it could last be read, on the clock that only runs forward (milliseconds).
   */
  again(since: number, signal: AbortSignal): Promise<Source>;
  now(): number;
  closed(file: OpenFile): void;
}

/** Failures in a row, each on a connection that came up again, before one is told. */
const MOST_FAILURES = 5;
/** Windows behind a sequential reader that are kept: it does not come back. */
const KEPT_BEHIND = 1;

/** Memory of large windows, used again. */
const memory = new BufferPool(LARGEST_REUSED, 3);

interface Want {
  /** Where the file, or the range that the caller will ask for, ends. */
  readonly until: number;
  /** Bytes that are wanted without doubt; 0 where the caller may stop at any piece. */
  readonly asked: number;
}

/** A file as `Reading` opens it. */
export class OpenFile implements PhoneFile {
  readonly name: string;
  readonly size: number;
  readonly told: number;
  readonly modified: Instant | undefined;
  readonly #owner: FileOwner;
  readonly #priority: Priority;
  readonly #readAhead: boolean;
  readonly #onTurn: CallOptions['onTurn'];
  readonly #keep: boolean;
  readonly #ended = new AbortController();
  /** Settles when the file is closed. */
  readonly #closing: Promise<never>;
  #source: Source;
  #recovering: Promise<Source> | undefined;
  /** Where the last read ended: one that begins here is sequential. */
  #end = -1;
  /** Reads in a row that began where the one before had ended. */
  #sequential = 0;
  #windowSize = FIRST_WINDOW;
  #ahead: Window | undefined;
  readonly #behind: Window[] = [];
  readonly #reuse: boolean;
  /** Bytes that a sequential reader's window grows to. */
  readonly #largest: number;
  readonly #mine = new WeakSet<Window>();

  constructor(
    source: Source,
    owner: FileOwner,
    { priority = 'browse', readAhead = true, keep = true, reuse = false, onTurn }: OpenOptions,
    told = source.object.size,
  ) {
    this.told = told;
    this.#reuse = reuse;
    this.#largest = reuse ? LARGEST_REUSED : LARGEST_WINDOW;
    this.#keep = keep && source.object.modified !== undefined;
    this.#source = source;
    this.#owner = owner;
    this.#priority = priority;
    this.#readAhead = readAhead;
    this.#onTurn = onTurn;
    this.name = source.object.name;
    this.size = source.object.size;
    this.modified = source.object.modified;
    this.#closing = new Promise((_, reject) => {
      this.#ended.signal.addEventListener('abort', () => {
        reject(this.#cancelled());
      });
    });
    this.#closing.catch(() => undefined);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = this.#checked(offset, length);
    if (offset >= end) return new Uint8Array(0);
    const first = await this.#piece(offset, end, { until: this.size, asked: end - offset });
    if (first.byteLength === end - offset) return first;
    const whole = new Uint8Array(end - offset);
    whole.set(first);
    for (let at = offset + first.byteLength; at < end;) {
      const piece = await this.#piece(at, end, { until: this.size, asked: end - at });
      whole.set(piece, at - offset);
      at += piece.byteLength;
    }
    return whole;
  }

  async *stream(offset: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    const end = this.#checked(offset, length);
    for (let at = offset; at < end;) {
      const piece = await this.#piece(at, end, { until: end, asked: 0 });
      at += piece.byteLength;
      yield piece;
    }
  }

  close(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#dropAhead();
    if (!this.#keep) this.#source.windows.clear();
    this.#owner.closed(this);
  }

  /** Where the range ends, inside of the file. */
  #checked(offset: number, length: number): number {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
      throw fail('bad-request', 'read', `offset ${offset}, length ${length}`, { subject: this.name });
    return Math.min(this.size, offset + length);
  }

  #cancelled(): Error {
    return fail('cancelled', 'read', 'the file was closed', { subject: this.name });
  }

  /** At least one byte at `offset`, at most up to `end`. */
  async #piece(offset: number, end: number, want: Want): Promise<Uint8Array> {
    this.#noteAccess(offset);
    const since = this.#owner.now();
    for (let failures = 0; ;) {
      if (this.#ended.signal.aborted) throw this.#cancelled();
      const source = this.#source;
      try {
        return await this.#fromWindow(source, offset, end, want);
      } catch (error) {
        if (this.#ended.signal.aborted) throw this.#cancelled();
        if (!isPhoneError(error)) throw error;
        // another reader has taken it back to ask for it sooner
        if (error.kind === 'cancelled') continue;
        failures += 1;
        const broke = endsConnection(error.kind) || error.kind === 'stale' || !source.connection.alive;
        if (!broke || failures >= MOST_FAILURES) throw error;
        await this.#recover(source, since);
      }
    }
  }

  async #fromWindow(source: Source, offset: number, end: number, want: Want): Promise<Uint8Array> {
    // two halves of two files are no file
    if (source.connection.tree.changesOf(source.object.handle) !== source.changes)
      throw fail('stale', 'read', 'the phone says that it changed', { subject: this.name });
    const window = this.#windowAt(offset, want);
    if (this.#readAhead && this.#sequential > 0) this.#lookAhead(window, want.until);
    const bytes = await Promise.race([window.bytes, this.#closing]);
    const piece = bytes.subarray(offset - window.offset, Math.min(window.length, end - window.offset));
    this.#passed(window);
    this.#end = offset + piece.byteLength;
    return piece;
  }

  #noteAccess(offset: number): void {
    if (offset === this.#end) {
      this.#sequential += 1;
      return;
    }
    this.#sequential = 0;
    this.#windowSize = FIRST_WINDOW;
    this.#behind.length = 0;
    // what was read ahead is the one window a jump may cost, unless its turn has not come
    if (this.#ahead !== undefined && !covers(this.#ahead, offset)) this.#dropAhead();
  }

  #windowAt(offset: number, { until, asked }: Want): Window {
    const { windows, connection } = this.#source;
    const found = windows.at(offset);
    if (found !== undefined) {
      if (!this.#mine.has(found)) found.shared = true;
      if (found.loaded || !found.ahead || this.#priority === 'bulk' || !found.turn.drop()) return found;
      windows.drop(found);
    }
    if (connection.phone.capabilities.partialRead === 'none') return this.#loadAll();
    const gap = windows.gapAt(offset);
    if (!this.#readAhead) {
      const length = Math.min(asked === 0 ? FIRST_WINDOW : asked, LARGEST_WINDOW, gap.end - offset, until - offset);
      return this.#load(offset, length);
    }
    if (this.#sequential > 0) {
      this.#windowSize = Math.max(grown(this.#windowSize, this.#largest), Math.min(asked, this.#largest));
      return this.#load(offset, Math.min(this.#windowSize, gap.end - offset, until - offset));
    }
    const { start, length } = afterJump(offset, asked, gap.start, Math.min(gap.end, this.size));
    this.#windowSize = length;
    return this.#load(start, length);
  }

  /** One window ahead of the one that is read. */
  #lookAhead(window: Window, until: number): void {
    const { windows } = this.#source;
    const next = window.offset + window.length;
    if (next >= until || windows.at(next) !== undefined) return;
    this.#windowSize = grown(this.#windowSize, this.#largest);
    const length = Math.min(this.#windowSize, windows.gapAt(next).end - next, until - next);
    this.#ahead = this.#load(next, length, true);
  }

  #load(offset: number, length: number, ahead = false): Window {
    const { connection, object, windows } = this.#source;
    const priority = ahead ? 'bulk' : this.#priority;
    const into =
      this.#reuse && length > LARGEST_REUSED / 2 && length <= LARGEST_REUSED
        ? new Uint8Array(memory.take(), 0, length)
        : undefined;
    const window = windows.load({ offset, length, ahead }, (turn) =>
      readRange(connection, object, { offset, length }, { priority, signal: turn, onTurn: this.#onTurn }, into),
    );
    this.#mine.add(window);
    return window;
  }

  /** The phone reads no parts: the file is one window. */
  #loadAll(): Window {
    const { connection, object, windows } = this.#source;
    if (object.size > LARGEST_WHOLE)
      throw fail('unsupported', 'read', `no parts, and ${object.size} bytes`, { subject: this.name });
    return windows.load({ offset: 0, length: object.size, ahead: false }, (turn) =>
      readAll(connection, object, { priority: this.#priority, signal: turn }),
    );
  }

  #dropAhead(): void {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.turn.drop() === true) this.#source.windows.drop(ahead);
  }

  /** A sequential reader of a large file does not push out of memory what others come back to. */
  #passed(window: Window): void {
    if (this.#sequential === 0 || this.#behind.at(-1) === window) return;
    this.#behind.push(window);
    // what may be used again is not looked at again either
    while (this.#behind.length > (this.#reuse ? 1 : KEPT_BEHIND + 1)) {
      const passed = this.#behind.shift();
      if (passed === undefined || passed.length <= FIRST_WINDOW) continue;
      this.#source.windows.drop(passed);
      if (this.#mine.has(passed) && !passed.shared) void passed.bytes.then((bytes) => memory.giveBack(bytes));
    }
  }

  /** One recovery for all reads that ran into the same end. */
  async #recover(broken: Source, since: number): Promise<void> {
    if (this.#source !== broken) return;
    this.#recovering ??= this.#owner.again(since, this.#ended.signal).finally(() => {
      this.#recovering = undefined;
    });
    this.#source = await Promise.race([this.#recovering, this.#closing]);
    this.#ahead = undefined;
    this.#behind.length = 0;
  }
}

const covers = (window: Window, offset: number): boolean =>
  window.offset <= offset && offset < window.offset + window.length;

import { ContainerType, HEADER_SIZE, SIZE_UNKNOWN, encodeHeader, u16At } from '../mtp/wire/index.ts';
import { ControlEndpoint } from './control.ts';
import { LinkBreak, PIECE } from './link.ts';
import type { Link } from './link.ts';
import type { QuirkSet, Stack } from './profiles.ts';

/** AOSP reads the start of a data phase with one request of this size (MTP_BUFFER_SIZE). */
export const FIRST_READ = 16384;
/** AOSP reads a command with one request of this size. */
const COMMAND_READ = 512;
/** AOSP streams in batches of 128 URBs of 16 KiB (MAX_FILE_CHUNK_SIZE). */
const BATCH = 2 * 1024 * 1024;

const SMALL_PIECE = 64 * 1024;

/** A data phase failed. */
export class TransferFailure extends Error {
  override readonly name = 'TransferFailure';
  /** `error` is answered with GeneralError; `cancelled` gets no response. */
  readonly outcome: 'error' | 'cancelled';
  constructor(outcome: 'error' | 'cancelled', message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/** Receives bytes. Throws if the disk refuses them. */
export type Sink = (bytes: Uint8Array, position: number) => Promise<void>;
/** Fills the target from a position; fewer bytes than requested mean the file has become shorter. */
export type Source = (target: Uint8Array, position: number) => Promise<number>;

/**
 * The phone's USB function below the MTP server: FunctionFS with asynchronous I/O (Android 9 and later), its
 * compatibility variant, the kernel's f_mtp, or a vendor's own. Knows requests, packets, batches and class requests,
 * but no operations.
 */
export class UsbHandle {
  readonly link: Link;
  readonly #stack: Stack;
  readonly #quirks: QuirkSet;
  readonly #first = new Uint8Array(FIRST_READ);
  #batches: [Uint8Array, Uint8Array] | undefined;
  readonly #control: ControlEndpoint;
  /** A read request left in the endpoint by a Cancel: it takes the next data. */
  #orphan: 'none' | 'command' | 'data' = 'none';
  /** Called when an operation's data phase begins, with the expected payload. */
  onDataPhase: (payload: number) => void = () => undefined;

  constructor(link: Link, stack: Stack, quirks: QuirkSet) {
    this.link = link;
    this.#stack = stack;
    this.#quirks = quirks;
    this.#control = new ControlEndpoint(link, stack);
    link.control = (request) => this.#control.answer(request);
  }

  /** One transfer of at most 512 bytes. Its size determines whether it is a command. */
  async readCommand(): Promise<Uint8Array> {
    this.#control.isBusy = false;
    try {
      let read = await this.link.receive(this.#first, COMMAND_READ, COMMAND_READ);
      // AOSP f_mtp: an empty packet is dropped and the request queued again
      while (this.#stack === 'kernel' && read.count === 0)
        read = await this.link.receive(this.#first, COMMAND_READ, COMMAND_READ);
      if (this.#orphan !== 'none') {
        const held = this.#first.slice(0, read.count);
        const kind = this.#orphan;
        this.#orphan = 'none';
        // observed after a Cancel while idle: the next operation gets no response, and the one after it the first
        // one's
        const next = await this.link.receive(this.#first, COMMAND_READ, COMMAND_READ);
        this.#control.isBusy = true;
        return kind === 'command' ? held : this.#first.slice(0, next.count);
      }
      this.#control.isBusy = true;
      return this.#first.slice(0, read.count);
    } catch (error) {
      if (error instanceof LinkBreak && error.reason === 'cancelled' && this.#stack === 'ffs') this.#orphan = 'command';
      throw error;
    }
  }

  /** The start of a data phase, including the header: one request of 16 KiB. */
  async readData(expected: number): Promise<Uint8Array> {
    this.onDataPhase(expected);
    try {
      const read = await this.link.receive(this.#first, FIRST_READ, HEADER_SIZE);
      return this.#first.subarray(0, read.count);
    } catch (error) {
      if (error instanceof LinkBreak && error.reason === 'cancelled' && this.#stack === 'ffs') this.#orphan = 'data';
      throw error;
    }
  }

  /**
   * The rest of an object after `readData`. `length` as AOSP holds it, in 32 bits: 0xFFFFFFFF means until a short
   * packet. `emptyPacketDue`: the first read took everything and filled its buffer.
   */
  async receiveFile(sink: Sink, start: number, length: number, emptyPacketDue: boolean): Promise<void> {
    let left = length >>> 0;
    let position = start;
    let lastRead = -1;
    let sawShort = false;
    let turn = 0;
    let writing: Promise<void> | undefined;
    const kernel = this.#stack === 'kernel';
    const settle = async (): Promise<void> => {
      const work = writing;
      writing = undefined;
      await work;
    };
    try {
      while (left > 0) {
        const batch = this.#batch(turn);
        turn += 1;
        const asked = Math.min(BATCH, left);
        const read = await this.link.receive(batch, asked, 0);
        await settle();
        lastRead = read.count;
        sawShort = read.count < asked;
        if (left === SIZE_UNKNOWN) {
          if (sawShort) left = 0;
        } else if (sawShort) {
          // AOSP FFS: EIO. f_mtp treats it as the end of the data and responds OK.
          if (!kernel) throw new TransferFailure('error', 'short packet before the declared size');
          left = 0;
        } else left -= read.count;
        const at = position;
        position += read.count;
        writing = sink(batch.subarray(0, read.count), at);
        // the rejection is handled when the write is awaited
        writing.catch(() => undefined);
      }
      await settle();
    } catch (error) {
      await settle().catch(() => undefined);
      if (error instanceof TransferFailure) throw error;
      if (error instanceof LinkBreak) throw this.#broken(error);
      this.giveUp();
      throw new TransferFailure('cancelled', `the disk refused: ${String(error)}`);
    }
    if (kernel) {
      this.link.swallowEmptyPacket();
      return;
    }
    const aligned = lastRead >= 0 && lastRead % this.link.maxPacketSize === 0 && !sawShort;
    if (!aligned && !emptyPacketDue) return;
    try {
      const extra = await this.link.receive(this.#first, this.link.maxPacketSize, this.link.maxPacketSize);
      if (extra.count !== 0) throw new TransferFailure('error', 'a packet where the empty one was due');
    } catch (error) {
      throw error instanceof LinkBreak ? this.#broken(error) : error;
    }
  }

  /** Header and file. The next piece is read from disk while the host takes the current one. */
  async sendFile(source: Source, start: number, length: number, code: number, transactionId: number): Promise<void> {
    this.onDataPhase(length);
    const total = HEADER_SIZE + length;
    const header = encodeHeader({
      length: total >= SIZE_UNKNOWN ? SIZE_UNKNOWN : total,
      type: ContainerType.data,
      code,
      transactionId,
    });
    let sent = 0;
    const readPiece = async (at: number): Promise<Uint8Array | 'short'> => {
      const size = Math.min(PIECE, total - at);
      // the host may keep it for any time
      const piece =
        size <= SMALL_PIECE ? Buffer.allocUnsafeSlow(size) : new Uint8Array(this.link.pieces.take(), 0, size);
      const skip = at === 0 ? HEADER_SIZE : 0;
      if (skip > 0) piece.set(header);
      const got = await source(piece.subarray(skip), start + at + skip - HEADER_SIZE);
      return got < size - skip ? 'short' : piece;
    };
    let next: Promise<Uint8Array | 'short'> | undefined = readPiece(0);
    next.catch(() => undefined);
    try {
      while (next !== undefined) {
        let piece: Uint8Array | 'short';
        try {
          piece = await next;
        } catch (error) {
          // AOSP: the first read fails before anything was sent, so there is a response
          if (sent === 0) throw new TransferFailure('error', String(error));
          piece = 'short';
        }
        if (piece === 'short') {
          this.giveUp();
          throw new TransferFailure('cancelled', 'the file ended early');
        }
        const after: number = sent + piece.byteLength;
        next = after < total ? readPiece(after) : undefined;
        next?.catch(() => undefined);
        this.link.check();
        await this.#sendPiece(piece, sent === 0, after === total);
        sent = after;
      }
    } catch (error) {
      if (!(error instanceof LinkBreak)) throw error;
      this.link.in.clear();
      // AOSP: what is queued in the last batch is dequeued, but the error is no longer checked: the response is OK
      if (error.reason === 'cancelled' && total - sent <= BATCH) return;
      throw this.#broken(error);
    }
  }

  /** A whole container: listings, datasets, responses. */
  async write(container: Uint8Array): Promise<void> {
    const isData = u16At(container, 4) === ContainerType.data;
    if (isData) this.onDataPhase(container.byteLength - HEADER_SIZE);
    const first = isData && this.#quirks.has('split-header') && container.byteLength > HEADER_SIZE ? HEADER_SIZE : 0;
    if (first > 0) await this.link.send(container.subarray(0, first), true, HEADER_SIZE);
    const rest = first === 0 ? container : container.subarray(first);
    const uncounted = isData ? HEADER_SIZE - first : rest.byteLength;
    await this.link.send(rest, this.#endsShort(rest.byteLength, isData, false), uncounted);
    if (isData) await this.#extraEmptyPacket(rest.byteLength);
  }

  /** Both bulk endpoints stall, and no response follows (MtpFfsHandle::cancelTransaction). */
  giveUp(): void {
    this.#control.gaveUp = true;
    this.link.stall();
  }

  async #sendPiece(piece: Uint8Array, first: boolean, last: boolean): Promise<void> {
    const header = first ? HEADER_SIZE : 0;
    if (first && this.#quirks.has('split-header')) {
      await this.link.send(piece.subarray(0, HEADER_SIZE), true, HEADER_SIZE);
      const rest = piece.subarray(HEADER_SIZE);
      if (rest.byteLength > 0) await this.link.send(rest, last && this.#endsShort(rest.byteLength, true, true), 0);
    } else await this.link.send(piece, last && this.#endsShort(piece.byteLength, true, true), header);
    if (last) await this.#extraEmptyPacket(piece.byteLength);
  }

  /**
   * Whether the end of the stream is marked after this many bytes: a short packet always ends it, otherwise an empty
   * one must be sent.
   */
  #endsShort(bytes: number, isData: boolean, isFile: boolean): boolean {
    if (isData && this.#quirks.has('glued-response')) return false;
    if (bytes % this.link.maxPacketSize !== 0) return true;
    if (this.#quirks.has('no-zlp')) return false;
    // AOSP compat handle: file data only
    return this.#stack !== 'compat' || isFile;
  }

  async #extraEmptyPacket(bytes: number): Promise<void> {
    if (this.#quirks.has('extra-zlp') && bytes > 0) await this.link.send(new Uint8Array(0), true, 0);
  }

  #broken(error: LinkBreak): Error {
    return error.reason === 'cancelled' ? new TransferFailure('cancelled', 'cancelled by the host') : error;
  }

  #batch(turn: number): Uint8Array {
    this.#batches ??= [new Uint8Array(BATCH), new Uint8Array(BATCH)];
    return this.#batches[turn % 2 === 0 ? 0 : 1];
  }
}

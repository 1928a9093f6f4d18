import { isPhoneError } from '../../shared/errors.ts';
import type { Transport } from '../../electron/mtp/ports.ts';
import {
  ClassRequest,
  ContainerType,
  decodeHeader,
  decodeParameters,
  encodeCommand,
  encodeDataHeader,
  HEADER_SIZE,
  join,
  Operation,
  Response,
  SIZE_UNKNOWN,
} from '../../electron/mtp/wire/index.ts';

/**
 * What Windows' MTP driver does below its commands: one session with a phone, and one operation at a time in the pieces
 * that the commands ask for. Not the session of `electron/mtp`, so that neither hides the other's faults.
 */

const LIMIT = { limitMs: 20_000 };
/** Milliseconds without anything to read, after which nothing more comes. */
const QUIET = 50;

/** A response. */
export interface PhoneResponse {
  readonly code: number;
  readonly parameters: readonly number[];
}

/** An open data phase, or the response that came instead of one. */
export type Phase = { readonly transfer: number; readonly total: number } | PhoneResponse;

/** One session. Rejects with the transport's errors. */
export class PhoneSession {
  readonly #transport: Transport;
  #id = 0;
  #transfer = 0;
  #operation = 0;
  /** Bytes that came and were not asked for yet. */
  #ahead: Uint8Array = new Uint8Array(0);
  #left = 0;
  #ended = true;
  #toPhone = false;
  #carried: Uint8Array = new Uint8Array(0);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Reads first what the phone still has to say: an operation that an unplug cut leaves its response behind (AOSP). */
  async open(): Promise<void> {
    await this.#drain();
    await this.#command(Operation.OpenSession, [1]);
    await this.#response();
  }

  async execute(operation: number, parameters: readonly number[]): Promise<PhoneResponse> {
    await this.#command(operation, parameters);
    return this.#response();
  }

  async beginRead(operation: number, parameters: readonly number[]): Promise<Phase> {
    await this.#command(operation, parameters);
    let bytes = await this.#next(64 * 1024);
    while (bytes.byteLength < HEADER_SIZE) bytes = join([bytes, await this.#next(64 * 1024)]);
    const header = decodeHeader(bytes);
    if (header.type === ContainerType.response) return decodeParameters(bytes);
    const total = header.length === SIZE_UNKNOWN ? SIZE_UNKNOWN : header.length - HEADER_SIZE;
    this.#ahead = bytes.subarray(HEADER_SIZE);
    this.#left = total === SIZE_UNKNOWN ? Infinity : total;
    this.#ended = this.#left === 0;
    this.#toPhone = false;
    this.#transfer += 1;
    return { transfer: this.#transfer, total };
  }

  async beginWrite(operation: number, parameters: readonly number[], total: number): Promise<Phase> {
    await this.#command(operation, parameters);
    this.#carried = encodeDataHeader(operation, this.#id, total);
    this.#left = total;
    this.#toPhone = true;
    this.#ended = false;
    this.#transfer += 1;
    if (total === 0) await this.#send(new Uint8Array(0));
    return { transfer: this.#transfer, total };
  }

  /** At most `size` bytes; fewer at the end. */
  async read(size: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let count = 0;
    while (count < size && !(this.#ended && this.#ahead.byteLength === 0)) {
      if (this.#ahead.byteLength === 0) {
        const piece = await this.#transport.read(Math.min(this.#left, 1024 * 1024), LIMIT);
        this.#ahead = piece.bytes;
        if (this.#left === Infinity && piece.short) this.#ended = true;
        continue;
      }
      const part = this.#ahead.subarray(0, size - count);
      this.#ahead = this.#ahead.subarray(part.byteLength);
      parts.push(part);
      count += part.byteLength;
      this.#left -= part.byteLength;
      if (this.#left === 0) this.#ended = true;
    }
    return join(parts);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#left -= bytes.byteLength;
    await this.#send(bytes);
  }

  /** The response; where the data is not complete, the operation is cancelled and there is none. */
  async end(): Promise<PhoneResponse> {
    const isComplete = this.#toPhone ? this.#left === 0 : this.#ended && this.#ahead.byteLength === 0;
    if (isComplete) return this.#response();
    const cancel = new Uint8Array(6);
    new DataView(cancel.buffer).setUint16(0, 0x4001, true);
    new DataView(cancel.buffer).setUint32(2, this.#id, true);
    await this.#transport.classRequestOut(ClassRequest.Cancel, cancel, LIMIT);
    await this.#drain();
    await this.#transport.classRequestIn(ClassRequest.GetDeviceStatus, 32, LIMIT).catch(() => undefined);
    await this.#transport.clearHalt('in').catch(() => undefined);
    await this.#transport.clearHalt('out').catch(() => undefined);
    this.#ahead = new Uint8Array(0);
    this.#ended = true;
    return { code: Response.TransactionCancelled, parameters: [] };
  }

  /** Cancels a data phase that whoever began it left open. */
  async abandon(): Promise<void> {
    if (!this.#ended) await this.end();
  }

  async #drain(): Promise<void> {
    for (;;) {
      const piece = await this.#transport.read(64 * 1024, { limitMs: QUIET }).catch((error: unknown) => {
        if (isPhoneError(error) && error.kind === 'silent') return undefined;
        throw error;
      });
      if (piece === undefined) return;
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const all = join([this.#carried, bytes]);
    const last = this.#left === 0;
    const kept = last ? 0 : all.byteLength % this.#transport.maxPacketSize;
    this.#carried = all.slice(all.byteLength - kept);
    if (last) this.#ended = true;
    if (all.byteLength === kept) return;
    await this.#transport.write([all.subarray(0, all.byteLength - kept)], { last, ...LIMIT });
  }

  async #command(operation: number, parameters: readonly number[]): Promise<void> {
    this.#operation = operation;
    if (operation !== Operation.OpenSession) this.#id += 1;
    await this.#transport.write([encodeCommand(operation, this.#id, parameters)], { last: true, ...LIMIT });
  }

  async #response(): Promise<PhoneResponse> {
    for (;;) {
      const bytes = await this.#next(32);
      if (bytes.byteLength < HEADER_SIZE) continue;
      const header = decodeHeader(bytes);
      if (header.type === ContainerType.response && header.transactionId === this.#id) return decodeParameters(bytes);
      if (header.type === ContainerType.data && header.code === this.#operation) continue;
    }
  }

  async #next(want: number): Promise<Uint8Array> {
    for (;;) {
      const { bytes } = await this.#transport.read(want, LIMIT);
      if (bytes.byteLength > 0) return bytes;
    }
  }
}

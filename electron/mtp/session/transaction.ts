import { fail } from '../../../shared/errors.ts';
import type { Piece } from '../ports.ts';
import { ContainerType, HEADER_SIZE, MAX_PARAMETERS, SIZE_UNKNOWN, operationName } from '../wire/codes.ts';
import { u16At, u32At } from '../wire/bytes.ts';
import { StrayCounter } from './stray-counter.ts';
import {
  decodeHeader,
  decodeParameters,
  encodeCommand,
  encodeDataHeader,
  type ResponseDataset,
} from '../wire/containers.ts';

/**
 * One transaction as a pure machine: command, at most one data phase, response. It is fed the pieces of the bulk-IN
 * stream and hands the payload on as subarrays; it neither waits nor copies file data. The framing rules it keeps are
 * those of the field notes §1 (each has a named case in transaction.test.ts).
 */

/** What the caller expects besides the response. */
export type DataPhase =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'in';
      /** Payload bytes where they are known; ends a container whose length does not fit into 32 bits. */
      readonly expected: number | undefined;
      /** More payload than this makes no sense: refused before anything is kept. */
      readonly most: number;
    }
  | {
      readonly kind: 'out';
      /** Payload bytes. */
      readonly size: number;
    };

/** Everything that is known of a transaction before its first byte. */
export interface TransactionSetup {
  readonly operation: number;
  readonly transactionId: number;
  readonly parameters: readonly number[];
  readonly data: DataPhase;
  /** Quirk: the responder puts junk into the transaction id (and code) of its containers. */
  readonly anyId: boolean;
  /** Bytes that came after the response of the transaction before: the beginning of a container nobody asked for. */
  readonly surplus: Uint8Array;
}

const LARGEST_RESPONSE = HEADER_SIZE + MAX_PARAMETERS * 4;
const FIRST_READ = 64 * 1024;
const READ_OF_UNKNOWN_LENGTH = 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** From 1 on; 0 means "outside a session" and all ones "any transaction", so both are left out. */
export const transactionIdAfter = (id: number): number => (id >= 0xffff_fffe ? 1 : id + 1);

type Phase = 'command' | 'data-out' | 'answer' | 'done';
type Body =
  /** Between containers, or inside a header. */
  | { readonly kind: 'header' }
  /** The payload that was asked for. `left` is undefined while only the end of the transfer tells its length. */
  | { readonly kind: 'payload'; left: number | undefined }
  /** A container that is read only to get past it. */
  | { readonly kind: 'stray'; left: number | undefined }
  | { readonly kind: 'response'; readonly bytes: Uint8Array; filled: number };

/** The machine of one transaction. Make it, send `command`, then tell it what was sent and feed it what came. */
export class Transaction {
  readonly operation: number;
  readonly id: number;
  readonly command: Uint8Array;
  /** The 12 bytes before outgoing data, where there is some. */
  readonly dataHeader: Uint8Array | undefined;
  readonly #setup: TransactionSetup;
  readonly #data: DataPhase;
  readonly #what: string;

  #phase: Phase = 'command';
  #body: Body = { kind: 'header' };
  readonly #head = new Uint8Array(HEADER_SIZE);
  #headFilled = 0;
  #surplus: Uint8Array;
  #answer: ResponseDataset | undefined;
  #received = 0;
  #sawData = false;
  #cut = false;
  /** The last piece ended its transfer: what follows starts a new one. */
  #lastWasShort = true;
  readonly #strays: StrayCounter;

  constructor(setup: TransactionSetup) {
    this.#setup = setup;
    this.#data = setup.data;
    this.operation = setup.operation;
    this.id = setup.transactionId;
    this.#what = operationName(setup.operation);
    this.#surplus = setup.surplus;
    this.#strays = new StrayCounter(this.#what);
    this.command = encodeCommand(setup.operation, setup.transactionId, setup.parameters);
    this.dataHeader =
      setup.data.kind === 'out' ? encodeDataHeader(setup.operation, setup.transactionId, setup.data.size) : undefined;
  }

  get answer(): ResponseDataset | undefined {
    return this.#answer;
  }
  /** Payload bytes received. */
  get received(): number {
    return this.#received;
  }
  /** The data ended before the length its header gave. */
  get cut(): boolean {
    return this.#cut;
  }
  /** Whether incoming payload has begun. */
  get sawData(): boolean {
    return this.#sawData;
  }
  /** Containers of other transactions that were thrown away so far. */
  get strays(): number {
    return this.#strays.containers;
  }
  /** Something may still be on its way: it has to be read away before the next command. */
  get needsDrain(): boolean {
    return this.#phase !== 'command' && this.#phase !== 'done';
  }
  /** What came behind the response. */
  get surplus(): Uint8Array {
    return this.#phase === 'done' ? this.#surplus : NOTHING;
  }

  commandSent(): void {
    this.#phase = this.#data.kind === 'out' ? 'data-out' : 'answer';
  }
  dataSent(): void {
    this.#phase = 'answer';
  }
  /** It was cancelled and everything of it read away: no response will come. */
  abandon(): void {
    this.#phase = 'done';
  }

  /** How many more bytes are expected in this phase: what the transport may ask of the phone at once. */
  get want(): number {
    switch (this.#body.kind) {
      case 'payload':
      case 'stray': {
        if (this.#body.left !== undefined) return this.#body.left;
        const expected = this.#data.kind === 'in' ? this.#data.expected : undefined;
        if (expected === undefined) return READ_OF_UNKNOWN_LENGTH;
        return Math.max(expected - this.#received, LARGEST_RESPONSE);
      }
      case 'response':
        return this.#body.bytes.byteLength - this.#body.filled;
      case 'header':
        if (this.#data.kind !== 'in' || this.#sawData) return LARGEST_RESPONSE;
        return this.#data.expected === undefined ? FIRST_READ : this.#data.expected + HEADER_SIZE;
    }
  }

  /** The pieces of surplus first, then what `feed` gets. Call once, after the command was sent. */
  begin(): readonly Uint8Array[] {
    const surplus = this.#surplus;
    this.#surplus = NOTHING;
    return surplus.byteLength === 0 ? [] : this.feed({ bytes: surplus, short: true });
  }

  /** Takes the next piece; returns the payload in it. Throws `confused` when the bytes make no sense. */
  feed(piece: Piece): readonly Uint8Array[] {
    const payload: Uint8Array[] = [];
    let bytes = piece.bytes;
    this.#strays.countPiece(bytes.byteLength);
    if (bytes.byteLength > 0 && this.#endsEarly(bytes, piece.short)) this.#endBody();
    while (bytes.byteLength > 0) {
      if (this.#answer !== undefined) {
        this.#surplus = new Uint8Array(bytes);
        break;
      }
      bytes = this.#step(bytes, piece.short, payload);
    }
    if (piece.short || piece.bytes.byteLength === 0) this.#endOfTransfer();
    this.#lastWasShort = piece.short || piece.bytes.byteLength === 0;
    return payload;
  }

  /**
   * Whether the piece is the response although the data is not complete: AOSP cuts a read that fails or is cancelled
   * near its end and still answers (§10). It has to begin a new transfer and be a response of ours, whole.
   */
  #endsEarly(bytes: Uint8Array, short: boolean): boolean {
    const body = this.#body;
    if (body.kind !== 'payload' && body.kind !== 'stray') return false;
    const complete = body.left === undefined && this.#data.kind === 'in' && this.#received === this.#data.expected;
    return (this.#lastWasShort || complete) && short && this.#isOurResponse(bytes);
  }

  #isOurResponse(bytes: Uint8Array): boolean {
    if (bytes.byteLength < HEADER_SIZE || bytes.byteLength > LARGEST_RESPONSE) return false;
    return (
      u32At(bytes, 0) === bytes.byteLength && u16At(bytes, 4) === ContainerType.response && u32At(bytes, 8) === this.id
    );
  }

  #step(bytes: Uint8Array, short: boolean, payload: Uint8Array[]): Uint8Array {
    const body = this.#body;
    switch (body.kind) {
      case 'header':
        return this.#stepHeader(bytes);
      case 'response': {
        const size = Math.min(bytes.byteLength, body.bytes.byteLength - body.filled);
        body.bytes.set(bytes.subarray(0, size), body.filled);
        body.filled += size;
        if (body.filled === body.bytes.byteLength) this.#endBody();
        return size === bytes.byteLength ? NOTHING : bytes.subarray(size);
      }
      case 'payload': {
        const size = this.#payloadIn(bytes, short, body.left);
        this.#received += size;
        if (this.#data.kind === 'in' && this.#received > this.#data.most)
          throw fail('confused', this.#what, `more than ${this.#data.most} bytes of data`);
        payload.push(size === bytes.byteLength ? bytes : bytes.subarray(0, size));
        if (body.left !== undefined) body.left -= size;
        if (body.left === 0 || size < bytes.byteLength) this.#endBody();
        return size === bytes.byteLength ? NOTHING : bytes.subarray(size);
      }
      case 'stray': {
        const size = Math.min(bytes.byteLength, body.left ?? bytes.byteLength);
        this.#strays.countBytes(size);
        if (body.left !== undefined) body.left -= size;
        if (body.left === 0) this.#endBody();
        return bytes.subarray(size);
      }
    }
  }

  /**
   * How much of `bytes` belongs to the payload. With an unknown length the expected count ends it only when a
   * response is glued behind it: a file that has grown goes on until the short packet.
   */
  #payloadIn(bytes: Uint8Array, short: boolean, left: number | undefined): number {
    if (left !== undefined) return Math.min(bytes.byteLength, left);
    const expected = this.#data.kind === 'in' ? this.#data.expected : undefined;
    if (expected === undefined) return bytes.byteLength;
    const rest = expected - this.#received;
    if (rest < 0 || rest >= bytes.byteLength) return bytes.byteLength;
    return short && this.#isOurResponse(bytes.subarray(rest)) ? rest : bytes.byteLength;
  }

  #stepHeader(bytes: Uint8Array): Uint8Array {
    const size = Math.min(bytes.byteLength, HEADER_SIZE - this.#headFilled);
    for (let at = 0; at < size; at += 1) this.#head[this.#headFilled + at] = bytes[at] ?? 0;
    this.#headFilled += size;
    if (this.#headFilled === HEADER_SIZE) {
      this.#headFilled = 0;
      this.#openContainer();
    }
    return size === bytes.byteLength ? NOTHING : bytes.subarray(size);
  }

  #openContainer(): void {
    const header = decodeHeader(this.#head);
    const left = header.length === SIZE_UNKNOWN ? undefined : header.length - HEADER_SIZE;
    const ours = this.#setup.anyId || header.transactionId === this.id;
    switch (header.type) {
      case ContainerType.response: {
        if (left === undefined || header.length > LARGEST_RESPONSE)
          throw fail('confused', this.#what, `response of ${header.length} bytes`);
        const bytes = new Uint8Array(header.length);
        bytes.set(this.#head);
        this.#body = { kind: 'response', bytes, filled: HEADER_SIZE };
        if (left === 0) this.#endBody();
        return;
      }
      case ContainerType.data: {
        const data = this.#data;
        if (ours && data.kind === 'in' && !this.#sawData) {
          if (left !== undefined && left > data.most)
            throw fail('confused', this.#what, `claims ${left} bytes of data, at most ${data.most} make sense`);
          this.#sawData = true;
          this.#body = { kind: 'payload', left };
        } else {
          this.#strays.countContainer();
          this.#body = { kind: 'stray', left };
        }
        if (left === 0) this.#endBody();
        return;
      }
      case ContainerType.event:
        this.#strays.countContainer();
        this.#body = { kind: 'stray', left };
        if (left === 0) this.#endBody();
        return;
      case ContainerType.command:
        throw fail('confused', this.#what, 'the phone sent a command');
    }
  }

  /** A short or empty packet: ends what has no length of its own. */
  #endOfTransfer(): void {
    const body = this.#body;
    switch (body.kind) {
      case 'payload':
      case 'stray':
        // A header sent alone (Garmin, Zune-era) is a short packet too, so an unknown length ends only after a byte of it.
        if (body.left === undefined && (body.kind === 'stray' || this.#received > 0)) this.#endBody();
        return;
      case 'response':
        // Some responders give a length with parameters they do not send.
        if (body.filled > HEADER_SIZE) this.#endBody();
        return;
      case 'header':
        return;
    }
  }

  #endBody(): void {
    const body = this.#body;
    this.#body = { kind: 'header' };
    if (body.kind === 'payload' && body.left !== undefined && body.left > 0) this.#cut = true;
    if (body.kind !== 'response') return;
    // a part of small bytes costs more than they do
    const whole = body.filled === body.bytes.byteLength ? body.bytes : body.bytes.subarray(0, body.filled);
    const { code, transactionId, parameters } = decodeParameters(whole);
    if (!this.#setup.anyId && transactionId !== this.id) {
      this.#strays.countContainer();
      return;
    }
    this.#answer = { code, transactionId, parameters };
    this.#phase = 'done';
  }
}

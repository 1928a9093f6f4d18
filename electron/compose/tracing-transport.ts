import { problemOf } from '../../shared/errors.ts';
import type { Piece, Transport, WriteOptions } from '../mtp/ports.ts';
import {
  ContainerType,
  decodeHeader,
  decodeParameters,
  HEADER_SIZE,
  hex,
  operationName,
  responseName,
} from '../mtp/wire/index.ts';

interface Entry {
  readonly code: number;
  readonly parameters: number;
  readonly began: number;
  sent: number;
  received: number;
}

/** A transport that notes each transaction: operation, sizes, response, time. Parameters are only counted. */
export class TracingTransport implements Transport {
  readonly lines: string[] = [];
  readonly #inner: Transport;
  readonly #now: () => number;
  #entry: Entry | undefined;

  constructor(inner: Transport, now: () => number) {
    this.#inner = inner;
    this.#now = now;
  }

  get maxPacketSize(): number {
    return this.#inner.maxPacketSize;
  }
  get linkSpeed(): Transport['linkSpeed'] {
    return this.#inner.linkSpeed;
  }
  get closed(): Transport['closed'] {
    return this.#inner.closed;
  }

  async write(parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const [first] = parts;
    if (first !== undefined && first.byteLength >= HEADER_SIZE && parts.length === 1) this.#begin(first);
    if (this.#entry !== undefined && !this.#isCommand(first)) this.#entry.sent += size;
    await this.#noted(this.#inner.write(parts, options));
  }

  async read(want: number, options: { readonly limitMs: number }): Promise<Piece> {
    if (this.#entry === undefined) return this.#inner.read(want, options);
    const piece = await this.#noted(this.#inner.read(want, options));
    const entry = this.#entry;
    const response = this.#responseIn(piece.bytes);
    if (response === undefined) entry.received += piece.bytes.byteLength;
    else this.#end(entry, `${responseName(response)} ${hex(response)}`);
    return piece;
  }

  giveBack(bytes: Uint8Array): void {
    this.#inner.giveBack?.(bytes);
  }
  onInterrupt(listener: (packet: Uint8Array) => void): () => void {
    return this.#inner.onInterrupt(listener);
  }
  classRequestOut(...args: Parameters<Transport['classRequestOut']>): Promise<void> {
    return this.#inner.classRequestOut(...args);
  }
  classRequestIn(...args: Parameters<Transport['classRequestIn']>): Promise<Uint8Array> {
    return this.#inner.classRequestIn(...args);
  }
  clearHalt(endpoint: 'in' | 'out'): Promise<void> {
    return this.#inner.clearHalt(endpoint);
  }
  reset(): Promise<void> {
    return this.#inner.reset();
  }
  close(): Promise<void> {
    return this.#inner.close();
  }

  #isCommand(bytes: Uint8Array | undefined): boolean {
    if (bytes === undefined || bytes.byteLength < HEADER_SIZE || bytes.byteLength > 32) return false;
    return new DataView(bytes.buffer, bytes.byteOffset).getUint16(4, true) === ContainerType.command;
  }

  #begin(bytes: Uint8Array): void {
    if (!this.#isCommand(bytes)) return;
    const { code, parameters } = decodeParameters(bytes);
    this.#entry = { code, parameters: parameters.length, began: this.#now(), sent: 0, received: 0 };
  }

  #responseIn(bytes: Uint8Array): number | undefined {
    // glued behind data it is not told apart here; the transaction then ends with the next command
    if (bytes.byteLength < HEADER_SIZE || bytes.byteLength > 32) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return view.getUint16(4, true) === ContainerType.response ? decodeHeader(bytes).code : undefined;
  }

  async #noted<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const { kind, detail } = problemOf(error);
      if (this.#entry !== undefined) this.#end(this.#entry, `${kind}: ${detail}`);
      throw error;
    }
  }

  #end({ code, parameters, began, sent, received }: Entry, result: string): void {
    const sizes = `${parameters} parameters, ${sent} bytes out, ${received} bytes in`;
    this.lines.push(`${hex(code)} ${operationName(code)}: ${sizes}, ${Math.round(this.#now() - began)} ms: ${result}`);
    this.#entry = undefined;
  }
}

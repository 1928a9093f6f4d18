/** The bytes between the library and the test, as `server/link.c` reads and writes them. */

/** Throws a RangeError beyond the end. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  #take(size: number): number {
    this.#at += size;
    return this.#at - size;
  }
  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }
  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }
  /** The next number, which stays where it is. */
  peek32(): number {
    return this.#bytes.readUInt32LE(this.#at);
  }
  u64(): number {
    return Number(this.#bytes.readBigInt64LE(this.#take(8)));
  }
  f64(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }
  text(): string {
    const size = this.u32() * 2;
    const at = this.#take(size);
    return this.#bytes.toString('utf16le', at, at + size);
  }
  ascii(): string {
    const size = this.u32();
    const at = this.#take(size);
    return this.#bytes.toString('latin1', at, at + size);
  }
  numbers(): readonly number[] {
    return Array.from({ length: this.u32() }, () => this.u32());
  }
  rest(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(this.#at));
  }
}

/** Builds an answer. */
export class PacketWriter {
  readonly #parts: Uint8Array[] = [];

  #number(size: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.alloc(size);
    write(bytes);
    this.#parts.push(bytes);
    return this;
  }
  u8(value: number): this {
    return this.#number(1, (bytes) => bytes.writeUInt8(value));
  }
  u32(value: number): this {
    return this.#number(4, (bytes) => bytes.writeUInt32LE(value >>> 0));
  }
  u64(value: number): this {
    return this.#number(8, (bytes) => bytes.writeBigUInt64LE(BigInt(value)));
  }
  f64(value: number): this {
    return this.#number(8, (bytes) => bytes.writeDoubleLE(value));
  }
  text(value: string): this {
    return this.u32(value.length).bytes(Buffer.from(value, 'utf16le'));
  }
  bytes(value: Uint8Array): this {
    this.#parts.push(value);
    return this;
  }
  response({ code, parameters }: { readonly code: number; readonly parameters: readonly number[] }): this {
    this.u32(code).u32(parameters.length);
    for (const parameter of parameters) this.u32(parameter);
    return this;
  }
  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

import { fail } from '../../../shared/errors.ts';

/*
 * Containers are a few bytes each, and there are some in every transaction: read and written like this they stay where V8
 * keeps small arrays, while a `DataView`, or a part of one, has memory of its own made for each, which costs more than all else.
 */

/** 16 bits, little-endian; bytes that are not there count as 0. */
export const u16At = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
/** 32 bits, little-endian, unsigned. */
export const u32At = (bytes: Uint8Array, at: number): number => (u16At(bytes, at) | (u16At(bytes, at + 2) << 16)) >>> 0;
/** Writes 16 bits, little-endian. */
export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}
/** Writes 32 bits, little-endian. */
export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value);
  putU16(bytes, at + 2, value >>> 16);
}

/**
 * Little-endian cursor over bytes the phone sent. Every read is bounded: a length that points past the end is a
 * `confused` error before anything is allocated.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #offset = 0;

  /** `what` names the dataset in error messages. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get offset(): number {
    return this.#offset;
  }
  get left(): number {
    return this.#bytes.byteLength - this.#offset;
  }

  #take(size: number): number {
    if (size > this.left)
      throw fail('confused', this.#what, `needs ${size} bytes at offset ${this.#offset}, has ${this.left}`);
    const at = this.#offset;
    this.#offset += size;
    return at;
  }

  skip(size: number): void {
    this.#take(size);
  }
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A 64-bit size as a number; beyond 2^53-1 the phone is lying. */
  size64(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw fail('confused', this.#what, `impossible size ${value}`);
    return Number(value);
  }

  /** A count that is believed only if that many elements of `elementSize` bytes can follow. */
  count(elementSize: number): number {
    const count = this.u32();
    if (count * elementSize > this.left)
      throw fail('confused', this.#what, `claims ${count} elements, has ${this.left} bytes`);
    return count;
  }

  u16Array(): number[] {
    const count = this.count(2);
    return Array.from({ length: count }, () => this.u16());
  }
  u32Array(): number[] {
    const count = this.count(4);
    return Array.from({ length: count }, () => this.u32());
  }

  /**
   * A string: u8 count of UTF-16 units including NUL. Cut at the first NUL, since some responders leave the NUL out
   * or pad with several; lone surrogates become U+FFFD.
   */
  string(): string {
    const units = this.u8();
    const at = this.#take(units * 2);
    const codes: number[] = [];
    for (let index = 0; index < units; index += 1) {
      const code = this.#view.getUint16(at + index * 2, true);
      if (code === 0) break;
      codes.push(code);
    }
    return String.fromCharCode(...codes).toWellFormed();
  }

  bytes(size: number): Uint8Array {
    const at = this.#take(size);
    return this.#bytes.subarray(at, at + size);
  }
}

/** Little-endian builder; grows as needed. */
export class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #room(size: number): number {
    if (this.#length + size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    const at = this.#length;
    this.#length += size;
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }
  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
    return this;
  }
  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  u64(value: number | bigint): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, BigInt(value), true);
    return this;
  }
  u16Array(values: readonly number[]): this {
    this.u32(values.length);
    for (const value of values) this.u16(value);
    return this;
  }
  u32Array(values: readonly number[]): this {
    this.u32(values.length);
    for (const value of values) this.u32(value);
    return this;
  }

  /** At most 254 UTF-16 units and the NUL; an empty string is the single byte 0. Longer ones are a RangeError: check names before. */
  string(value: string): this {
    if (value.length > MAX_STRING_UNITS)
      throw new RangeError(`an MTP string has at most ${MAX_STRING_UNITS} UTF-16 units, this has ${value.length}`);
    if (value === '') return this.u8(0);
    this.u8(value.length + 1);
    for (let index = 0; index < value.length; index += 1) this.u16(value.charCodeAt(index));
    return this.u16(0);
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.byteLength);
    this.#bytes.set(value, at);
    return this;
  }

  /** A copy of what was written. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** u8 count of 255 including the NUL. */
export const MAX_STRING_UNITS = 254;

/** The parts as one array; a single part is not copied. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  let length = 0;
  for (const part of parts) length += part.byteLength;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

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

/** The largest whole number that a `number` tells from its neighbours. */
const MOST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Little-endian cursor over bytes the phone sent. Every read is bounded: a length that points past the end is a
 * `confused` error before anything is allocated.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #offset = 0;

  /** `what` names the dataset in error messages. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
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
    return this.#bytes[this.#take(1)] ?? 0;
  }
  u16(): number {
    return u16At(this.#bytes, this.#take(2));
  }
  u32(): number {
    return u32At(this.#bytes, this.#take(4));
  }
  u64(): bigint {
    const at = this.#take(8);
    return (BigInt(u32At(this.#bytes, at + 4)) << 32n) | BigInt(u32At(this.#bytes, at));
  }

  /** A 64-bit size as a number; beyond 2^53-1 the phone is lying. */
  size64(): number {
    const value = this.u64();
    if (value > MOST_EXACT) throw fail('confused', this.#what, `impossible size ${value}`);
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
    const values: number[] = [];
    for (let at = this.#take(count * 2); values.length < count; at += 2) values.push(u16At(this.#bytes, at));
    return values;
  }
  u32Array(): number[] {
    const count = this.count(4);
    const values: number[] = [];
    for (let at = this.#take(count * 4); values.length < count; at += 4) values.push(u32At(this.#bytes, at));
    return values;
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
      const code = u16At(this.#bytes, at + index * 2);
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

/** Bytes of a builder's first memory; a dataset of one object fits. */
const FIRST_ROOM = 1024;
/** Memory of the last builder that is done: the next one writes into it. */
let spare: Uint8Array | undefined;
const NOTHING = new Uint8Array(0);

/** Little-endian builder; grows as needed. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;
  #isDone = false;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(FIRST_ROOM);
    spare = undefined;
  }

  #room(size: number): number {
    if (this.#isDone) throw new RangeError('what was written is taken already');
    if (this.#length + size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    const at = this.#length;
    this.#length += size;
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#bytes[at] = value;
    return this;
  }
  u16(value: number): this {
    const at = this.#room(2);
    putU16(this.#bytes, at, value);
    return this;
  }
  u32(value: number): this {
    const at = this.#room(4);
    putU32(this.#bytes, at, value);
    return this;
  }
  u64(value: number | bigint): this {
    const at = this.#room(8);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      putU32(this.#bytes, at, value % 2 ** 32);
      putU32(this.#bytes, at + 4, Math.floor(value / 2 ** 32));
    } else {
      const whole = BigInt.asUintN(64, BigInt(value));
      putU32(this.#bytes, at, Number(whole & 0xffff_ffffn));
      putU32(this.#bytes, at + 4, Number(whole >> 32n));
    }
    return this;
  }
  u16Array(values: readonly number[]): this {
    this.u32(values.length);
    let at = this.#room(values.length * 2);
    for (const value of values) {
      putU16(this.#bytes, at, value);
      at += 2;
    }
    return this;
  }
  u32Array(values: readonly number[]): this {
    this.u32(values.length);
    let at = this.#room(values.length * 4);
    for (const value of values) {
      putU32(this.#bytes, at, value);
      at += 4;
    }
    return this;
  }

  /** At most 254 UTF-16 units and the NUL; an empty string is the single byte 0. Longer ones are a RangeError: check names before. */
  string(value: string): this {
    if (value.length > MAX_STRING_UNITS)
      throw new RangeError(`an MTP string has at most ${MAX_STRING_UNITS} UTF-16 units, this has ${value.length}`);
    if (value === '') return this.u8(0);
    this.u8(value.length + 1);
    const at = this.#room((value.length + 1) * 2);
    for (let index = 0; index < value.length; index += 1) putU16(this.#bytes, at + index * 2, value.charCodeAt(index));
    putU16(this.#bytes, at + value.length * 2, 0);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.byteLength);
    this.#bytes.set(value, at);
    return this;
  }

  /** A copy of what was written; nothing more is written after that. */
  done(): Uint8Array {
    const written = this.#bytes.slice(0, this.#length);
    if (this.#bytes.byteLength === FIRST_ROOM) spare = this.#bytes;
    this.#bytes = NOTHING;
    this.#isDone = true;
    return written;
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

import { setImmediate as turn } from 'node:timers/promises';

/** Columns of numbers, and sorting positions by them without a comparison. Nothing here works longer than a few milliseconds. */

/** Milliseconds of work before others get a turn. */
const SLICE_MS = 4;
/** Positions between two looks at the clock: under a millisecond. */
export const STEP = 16_384;

/** Gives others a turn, once its slice of time is over. */
export class Slices {
  #began = performance.now();

  /** To be called every `STEP` positions or so. Answers whether somebody else had a turn. */
  async breathe(): Promise<boolean> {
    if (performance.now() - this.#began < SLICE_MS) return false;
    await turn();
    this.#began = performance.now();
    return true;
  }
}

/** Gives back at once what nobody reads any more: V8 waits until 64 MB of it have gathered. Node 20 has no way to. */
export function release({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer && 'transfer' in buffer && buffer.byteLength > 0) buffer.transfer(0);
}

/**
 * Bytes from which on memory is reserved so large that malloc maps it by itself and unmaps it when it is given back. glibc
 * takes 24 MB from its own heap once it has freed as much, and keeps up to twice that of what was freed; beyond 32 MB it
 * never does. What is not written to takes no memory.
 */
const LARGE = 8 * 1024 * 1024;
const MAPPED = 33 * 1024 * 1024;

/** Fresh memory for that many bytes, or more of it. */
export const reserve = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes < LARGE ? bytes : Math.max(bytes, MAPPED));

/** Memory that is taken in pieces, and given back as a whole. */
export class Stretch {
  readonly memory: ArrayBuffer;
  #used = 0;

  /** Room for that many pieces, of so many bytes together. */
  constructor(bytes: number, pieces: number) {
    this.memory = reserve(bytes + pieces * Float64Array.BYTES_PER_ELEMENT);
  }
  /** The next piece; zeros. Throws `RangeError` where there is no room for it. */
  take<A extends Column>(view: View<A>, length: number): A {
    const taken = view(this.memory, this.#used, length);
    const end = this.#used + taken.byteLength;
    this.#used = end + (-end & (Float64Array.BYTES_PER_ELEMENT - 1));
    return taken;
  }
  /** Nobody reads or writes a piece any more. */
  giveBack(): void {
    release(new Uint8Array(this.memory));
  }
}

type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
/** A kind of column, over memory that is there. */
type View<A extends Column> = (memory: ArrayBuffer, at: number, length: number) => A;
export const wide: View<Float64Array<ArrayBuffer>> = (memory, at, length) => new Float64Array(memory, at, length);
export const middle: View<Uint32Array<ArrayBuffer>> = (memory, at, length) => new Uint32Array(memory, at, length);
export const narrow: View<Uint8Array<ArrayBuffer>> = (memory, at, length) => new Uint8Array(memory, at, length);

/** Beyond this many, a column grows by an eighth: by half, it and the one before it would take another 10 MB each. */
const MANY = 65_536;

/** A column that grows; typed arrays have one size. */
export class Numbers<A extends Column> {
  #array: A;
  readonly #view: View<A>;
  #length = 0;

  /** `expected` is how many there will be, as far as is known: a column of that length, in `memory`, is never copied. */
  constructor(view: View<A>, expected = 1024, memory = new Stretch(expected * Float64Array.BYTES_PER_ELEMENT, 1)) {
    this.#view = view;
    this.#array = memory.take(view, expected);
  }
  push(value: number): void {
    if (this.#length === this.#array.length) {
      const length = Math.max(16, Math.ceil(this.#length * (this.#length < MANY ? 1.5 : 1.125)));
      const larger = this.#view(new ArrayBuffer(length * this.#array.BYTES_PER_ELEMENT), 0, length);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.#length] = value;
    this.#length += 1;
  }
  at(index: number): number {
    return this.#array[index] ?? 0;
  }
  set(index: number, value: number): void {
    this.#array[index] = value;
  }
  get length(): number {
    return this.#length;
  }
  /** What loops over a million read. Longer than `length`, and not the column any more after the next `push`. */
  get array(): A {
    return this.#array;
  }

  /** Puts the numbers at these positions in this order. `spare` has room for as many of the widest numbers. */
  async arrange(order: Uint32Array, slices: Slices, spare: Float64Array<ArrayBuffer>): Promise<void> {
    const array = this.#array;
    const arranged = this.#view(spare.buffer, spare.byteOffset, order.length);
    for (let from = 0; from < order.length; from += STEP) {
      const until = Math.min(from + STEP, order.length);
      for (let at = from; at < until; at += 1) arranged[at] = array[order[at] ?? 0] ?? 0;
      await slices.breathe();
    }
    array.set(arranged);
    this.#length = order.length;
  }
}

/** Below this many a comparison each is faster than four passes over 65,536 counts. */
const FEW = 4_096;
const DIGITS = 65_536;

/**
 * Positions by the numbers at them: the largest first, those that are no number last, equal ones in the order they have.
 * A radix sort over the bits of the numbers, 16 at a time: a million take some 50 ms, in slices. Answers the positions
 * unsorted once `signal` is aborted. What it answers, and what it needs for a while, is in memory of `lists`.
 */
export async function largestFirst(
  positions: Uint32Array,
  numbers: Float64Array,
  {
    slices,
    signal,
    lists,
  }: {
    readonly slices: Slices;
    readonly signal?: AbortSignal;
    readonly lists: { take(length: number): Uint32Array<ArrayBuffer> };
  },
): Promise<Uint32Array> {
  if (positions.length < FEW) {
    const order = Array.from(positions, (_, at) => at).sort((one, other) => {
      const [first, second] = [numbers[positions[one] ?? 0] ?? 0, numbers[positions[other] ?? 0] ?? 0];
      if (Number.isNaN(first)) return Number.isNaN(second) ? one - other : 1;
      if (Number.isNaN(second)) return -1;
      return first === second ? one - other : first < second ? 1 : -1;
    });
    return Uint32Array.from(order, (at) => positions[at] ?? 0);
  }
  // every machine this runs on keeps the lower half of a number first
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
  let from = positions;
  let into = lists.take(positions.length);
  const counts = new Uint32Array(DIGITS);
  for (let pass = 0; pass < 4; pass += 1) {
    counts.fill(0);
    for (let start = 0; start < from.length; start += STEP) {
      const end = Math.min(start + STEP, from.length);
      for (let at = start; at < end; at += 1) {
        const digit = digitOf(bits, from[at] ?? 0, pass);
        counts[digit] = (counts[digit] ?? 0) + 1;
      }
      if ((await slices.breathe()) && signal?.aborted === true) return positions;
    }
    // all alike: most dates are whole seconds, and most sizes small
    if (counts[digitOf(bits, from[0] ?? 0, pass)] === from.length) continue;
    let sum = 0;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const count = counts[digit] ?? 0;
      counts[digit] = sum;
      sum += count;
    }
    for (let start = 0; start < from.length; start += STEP) {
      const end = Math.min(start + STEP, from.length);
      for (let at = start; at < end; at += 1) {
        const position = from[at] ?? 0;
        const digit = digitOf(bits, position, pass);
        const place = counts[digit] ?? 0;
        into[place] = position;
        counts[digit] = place + 1;
      }
      if ((await slices.breathe()) && signal?.aborted === true) return positions;
    }
    // the caller's own positions are never written to
    [from, into] = [into, from === positions ? lists.take(positions.length) : (from as Uint32Array<ArrayBuffer>)];
  }
  return from;
}

/** Sixteen bits of a number, so turned that an ascending sort over all of them puts the largest number first. */
function digitOf(bits: Uint32Array, position: number, pass: number): number {
  const high = bits[2 * position + 1] ?? 0;
  const low = bits[2 * position] ?? 0;
  const isNone = (high & 0x7ff00000) === 0x7ff00000 && ((high & 0xfffff) !== 0 || low !== 0);
  if (isNone) return 0xffff;
  const half = pass < 2 ? low : high;
  // negative ones come in the order of their bits, after all others
  const turned = high >>> 31 === 1 ? half : pass < 2 ? ~half : ~half & 0x7fffffff;
  return pass % 2 === 0 ? turned & 0xffff : turned >>> 16;
}

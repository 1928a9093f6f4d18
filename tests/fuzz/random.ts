/** Seeded numbers and mutations: the same seed gives the same inputs everywhere. */

/** Mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.next() % limit;
  }
  oneIn(times: number): boolean {
    return this.next() % times === 0;
  }
  pick<T>(values: readonly T[]): T {
    const value = values[this.next() % values.length];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }
}

/** Numbers at which decoders go wrong: edges of signs, widths, counts and allocations. */
const EDGES: readonly number[] = [
  0, 1, 2, 3, 7, 8, 11, 12, 13, 0x7f, 0x80, 0xfe, 0xff, 0x100, 0x1ff, 0x200, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000,
  0x100000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff, 0x40000000, 0x3fffffff, 0x20000000, 0x1fffffff,
];

/**
 * Writes a mutation of `seed` into `target` and returns its length. It knows how datasets are built: counts, lengths
 * and types are 8, 16 or 32 bits wide anywhere, strings are counted, containers begin with their length.
 */
export function mutate(random: Random, seed: Uint8Array, other: Uint8Array, target: Uint8Array): number {
  target.set(seed);
  let length = seed.byteLength;
  const view = new DataView(target.buffer, target.byteOffset);
  const times = 1 + random.below(4);
  for (let time = 0; time < times; time += 1) {
    const at = length === 0 ? 0 : random.below(length);
    switch (random.below(11)) {
      case 0:
        target[at] = (target[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        target[at] = random.next();
        break;
      case 2:
        target[at] = random.pick(EDGES);
        break;
      case 3:
        view.setUint16(at, random.pick(EDGES) & 0xffff, true);
        break;
      case 4:
        view.setUint32(at, random.pick(EDGES), true);
        break;
      case 5:
        view.setUint32(at, view.getUint32(at, true) + random.below(17) - 8, true);
        break;
      case 6:
        length = random.below(length + 1);
        break;
      case 7: {
        // a piece of it repeated, over other bytes
        const size = random.below(Math.min(64, length) + 1);
        target.copyWithin(random.below(length + 1), at, Math.min(length, at + size));
        length = Math.min(target.byteLength - 8, Math.max(length, at + size));
        break;
      }
      case 8: {
        // a piece of another input
        const from = random.below(other.byteLength + 1);
        const part = other.subarray(from, from + random.below(48));
        if (at + part.byteLength < target.byteLength - 8) {
          target.set(part, at);
          length = Math.max(length, at + part.byteLength);
        }
        break;
      }
      case 9: {
        // bytes removed
        const size = random.below(Math.min(16, length) + 1);
        target.copyWithin(at, at + size, length);
        length = Math.max(at, length - size);
        break;
      }
      default: {
        const size = Math.min(random.below(16), target.byteLength - 8 - length);
        target.copyWithin(at + size, at, length);
        for (let index = 0; index < size; index += 1) target[at + index] = random.next();
        length += size;
      }
    }
  }
  return length;
}

/**
 * A small baseline JPEG encoder for the sample pictures of a virtual phone. Generating them keeps them out of every
 * installer.
 */

/** Red, green and blue, 0 to 255, of a pixel. */
export type Paint = (x: number, y: number) => readonly [red: number, green: number, blue: number];

const SIDE = 8;
/** Annex K.1 of ITU-T T.81 at about quality 80, in zigzag order. */
const QUANTUM = [
  6, 4, 5, 6, 5, 4, 6, 6, 5, 6, 7, 7, 6, 8, 10, 16, 10, 10, 9, 9, 10, 20, 14, 15, 12, 16, 23, 20, 24, 24, 23, 20, 22,
  22, 26, 29, 37, 31, 26, 27, 35, 28, 22, 22, 32, 44, 32, 35, 38, 39, 41, 42, 41, 25, 31, 45, 48, 45, 40, 48, 37, 40,
  41, 40,
];

/** Position of each coefficient in its block, in the order of writing. */
const ZIGZAG: readonly number[] = (() => {
  const order: number[] = [];
  for (let sum = 0; sum < 2 * SIDE - 1; sum += 1) {
    const diagonal: number[] = [];
    for (let row = 0; row <= sum; row += 1) if (row < SIDE && sum - row < SIDE) diagonal.push(row * SIDE + sum - row);
    order.push(...(sum % 2 === 0 ? diagonal.toReversed() : diagonal));
  }
  return order;
})();

const COSINES = Float64Array.from({ length: SIDE * SIDE }, (_, index) => {
  const frequency = Math.floor(index / SIDE);
  const scale = frequency === 0 ? Math.sqrt(1 / SIDE) : Math.sqrt(2 / SIDE);
  return scale * Math.cos(((2 * (index % SIDE) + 1) * frequency * Math.PI) / (2 * SIDE));
});

interface Codes {
  /** As in a DHT segment: the number of codes of each length from 1 to 16, then the symbols. */
  readonly table: readonly number[];
  readonly code: ReadonlyMap<number, { readonly bits: number; readonly length: number }>;
}

/** Symbols by code length, shortest first; the codes of each length follow those of the previous one. */
function codesOf(groups: readonly { readonly length: number; readonly symbols: readonly number[] }[]): Codes {
  const counts = Array.from({ length: 16 }, () => 0);
  const code = new Map<number, { bits: number; length: number }>();
  let next = 0;
  let before = 0;
  for (const { length, symbols } of groups) {
    next <<= length - before;
    before = length;
    counts[length - 1] = symbols.length;
    for (const symbol of symbols) code.set(symbol, { bits: next++, length });
  }
  return { table: [...counts, ...groups.flatMap(({ symbols }) => symbols)], code };
}

const END_OF_BLOCK = 0x00;
const SIXTEEN_ZEROS = 0xf0;
/** The most frequent symbols of smooth pictures; these get the short codes. */
const FREQUENT = [0x01, 0x02, 0x03, 0x11];
const OTHERS = [
  ...Array.from({ length: 16 }, (_, run) => Array.from({ length: 10 }, (__, size) => (run << 4) | (size + 1)))
    .flat()
    .filter((symbol) => !FREQUENT.includes(symbol)),
  SIXTEEN_ZEROS,
];
const STEADY = codesOf([{ length: 4, symbols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }]);
const CHANGING = codesOf([
  { length: 2, symbols: [END_OF_BLOCK] },
  { length: 4, symbols: FREQUENT },
  { length: 9, symbols: OTHERS },
]);

class Bits {
  readonly bytes: number[] = [];
  #pending = 0;
  #count = 0;

  put(bits: number, length: number): void {
    for (let at = length - 1; at >= 0; at -= 1) {
      this.#pending = (this.#pending << 1) | ((bits >> at) & 1);
      this.#count += 1;
      if (this.#count < 8) continue;
      this.bytes.push(this.#pending);
      // 0xff starts a marker unless a zero follows
      if (this.#pending === 0xff) this.bytes.push(0);
      this.#pending = 0;
      this.#count = 0;
    }
  }
  symbol(codes: Codes, symbol: number): void {
    const found = codes.code.get(symbol);
    if (found === undefined) throw new RangeError(`no code for ${symbol}`);
    this.put(found.bits, found.length);
  }
  /**
   * Writes a number in as many bits as it needs. Negative numbers are stored minus one, so that their first bit is 0.
   */
  number(value: number, size: number): void {
    this.put(value < 0 ? value + (1 << size) - 1 : value, size);
  }
  end(): readonly number[] {
    if (this.#count > 0) this.put(0x7f, 8 - this.#count);
    return this.bytes;
  }
}

const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

function writeBlock(bits: Bits, samples: Float64Array, previous: number): number {
  const rows = new Float64Array(SIDE * SIDE);
  const spectrum = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y += 1)
    for (let u = 0; u < SIDE; u += 1) {
      let sum = 0;
      for (let x = 0; x < SIDE; x += 1) sum += (samples[y * SIDE + x] ?? 0) * (COSINES[u * SIDE + x] ?? 0);
      rows[y * SIDE + u] = sum;
    }
  for (let v = 0; v < SIDE; v += 1)
    for (let u = 0; u < SIDE; u += 1) {
      let sum = 0;
      for (let y = 0; y < SIDE; y += 1) sum += (rows[y * SIDE + u] ?? 0) * (COSINES[v * SIDE + y] ?? 0);
      spectrum[v * SIDE + u] = sum;
    }
  const values = ZIGZAG.map((place, index) => Math.round((spectrum[place] ?? 0) / (QUANTUM[index] ?? 1)));
  const steady = values[0] ?? 0;
  const difference = steady - previous;
  bits.symbol(STEADY, sizeOf(difference));
  bits.number(difference, sizeOf(difference));
  const last = values.findLastIndex((value) => value !== 0);
  let zeros = 0;
  for (const value of values.slice(1, last + 1)) {
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.symbol(CHANGING, SIXTEEN_ZEROS);
    bits.symbol(CHANGING, (zeros << 4) | sizeOf(value));
    bits.number(value, sizeOf(value));
    zeros = 0;
  }
  if (last < SIDE * SIDE - 1) bits.symbol(CHANGING, END_OF_BLOCK);
  return steady;
}

const segment = (marker: number, content: readonly number[]): readonly number[] => [
  0xff,
  marker,
  (content.length + 2) >> 8,
  (content.length + 2) & 0xff,
  ...content,
];

/**
 * Encodes a picture of that size as a JPEG file. `blocks` (EXIF) are placed first. Width and height must be multiples
 * of 8.
 */
export function encodeJpeg(width: number, height: number, paint: Paint, blocks: readonly Uint8Array[] = []): Buffer {
  const bits = new Bits();
  const planes = [0, 1, 2].map(() => new Float64Array(SIDE * SIDE));
  const previous = [0, 0, 0];
  for (let top = 0; top < height; top += SIDE)
    for (let left = 0; left < width; left += SIDE) {
      for (let at = 0; at < SIDE * SIDE; at += 1) {
        const [red, green, blue] = paint(left + (at % SIDE), top + Math.floor(at / SIDE));
        const [luma, toBlue, toRed] = planes;
        if (luma !== undefined) luma[at] = 0.299 * red + 0.587 * green + 0.114 * blue - 128;
        if (toBlue !== undefined) toBlue[at] = -0.1687 * red - 0.3313 * green + 0.5 * blue;
        if (toRed !== undefined) toRed[at] = 0.5 * red - 0.4187 * green - 0.0813 * blue;
      }
      planes.forEach((plane, index) => {
        previous[index] = writeBlock(bits, plane, previous[index] ?? 0);
      });
    }
  const components = [1, 2, 3];
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    ...blocks,
    Buffer.from([
      ...segment(0xdb, [0, ...QUANTUM]),
      ...segment(0xc0, [
        8,
        height >> 8,
        height & 0xff,
        width >> 8,
        width & 0xff,
        3,
        ...components.flatMap((id) => [id, 0x11, 0]),
      ]),
      ...segment(0xc4, [0x00, ...STEADY.table]),
      ...segment(0xc4, [0x10, ...CHANGING.table]),
      ...segment(0xda, [3, ...components.flatMap((id) => [id, 0x00]), 0, 63, 0]),
    ]),
    Buffer.from(bits.end()),
    Buffer.of(0xff, 0xd9),
  ]);
}

/**
 * What a picture's first bytes say of it. They come from a phone, so nothing is believed: every read is bounds-checked,
 * every loop ends, and any bytes at all give a value.
 */

export type PictureType = 'jpeg' | 'png' | 'gif' | 'webp';

/** Type and size of a picture in points, at most 32,767 a side and 64 million in all. */
export interface PictureHead {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
}

/** A window that decodes a picture takes four bytes for each of its points: a small file must not claim a huge picture. */
const MOST_POINTS = 64_000_000;
const MOST_SIDE = 32_767;

/** A range of bytes that cannot be read beyond; a read outside of it throws a `RangeError`. */
export class Block {
  readonly #view: DataView;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.byteLength;
  }
  u8(at: number): number {
    return this.#view.getUint8(at);
  }
  u16(at: number, little = false): number {
    return this.#view.getUint16(at, little);
  }
  u32(at: number, little = false): number {
    return this.#view.getUint32(at, little);
  }
  isText(at: number, text: string): boolean {
    if (at + text.length > this.length) return false;
    for (let index = 0; index < text.length; index += 1)
      if (this.u8(at + index) !== text.charCodeAt(index)) return false;
    return true;
  }
  /** What is there of the range: shorter where it reaches beyond the end. */
  part(from: number, length: number): Block {
    const start = Math.min(from, this.length);
    return new Block(this.bytes.subarray(start, Math.min(start + length, this.length)));
  }
}

/** Reading beyond the end means that there is nothing to be known; any other error is a mistake of ours. */
export function orNothing<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const believable = (type: PictureType, width: number, height: number): PictureHead | undefined =>
  width >= 1 && height >= 1 && width <= MOST_SIDE && height <= MOST_SIDE && width * height <= MOST_POINTS
    ? { type, width, height }
    : undefined;

/** The picture's type and size; `undefined` for everything a window should not be asked to draw. */
export function pictureHead(bytes: Uint8Array): PictureHead | undefined {
  const block = new Block(bytes);
  return orNothing(() => jpegHead(block) ?? pngHead(block) ?? gifHead(block) ?? webpHead(block));
}

/** One marker segment of a JPEG; places and lengths in bytes. */
export interface JpegSegment {
  readonly marker: number;
  /** Where its content begins. */
  readonly at: number;
  /** Of the content, as the file says; it may reach beyond the bytes at hand. */
  readonly length: number;
}

const isStandalone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/** The segments before a JPEG's picture data, as far as the bytes reach. */
export function* jpegSegments(block: Block): Generator<JpegSegment> {
  if (block.length < 4 || block.u16(0) !== 0xffd8) return;
  let at = 2;
  while (at + 4 <= block.length) {
    if (block.u8(at) !== 0xff) return;
    const marker = block.u8(at + 1);
    if (marker === 0xff || isStandalone(marker)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === END_OF_IMAGE || marker === START_OF_SCAN) return;
    const size = block.u16(at + 2);
    if (size < 2) return;
    yield { marker, at: at + 4, length: size - 2 };
    at += 2 + size;
  }
}

function jpegHead(block: Block): PictureHead | undefined {
  for (const { marker, at } of jpegSegments(block)) {
    // baseline, extended and progressive: what browsers draw; raw files hold lossless ones that they do not
    if (marker < 0xc0 || marker > 0xc2) continue;
    return believable('jpeg', block.u16(at + 3), block.u16(at + 1));
  }
  return undefined;
}

function pngHead(block: Block): PictureHead | undefined {
  if (block.length < 24 || block.u32(0) !== 0x89504e47 || block.u32(4) !== 0x0d0a1a0a) return undefined;
  if (!block.isText(12, 'IHDR')) return undefined;
  return believable('png', block.u32(16), block.u32(20));
}

function gifHead(block: Block): PictureHead | undefined {
  if (!block.isText(0, 'GIF87a') && !block.isText(0, 'GIF89a')) return undefined;
  return believable('gif', block.u16(6, true), block.u16(8, true));
}

function webpHead(block: Block): PictureHead | undefined {
  if (!block.isText(0, 'RIFF') || !block.isText(8, 'WEBP')) return undefined;
  if (block.isText(12, 'VP8 ')) {
    if (block.u8(23) !== 0x9d || block.u16(24) !== 0x012a) return undefined;
    return believable('webp', block.u16(26, true) & 0x3fff, block.u16(28, true) & 0x3fff);
  }
  if (block.isText(12, 'VP8L')) {
    if (block.u8(20) !== 0x2f) return undefined;
    const bits = block.u32(21, true);
    return believable('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (block.isText(12, 'VP8X')) {
    const u24 = (at: number): number => block.u16(at, true) + block.u8(at + 2) * 0x10000;
    return believable('webp', u24(24) + 1, u24(27) + 1);
  }
  return undefined;
}

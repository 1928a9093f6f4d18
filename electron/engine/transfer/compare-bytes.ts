import type { Phone, PhoneObject } from '../../mtp/index.ts';
import { MEGABYTE } from './chunk-size.ts';
import { giveBytesBack, takeBytes } from './transfer-buffers.ts';
import { digestOf } from './digest.ts';
import type { OpenFile } from '../local/disk.ts';
import { readFully } from '../local/local-files.ts';
import type { Checkpoint } from '../model/transfer-store.ts';

/** Comparing the two sides: ranges of a file on the phone with ranges of a file here. */

export interface Range {
  readonly offset: number;
  readonly length: number;
}
/** An object on the phone of which ranges can be read; its handle is of this session. */
export type Readable = Pick<PhoneObject, 'handle' | 'size'>;

/** This computer's side of a comparison: a file, or the bytes of a small one that are still at hand. */
export type Ours = OpenFile | Uint8Array;

/** Bytes of a file here that are compared at once: what a pooled buffer holds. */
const BLOCK = MEGABYTE;

/** Whether `theirs`, joined, is a range of ours. */
export async function isSame(theirs: readonly Uint8Array[], ours: Ours, { offset, length }: Range): Promise<boolean> {
  if (ours instanceof Uint8Array) return sameBytes(theirs, ours.subarray(offset, offset + length));
  if (theirs.reduce((sum, piece) => sum + piece.byteLength, 0) !== length) return false;
  const block = takeBytes(Math.min(BLOCK, length));
  let same = true;
  for (let at = 0; same && at < length; at += BLOCK) {
    const bytes = block.subarray(0, Math.min(BLOCK, length - at));
    const filled = await readFully(ours, bytes, offset + at);
    same = filled === bytes.byteLength && sameBytes(sliceOf(theirs, at, filled), bytes);
  }
  giveBytesBack(block);
  return same;
}

/** `length` bytes of `pieces`, joined, from `from` on; views, no copies. */
function sliceOf(pieces: readonly Uint8Array[], from: number, length: number): readonly Uint8Array[] {
  const slice: Uint8Array[] = [];
  let at = 0;
  for (const piece of pieces) {
    const start = Math.max(from - at, 0);
    const end = Math.min(from + length - at, piece.byteLength);
    if (start < end) slice.push(piece.subarray(start, end));
    at += piece.byteLength;
  }
  return slice;
}

/**
 * Bytes of one sample. A corruption that a sample misses is missed by a larger one nearly as often; what samples
 * catch are the wrong file, shifted data, zeroed tails and lost joints, and 64 KiB shows those.
 */
const SAMPLE_BYTES = 64 * 1024;
/** Bytes on each side of a joint between two chunks. */
const JOINT_BYTES = 16 * 1024;
const READ_BYTES = 8 * 1024 * 1024;

/** First, middle and last sample; all of it where they would meet. */
export function sampleRanges(size: number): readonly Range[] {
  if (size === 0) return [];
  if (size <= SAMPLE_BYTES * 3) return [{ offset: 0, length: size }];
  return [
    { offset: 0, length: SAMPLE_BYTES },
    { offset: Math.floor((size - SAMPLE_BYTES) / 2), length: SAMPLE_BYTES },
    { offset: size - SAMPLE_BYTES, length: SAMPLE_BYTES },
  ];
}

/** Around every joint between chunks, clamped to the file. */
export function jointRanges(checkpoints: readonly Checkpoint[], size: number): readonly Range[] {
  return checkpoints
    .map((checkpoint) => checkpoint.offset)
    .filter((offset) => offset > 0 && offset < size)
    .map((offset) => {
      const start = Math.max(0, offset - JOINT_BYTES);
      return { offset: start, length: Math.min(size, offset + JOINT_BYTES) - start };
    });
}

/** Where reading in ranges ends on this phone: bytes from the start of any file. */
export function readableEnd({ capabilities }: Phone): number {
  switch (capabilities.partialRead) {
    case 64:
      return Number.MAX_SAFE_INTEGER;
    case 32:
      return 2 ** 32;
    case 'none':
      return 0;
  }
}

/** Reads exactly `range` from the phone; short answers are continued. */
export async function readRange(phone: Phone, object: Readable, range: Range): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let got = 0;
  while (got < range.length) {
    const chunk = await phone.readChunk(object, range.offset + got, Math.min(READ_BYTES, range.length - got));
    for (const piece of chunk) {
      pieces.push(piece);
      got += piece.byteLength;
    }
  }
  return pieces;
}

/** Whether `pieces`, joined, equal `bytes`. */
export function sameBytes(pieces: readonly Uint8Array[], bytes: Uint8Array): boolean {
  let at = 0;
  for (const piece of pieces) {
    if (at + piece.byteLength > bytes.byteLength) return false;
    if (Buffer.compare(piece, bytes.subarray(at, at + piece.byteLength)) !== 0) return false;
    at += piece.byteLength;
  }
  return at === bytes.byteLength;
}

/** Compares a range of the phone's file with the same range here, in bounded pieces; answers where the first bad piece begins. */
export async function compareRange(
  phone: Phone,
  object: Readable,
  ours: Ours,
  range: Range,
): Promise<number | undefined> {
  for (let at = range.offset; at < range.offset + range.length; at += READ_BYTES) {
    const length = Math.min(READ_BYTES, range.offset + range.length - at);
    const theirs = await readRange(phone, object, { offset: at, length });
    const same = await isSame(theirs, ours, { offset: at, length });
    phone.giveBack(theirs);
    if (!same) return at;
  }
  return undefined;
}

/**
 * Compares all of an object, read in one transaction that cannot be stopped, with ours: how many bytes came, and where the
 * first bad piece begins. Of an object with more bytes than it says, those beyond are counted only.
 */
export async function compareWhole(
  phone: Phone,
  object: Readable,
  ours: Ours,
): Promise<{ readonly received: number; readonly bad: number | undefined }> {
  // the memory of a small one is used again: with fresh memory for each, ten thousand cost three times the processor time
  const isKept = object.size <= BLOCK;
  const kept: Uint8Array[] = [];
  let at = 0;
  let bad: number | undefined;
  const received = await phone.readWhole(object, async (piece) => {
    const range = { offset: at, length: piece.byteLength };
    at += piece.byteLength;
    if (bad !== undefined || at > object.size) bad ??= range.offset;
    else if (isKept) kept.push(piece);
    else if (!(await isSame([piece], ours, range))) bad = range.offset;
  });
  if (isKept) {
    if (bad === undefined && !(await isSame(kept, ours, { offset: 0, length: received }))) bad = 0;
    phone.giveBack(kept);
  }
  return { received, bad };
}

/**
 * Compares every byte of the phone's file with a file here, and changes nothing. `stopped` at a piece's end; `unreadable`
 * where this phone cannot read so large a file in ranges.
 */
export async function compareFiles(
  phone: Phone,
  object: Readable,
  file: OpenFile,
  stop: () => boolean,
): Promise<'same' | 'different' | 'stopped' | 'unreadable'> {
  const { size } = object;
  const end = readableEnd(phone);
  if (end === 0 && size > 0) {
    const { received, bad } = await compareWhole(phone, object, file);
    return bad === undefined && received === size ? 'same' : 'different';
  }
  if (size > end) return 'unreadable';
  for (let offset = 0; offset < size; offset += READ_BYTES) {
    if (stop()) return 'stopped';
    const range = { offset, length: Math.min(READ_BYTES, size - offset) };
    if ((await compareRange(phone, object, file, range)) !== undefined) return 'different';
  }
  return 'same';
}

/** How many of the leading checkpoints still describe this local file; a chunk that was edited or lost ends the count. */
export async function trustedCheckpoints(
  file: OpenFile,
  checkpoints: readonly Checkpoint[],
  stop: () => boolean,
): Promise<readonly Checkpoint[]> {
  const trusted: Checkpoint[] = [];
  let expected = 0;
  for (const checkpoint of checkpoints) {
    if (checkpoint.offset !== expected || stop()) break;
    const buffer = Buffer.allocUnsafe(checkpoint.length);
    const filled = await readFully(file, buffer, checkpoint.offset);
    if (filled !== checkpoint.length || digestOf([buffer]) !== checkpoint.digest) break;
    trusted.push(checkpoint);
    expected += checkpoint.length;
  }
  return trusted;
}

/**
 * The end of the last chunk whose tail both sides agree on; 0 where none is left. A disagreement steps back one
 * chunk. `tailFrom` says where the tail of a chunk that ends at `end` begins.
 */
export async function agreedOffset(
  phone: Phone,
  object: Readable,
  file: OpenFile,
  chunks: readonly Checkpoint[],
  tailFrom: (chunk: Checkpoint, end: number) => number,
): Promise<number> {
  for (const chunk of chunks.toReversed()) {
    const end = chunk.offset + chunk.length;
    const start = tailFrom(chunk, end);
    const theirs = await readRange(phone, object, { offset: start, length: end - start });
    const same = await isSame(theirs, file, { offset: start, length: end - start });
    phone.giveBack(theirs);
    if (same) return end;
  }
  return 0;
}

import { BufferPool } from '../../mtp/buffer-pool.ts';
import { LARGEST_CHUNK } from './chunk-size.ts';

/**
 * Bytes of one buffer: a small file and a byte to spare; smaller ones have smaller buffers, all of whose memory may be in
 * use. As many are kept as files go together, and some more.
 */
const SIZE = 1024 * 1024 + 1;
const SMALLER = 64 * 1024;
const MOST_KEPT = 16;

const shared = (size: number): SharedArrayBuffer => new SharedArrayBuffer(size);
const pool = new BufferPool(SIZE, MOST_KEPT, shared);
const smaller = new BufferPool(SMALLER, MOST_KEPT, shared);

/**
 * `length` bytes for a small file or a sample. Pooled up to 1 MiB, contents undefined: with a fresh buffer for each of a
 * hundred thousand photos the garbage collector and the kernel's zeroed pages cost a sixth of the transfer
 * (docs/performance.md). Shared, so that the threads of the disk (`Disk.load`) read and write it in place.
 */
export const takeBytes = (length: number): Uint8Array =>
  length > SIZE
    ? Buffer.allocUnsafeSlow(length)
    : new Uint8Array((length > SMALLER ? pool : smaller).take(), 0, length);

/** For bytes of `takeBytes` that nobody, no transfer on the wire either, reads or writes any more. */
export function giveBytesBack(bytes: Uint8Array): void {
  (bytes.buffer.byteLength > SMALLER ? pool : smaller).giveBack(bytes);
}

/** `pieces`, one after the other, in `target`, which is as long as they are together. */
export function joinedIn(target: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array {
  let at = 0;
  for (const piece of pieces) {
    target.set(piece, at);
    at += piece.byteLength;
  }
  return target;
}

/** One file's: the garbage collector does not look for those of a file that has gone before the next one needs as many. */
const chunks = new BufferPool(LARGEST_CHUNK, 2, (size) => Buffer.allocUnsafeSlow(size).buffer);

/**
 * Memory of one chunk, used again for the next. The largest chunk is reserved at once: the system gives only what is
 * used, and chunks that grow leave no smaller buffers behind, which the garbage collector would not look for while
 * nothing else grows.
 */
class ChunkBuffer {
  #memory: Uint8Array | undefined;

  /** `length` bytes, contents undefined, good until the next `take`. */
  take(length: number): Uint8Array {
    this.#memory ??= new Uint8Array(chunks.take());
    if (this.#memory.byteLength < length) this.#memory = Buffer.allocUnsafeSlow(length);
    return this.#memory.subarray(0, length);
  }

  giveBack(): void {
    if (this.#memory !== undefined) chunks.giveBack(this.#memory);
    this.#memory = undefined;
  }
}

/**
 * Two buffers in turn: one is on the wire while the other is filled. What was taken is good until the second `take`
 * after it.
 */
export class TwoBuffers {
  #next = new ChunkBuffer();
  #other = new ChunkBuffer();

  take(length: number): Uint8Array {
    const taken = this.#next;
    this.#next = this.#other;
    this.#other = taken;
    return taken.take(length);
  }

  /** Once neither is read or written any more: they serve another file. Those of a broken transaction are left. */
  giveBack(): void {
    this.#next.giveBack();
    this.#other.giveBack();
  }
}

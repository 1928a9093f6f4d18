/**
 * Blocks of memory of one size, used again once they were given back: pieces of the bulk-IN stream (`electron/usb`,
 * `electron/virtual`), small files and samples (`electron/engine`). Fresh memory for each megabyte costs the kernel's
 * zeroing and lets a program grow to what the garbage collector has not looked at yet.
 */
export class BufferPool {
  readonly #size: number;
  readonly #most: number;
  readonly #free: ArrayBuffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** `size` of each in bytes; at most `most` are kept. */
  constructor(size: number, most: number) {
    this.#size = size;
    this.#most = most;
  }

  /** A whole block; its contents are undefined. */
  take(): ArrayBuffer {
    const memory = this.#free.pop() ?? new ArrayBuffer(this.#size);
    this.#lent.add(memory);
    return memory;
  }

  /** Nothing happens with bytes that are not from here, or come a second time. */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (this.#lent.delete(buffer) && this.#free.length < this.#most) this.#free.push(buffer as ArrayBuffer);
  }
}

/**
 * Blocks of memory of one size, used again once they were given back: pieces of the bulk-IN stream (`electron/usb`,
 * `electron/virtual`), small files and samples (`electron/engine`). Fresh memory for each megabyte costs the kernel's
 * zeroing and lets a program grow to what the garbage collector has not looked at yet.
 */
export class BufferPool<Memory extends ArrayBufferLike = ArrayBuffer> {
  readonly #size: number;
  readonly #most: number;
  readonly #make: (size: number) => Memory;
  readonly #free: Memory[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** `size` of each in bytes; at most `most` are kept; `make` gets the memory of one. */
  constructor(size: number, most: number, make = (bytes: number) => new ArrayBuffer(bytes) as Memory) {
    this.#size = size;
    this.#most = most;
    this.#make = make;
  }

  /** A whole block; its contents are undefined. */
  take(): Memory {
    const memory = this.#free.pop() ?? this.#make(this.#size);
    this.#lent.add(memory);
    return memory;
  }

  /** Nothing happens with bytes that are not from here, or come a second time. */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (this.#lent.delete(buffer) && this.#free.length < this.#most) this.#free.push(buffer as Memory);
  }
}

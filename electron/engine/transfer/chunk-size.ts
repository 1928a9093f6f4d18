/** How large the next chunk is, by how long the last ones took. */

export const MEGABYTE = 1024 * 1024;
/** Size of a first chunk in bytes, before anything was timed. */
export const FIRST_CHUNK = 1 * MEGABYTE;
/** Beyond 8 MiB a chunk gains nothing (measured on a high-speed bus) and browsing waits longer. */
export const LARGEST_CHUNK = 8 * MEGABYTE;
/** A chunk that takes longer than this makes browsing feel slow. */
export const TARGET_MS = 250;

/**
 * Doubles while the next one would not be far over the target, halves when one takes twice as long. Powers of two: 12 bytes of
 * header and such a chunk are never a multiple of a packet, so no zero-length packet is needed.
 */
export class ChunkSize {
  #size: number;
  readonly #largest: number;

  constructor(first = FIRST_CHUNK, largest = LARGEST_CHUNK) {
    this.#size = first;
    this.#largest = largest;
  }

  get size(): number {
    return this.#size;
  }

  took(ms: number, bytes: number): void {
    if (bytes < this.#size) return;
    if (ms * 2 <= TARGET_MS * 1.5 && this.#size < this.#largest) this.#size *= 2;
    else if (ms > TARGET_MS * 2 && this.#size > MEGABYTE / 4) this.#size /= 2;
  }
}

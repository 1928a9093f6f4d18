/** How large the next window is, by how long the last ones took. */

export const MEGABYTE = 1024 * 1024;
export const FIRST_WINDOW = MEGABYTE;
/** Beyond 8 MiB a window gains nothing (measured on a high-speed bus) and browsing waits longer. */
export const LARGEST_WINDOW = 8 * MEGABYTE;
/** A window that takes longer than this makes browsing feel slow. */
export const TARGET_MS = 250;

/**
 * Doubles while the next one would not be far over the target, halves when one takes twice as long. Powers of two: 12 bytes of
 * header and such a window are never a multiple of a packet, so no zero-length packet is needed.
 */
export class WindowSize {
  #size: number;
  readonly #largest: number;

  constructor(first = FIRST_WINDOW, largest = LARGEST_WINDOW) {
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

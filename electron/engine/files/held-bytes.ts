/** Bytes in the order in which they came, until there are enough of them to send. */
export class HeldBytes {
  #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.byteLength;
  }

  /** Takes the first `length` bytes, or all where there are fewer, in memory of their own, or in `memory`. */
  take(length: number, memory?: ArrayBuffer): Uint8Array<ArrayBuffer> {
    const size = Math.min(length, this.#length);
    const taken = memory === undefined ? new Uint8Array(size) : new Uint8Array(memory, 0, size);
    let at = 0;
    let used = 0;
    for (const piece of this.#pieces) {
      const part = piece.subarray(0, taken.byteLength - at);
      taken.set(part, at);
      at += part.byteLength;
      if (part.byteLength < piece.byteLength) {
        this.#pieces[used] = piece.subarray(part.byteLength);
        break;
      }
      used += 1;
    }
    this.#pieces = this.#pieces.slice(used);
    this.#length -= taken.byteLength;
    return taken;
  }
}

import { createHash, type Hash } from 'node:crypto';

/** SHA-256, hex, of pieces in order. */
export function digestOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** SHA-256, hex, over the digests of a file's windows in order: one value for the whole without reading it again. */
export function digestOfDigests(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex');
}

/** The plain SHA-256 of a file that passes by once, in order from its start. */
export class PassingDigest {
  #hash: Hash | undefined = createHash('sha256');
  #at = 0;

  /** Bytes at `offset`; whatever does not follow what came before ends the pass for good. */
  update(offset: number, pieces: readonly Uint8Array[]): void {
    if (this.#hash === undefined) return;
    if (offset !== this.#at) {
      this.abandon();
      return;
    }
    for (const piece of pieces) {
      this.#hash.update(piece);
      this.#at += piece.byteLength;
    }
  }

  /** What comes is not all of the file: there will be no digest of the whole. */
  abandon(): void {
    this.#hash = undefined;
  }

  /** Hex, where every one of `size` bytes passed; else `undefined`. */
  finish(size: number): string | undefined {
    return this.#hash !== undefined && this.#at === size ? this.#hash.digest('hex') : undefined;
  }
}

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
  #hash: Hash | undefined;
  #at = 0;
  #known: string | undefined;
  #isAbandoned = false;

  /** Of a file of `size` bytes that passed in one piece, whose digest was taken already. */
  static of(size: number, sha256: string): PassingDigest {
    const passed = new PassingDigest();
    passed.#at = size;
    passed.#known = sha256;
    return passed;
  }

  /** Bytes at `offset`; whatever does not follow what came before ends the pass for good. */
  update(offset: number, pieces: readonly Uint8Array[]): void {
    if (this.#isAbandoned) return;
    if (offset !== this.#at || this.#known !== undefined) {
      this.abandon();
      return;
    }
    const hash = (this.#hash ??= createHash('sha256'));
    for (const piece of pieces) {
      hash.update(piece);
      this.#at += piece.byteLength;
    }
  }

  /** What comes is not all of the file: there will be no digest of the whole. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Hex, where every one of `size` bytes passed; else `undefined`. */
  finish(size: number): string | undefined {
    if (this.#isAbandoned || this.#at !== size) return undefined;
    return this.#known ?? (this.#hash ?? createHash('sha256')).digest('hex');
  }
}

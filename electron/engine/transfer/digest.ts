import { createHash, hash as digestInOne, webcrypto, type Hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

const { subtle } = webcrypto;
/** Bytes hashed before the event loop comes round again: 10 ms where the processor has no help for it. */
const ONE_TURN = 512 * 1024;

/** SHA-256, hex, of pieces in order. */
export function digestOf(pieces: readonly Uint8Array[]): string {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return digestInOne('sha256', first);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** Below this, handing bytes to another thread costs more than their digest. */
const WORTH_A_THREAD = 64 * 1024;

/**
 * SHA-256, hex, of bytes that nobody writes to before this resolves, taken on another thread where that pays. Without
 * the processor's help a chunk's digest takes as long as a chunk on a fast cable.
 */
export async function digestBeside(bytes: Uint8Array): Promise<string> {
  // WebCrypto takes no shared memory
  if (bytes.byteLength < WORTH_A_THREAD || bytes.buffer instanceof SharedArrayBuffer) return digestOf([bytes]);
  const digest = await subtle.digest('SHA-256', bytes);
  return Buffer.from(digest).toString('hex');
}

/** SHA-256, hex, over the digests of a file's chunks in order: one value for the whole without reading it again. */
export const digestOfDigests = (digests: readonly string[]): string => digestOf([Buffer.from(digests.join(''), 'hex')]);

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

  /** As `update`, but what is on the wire is served between any two pieces. */
  async updateInTurns(offset: number, pieces: readonly Uint8Array[]): Promise<void> {
    let at = offset;
    for (const piece of pieces)
      for (let from = 0; from < piece.byteLength; from += ONE_TURN) {
        const part = piece.subarray(from, from + ONE_TURN);
        this.update(at, [part]);
        at += part.byteLength;
        if (part.byteLength === ONE_TURN) await turn();
      }
  }

  /** What comes is not all of the file: there will be no digest of the whole. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Hex, where every one of `size` bytes passed; else `undefined`. */
  finish(size: number): string | undefined {
    if (this.#isAbandoned || this.#at !== size) return undefined;
    // asked twice where a verification was stopped and begun again
    this.#known ??= (this.#hash ?? createHash('sha256')).digest('hex');
    return this.#known;
  }
}

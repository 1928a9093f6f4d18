import { createHash, hash as digestInOne, type Hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

/** Bytes hashed, once or twice, before the event loop comes round again: 10 ms where the processor has no help for it. */
const ONE_TURN = 256 * 1024;

/** SHA-256, hex, of pieces in order. */
export function digestOf(pieces: readonly Uint8Array[]): string {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return digestInOne('sha256', first);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/**
 * SHA-256, hex, of a chunk's pieces in order, and the same bytes into `whole`, which they are at `offset` of. What is on the
 * wire is served between any two steps. Nobody writes to the pieces before this resolves. On this thread: handing a chunk to
 * another one means a copy of it, for which digests of 8 MiB at a time cost as much processor time as they save, and three
 * times as much memory (docs/performance.md).
 */
export async function digestChunk(
  pieces: readonly Uint8Array[],
  whole?: { readonly digest: PassingDigest; readonly offset: number },
): Promise<string> {
  const hash = createHash('sha256');
  let at = whole?.offset ?? 0;
  for (const piece of pieces)
    for (let from = 0; from < piece.byteLength; from += ONE_TURN) {
      const part = piece.subarray(from, from + ONE_TURN);
      hash.update(part);
      // while the processor still has it at hand
      whole?.digest.update(at, [part]);
      at += part.byteLength;
      if (part.byteLength === ONE_TURN) await turn();
    }
  return hash.digest('hex');
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

import { createHash } from 'node:crypto';
import { MEGABYTE } from './chunk-size.ts';
import { sampleRanges, type Range } from './compare-bytes.ts';

/**
 * Which small files a transfer that is verified by samples reads back. The size of every file is compared, and every
 * larger file in its own samples; but to read each small file a second time would cost a third of its transfer, and
 * what goes wrong with small files (a cable, a card, a phone's file system) does not go wrong with one alone.
 */

/** Bytes up to which a file is small: it goes in one piece, and is read back whole or not at all. */
export const SMALL = MEGABYTE;
/** Of as many small files that follow each other at least one is read back. */
const BLOCK = 16;

/** The small files of one transfer that are read back: chosen by a seed, in the order in which they arrive. */
export class Sample {
  readonly #seed: string;
  readonly #last: number | undefined;
  #arrived = 0;
  #chosen = 0;
  readonly #onWiden: () => Promise<void>;
  #isAll: boolean;

  /**
   * `seed`: the transfer's, so that the choice can be repeated and is not the phone's to foresee. `last`: the sequence of
   * its last small file. `isAll`: a copy was found different already; `onWiden` is called when that comes to light.
   */
  constructor(seed: string, last: number | undefined, isAll: boolean, onWiden: () => Promise<void>) {
    this.#seed = seed;
    this.#last = last;
    this.#isAll = isAll;
    this.#onWiden = onWiden;
  }

  /**
   * A copy differs from its source: from now on every file is read back, and so is every one that is done. Resolves when
   * those are taken up again; before that the one that differs must not be done, or its transfer might end.
   */
  async widen(): Promise<void> {
    if (this.#isAll) return;
    this.#isAll = true;
    await this.#onWiden();
  }
  get isAll(): boolean {
    return this.#isAll;
  }

  /**
   * Whether this small file, which has just arrived, is read back: the first after a start of the program, one of each
   * sixteen, the last, and every one that met a retry. Asked once for each arrival.
   */
  includes({ sequence }: { readonly sequence: number }, metRetry: boolean): boolean {
    const place = this.#arrived % BLOCK;
    if (place === 0) this.#chosen = this.#pickOf(this.#arrived / BLOCK);
    const isFirst = this.#arrived === 0;
    this.#arrived += 1;
    return this.#isAll || metRetry || isFirst || place === this.#chosen || sequence === this.#last;
  }

  /** The first one is read anyway, so the first block's pick is another: then a sixteenth of any number is reached. */
  #pickOf(block: number): number {
    const [byte = 0] = createHash('sha256').update(`${this.#seed}\0${block}`).digest();
    return block === 0 ? 1 + (byte % (BLOCK - 1)) : byte % BLOCK;
  }
}

/** What of a file's contents is compared: all of a small one, in one transaction; of a larger one its samples. */
export const verifiedRanges = (size: number): readonly Range[] =>
  size > 0 && size <= SMALL ? [{ offset: 0, length: size }] : sampleRanges(size);

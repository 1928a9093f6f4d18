import { middle, Stretch } from './numbers.ts';

/**
 * Memory for positions of what was found: 4 MB for each list of a million names, and a search makes several for each
 * letter. New ones for each let the process grow by 100 MB before V8 looks after them, and malloc keeps most of it.
 */

/** Shorter lists are not worth keeping: 128 KB. */
export const LONG = 32_768;
/** Lists that are kept: what one search is made with, and what the one before has found. */
const KEPT = 4;
/** Room for names that come later. */
const ROOM = 1 / 16;

type List = Uint32Array<ArrayBuffer>;

/** Lists that are used again, by all searches of one program. */
export class Positions {
  #stretch: Stretch | undefined;
  #free: List[] = [];
  /** Of each list that is kept, and of the longest that was asked for: those of another phone may be shorter. */
  #length = 0;
  #longest = 0;
  #isOver = false;

  /** Takes the lists of one run of a search from here. */
  lend(): Lent {
    this.#isOver = false;
    return new Lent(
      (length) => this.#take(length),
      (lists) => this.#giveBack(lists),
    );
  }

  /** Nobody searches any more. */
  clear(): void {
    this.#isOver = true;
    this.#longest = 0;
    this.#dropUnused();
  }

  #dropUnused(): void {
    if (this.#free.length < KEPT) return;
    this.#stretch?.giveBack();
    this.#stretch = undefined;
    this.#free = [];
  }

  #take(length: number): List {
    this.#longest = Math.max(this.#longest, length);
    if (this.#longest > this.#length) this.#dropUnused();
    if (this.#stretch === undefined) {
      this.#length = Math.ceil(this.#longest * (1 + ROOM));
      const stretch = new Stretch(KEPT * this.#length * Uint32Array.BYTES_PER_ELEMENT, KEPT);
      this.#free = Array.from({ length: KEPT }, () => stretch.take(middle, this.#length));
      this.#stretch = stretch;
    }
    return (length > this.#length ? undefined : this.#free.pop()) ?? new Uint32Array(length);
  }

  #giveBack(lists: readonly List[]): void {
    const memory = this.#stretch?.memory;
    this.#free.push(...lists.filter(({ buffer }) => buffer === memory));
    // a search that was given up in the middle gives back what it had a moment later
    if (this.#isOver) this.#dropUnused();
  }
}

/** The lists of one run of a search. */
export class Lent {
  readonly #take: (length: number) => List;
  readonly #giveBack: (lists: readonly List[]) => void;
  #mine: List[] = [];

  constructor(take: (length: number) => List, giveBack: (lists: readonly List[]) => void) {
    this.#take = take;
    this.#giveBack = giveBack;
  }

  /** `length` positions, contents undefined, good until they are given back. */
  take(length: number): List {
    if (length < LONG) return new Uint32Array(length);
    const list = this.#take(length);
    this.#mine.push(list);
    return list.subarray(0, length);
  }

  /** Of all lists but those that `kept` lie in, nobody reads or writes anything any more. */
  giveBack(kept: readonly Uint32Array[] = []): void {
    const isKept = (list: List): boolean =>
      kept.some(({ buffer, byteOffset }) => buffer === list.buffer && byteOffset === list.byteOffset);
    const given = this.#mine.filter((list) => !isKept(list));
    this.#mine = this.#mine.filter(isKept);
    this.#giveBack(given);
  }
}

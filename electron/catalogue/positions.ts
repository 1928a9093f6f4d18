import { release } from './numbers.ts';

/**
 * Memory for positions of what was found: 4 MB for each list of a million names, and a search makes several for each
 * letter. New ones for each let the process grow by 100 MB before V8 looks after them, and malloc keeps most of it.
 */

/** Shorter lists are not worth keeping: 128 KB. */
export const LONG = 32_768;
/** Lists kept for the next search: what one search uses at a time. */
const MOST_KEPT = 3;

type List = Uint32Array<ArrayBuffer>;

/** Lists that are used again, by all searches of one program. */
export class Positions {
  #free: List[] = [];

  /** Takes the lists of one run of a search from here. */
  lend(): Lent {
    return new Lent(
      (length) => this.#take(length),
      (lists) => this.#giveBack(lists),
    );
  }

  /** Lists that nobody uses, for a test of the memory they take. */
  get kept(): number {
    return this.#free.length;
  }

  /** Nobody searches any more. */
  clear(): void {
    for (const list of this.#free) release(list);
    this.#free = [];
  }

  #take(length: number): List {
    const at = this.#free.findIndex((list) => list.length >= length);
    const [list] = at === -1 ? [] : this.#free.splice(at, 1);
    if (list !== undefined) return list;
    // those of a phone with fewer names, or of before it had more
    this.clear();
    return new Uint32Array(length);
  }

  #giveBack(lists: readonly List[]): void {
    for (const list of lists) {
      if (this.#free.length < MOST_KEPT) this.#free.push(list);
      else release(list);
    }
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
    const buffers = new Set(kept.map(({ buffer }) => buffer));
    const given = this.#mine.filter(({ buffer }) => !buffers.has(buffer));
    this.#mine = this.#mine.filter(({ buffer }) => buffers.has(buffer));
    this.#giveBack(given);
  }
}

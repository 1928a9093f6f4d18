import type { FoundEntry } from '../../shared/catalogue.ts';
import { placeKey } from './places.ts';
import type { Order } from './selection.ts';

/** Results of a search that are subscribed to together. */
export const PAGE = 100;

/**
 * The results of a search, of which only those pages are here that were looked at. Ids are the places, so that a result
 * which moves to another position stays the one that was chosen. Mutable, like `Listing`.
 */
export class Found implements Order {
  readonly #pages = new Map<number, readonly FoundEntry[]>();
  #positions: Map<string, number> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }
  /** `undefined` also for a result that is not here. */
  at(position: number): FoundEntry | undefined {
    if (position >= this.#length) return undefined;
    return this.#pages.get(Math.floor(position / PAGE))?.[position % PAGE];
  }
  idAt(position: number): string | undefined {
    const found = this.at(position);
    return found === undefined ? undefined : placeKey(found.place);
  }
  /** -1 if it is not among the results that are here. */
  indexOf(id: string): number {
    if (this.#positions === undefined) {
      this.#positions = new Map();
      for (const [page, list] of this.#pages)
        list.forEach((found, index) => {
          const position = page * PAGE + index;
          if (position < this.#length) this.#positions?.set(placeKey(found.place), position);
        });
    }
    return this.#positions.get(id) ?? -1;
  }

  /** What the search tells of one page, and how many results there are now. */
  tell(total: number, page: number, results: readonly FoundEntry[]): void {
    if (total < this.#length)
      for (const one of [...this.#pages.keys()]) if (one * PAGE >= total) this.#pages.delete(one);
    this.#length = total;
    const before = this.#pages.get(page);
    // what is told once more and is the same is not drawn again
    if (results.length > 0)
      this.#pages.set(
        page,
        results.map((one, index) => keep(before?.[index], one)),
      );
    else this.#pages.delete(page);
    this.#positions = undefined;
  }

  /** Numbers of the pages of which something lies between two positions. */
  pagesOf(from: number, to: number): readonly number[] {
    const first = Math.floor(Math.max(0, from) / PAGE);
    const last = Math.floor(Math.min(to, this.#length - 1) / PAGE);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  }
  /** Whether a page is here with all its results. */
  has(page: number): boolean {
    return (this.#pages.get(page)?.length ?? 0) >= Math.min(PAGE, this.#length - page * PAGE);
  }
}

/** The one from before where nothing of it has changed. */
function keep(before: FoundEntry | undefined, now: FoundEntry): FoundEntry {
  return before !== undefined &&
    before.name === now.name &&
    before.kind === now.kind &&
    before.size === now.size &&
    before.modified === now.modified &&
    placeKey(before.place) === placeKey(now.place)
    ? before
    : now;
}

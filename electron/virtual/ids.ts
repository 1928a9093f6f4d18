import type { HandleSource } from './objects.ts';

/** Distance between the counters of two server runs, so that a handle kept across a replug means another object. */
const STEP = 7;

/** Source of a phone's storage ids and object handles. */
export class Ids {
  /** Handles of the media database, which are stable (Android 8 and older). */
  readonly #areStable: boolean;
  readonly #known = new Map<string, number>();
  #rows = 0;
  #nextStorage = 1;
  #runs = 0;

  constructor(areStable: boolean) {
    this.#areStable = areStable;
  }

  /** (n << 16) + 1 in order of appearance; never repeated, except on Android 8 and older. */
  storage(index: number): number {
    const number = this.#areStable ? index + 1 : this.#nextStorage++;
    return (((number % 0x7fff) << 16) >>> 0) + 1;
  }

  /** Handles of one server run: counters in the order of the first listing. */
  handles(): HandleSource {
    this.#runs += 1;
    if (this.#areStable) return this.#stable;
    let next = 1 + (this.#runs - 1) * STEP;
    return { give: () => next++, placed: () => undefined };
  }

  /** The media database: the row of what is renamed or moved gets its new path, and another file at the old one a new row. */
  readonly #stable: HandleSource = {
    give: (path) => {
      const known = this.#known.get(path) ?? ++this.#rows;
      this.#known.set(path, known);
      return known;
    },
    placed: (from, to) => {
      const moved = [...this.#known].filter(([path]) => path === from || path.startsWith(`${from}/`));
      for (const [path] of moved) this.#known.delete(path);
      for (const [path, handle] of moved) this.#known.set(to + path.slice(from.length), handle);
    },
  };
}

/** In which order folders are walked. */

/** Turns, the smallest first; the depth is added, so that a rank is walked breadth first. */
export const RANKS = { now: 0, pictures: 1_000, rest: 2_000, apps: 3_000, again: 4_000 } as const;
const PICTURES: ReadonlySet<string> = new Set(['dcim', 'pictures', 'download']);
/** What apps keep: of least interest, and most of all. */
const APPS: ReadonlySet<string> = new Set(['android']);

/** The turn of a new folder in the folder at the end of this way. */
export const dueIn =
  (way: readonly string[]) =>
  (name: string): number => {
    const top = (way[1] ?? name).toLowerCase();
    const rank = PICTURES.has(top) ? 'pictures' : APPS.has(top) ? 'apps' : 'rest';
    return RANKS[rank] + way.length;
  };

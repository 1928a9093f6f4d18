import { setImmediate as turn } from 'node:timers/promises';
import { CATALOGUE_KINDS } from '../../shared/catalogue-kinds.ts';
import type { CatalogueQuery } from '../../shared/catalogue-query.ts';
import type { NameBuffer } from './name-buffer.ts';
import { Positions, type Lent } from './positions.ts';

/** Looking for what fits a query in a buffer of names. */

/** Milliseconds of searching before others get a turn, and before the first of them: a page is found much sooner. */
const SLICE_MS = 4;
export const FIRST_MS = 2;
/** Rows looked at between two looks at the clock: at most some hundred microseconds. */
const BLOCK = 4_096;
/**
 * Hits in a block from which on the next is read name by name. A call of `Buffer.indexOf` costs as much as reading eight
 * names, so it is of use where hits are rarer than that.
 */
const DENSE = BLOCK / 8;

/** What a search has found: positions in the buffer, ascending. */
export interface Found {
  readonly indexes: Uint32Array;
  readonly complete: boolean;
}

/** Whether a stretch of folded names contains a word. */
function contains(names: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  const last = end - word.length;
  const first = word[0] ?? 0;
  for (let at = start; at <= last; at += 1) {
    if (names[at] !== first) continue;
    let step = 1;
    while (step < word.length && names[at + step] === word[step]) step += 1;
    if (step >= word.length) return true;
  }
  return false;
}

/** Whether the numbers of a row fit; `undefined` where the query has no condition on them. */
function conditionOf(query: CatalogueQuery, buffer: NameBuffer): ((index: number) => boolean) | undefined {
  const conditions: ((index: number) => boolean)[] = [];
  const kinds = buffer.kinds;
  if (query.kinds.length > 0) {
    const wanted = new Uint8Array(CATALOGUE_KINDS.length);
    for (const kind of query.kinds) wanted[CATALOGUE_KINDS.indexOf(kind)] = 1;
    conditions.push((index) => wanted[kinds.at(index)] === 1);
  }
  if (query.leastSize !== undefined || query.mostSize !== undefined) {
    const [least, most] = [query.leastSize ?? 0, query.mostSize ?? Infinity];
    const sizes = buffer.sizes;
    // folders have no size of their own
    conditions.push((index) => kinds.at(index) !== 0 && sizes.at(index) >= least && sizes.at(index) <= most);
  }
  if (query.from !== undefined || query.before !== undefined) {
    const [from, before] = [query.from ?? -Infinity, query.before ?? Infinity];
    const dates = buffer.dates;
    conditions.push((index) => dates.at(index) >= from && dates.at(index) < before);
  }
  for (const way of query.inside) {
    const below = buffer.folders.below(way);
    const folderOf = buffer.folderOf;
    conditions.push((index) => below[folderOf.at(index)] === 1);
  }
  const [one, ...others] = conditions;
  if (one === undefined || others.length === 0) return one;
  return (index) => conditions.every((condition) => condition(index));
}

/**
 * Searches a buffer in slices, so that nobody waits for it. Yields what has been found so far at the end of each slice,
 * and in the end all of it, in memory of `lists`. Ends early when `signal` is aborted. What is added to the buffer meanwhile
 * is not found.
 */
export async function* searchNames(
  buffer: NameBuffer,
  query: CatalogueQuery,
  signal: AbortSignal,
  lists: Lent = new Positions().lend(),
): AsyncGenerator<Found> {
  const words = query.words
    .map((word) => Buffer.from(word.replaceAll('\n', ' ')))
    .sort((one, other) => other.length - one.length);
  const fits = conditionOf(query, buffer);
  const [longest, ...others] = words;
  const names = buffer.names;
  const length = buffer.length;
  const startOf = (index: number): number => (index < length ? buffer.starts.at(index) : names.length);
  const found = lists.take(length);
  let count = 0;
  let isDense = false;
  const take = (index: number, start: number, end: number): void => {
    if (!buffer.alive(index) || (fits !== undefined && !fits(index))) return;
    for (const word of others) if (!contains(names, start, end, word)) return;
    found[count] = index;
    count += 1;
  };
  let began = performance.now();
  let slice = FIRST_MS;
  for (let from = 0; from < length; from += BLOCK) {
    const until = Math.min(from + BLOCK, length);
    let hits = 0;
    if (longest === undefined || isDense) {
      let start = startOf(from);
      for (let index = from; index < until; index += 1) {
        const next = startOf(index + 1);
        if (longest === undefined || contains(names, start, next - 1, longest)) {
          hits += 1;
          take(index, start, next - 1);
        }
        start = next;
      }
    } else {
      const offset = startOf(from);
      const block = names.subarray(offset, startOf(until));
      for (let index = from, at = block.indexOf(longest); at >= 0;) {
        index = buffer.indexAt(offset + at, index);
        const [start, next] = [startOf(index), startOf(index + 1)];
        hits += 1;
        take(index, start, next - 1);
        index += 1;
        at = index < until ? block.indexOf(longest, next - offset) : -1;
      }
    }
    isDense = hits > DENSE;
    if (until < length && performance.now() - began > slice) {
      yield { indexes: found.subarray(0, count), complete: false };
      await turn();
      if (signal.aborted) return;
      began = performance.now();
      slice = SLICE_MS;
    }
  }
  yield { indexes: found.subarray(0, count), complete: true };
}

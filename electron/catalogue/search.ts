import { setTimeout as pause } from 'node:timers/promises';
import { CATALOGUE_KINDS } from '../../shared/catalogue-kinds.ts';
import { foldForSearch, type CatalogueQuery } from '../../shared/catalogue-query.ts';
import type { SearchOrder } from '../../shared/catalogue.ts';
import { NO_PARENT, type CatalogueReader, type RowId } from './catalogue-store.ts';
import type { NameBuffer } from './name-buffer.ts';
import { MAX_DEPTH } from './tree.ts';

/** Milliseconds of searching before others get a turn. */
const SLICE_MS = 8;
/** Names looked at between two looks at the clock. */
const STEP = 2_000;

/** What a search has found: positions in the buffer, sorted once it is complete. */
export interface Found {
  readonly indexes: Uint32Array;
  readonly complete: boolean;
}

/** One condition of a query on a row's numbers. */
function fits(query: CatalogueQuery, kinds: ReadonlySet<number>, buffer: NameBuffer, index: number): boolean {
  if (kinds.size > 0 && !kinds.has(buffer.kinds.at(index))) return false;
  if (query.leastSize !== undefined || query.mostSize !== undefined) {
    // folders have no size of their own
    if (buffer.kinds.at(index) === 0) return false;
    const size = buffer.sizes.at(index);
    if (size < (query.leastSize ?? 0) || size > (query.mostSize ?? Infinity)) return false;
  }
  if (query.from !== undefined || query.before !== undefined) {
    const date = buffer.dates.at(index);
    if (!(date >= (query.from ?? -Infinity) && date < (query.before ?? Infinity))) return false;
  }
  return true;
}

/** Whether folders are below the ways that `in:` names; each folder is looked up once. */
function insideOf(query: CatalogueQuery, store: CatalogueReader): (folder: RowId) => boolean {
  if (query.inside.length === 0) return () => true;
  /** Folded names on the way to a folder; each folder is looked up once, however many are below it. */
  const ways = new Map<RowId, readonly string[]>();
  const wayOf = (id: RowId, depth: number): readonly string[] => {
    const known = ways.get(id);
    if (known !== undefined) return known;
    const row = depth > MAX_DEPTH ? undefined : store.row(id);
    const way =
      row === undefined || row.parent === NO_PARENT ? [] : [...wayOf(row.parent, depth + 1), foldForSearch(row.name)];
    ways.set(id, way);
    return way;
  };
  return (folder) => {
    const names = wayOf(folder, 0);
    return query.inside.every((way) => names.some((_, at) => way.every((name, step) => names[at + step] === name)));
  };
}

/**
 * Searches a buffer in slices, so that nobody waits for it. Yields what has been found so far at the end of each slice,
 * and in the end all of it. Ends early when `signal` is aborted.
 */
export async function* searchNames(
  store: CatalogueReader,
  buffer: NameBuffer,
  query: CatalogueQuery,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const words = [...query.words].sort((one, other) => other.length - one.length).map((word) => Buffer.from(word));
  const kinds = new Set(query.kinds.map((kind) => CATALOGUE_KINDS.indexOf(kind)));
  const inside = insideOf(query, store);
  const [longest, ...others] = words;
  const names = buffer.names;
  const length = buffer.length;
  let found = new Uint32Array(1024);
  let count = 0;
  let began = performance.now();
  let looked = 0;
  let index = 0;
  while (index < length) {
    if (longest !== undefined) {
      const at = names.indexOf(longest, buffer.starts.at(index));
      if (at < 0) break;
      index = buffer.indexAt(at);
    }
    const isHit =
      buffer.alive(index) &&
      fits(query, kinds, buffer, index) &&
      (others.length === 0 || containsAll(names.subarray(buffer.starts.at(index), buffer.endOf(index)), others)) &&
      inside(buffer.parents.at(index));
    if (isHit) {
      if (count === found.length) {
        const larger = new Uint32Array(count * 2);
        larger.set(found);
        found = larger;
      }
      found[count] = index;
      count += 1;
    }
    index += 1;
    looked += 1;
    if (looked % STEP === 0 && performance.now() - began > SLICE_MS) {
      yield { indexes: found.subarray(0, count), complete: false };
      await pause(0);
      if (signal.aborted) return;
      began = performance.now();
    }
  }
  yield { indexes: found.slice(0, count), complete: true };
}

const containsAll = (name: Buffer, words: readonly Buffer[]): boolean => words.every((word) => name.includes(word));

/** Whether one position goes before another in an order. */
function comparer(
  order: SearchOrder,
  query: CatalogueQuery,
  buffer: NameBuffer,
): (one: number, other: number) => number {
  const newest = (one: number, other: number): number => {
    const [first, second] = [buffer.dates.at(one), buffer.dates.at(other)];
    if (Number.isNaN(first)) return Number.isNaN(second) ? one - other : 1;
    return Number.isNaN(second) ? -1 : second - first || one - other;
  };
  const names = buffer.names;
  const byName = (one: number, other: number): number =>
    names.compare(names, buffer.starts.at(other), buffer.endOf(other), buffer.starts.at(one), buffer.endOf(one)) ||
    one - other;
  switch (order) {
    case 'date':
      return newest;
    case 'size':
      return (one, other) => buffer.sizes.at(other) - buffer.sizes.at(one) || one - other;
    case 'name':
      return byName;
    case 'best': {
      const [first] = query.words;
      if (first === undefined) return newest;
      const word = Buffer.from(first);
      const begins = (index: number): boolean => {
        const start = buffer.starts.at(index);
        return names.compare(word, 0, word.length, start, Math.min(start + word.length, buffer.endOf(index))) === 0;
      };
      return (one, other) => Number(begins(other)) - Number(begins(one)) || newest(one, other);
    }
  }
}

/** Sorted runs of so many are merged: each takes a few milliseconds. */
const RUN = 4_096;

/** Sorts positions in slices. Ends early, unsorted, when `signal` is aborted. */
export async function sortFound(
  indexes: Uint32Array,
  order: SearchOrder,
  query: CatalogueQuery,
  buffer: NameBuffer,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const compare = comparer(order, query, buffer);
  let began = performance.now();
  const breathe = async (): Promise<void> => {
    if (performance.now() - began < SLICE_MS) return;
    await pause(0);
    began = performance.now();
  };
  for (let at = 0; at < indexes.length; at += RUN) {
    indexes.subarray(at, at + RUN).sort(compare);
    await breathe();
    if (signal.aborted) return indexes;
  }
  let from = indexes;
  let into = new Uint32Array(indexes.length);
  for (let run = RUN; run < indexes.length; run *= 2) {
    for (let start = 0; start < indexes.length; start += 2 * run) {
      const middle = Math.min(start + run, indexes.length);
      const end = Math.min(start + 2 * run, indexes.length);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at += 1) {
        const takesLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0);
        into[at] = from[takesLeft ? left : right] ?? 0;
        if (takesLeft) left += 1;
        else right += 1;
        if (at % RUN === 0) {
          await breathe();
          if (signal.aborted) return indexes;
        }
      }
    }
    [from, into] = [into, from as Uint32Array<ArrayBuffer>];
  }
  return from;
}

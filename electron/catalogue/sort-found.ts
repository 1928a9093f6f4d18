import type { CatalogueQuery } from '../../shared/catalogue-query.ts';
import type { SearchOrder } from '../../shared/catalogue.ts';
import type { NameBuffer } from './name-buffer.ts';
import { largestFirst, Slices, STEP } from './numbers.ts';
import type { Lent } from './positions.ts';

/** Putting what was found in an order. All of it works in slices, and ends early, unsorted, when `signal` is aborted. */

/** Sorted runs of so many are merged: each takes a few milliseconds. */
const RUN = 4_096;
/** From so many on the first of them are shown by themselves, where the order needs a comparison of names. */
const MANY = 20_000;

/**
 * Sorts positions, which are ascending; what it answers may be in memory of `lists`. `isLast`: nobody reads the ones that
 * were found any more, so that they may be put in order where they are.
 */
export async function sortFound(
  indexes: Uint32Array,
  order: SearchOrder,
  query: CatalogueQuery,
  buffer: NameBuffer,
  how: { readonly signal: AbortSignal; readonly lists: Lent; readonly isLast: boolean },
): Promise<Uint32Array> {
  const work = { slices: new Slices(), ...how };
  switch (order) {
    case 'size':
      return largestFirst(indexes, buffer.sizes.array, work);
    case 'name':
      return mergeSorted(indexes, byName(buffer), work);
    case 'date':
      return newestFirst(indexes, buffer, work);
    case 'best': {
      const newest = await newestFirst(indexes, buffer, work);
      return beginningFirst(newest, query, buffer, { ...work, isLast: work.isLast || newest !== indexes });
    }
  }
}

/** How a list is sorted: in slices, until it is not wanted any more, in memory that is used again. */
interface Work {
  readonly slices: Slices;
  readonly signal: AbortSignal;
  readonly lists: Lent;
  readonly isLast: boolean;
}

/**
 * The first of many in their order, sooner than all of them are sorted; `undefined` where that would not be sooner.
 */
export async function firstFound(
  indexes: Uint32Array,
  order: SearchOrder,
  buffer: NameBuffer,
  most: number,
): Promise<Uint32Array | undefined> {
  if (order !== 'name' || indexes.length < MANY) return undefined;
  const compare = byName(buffer);
  const slices = new Slices();
  const first = new Uint32Array(most * 2);
  let count = 0;
  /** Whatever comes behind it is not among the first. */
  let worst: number | undefined;
  const cut = (): void => {
    first.subarray(0, count).sort(compare);
    count = Math.min(count, most);
    worst = count === most ? first[most - 1] : undefined;
  };
  for (let from = 0; from < indexes.length; from += STEP) {
    const until = Math.min(from + STEP, indexes.length);
    for (let at = from; at < until; at += 1) {
      const index = indexes[at] ?? 0;
      if (worst !== undefined && compare(index, worst) > 0) continue;
      first[count] = index;
      count += 1;
      if (count === first.length) cut();
    }
    await slices.breathe();
  }
  cut();
  return first.subarray(0, count);
}

/** By the bytes of the folded names; of equal ones, the newer first. */
function byName(buffer: NameBuffer): (one: number, other: number) => number {
  const names: Uint8Array = buffer.names;
  return (one, other) => {
    const [first, second] = [buffer.starts.at(one), buffer.starts.at(other)];
    const [firstLength, secondLength] = [buffer.endOf(one) - first, buffer.endOf(other) - second];
    const length = Math.min(firstLength, secondLength);
    for (let at = 0; at < length; at += 1) {
      const difference = (names[first + at] ?? 0) - (names[second + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return firstLength - secondLength || one - other;
  };
}

/** The buffer is in this order itself, but for what came since. */
async function newestFirst(indexes: Uint32Array, buffer: NameBuffer, work: Work): Promise<Uint32Array> {
  const { slices, signal, lists } = work;
  let arranged = indexes.length;
  while (arranged > 0 && (indexes[arranged - 1] ?? 0) >= buffer.arranged) arranged -= 1;
  if (arranged === indexes.length) return indexes;
  const late = await largestFirst(indexes.subarray(arranged), buffer.dates.array, work);
  const dates = buffer.dates.array;
  const sorted = lists.take(indexes.length);
  let [early, next] = [0, 0];
  for (let at = 0; at < sorted.length; at += 1) {
    const [one, other] = [dates[indexes[early] ?? 0] ?? 0, dates[late[next] ?? 0] ?? 0];
    const takesLate =
      early >= arranged || (next < late.length && (other > one || (Number.isNaN(one) && other === other)));
    sorted[at] = (takesLate ? late[next] : indexes[early]) ?? 0;
    if (takesLate) next += 1;
    else early += 1;
    if (at % STEP === 0) await slices.breathe();
    if (signal.aborted) return indexes;
  }
  return sorted;
}

/** Names that begin with the first word go before the others. */
async function beginningFirst(
  indexes: Uint32Array,
  query: CatalogueQuery,
  buffer: NameBuffer,
  { slices, signal, lists, isLast }: Work,
): Promise<Uint32Array> {
  const [first] = query.words;
  if (first === undefined) return indexes;
  const word = Buffer.from(first);
  const names: Uint8Array = buffer.names;
  // a bit for each
  const begins = new Uint8Array(Math.ceil(indexes.length / 8));
  let count = 0;
  for (let from = 0; from < indexes.length; from += STEP) {
    const until = Math.min(from + STEP, indexes.length);
    for (let at = from; at < until; at += 1) {
      const start = buffer.starts.at(indexes[at] ?? 0);
      let step = 0;
      // no word has the line feed that ends a name
      while (step < word.length && names[start + step] === word[step]) step += 1;
      if (step < word.length) continue;
      begins[at >> 3] = (begins[at >> 3] ?? 0) | (1 << (at & 7));
      count += 1;
    }
    await slices.breathe();
    if (signal.aborted) return indexes;
  }
  if (count === 0 || count === indexes.length) return indexes;
  const beginning = lists.take(count);
  const sorted = isLast ? indexes : lists.take(indexes.length);
  if (!isLast) sorted.set(indexes);
  // the others move towards the end, from there on, and no second list of them is needed
  let [begin, other] = [count, sorted.length];
  for (let until = sorted.length; until > 0; until -= STEP) {
    for (let at = until - 1; at >= Math.max(0, until - STEP); at -= 1) {
      const index = sorted[at] ?? 0;
      if (((begins[at >> 3] ?? 0) & (1 << (at & 7))) === 0) {
        other -= 1;
        sorted[other] = index;
      } else {
        begin -= 1;
        beginning[begin] = index;
      }
    }
    await slices.breathe();
    if (signal.aborted) return indexes;
  }
  sorted.set(beginning);
  return sorted;
}

/** For orders that only a comparison tells. */
async function mergeSorted(
  indexes: Uint32Array,
  compare: (one: number, other: number) => number,
  { slices, signal, lists }: Work,
): Promise<Uint32Array> {
  let from = lists.take(indexes.length);
  from.set(indexes);
  for (let at = 0; at < from.length; at += RUN) {
    from.subarray(at, at + RUN).sort(compare);
    await slices.breathe();
    if (signal.aborted) return indexes;
  }
  let into = lists.take(from.length);
  for (let run = RUN; run < from.length; run *= 2) {
    for (let start = 0; start < from.length; start += 2 * run) {
      const middle = Math.min(start + run, from.length);
      const end = Math.min(start + 2 * run, from.length);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at += 1) {
        const takesLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0);
        into[at] = from[takesLeft ? left : right] ?? 0;
        if (takesLeft) left += 1;
        else right += 1;
        if (at % RUN === 0) {
          await slices.breathe();
          if (signal.aborted) return indexes;
        }
      }
    }
    [from, into] = [into, from];
  }
  return from;
}

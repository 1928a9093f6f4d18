import { CATALOGUE_KINDS } from '../../shared/catalogue-kinds.ts';
import { isEmptyQuery, parseQuery, type CatalogueQuery } from '../../shared/catalogue-query.ts';
import type { FoundEntry, Freshness, SearchOrder, SearchSnapshot } from '../../shared/catalogue.ts';
import type { StreamArgument } from '../../shared/contract.ts';
import type { Catalogue, OpenCatalogue } from './catalogue.ts';
import type { CatalogueReader, CatalogueRow, RowId } from './catalogue-store.ts';
import type { NameBuffer } from './name-buffer.ts';
import { LONG, Positions, type Lent } from './positions.ts';
import { FIRST_MS, searchNames } from './search.ts';
import { firstFound, sortFound } from './sort-found.ts';
import { Places } from './tree.ts';

/** Results that are shown before all are found and sorted: the largest page. */
const FIRST_SORTED = 500;
/** A search under a catalogue that changes is made again no more often than this, in milliseconds. */
const AGAIN_MS = 1_000;
/** Nor before so many times as long as it took, since under a scan all names may have to be read again. */
const REST = 4;
/**
 * Milliseconds between the first results of a search that is drawn and the search for the rest. With two processors and a copy,
 * drawing would wait for what nobody sees yet, and so would the next letter of whoever goes on typing.
 */
const REST_AFTER_MS = 100;
/** Whoever asks is told that something is looked for only if nothing is found for so many milliseconds. */
const WORDLESS_MS = 30;

/** What was found on one phone: positions, in order, and the buffer they are of. */
interface Part {
  readonly open: OpenCatalogue;
  readonly buffer: NameBuffer;
  /** Of `LiveNames`: what has changed later is not among them. */
  readonly asOf: number;
  /** Those that come first; all of them once the search is complete. */
  readonly indexes: Uint32Array;
  readonly total: number;
}

/** An entry as it is shown, of a row that is looked up in the store. */
function entryOf(row: CatalogueRow, places: Places): FoundEntry | undefined {
  const place = places.of(row);
  return place === undefined
    ? undefined
    : {
        name: row.name,
        kind: CATALOGUE_KINDS[row.kind] === 'folder' ? 'folder' : 'file',
        size: row.size,
        modified: row.modified,
        place,
      };
}

/** Entries of rows, without those that have gone meanwhile. */
export function entriesOf(store: CatalogueReader, device: OpenCatalogue['device'], ids: Iterable<RowId>): FoundEntry[] {
  const places = new Places(store, device);
  const entries: FoundEntry[] = [];
  for (const id of ids) {
    const row = store.row(id);
    const entry = row === undefined ? undefined : entryOf(row, places);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** How far several catalogues together can be relied on. */
function together(all: readonly Freshness[]): Freshness {
  const dates = all.map(({ asOf }) => asOf).filter((date) => date !== undefined);
  return {
    asOf: dates.length === 0 ? undefined : Math.min(...dates),
    complete: all.length > 0 && all.every(({ complete }) => complete),
    stale: all.some(({ stale }) => stale),
  };
}

/** What searches need of a catalogue. */
export type SearchedCatalogue = Pick<Catalogue, 'all' | 'of' | 'withNames' | 'onChange' | 'freshness'>;

/** One search, as long as somebody watches it. */
class Search {
  readonly #catalogue: SearchedCatalogue;
  readonly #device: OpenCatalogue['device'] | undefined;
  readonly #order: SearchOrder;
  readonly #positions: Positions;
  /** Memory of what is shown. */
  #lists: Lent | undefined;
  readonly query: CatalogueQuery;
  /** What tells each of them, and whether it draws what it is told. */
  readonly #watchers = new Map<(state: SearchSnapshot['state']) => void, boolean>();
  #parts: readonly Part[] = [];
  #state: SearchSnapshot['state'] = 'searching';
  readonly #end = new AbortController();
  readonly #ended: Promise<void>;
  /** Catalogues whose names stay in memory until this ends. */
  readonly #held = new Set<OpenCatalogue>();
  #lastAt = -Infinity;
  #restMs = AGAIN_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  readonly #stop: () => void;

  constructor(catalogue: SearchedCatalogue, argument: StreamArgument<'search'>, positions: Positions) {
    this.#catalogue = catalogue;
    this.#positions = positions;
    this.#device = argument.device;
    this.#order = argument.order ?? 'best';
    this.query = parseQuery(argument.text);
    this.#ended = new Promise((resolve) => {
      this.#end.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#stop = catalogue.onChange(() => {
      this.#soon();
    });
    void this.#run();
  }

  /**
   * Tells what is known, at once or, if that is nothing, in a moment, and whenever more is known. `draws`: the first results
   * are of use before the others.
   */
  watch(listener: (state: SearchSnapshot['state']) => void, draws: boolean): () => void {
    const isBehind = this.#isBehind;
    const state = isBehind ? 'searching' : this.#state;
    const knowsNothing = state === 'searching' && this.#parts.length === 0;
    const late = knowsNothing ? setTimeout(() => listener(state), WORDLESS_MS).unref() : undefined;
    const tell = (now: SearchSnapshot['state']): void => {
      clearTimeout(late);
      listener(now);
    };
    this.#watchers.set(tell, draws);
    if (!knowsNothing) tell(state);
    // a change is told of a moment after it has happened
    if (isBehind && !this.#running) this.#soon();
    return () => {
      clearTimeout(late);
      this.#watchers.delete(tell);
    };
  }
  /** Something has changed since: what is shown is told anew in a moment, and is not all to whoever asks only now. */
  get #isBehind(): boolean {
    if (isEmptyQuery(this.query)) return false;
    if (this.#running || this.#timer !== undefined) return true;
    const opened = this.#opened();
    return (
      opened.length !== this.#parts.length ||
      this.#parts.some(({ open, asOf }, at) => open !== opened[at] || open.names.hasChangedSince(asOf))
    );
  }
  get isComplete(): boolean {
    return this.#state === 'complete';
  }
  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }
  end(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#end.abort();
    // what is running gives back its own when it ends
    if (!this.#running) this.#lists?.giveBack();
  }

  #soon(): void {
    if (this.#timer !== undefined || this.#end.signal.aborted) return;
    const wait = Math.max(0, this.#lastAt + this.#restMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#running) this.#soon();
      else void this.#run();
    }, wait);
    this.#timer.unref();
  }

  /** Names stay in memory while somebody searches, since reading a million of them takes a second. */
  #hold(open: OpenCatalogue): void {
    if (this.#held.has(open)) return;
    this.#held.add(open);
    void this.#catalogue.withNames(open, () => this.#ended);
  }

  async #run(): Promise<void> {
    this.#running = true;
    const began = performance.now();
    const parts: Part[] = [];
    const lists = this.#positions.lend();
    const signal = this.#end.signal;
    const isEmpty = isEmptyQuery(this.query);
    if (isEmpty) this.#show(parts, 'complete');
    try {
      for (const open of this.#opened()) {
        this.#hold(open);
        const buffer = await open.names.current();
        // whoever has opened a search will type into it in a moment: the names are in memory then
        if (isEmpty) continue;
        const part = await this.#searchOne({ open, buffer, asOf: open.names.asOf }, parts, lists);
        if (signal.aborted || part === undefined) return;
        parts.push(part);
      }
      if (!signal.aborted && !isEmpty) this.#show(parts, 'complete');
    } catch {
      // a catalogue that was closed or forgotten meanwhile: whatever is left is searched at the next change
      if (!signal.aborted) this.#show(parts, 'complete');
    } finally {
      this.#running = false;
      this.#lists?.giveBack();
      this.#lists = lists;
      lists.giveBack(signal.aborted ? [] : this.#parts.map(({ indexes }) => indexes));
      this.#lastAt = performance.now();
      this.#restMs = Math.max(AGAIN_MS, REST * (this.#lastAt - began));
    }
  }

  /** Searches one phone, and shows its first results as soon as there are some if that takes longer than a moment. */
  async #searchOne(
    one: Pick<Part, 'open' | 'buffer' | 'asOf'>,
    before: readonly Part[],
    lists: Lent,
  ): Promise<Part | undefined> {
    const { buffer } = one;
    const signal = this.#end.signal;
    const began = performance.now();
    // results that are there already stay until all of the new ones are known
    const isFirst = this.#state === 'searching';
    let isAwaited = isFirst;
    const showSome = (indexes: Uint32Array, total: number): void => {
      if (signal.aborted) return;
      isAwaited = false;
      this.#show([...before, { ...one, indexes, total }], 'searching');
    };
    for await (const { indexes, complete } of searchNames(buffer, this.query, signal, lists)) {
      const total = indexes.length;
      const isDue = isAwaited && total > 0 && performance.now() - began >= FIRST_MS;
      if (!complete && !isDue) continue;
      const first = isFirst ? await firstFound(indexes, this.#order, buffer, FIRST_SORTED) : undefined;
      if (first !== undefined) {
        showSome(first, total);
        if (!(await this.#letDraw())) return undefined;
        if (!complete) continue;
      }
      const how = { signal, lists, isLast: complete };
      const sorted = await sortFound(indexes, this.#order, this.query, buffer, how);
      if (signal.aborted) return undefined;
      // a few of them keep no memory of a million
      if (complete) return { ...one, indexes: total < LONG ? sorted.slice() : sorted, total };
      // those of a list that goes on being filled, and is put in another order then
      showSome(sorted.slice(0, FIRST_SORTED), total);
      if (!(await this.#letDraw())) return undefined;
    }
    return undefined;
  }

  /** Leaves the processors to those who draw what they were told. Answers whether the search goes on after it. */
  async #letDraw(): Promise<boolean> {
    if ([...this.#watchers.values()].includes(true)) {
      const rested = Promise.withResolvers<void>();
      const timer = setTimeout(rested.resolve, REST_AFTER_MS);
      timer.unref();
      await Promise.race([rested.promise, this.#ended]);
      clearTimeout(timer);
    }
    return !this.#end.signal.aborted;
  }

  #opened(): readonly OpenCatalogue[] {
    return this.#catalogue.all().filter(({ device }) => this.#device === undefined || device === this.#device);
  }

  #show(parts: readonly Part[], state: SearchSnapshot['state']): void {
    this.#parts = parts;
    this.#state = state;
    for (const tell of this.#watchers.keys()) tell(state);
  }

  /** Results at a place of the list; `state` is told with them. */
  page(offset: number, limit: number, state: SearchSnapshot['state']): SearchSnapshot {
    const results: FoundEntry[] = [];
    let before = 0;
    for (const { open, buffer, indexes, total } of this.#parts) {
      const from = Math.max(0, offset - before);
      const until = Math.min(indexes.length, offset + limit - before);
      before += total;
      if (until <= from || this.#catalogue.of(open.device) !== open) continue;
      const ids = [...indexes.subarray(from, until)].map((index) => buffer.ids.at(index));
      results.push(...entriesOf(open.store, open.device, ids));
    }
    return {
      state,
      total: before,
      offset,
      results,
      misread: this.query.misread,
      ...together(this.#opened().map((open) => this.#catalogue.freshness(open))),
    };
  }
}

/** Searches that windows watch. Those for the same, at other places of the list, are one. */
export class Searches {
  readonly #catalogue: SearchedCatalogue;
  readonly #all = new Map<string, Search>();
  readonly #positions = new Positions();
  /** The one that was given up last, while nobody watches it: its results are kept for a moment. */
  #lingering: string | undefined;

  constructor(catalogue: SearchedCatalogue) {
    this.#catalogue = catalogue;
  }

  /** Calls `listener` with what is known, within a moment, and with more as it is found. */
  watch(argument: StreamArgument<'search'>, listener: (snapshot: SearchSnapshot) => void, draws = true): () => void {
    const key = JSON.stringify([argument.text, argument.device, argument.order]);
    const search = this.#all.get(key) ?? new Search(this.#catalogue, argument, this.#positions);
    this.#all.set(key, search);
    // whoever goes on typing has no use for what was found before; its memory serves this search
    if (this.#lingering !== key) this.#drop(this.#lingering);
    const end = search.watch((state) => {
      listener(search.page(argument.offset, argument.limit, state));
    }, draws);
    return () => {
      end();
      // whoever scrolls asks for the next page right after giving up the one before; whoever goes on typing does not
      if (!search.isWatched && this.#all.get(key) === search) {
        if (this.#lingering !== key) this.#drop(this.#lingering);
        this.#lingering = key;
      }
      setTimeout(
        () => {
          if (this.#all.get(key) === search) this.#drop(key);
        },
        search.isComplete ? LINGER_MS : 0,
      ).unref();
    };
  }

  /** Ends a search unless somebody watches it. Its results may be a few megabytes. */
  #drop(key: string | undefined): void {
    const search = key === undefined ? undefined : this.#all.get(key);
    if (key === undefined || search === undefined || search.isWatched) return;
    this.#all.delete(key);
    search.end();
    if (this.#all.size === 0) this.#positions.clear();
  }

  /** All of a search at once; for the terminal. */
  async find(text: string, device: OpenCatalogue['device'] | undefined, order: SearchOrder): Promise<SearchSnapshot> {
    return new Promise((resolve) => {
      const ending = new AbortController();
      const argument = { text, device, order, offset: 0, limit: Number.MAX_SAFE_INTEGER };
      const end = this.watch(
        argument,
        (snapshot) => {
          if (snapshot.state !== 'complete') return;
          resolve(snapshot);
          ending.abort();
        },
        false,
      );
      ending.signal.addEventListener('abort', end, { once: true });
      if (ending.signal.aborted) end();
    });
  }

  stop(): void {
    for (const search of this.#all.values()) search.end();
    this.#all.clear();
    this.#positions.clear();
    this.#lingering = undefined;
  }
}

/** Milliseconds that a search which is complete stays after its last watcher has gone. */
const LINGER_MS = 2_000;

import { CATALOGUE_KINDS } from '../../shared/catalogue-kinds.ts';
import { isEmptyQuery, parseQuery, type CatalogueQuery } from '../../shared/catalogue-query.ts';
import type { FoundEntry, Freshness, SearchOrder, SearchSnapshot } from '../../shared/catalogue.ts';
import type { StreamArgument } from '../../shared/contract.ts';
import type { Catalogue, OpenCatalogue } from './catalogue.ts';
import type { CatalogueReader, CatalogueRow, RowId } from './catalogue-store.ts';
import type { NameBuffer } from './name-buffer.ts';
import { searchNames, sortFound } from './search.ts';
import { Places } from './tree.ts';

/** Milliseconds until something is shown of a search that is not complete. */
const FIRST_MS = 40;
/** Results that are sorted for that. */
const FIRST_SORTED = 5_000;
/** A search under a catalogue that changes is made again no more often than this, in milliseconds. */
const AGAIN_MS = 1_000;

/** What was found on one phone: positions, in order, and the buffer they are of. */
interface Part {
  readonly open: OpenCatalogue;
  readonly buffer: NameBuffer;
  readonly indexes: Uint32Array;
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

/** One search, as long as somebody watches it. */
class Search {
  readonly #catalogue: Catalogue;
  readonly #device: OpenCatalogue['device'] | undefined;
  readonly #order: SearchOrder;
  readonly query: CatalogueQuery;
  readonly #watchers = new Set<() => void>();
  #parts: readonly Part[] = [];
  #state: SearchSnapshot['state'] = 'searching';
  readonly #end = new AbortController();
  #lastAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  readonly #stop: () => void;

  constructor(catalogue: Catalogue, argument: StreamArgument<'search'>) {
    this.#catalogue = catalogue;
    this.#device = argument.device;
    this.#order = argument.order ?? 'best';
    this.query = parseQuery(argument.text);
    this.#stop = catalogue.onChange(() => {
      this.#soon();
    });
    void this.#run();
  }

  watch(tell: () => void): () => void {
    this.#watchers.add(tell);
    tell();
    return () => this.#watchers.delete(tell);
  }
  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }
  end(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#end.abort();
  }

  #soon(): void {
    if (this.#timer !== undefined || this.#end.signal.aborted) return;
    const wait = Math.max(0, this.#lastAt + AGAIN_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#running) this.#soon();
      else void this.#run();
    }, wait);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    this.#running = true;
    const began = performance.now();
    const isFirst = this.#state === 'searching';
    let hasTold = false;
    const parts: Part[] = [];
    const signal = this.#end.signal;
    try {
      for (const open of isEmptyQuery(this.query) ? [] : this.#opened())
        await this.#catalogue.withNames(open, async () => {
          const buffer = await open.names.current();
          for await (const { indexes, complete } of searchNames(open.store, buffer, this.query, signal)) {
            if (signal.aborted) return;
            if (complete) {
              parts.push({ open, buffer, indexes: await sortFound(indexes, this.#order, this.query, buffer, signal) });
            } else if (isFirst && !hasTold && performance.now() - began > FIRST_MS) {
              hasTold = true;
              const some = await sortFound(indexes.slice(0, FIRST_SORTED), this.#order, this.query, buffer, signal);
              this.#show([...parts, { open, buffer, indexes: some }], 'searching');
            }
          }
        });
      if (!signal.aborted) this.#show(parts, 'complete');
    } catch {
      // a catalogue that was closed or forgotten meanwhile: whatever is left is searched at the next change
      if (!signal.aborted) this.#show(parts, 'complete');
    } finally {
      this.#running = false;
      this.#lastAt = performance.now();
    }
  }

  #opened(): readonly OpenCatalogue[] {
    return this.#catalogue.all().filter(({ device }) => this.#device === undefined || device === this.#device);
  }

  #show(parts: readonly Part[], state: SearchSnapshot['state']): void {
    this.#parts = parts;
    this.#state = state;
    for (const tell of this.#watchers) tell();
  }

  page(offset: number, limit: number): SearchSnapshot {
    const results: FoundEntry[] = [];
    let before = 0;
    for (const { open, buffer, indexes } of this.#parts) {
      const from = Math.max(0, offset - before);
      const until = Math.min(indexes.length, offset + limit - before);
      before += indexes.length;
      if (until <= from || this.#catalogue.of(open.device) !== open) continue;
      const ids = [...indexes.subarray(from, until)].map((index) => buffer.ids.at(index));
      results.push(...entriesOf(open.store, open.device, ids));
    }
    return {
      state: this.#state,
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
  readonly #catalogue: Catalogue;
  readonly #all = new Map<string, Search>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** Calls `listener` with what is known at once, and with more as it is found. */
  watch(argument: StreamArgument<'search'>, listener: (snapshot: SearchSnapshot) => void): () => void {
    const key = JSON.stringify([argument.text, argument.device, argument.order]);
    const search = this.#all.get(key) ?? new Search(this.#catalogue, argument);
    this.#all.set(key, search);
    const end = search.watch(() => {
      listener(search.page(argument.offset, argument.limit));
    });
    return () => {
      end();
      // whoever scrolls asks for the next page right after giving up the one before
      setTimeout(() => {
        if (search.isWatched || this.#all.get(key) !== search) return;
        this.#all.delete(key);
        search.end();
      }, LINGER_MS).unref();
    };
  }

  /** All of a search at once; for the terminal. */
  async find(text: string, device: OpenCatalogue['device'] | undefined, order: SearchOrder): Promise<SearchSnapshot> {
    return new Promise((resolve) => {
      const ending = new AbortController();
      const argument = { text, device, order, offset: 0, limit: Number.MAX_SAFE_INTEGER };
      const end = this.watch(argument, (snapshot) => {
        if (snapshot.state !== 'complete') return;
        resolve(snapshot);
        ending.abort();
      });
      ending.signal.addEventListener('abort', end, { once: true });
      if (ending.signal.aborted) end();
    });
  }

  stop(): void {
    for (const search of this.#all.values()) search.end();
    this.#all.clear();
  }
}

/** Milliseconds that a search stays after its last watcher has gone. */
const LINGER_MS = 5_000;

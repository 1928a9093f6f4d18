import { setTimeout as pause } from 'node:timers/promises';
import { foldForSearch } from '../../shared/catalogue-query.ts';
import type { CatalogueReader, CatalogueRow, RowId } from './catalogue-store.ts';

/**
 * All names of a phone in one stretch of memory, folded, with the numbers a query asks for beside them: a search reads it
 * from front to end at the speed of memory. It lives while a search or a space page is open. The truth is the store: what
 * is shown is looked up there.
 */

/** Rows read at once: some ten milliseconds. */
const PAGE = 5_000;
/** Folders that may change before everything is read again. */
const MOST_DIRTY = 500;
const END = 0x0a;

/** Grows by halves; typed arrays have one size. */
class Numbers<A extends Float64Array | Uint32Array | Uint8Array> {
  #array: A;
  readonly #make: (length: number) => A;
  #length = 0;
  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#array = make(1024);
  }
  push(value: number): void {
    if (this.#length === this.#array.length) {
      const larger = this.#make(Math.ceil(this.#length * 1.5));
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.#length] = value;
    this.#length += 1;
  }
  at(index: number): number {
    return this.#array[index] ?? 0;
  }
  set(index: number, value: number): void {
    this.#array[index] = value;
  }
  get length(): number {
    return this.#length;
  }
}

/** One phone's names and numbers, by position; a removed row keeps its position and is not `alive`. */
export class NameBuffer {
  readonly ids = new Numbers((length) => new Uint32Array(length));
  readonly parents = new Numbers((length) => new Uint32Array(length));
  readonly sizes = new Numbers((length) => new Float64Array(length));
  /** Milliseconds; NaN for no date. */
  readonly dates = new Numbers((length) => new Float64Array(length));
  readonly kinds = new Numbers((length) => new Uint8Array(length));
  /** Where each name begins; it ends with a line feed, which no folded name has. */
  readonly starts = new Numbers((length) => new Uint32Array(length));
  #names = Buffer.alloc(64 * 1024);
  #used = 0;
  readonly #alive = new Numbers((length) => new Uint8Array(length));

  get length(): number {
    return this.ids.length;
  }
  /** The folded names, one after the other. */
  get names(): Buffer {
    return this.#names.subarray(0, this.#used);
  }
  alive(index: number): boolean {
    return this.#alive.at(index) === 1;
  }
  end(index: number): void {
    this.#alive.set(index, 0);
  }
  /** Where the name at a position ends. */
  endOf(index: number): number {
    return (index + 1 < this.length ? this.starts.at(index + 1) : this.#used) - 1;
  }

  add(row: CatalogueRow): void {
    const folded = foldForSearch(row.name).replaceAll('\n', ' ');
    const most = folded.length * 3 + 1;
    if (this.#used + most > this.#names.byteLength) {
      const larger = Buffer.alloc(Math.max(this.#used + most, Math.ceil(this.#names.byteLength * 1.5)));
      this.#names.copy(larger, 0, 0, this.#used);
      this.#names = larger;
    }
    this.starts.push(this.#used);
    this.#used += this.#names.write(folded, this.#used, 'utf8');
    this.#names[this.#used] = END;
    this.#used += 1;
    this.ids.push(row.id);
    this.parents.push(row.parent);
    this.sizes.push(row.size);
    this.dates.push(row.modified ?? Number.NaN);
    this.kinds.push(row.kind);
    this.#alive.push(1);
  }

  /** The position of the name that holds this byte. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts.at(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Keeps a `NameBuffer` in line with its store, as long as somebody uses it. */
export class LiveNames {
  readonly #store: CatalogueReader;
  #buffer: NameBuffer | undefined;
  #building: Promise<NameBuffer> | undefined;
  readonly #dirty = new Set<RowId>();
  #isOld = false;

  constructor(store: CatalogueReader) {
    this.#store = store;
  }

  /** A folder's rows have changed; without one, anything may have. */
  changed(folder: RowId | undefined): void {
    if (this.#buffer === undefined && this.#building === undefined) return;
    if (folder === undefined || this.#dirty.size >= MOST_DIRTY) this.#isOld = true;
    else this.#dirty.add(folder);
  }

  /** Nobody uses it any more: its memory is given back. */
  forget(): void {
    this.#buffer = undefined;
    this.#dirty.clear();
    this.#isOld = false;
  }

  /** As the store is now. */
  async current(): Promise<NameBuffer> {
    if (this.#building !== undefined) return this.#building;
    if (this.#buffer === undefined || this.#isOld) {
      this.#building = this.#build().finally(() => {
        this.#building = undefined;
      });
      return this.#building;
    }
    this.#renew(this.#buffer);
    return this.#buffer;
  }

  async #build(): Promise<NameBuffer> {
    this.#isOld = false;
    this.#dirty.clear();
    const buffer = new NameBuffer();
    for (let after = 0; ;) {
      const rows = this.#store.rowsAfter(after, PAGE);
      for (const row of rows) if (row.name !== '') buffer.add(row);
      if (rows.length < PAGE) break;
      after = rows.at(-1)?.id ?? after;
      await pause(0);
    }
    this.#buffer = buffer;
    return buffer;
  }

  /** Rows of changed folders end, and are added at the end as they are now. */
  #renew(buffer: NameBuffer): void {
    if (this.#dirty.size === 0) return;
    for (let index = 0; index < buffer.length; index += 1)
      if (this.#dirty.has(buffer.parents.at(index))) buffer.end(index);
    for (const folder of this.#dirty) {
      for (let after = 0; ;) {
        const rows = this.#store.childrenAfter(folder, after, PAGE);
        for (const row of rows) buffer.add(row);
        if (rows.length < PAGE) break;
        after = rows.at(-1)?.id ?? after;
      }
    }
    this.#dirty.clear();
    let ended = 0;
    for (let index = 0; index < buffer.length; index += 1) if (!buffer.alive(index)) ended += 1;
    if (ended > 100_000 && ended > buffer.length / 2) this.#isOld = true;
  }
}

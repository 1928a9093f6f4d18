import { foldName, type Entry } from '../../shared/domain.ts';
import { extensionOf } from './entry-kind.ts';
import { freeName } from './names.ts';
import { folded, keyOf } from './natural-key.ts';

/** What a folder can be sorted by. */
export type SortColumn = 'name' | 'size' | 'modified' | 'kind';
/** A column and its direction. */
export interface Sort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

/** How a folder is sorted until the person chooses. */
export const BY_NAME: Sort = { column: 'name', descending: false };

/** Entries sorted or merged per step, between which the caller may draw a frame. */
const SLICE = 4000;

/**
 * Entries of a folder in the order and with the filter that the window shows. Each batch is merged into the sorted
 * list, so that 50,000 entries never cost one long frame; sorting many entries is a generator whose steps the caller
 * spreads over frames. Mutable on purpose: copying 50,000 entries per batch would cost more than everything else.
 */
export class Listing {
  readonly entries: Entry[] = [];
  /** Sort keys. */
  readonly #keys: string[] = [];
  /** Case-folded names, for filtering and searching. */
  readonly #folds: string[] = [];
  #sort: Sort = BY_NAME;
  #filter = '';
  #hidden = false;
  /** All entries, sorted. */
  #order = new Uint32Array(0);
  /** Shown entries: sorted and filtered. */
  #view = new Uint32Array(0);
  #positions: Map<string, number> | undefined;
  #folded: Set<string> | undefined;

  get sort(): Sort {
    return this.#sort;
  }
  get hidden(): boolean {
    return this.#hidden;
  }
  get length(): number {
    return this.#view.length;
  }
  at(position: number): Entry | undefined {
    const index = this.#view[position];
    return index === undefined ? undefined : this.entries[index];
  }
  idAt(position: number): string | undefined {
    return this.at(position)?.name;
  }
  /** Position of a shown entry, or -1. The index is built on the first call after a change. */
  indexOf(name: string): number {
    if (this.#positions === undefined) {
      const positions = new Map<string, number>();
      this.#view.forEach((index, position) => positions.set(this.entries[index]?.name ?? '', position));
      this.#positions = positions;
    }
    return this.#positions.get(name) ?? -1;
  }
  /** Whether the folder contains the name, shown or not. Ignores case, as phones do. */
  has(name: string): boolean {
    this.#folded ??= new Set(this.entries.map((entry) => foldName(entry.name)));
    return this.#folded.has(foldName(name));
  }
  freeName(wanted: string): string {
    return freeName(wanted, (name) => this.has(name));
  }
  /**
   * The first shown entry at or after `from`, wrapping around, whose name starts with `prefix`. Ignores case and
   * accents.
   */
  startingWith(prefix: string, from: number): number {
    const wanted = folded(prefix);
    for (let step = 0; step < this.length; step++) {
      const position = (from + step) % this.length;
      if (this.#folds[this.#view[position] ?? -1]?.startsWith(wanted) === true) return position;
    }
    return -1;
  }

  clear(): void {
    this.entries.length = 0;
    this.#folded = undefined;
    this.#keys.length = 0;
    this.#folds.length = 0;
    this.#order = new Uint32Array(0);
    this.#show();
  }

  /** Merges a batch. Split batches of thousands into pieces first. */
  append(batch: readonly Entry[]): void {
    const first = this.entries.length;
    this.#folded = undefined;
    for (const entry of batch) {
      this.entries.push(entry);
      const fold = folded(entry.name);
      this.#folds.push(fold);
      this.#keys.push(keyOf(fold));
    }
    const compare = this.#comparison(this.#sort);
    const added = Uint32Array.from(batch, (_, index) => first + index).sort(compare);
    this.#order = merged(this.#order, added, compare);
    this.#show();
  }

  setFilter(filter: string): void {
    this.#filter = folded(filter.trim());
    this.#show();
  }
  /** Shows or hides entries whose name starts with a dot. */
  setHidden(shown: boolean): void {
    this.#hidden = shown;
    this.#show();
  }
  setSort(sort: Sort): void {
    for (const _step of this.sorting(sort));
  }

  /**
   * Sorts in steps. The old order stays visible until the last step; a batch that arrives in between cancels the
   * sort.
   */
  *sorting(sort: Sort): Generator<void, void> {
    const all = this.entries.length;
    const compare = this.#comparison(sort);
    let runs: Uint32Array<ArrayBuffer>[] = [];
    for (let start = 0; start < all; start += SLICE) {
      const length = Math.min(SLICE, all - start);
      runs.push(Uint32Array.from({ length }, (_, index) => start + index).sort(compare));
      yield;
    }
    while (runs.length > 1) {
      const next: Uint32Array<ArrayBuffer>[] = [];
      for (let pair = 0; pair < runs.length; pair += 2) {
        const left = runs[pair];
        const right = runs[pair + 1];
        if (left === undefined) break;
        next.push(right === undefined ? left : merged(left, right, compare));
        yield;
      }
      runs = next;
    }
    this.#sort = sort;
    this.#order = runs[0] ?? new Uint32Array(0);
    if (this.entries.length > all) {
      const rest = Uint32Array.from({ length: this.entries.length - all }, (_, index) => all + index).sort(compare);
      this.#order = merged(this.#order, rest, compare);
    }
    this.#show();
  }

  /** Folders first in either direction, as in file managers; ties are sorted by name. */
  #comparison(sort: Sort): (a: number, b: number) => number {
    const { entries } = this;
    const keys = this.#keys;
    const direction = sort.descending ? -1 : 1;
    const byName = (a: number, b: number): number => {
      const left = keys[a] ?? '';
      const right = keys[b] ?? '';
      return left < right ? -1 : left > right ? 1 : a - b;
    };
    return (a, b) => {
      const left = entries[a];
      const right = entries[b];
      if (left === undefined || right === undefined) return a - b;
      if (left.kind !== right.kind) return left.kind === 'folder' ? -1 : 1;
      switch (sort.column) {
        case 'name':
          return direction * byName(a, b);
        case 'size':
          return direction * (left.size - right.size) || byName(a, b);
        case 'modified':
          return direction * ((left.modified ?? -1) - (right.modified ?? -1)) || byName(a, b);
        case 'kind': {
          const one = extensionOf(left.name);
          const other = extensionOf(right.name);
          return one === other ? byName(a, b) : direction * (one < other ? -1 : 1);
        }
      }
    };
  }

  #show(): void {
    this.#positions = undefined;
    if (this.#hidden && this.#filter === '') {
      this.#view = this.#order;
      return;
    }
    this.#view = this.#order.filter((index) => {
      const name = this.entries[index]?.name ?? '';
      if (!this.#hidden && name.startsWith('.')) return false;
      return this.#filter === '' || (this.#folds[index] ?? '').includes(this.#filter);
    });
  }
}

function merged(
  left: Uint32Array<ArrayBuffer>,
  right: Uint32Array<ArrayBuffer>,
  compare: (a: number, b: number) => number,
): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(left.length + right.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < result.length; at++) {
    const one = left[i];
    const other = right[j];
    if (other === undefined || (one !== undefined && compare(one, other) <= 0)) {
      result[at] = one ?? 0;
      i++;
    } else {
      result[at] = other;
      j++;
    }
  }
  return result;
}

import type { CatalogueReader, RowId } from './catalogue-store.ts';
import { NameBuffer } from './name-buffer.ts';
import { Slices, STEP } from './numbers.ts';

/** Rows read at once: few, so that they are no garbage that outlives its first collection. */
const PAGE = 256;
/** Folders that may change before everything is read again. */
const MOST_DIRTY = 5_000;
/** Rows that ended, or came since all was put in order, before everything is read again: below this a search does not notice. */
const MOST_LOOSE = 100_000;
/** Rows that memory is set aside for on the word of sums; more of them make it grow. */
const MOST_EXPECTED = 2_000_000;
/** And for some that come later, without which the first of them would make all of it grow. Unused, it takes none. */
const ROOM = 1 / 16;

/** Keeps a `NameBuffer` in line with its store, as long as somebody uses it. */
export class LiveNames {
  readonly #store: CatalogueReader;
  #buffer: NameBuffer | undefined;
  #working: Promise<NameBuffer> | undefined;
  #dirty = new Set<RowId>();
  #isOld = false;
  /** Changes told of so far, and how many of them the buffer has. */
  #changes = 0;
  #asOf = 0;

  constructor(store: CatalogueReader) {
    this.#store = store;
  }

  /** A folder's rows have changed; without one, anything may have. */
  changed(folder: RowId | undefined): void {
    this.#changes += 1;
    if (this.#buffer === undefined && this.#working === undefined) return;
    if (folder === undefined || this.#dirty.size >= MOST_DIRTY) this.#isOld = true;
    else this.#dirty.add(folder);
  }

  /** A moment in the life of the store: that of what `current` has answered last. */
  get asOf(): number {
    return this.#asOf;
  }
  /** Whether something has changed after that moment. */
  hasChangedSince(asOf: number): boolean {
    return asOf !== this.#changes;
  }

  /** Nobody uses it any more: its memory is given back. */
  forget(): void {
    this.#buffer = undefined;
    this.#dirty.clear();
    this.#isOld = false;
  }

  /** As the store is now. */
  async current(): Promise<NameBuffer> {
    if (this.#working !== undefined) return this.#working;
    const buffer = this.#buffer;
    if (buffer !== undefined && !this.#isOld && this.#dirty.size === 0) return buffer;
    this.#working = (buffer === undefined || this.#isOld ? this.#build() : this.#renew(buffer)).finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async #build(): Promise<NameBuffer> {
    const asOf = this.#changes;
    this.#isOld = false;
    this.#dirty.clear();
    // what is about to be read again is not kept beside it
    this.#buffer = undefined;
    const { files, folders } = this.#store.totals();
    const slices = new Slices();
    const buffer = new NameBuffer(Math.ceil(Math.min(files + folders, MOST_EXPECTED) * (1 + ROOM)));
    for (let after = 0; ;) {
      const rows = this.#store.rowsAfter(after, PAGE);
      for (const row of rows) if (row.name !== '') buffer.add(row);
      if (rows.length < PAGE) break;
      after = rows.at(-1)?.id ?? after;
      await slices.breathe();
    }
    await buffer.arrange(slices);
    this.#buffer = buffer;
    this.#asOf = asOf;
    return buffer;
  }

  /**
   * Rows of changed folders that are not as they were end, with all that was in folders that are gone; what is new is added
   * at the end.
   */
  async #renew(buffer: NameBuffer): Promise<NameBuffer> {
    const asOf = this.#changes;
    const dirty = this.#dirty;
    this.#dirty = new Set();
    const slices = new Slices();
    const { folders } = buffer;
    const concerned = new Uint8Array(folders.length);
    for (const id of dirty) {
      const folder = folders.find(id);
      if (folder !== undefined) concerned[folder] = 1;
    }
    const before = new Map<RowId, number>();
    const gone = new Set<number>();
    await each(buffer, slices, (index) => {
      if (!buffer.alive(index) || concerned[buffer.folderOf.at(index)] !== 1) return;
      const id = buffer.ids.at(index);
      before.set(id, index);
      const folder = buffer.kinds.at(index) === 0 ? folders.find(id) : undefined;
      if (folder !== undefined) gone.add(folder);
    });
    for (const folder of dirty) {
      for (let after = 0; ;) {
        const rows = this.#store.childrenAfter(folder, after, PAGE);
        for (const row of rows) {
          const index = before.get(row.id);
          if (index !== undefined && buffer.renew(index, row)) before.delete(row.id);
          else buffer.add(row);
          const known = row.kind === 0 ? folders.find(row.id) : undefined;
          if (known !== undefined) gone.delete(known);
        }
        await slices.breathe();
        if (rows.length < PAGE) break;
        after = rows.at(-1)?.id ?? after;
      }
    }
    for (const index of before.values()) buffer.end(index);
    const within = gone.size === 0 ? undefined : folders.within(gone);
    let ended = 0;
    await each(buffer, slices, (index) => {
      if (within?.[buffer.folderOf.at(index)] === 1) buffer.end(index);
      if (!buffer.alive(index)) ended += 1;
    });
    const loose = Math.max(ended, buffer.length - buffer.arranged);
    if (loose > MOST_LOOSE && loose > buffer.length / 4) this.#isOld = true;
    this.#asOf = asOf;
    return buffer;
  }
}

/** Looks at every position there is now. */
async function each(buffer: NameBuffer, slices: Slices, look: (index: number) => void): Promise<void> {
  const { length } = buffer;
  for (let from = 0; from < length; from += STEP) {
    const until = Math.min(from + STEP, length);
    for (let index = from; index < until; index += 1) look(index);
    await slices.breathe();
  }
}

import { foldForSearch } from '../../shared/catalogue-query.ts';
import type { CatalogueRow, RowId } from './catalogue-store.ts';
import {
  largestFirst,
  middle,
  narrow,
  Numbers,
  release,
  reserve,
  STEP,
  Stretch,
  wide,
  type Slices,
} from './numbers.ts';

/**
 * All names of a phone in one stretch of memory, folded, with the numbers a query asks for beside them: some 55 bytes a row.
 * A search reads it from front to end at the speed of memory, and finds the newest first, since that is the order it is
 * in. The truth is the store: what is shown is looked up there.
 */

const END = 0x0a;
/** Number of a folder that is in no other. */
const NONE = 0xffffffff;
/** Bytes set aside for a name. */
const NAME_BYTES = 24;
/** Of a row's numbers, and of what is needed beside them to put them in order: the order, and the widest column. */
const ROW_BYTES = 30;
const ORDER_BYTES = Uint32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT;

/** Folders by small numbers, so that a row names its folder in four bytes and a query decides about each folder once. */
class Folders {
  readonly #numbers = new Map<RowId, number>();
  readonly #ids = new Numbers(middle);
  readonly #above = new Numbers(middle);
  readonly #names: string[] = [];

  get length(): number {
    return this.#names.length;
  }
  idOf(folder: number): RowId {
    return this.#ids.at(folder);
  }
  /** `undefined` for a folder without rows. */
  find(id: RowId): number | undefined {
    return this.#numbers.get(id);
  }
  /** The number of a folder; a storage's root and one whose row has not come are given theirs without a name. */
  numberOf(id: RowId): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#names.length;
    this.#numbers.set(id, number);
    this.#ids.push(id);
    this.#above.push(NONE);
    this.#names.push('');
    return number;
  }
  tell(id: RowId, above: number, name: string): void {
    const number = this.numberOf(id);
    this.#above.set(number, above);
    this.#names[number] = name;
  }

  /** Of each folder, 1 where this way of folded names is in its path. */
  below(way: readonly string[]): Uint8Array {
    return this.#below((folder) => {
      let at = folder;
      for (let step = way.length - 1; step >= 0; step -= 1) {
        // a root has no name, so no way goes through it
        if (at === NONE || this.#names[at] !== way[step]) return false;
        at = this.#above.at(at);
      }
      return true;
    });
  }
  /** Of each folder, 1 where it is one of these or lies in one of them. */
  within(tops: ReadonlySet<number>): Uint8Array {
    return this.#below((folder) => tops.has(folder));
  }

  #below(ends: (folder: number) => boolean): Uint8Array {
    const [unknown, no, yes] = [0, 1, 2];
    const answers = new Uint8Array(this.length);
    const climbed: number[] = [];
    for (let folder = 0; folder < this.length; folder += 1) {
      let at = folder;
      // marked on the way up, so that not even a circle is climbed twice
      for (; at !== NONE && answers[at] === unknown; at = this.#above.at(at)) {
        answers[at] = no;
        climbed.push(at);
      }
      let answer = at === NONE ? no : (answers[at] ?? no);
      for (let one = climbed.pop(); one !== undefined; one = climbed.pop()) {
        if (answer !== yes && ends(one)) answer = yes;
        answers[one] = answer;
      }
    }
    return answers.map((answer) => (answer === yes ? 1 : 0));
  }
}

/** One phone's names and numbers, by position; a removed row keeps its position and is not `alive`. */
export class NameBuffer {
  readonly ids: Numbers<Uint32Array<ArrayBuffer>>;
  readonly sizes: Numbers<Float64Array<ArrayBuffer>>;
  /** Milliseconds; NaN for no date. */
  readonly dates: Numbers<Float64Array<ArrayBuffer>>;
  readonly kinds: Numbers<Uint8Array<ArrayBuffer>>;
  /** Where each name begins; it ends with a line feed, which no folded name has. */
  readonly starts: Numbers<Uint32Array<ArrayBuffer>>;
  readonly folders = new Folders();
  /** The number in `folders` of the folder each row is in. */
  readonly folderOf: Numbers<Uint32Array<ArrayBuffer>>;
  readonly #alive: Numbers<Uint8Array<ArrayBuffer>>;
  #names: Buffer;
  #used = 0;
  #arranged = 0;

  /** With room for so many rows, as far as is known. */
  constructor(expected = 1024) {
    const memory = new Stretch(expected * ROW_BYTES, 7);
    this.ids = new Numbers(middle, expected, memory);
    this.sizes = new Numbers(wide, expected, memory);
    this.dates = new Numbers(wide, expected, memory);
    this.kinds = new Numbers(narrow, expected, memory);
    this.starts = new Numbers(middle, expected, memory);
    this.folderOf = new Numbers(middle, expected, memory);
    this.#alive = new Numbers(narrow, expected, memory);
    this.#names = Buffer.from(reserve(Math.max(64 * 1024, expected * NAME_BYTES)));
  }

  get length(): number {
    return this.ids.length;
  }
  /** The folded names, one after the other. */
  get names(): Buffer {
    return this.#names.subarray(0, this.#used);
  }
  /** Positions before this one are in the order of their dates, the newest first; what came later is in none. */
  get arranged(): number {
    return this.#arranged;
  }
  alive(index: number): boolean {
    return this.#alive.at(index) === 1;
  }
  end(index: number): void {
    this.#alive.set(index, 0);
  }
  /** The folder a row is in. */
  parentOf(index: number): RowId {
    return this.folders.idOf(this.folderOf.at(index));
  }
  /** Where the name at a position ends. */
  endOf(index: number): number {
    return (index + 1 < this.length ? this.starts.at(index + 1) : this.#used) - 1;
  }

  add(row: CatalogueRow): void {
    const name = foldForSearch(row.name);
    const folded = name.replaceAll('\n', ' ');
    const most = folded.length * 3 + 1;
    if (this.#used + most > this.#names.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#used + most, Math.ceil(this.#names.byteLength * 1.125)));
      this.#names.copy(larger, 0, 0, this.#used);
      this.#names = larger;
    }
    const folder = this.folders.numberOf(row.parent);
    if (row.kind === 0) this.folders.tell(row.id, folder, name);
    this.starts.push(this.#used);
    this.#used += this.#names.write(folded, this.#used, 'utf8');
    this.#names[this.#used] = END;
    this.#used += 1;
    this.ids.push(row.id);
    this.folderOf.push(folder);
    this.sizes.push(row.size);
    this.dates.push(row.modified ?? Number.NaN);
    this.kinds.push(row.kind);
    this.#alive.push(1);
  }

  /**
   * The row at a position as it is now; false, and nothing is done, where it belongs elsewhere for its date. No row gets
   * another name, and none the number of an earlier one.
   */
  renew(index: number, row: CatalogueRow): boolean {
    const date = this.dates.at(index);
    if (row.modified === undefined ? !Number.isNaN(date) : row.modified !== date) return false;
    this.sizes.set(index, row.size);
    return true;
  }

  /** Puts the newest first. Nobody may use it meanwhile. */
  async arrange(slices: Slices): Promise<void> {
    const scratch = new Stretch(this.length * ORDER_BYTES, 2);
    const order = scratch.take(middle, this.length);
    for (let at = 0; at < order.length; at += 1) order[at] = at;
    // while it is sorted it is the two lists that this takes
    const spare = scratch.take(wide, this.length);
    let taken = spare.byteOffset;
    const take = (length: number): Uint32Array<ArrayBuffer> => {
      const list = middle(spare.buffer, taken, length);
      taken += list.byteLength;
      return list;
    };
    const sorted = await largestFirst(order, this.dates.array, { slices, lists: { take } });
    if (sorted !== order) order.set(sorted);
    for (const column of [this.ids, this.folderOf, this.kinds, this.#alive]) await column.arrange(order, slices, spare);
    for (const column of [this.sizes, this.dates]) await column.arrange(order, slices, spare);
    const [before, starts] = [this.#names, this.starts.array];
    const names = Buffer.from(reserve(Math.max(this.#used, before.byteLength)));
    const arranged = middle(spare.buffer, spare.byteOffset, order.length);
    let used = 0;
    for (let from = 0; from < order.length; from += STEP) {
      const until = Math.min(from + STEP, order.length);
      for (let at = from; at < until; at += 1) {
        const row = order[at] ?? 0;
        arranged[at] = used;
        const end = row + 1 < order.length ? (starts[row + 1] ?? 0) : this.#used;
        for (let byte = starts[row] ?? 0; byte < end; byte += 1) {
          names[used] = before[byte] ?? 0;
          used += 1;
        }
      }
      await slices.breathe();
    }
    starts.set(arranged);
    this.#names = names;
    this.#arranged = order.length;
    release(before);
    scratch.giveBack();
  }

  /** The position of the name that holds this byte, which is not before that of `from`. */
  indexAt(offset: number, from = 0): number {
    const starts = this.starts.array;
    let low = from;
    let high = this.length - 1;
    // mostly it is near
    for (let step = 16; low + step < high && (starts[low + step] ?? 0) <= offset; step *= 4) low += step;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

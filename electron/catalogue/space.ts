import { setTimeout as pause } from 'node:timers/promises';
import { CATALOGUE_KINDS, type CatalogueKind } from '../../shared/catalogue-kinds.ts';
import {
  countedSize,
  type FolderSum,
  type SameSize,
  type SpaceNode,
  type SpaceSummary,
  type SpaceView,
} from '../../shared/catalogue.ts';
import { baseNameOf, type PhonePlace, type StorageKey } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { Catalogue, OpenCatalogue } from './catalogue.ts';
import type { CatalogueReader, CatalogueRow, RowId } from './catalogue-store.ts';
import type { NameBuffer } from './name-buffer.ts';
import { largestFirst, Slices } from './numbers.ts';
import { Positions } from './positions.ts';
import { entriesOf } from './searches.ts';
import { rowAt, storageOf, wayTo } from './tree.ts';

/** Where space goes, added up from what is remembered. */

const PAGE = 2_000;
const LARGEST = 100;
/** Positions looked at between two turns for others: some milliseconds. */
const STEP = 50_000;

const requireOpen = (catalogue: Catalogue, device: PhonePlace['device']): OpenCatalogue => {
  const open = catalogue.of(device);
  if (open === undefined) throw fail('missing', 'catalogue', 'nothing is remembered of this phone');
  return open;
};

const requireRow = (store: CatalogueReader, { storage, path }: PhonePlace): CatalogueRow => {
  const row = rowAt(store, storage, path);
  if (row === undefined) throw fail('missing', 'catalogue', 'nothing is remembered of it', { subject: path });
  return row;
};

interface Weighed {
  readonly row: CatalogueRow;
  readonly bytes: number;
  readonly files: number;
}

/** The largest entries of a folder, at most so many, and the others together. */
async function largestIn(
  store: CatalogueReader,
  folder: RowId,
  most: number,
): Promise<{ readonly kept: readonly Weighed[]; readonly rest: Omit<Weighed, 'row'> & { readonly entries: number } }> {
  let kept: Weighed[] = [];
  let [bytes, files, entries] = [0, 0, 0];
  const cut = (): void => {
    kept.sort((one, other) => other.bytes - one.bytes);
    for (const { bytes: of, files: count } of kept.splice(most)) {
      bytes += of;
      files += count;
      entries += 1;
    }
  };
  for (let after = 0; ;) {
    const rows = store.childrenAfter(folder, after, PAGE);
    for (const row of rows) {
      const below = row.kind === 0 ? store.folder(row.id) : undefined;
      kept.push({ row, bytes: below?.bytes ?? countedSize(row.size), files: below?.files ?? 1 });
    }
    if (rows.length < PAGE) break;
    cut();
    after = rows.at(-1)?.id ?? after;
    await pause(0);
  }
  cut();
  kept = kept.filter((one) => one.bytes > 0 || one.row.kind === 0);
  return { kept, rest: { bytes, files, entries } };
}

async function nodeOf(
  store: CatalogueReader,
  { row, bytes, files }: Weighed,
  depth: number,
  most: number,
): Promise<SpaceNode> {
  const node = { name: row.name, kind: CATALOGUE_KINDS[row.kind] ?? 'other', bytes, files, folded: 0 };
  if (row.kind !== 0 || depth === 0 || most < 2) return { ...node, children: [] };
  const { kept, rest } = await largestIn(store, row.id, depth === 1 ? most : Math.max(10, Math.floor(most / 4)));
  const children: SpaceNode[] = [];
  const left = most - kept.length;
  for (const one of kept) {
    const share = bytes > 0 ? Math.floor((left * one.bytes) / bytes) : 0;
    children.push(await nodeOf(store, one, depth - 1, share));
  }
  if (rest.entries > 0)
    children.push({
      name: '',
      kind: 'other',
      bytes: rest.bytes,
      files: rest.files,
      children: [],
      folded: rest.entries,
    });
  return { ...node, children };
}

/** The treemap's data of one folder. Rejects with `missing` where nothing is remembered. */
export async function spaceOf(
  catalogue: Catalogue,
  place: PhonePlace,
  depth: number,
  most: number,
): Promise<SpaceView> {
  const open = requireOpen(catalogue, place.device);
  const row = requireRow(open.store, place);
  const folder = open.store.folder(row.id);
  const weighed = { row, bytes: folder?.bytes ?? row.size, files: folder?.files ?? 1 };
  const tree = await nodeOf(open.store, weighed, depth, most);
  const whole = catalogue.freshness(open);
  return {
    place,
    tree: { ...tree, name: baseNameOf(place.path) },
    ...whole,
    complete: folder === undefined ? whole.complete : folder.unlisted === 0,
  };
}

/** Sums of the folders in a folder; empty where nothing is remembered of it. */
export function sumsOf(catalogue: Catalogue, place: PhonePlace): readonly FolderSum[] {
  const open = catalogue.of(place.device);
  const row = open === undefined ? undefined : rowAt(open.store, place.storage, place.path);
  if (open === undefined || row === undefined) return [];
  return open.store.foldersIn(row.id).flatMap(({ id, seen, due, bytes, files, unlisted }): FolderSum[] => {
    const name = open.store.row(id)?.name;
    // never listed: nothing is known of what is in it
    if (name === undefined || seen === undefined) return [];
    return [{ name, bytes, files, asOf: seen, complete: unlisted === 0, stale: due !== undefined }];
  });
}

/** Whether a row's folder is on a storage; each folder is looked up once. */
function isOn(store: CatalogueReader, key: StorageKey | undefined): (folder: RowId) => boolean {
  if (key === undefined) return () => true;
  const root = storageOf(store, key)?.root;
  const known = new Map<RowId, boolean>();
  return (folder) => {
    let answer = known.get(folder);
    if (answer === undefined) {
      answer = root !== undefined && wayTo(store, folder)?.[0]?.id === root;
      known.set(folder, answer);
    }
    return answer;
  };
}

/** Positions of all files of at least so many bytes, in slices. */
async function filesOf(
  buffer: NameBuffer,
  least: number,
  isWanted: (folder: RowId) => boolean,
  each: (index: number) => void,
): Promise<void> {
  for (let index = 0; index < buffer.length; index += 1) {
    if (index % STEP === STEP - 1) await pause(0);
    if (!buffer.alive(index) || buffer.kinds.at(index) === 0 || buffer.sizes.at(index) < least) continue;
    if (isWanted(buffer.parentOf(index))) each(index);
  }
}

interface Sum {
  files: number;
  bytes: number;
}
const into = <K>(sums: Map<K, Sum>, key: K, bytes: number): void => {
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { files: 1, bytes });
  else {
    sum.files += 1;
    sum.bytes += bytes;
  }
};

/** By kind, by age, and the largest files. Rejects with `missing` where nothing is remembered of the phone. */
export async function summaryOf(
  catalogue: Catalogue,
  device: PhonePlace['device'],
  storage: StorageKey | undefined,
): Promise<SpaceSummary> {
  const open = requireOpen(catalogue, device);
  return catalogue.withNames(open, async () => {
    const buffer = await open.names.current();
    const kinds = new Map<CatalogueKind, Sum>();
    const ages = new Map<number | undefined, Sum>();
    let largest: number[] = [];
    let least = -1;
    await filesOf(buffer, 0, isOn(open.store, storage), (index) => {
      const size = countedSize(buffer.sizes.at(index));
      const date = buffer.dates.at(index);
      into(kinds, CATALOGUE_KINDS[buffer.kinds.at(index)] ?? 'other', size);
      into(ages, Number.isNaN(date) ? undefined : new Date(date).getFullYear(), size);
      if (size <= least) return;
      largest.push(index);
      if (largest.length < LARGEST * 10) return;
      largest = largestOf(largest, buffer);
      least = countedSize(buffer.sizes.at(largest.at(-1) ?? 0));
    });
    return {
      kinds: [...kinds]
        .map(([kind, sum]) => ({ kind: kind === 'folder' ? ('other' as const) : kind, ...sum }))
        .sort((one, other) => other.bytes - one.bytes),
      ages: [...ages]
        .map(([year, sum]) => ({ year, ...sum }))
        .sort((one, other) => (other.year ?? -Infinity) - (one.year ?? -Infinity)),
      largest: entriesOf(
        open.store,
        device,
        largestOf(largest, buffer).map((index) => buffer.ids.at(index)),
      ),
      ...catalogue.freshness(open),
    };
  });
}

const largestOf = (indexes: readonly number[], buffer: NameBuffer): number[] =>
  [...indexes]
    .sort((one, other) => countedSize(buffer.sizes.at(other)) - countedSize(buffer.sizes.at(one)) || one - other)
    .slice(0, LARGEST);

/** Groups of files of one size, those that take the most space first, a page of them. */
export async function sameSizes(
  catalogue: Catalogue,
  device: PhonePlace['device'],
  { least, offset, limit }: { readonly least: number; readonly offset: number; readonly limit: number },
): Promise<{ readonly total: number; readonly groups: readonly SameSize[] }> {
  const open = requireOpen(catalogue, device);
  return catalogue.withNames(open, async () => {
    const buffer = await open.names.current();
    let count = 0;
    await filesOf(
      buffer,
      least,
      () => true,
      () => (count += 1),
    );
    const indexes = new Uint32Array(count);
    let at = 0;
    await filesOf(
      buffer,
      least,
      () => true,
      (index) => {
        indexes[at] = index;
        at += 1;
      },
    );
    const sorted = await largestFirst(indexes, buffer.sizes.array, {
      slices: new Slices(),
      lists: new Positions().lend(),
    });
    const groups: { readonly from: number; readonly until: number; readonly size: number }[] = [];
    for (let from = 0; from < sorted.length;) {
      const size = buffer.sizes.at(sorted[from] ?? 0);
      let until = from + 1;
      while (until < sorted.length && buffer.sizes.at(sorted[until] ?? 0) === size) until += 1;
      // what no storage can hold says nothing of what there is
      if (until - from > 1 && countedSize(size) > 0) groups.push({ from, until, size });
      from = until;
    }
    groups.sort((one, other) => other.size * (other.until - other.from - 1) - one.size * (one.until - one.from - 1));
    return {
      total: groups.length,
      groups: groups.slice(offset, offset + limit).map(({ from, until, size }) => ({
        size,
        files: entriesOf(
          open.store,
          device,
          [...sorted.subarray(from, Math.min(until, from + MOST_OF_A_GROUP))].map((index) => buffer.ids.at(index)),
        ),
      })),
    };
  });
}

/** Files of one size that are told: more than that nobody compares by eye. */
const MOST_OF_A_GROUP = 200;

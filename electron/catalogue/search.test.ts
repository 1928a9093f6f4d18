import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE_KINDS, catalogueKindOf } from '../../shared/catalogue-kinds.ts';
import { foldForSearch, parseQuery, type CatalogueQuery } from '../../shared/catalogue-query.ts';
import { SEARCH_ORDERS, type SearchOrder } from '../../shared/catalogue.ts';
import type { CatalogueRow } from './catalogue-store.ts';
import { NameBuffer } from './name-buffer.ts';
import { Slices } from './numbers.ts';
import { Positions } from './positions.ts';
import { searchNames } from './search.ts';
import { firstFound, sortFound } from './sort-found.ts';

const never = new AbortController().signal;
const how = (isLast = false): Parameters<typeof sortFound>[4] => ({
  signal: never,
  lists: new Positions().lend(),
  isLast,
});
const PIECES = [
  'IMG',
  'img_',
  'Été',
  'ete',
  'Straße',
  '写真',
  '😀',
  'a',
  'aa',
  'b',
  '2025',
  ' ',
  '.',
  'x\ny',
  'ø',
  'Z',
];
const ENDINGS = ['jpg', 'mp4', 'pdf', 'bin', 'MP3'];

/** Numbers that are always the same. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Rows of a tree: each folder comes before what is in it, as in a store. */
function rows(count: number, seed: number): CatalogueRow[] {
  const next = numbers(seed);
  const folders = [1];
  const all: CatalogueRow[] = [{ id: 1, parent: 0, name: '', kind: 0, size: 0, modified: undefined, handle: 0 }];
  for (let id = 2; id <= count; id += 1) {
    const isFolder = next(20) === 0;
    const parent = folders[next(folders.length)] ?? 1;
    const name = `${PIECES[next(PIECES.length)]}${PIECES[next(PIECES.length)]}${next(50)}`;
    const file = `${name}.${ENDINGS[next(ENDINGS.length)]}`;
    if (isFolder) folders.push(id);
    all.push({
      id,
      parent,
      name: isFolder ? name : file,
      kind: isFolder ? 0 : CATALOGUE_KINDS.indexOf(catalogueKindOf(file)),
      size: isFolder ? 0 : next(5) === 0 ? Number.MAX_SAFE_INTEGER : next(1_000),
      modified: next(4) === 0 ? undefined : 1_700_000_000_000 + next(200) * 1_000,
      handle: id,
    });
  }
  return all;
}

/** The buffer of these rows; the last of them came after it was put in order. */
async function bufferOf(all: readonly CatalogueRow[], late: number): Promise<NameBuffer> {
  const buffer = new NameBuffer();
  for (const row of all.slice(0, all.length - late)) if (row.name !== '') buffer.add(row);
  await buffer.arrange(new Slices());
  for (const row of all.slice(all.length - late)) buffer.add(row);
  return buffer;
}

/** What a query means, row by row. */
function fits(query: CatalogueQuery, all: ReadonlyMap<number, CatalogueRow>, row: CatalogueRow): boolean {
  const name = foldForSearch(row.name).replaceAll('\n', ' ');
  const way: string[] = [];
  for (
    let at = query.inside.length === 0 ? undefined : all.get(row.parent);
    at !== undefined && at.name !== '';
    at = all.get(at.parent)
  )
    way.unshift(foldForSearch(at.name));
  return (
    row.name !== '' &&
    query.words.every((word) => name.includes(word)) &&
    (query.kinds.length === 0 || query.kinds.some((kind) => CATALOGUE_KINDS[row.kind] === kind)) &&
    ((query.leastSize === undefined && query.mostSize === undefined) || row.kind !== 0) &&
    row.size >= (query.leastSize ?? 0) &&
    row.size <= (query.mostSize ?? Infinity) &&
    ((query.from === undefined && query.before === undefined) ||
      (row.modified !== undefined &&
        row.modified >= (query.from ?? -Infinity) &&
        row.modified < (query.before ?? Infinity))) &&
    query.inside.every((inside) => `/${way.join('/')}/`.includes(`/${inside.join('/')}/`))
  );
}

async function search(buffer: NameBuffer, text: string): Promise<Uint32Array> {
  for await (const { indexes, complete } of searchNames(buffer, parseQuery(text), never)) if (complete) return indexes;
  throw new Error('it never ended');
}

const QUERIES = [
  'a',
  'img',
  'img 2025',
  'aa a',
  'STRASSE',
  '写真',
  '😀 ete',
  'o jpg',
  'nowhere',
  '2025.pdf',
  'kind:photo',
  'kind:folder a',
  'kind:photo,video size>500',
  'size<100 aa',
  'size>=1',
  'date>2023-11-14 img',
  'date:2023',
  'in:aa49',
  'in:a kind:photo',
  'in:img_ete7',
  'in:"b2025"',
  '" " .jpg',
];

describe('searching a buffer of names', () => {
  for (const seed of [1, 2])
    it(`finds what each row says by itself (${seed})`, async () => {
      const all = rows(10_000, seed);
      const byId = new Map(all.map((row) => [row.id, row]));
      const buffer = await bufferOf(all, 500);
      // and ways of two folders that there are
      const deep = all.find((row) => row.kind === 0 && (byId.get(row.parent)?.name ?? '') !== '');
      const inside = `in:"${byId.get(deep?.parent ?? 0)?.name}/${deep?.name}"`;
      assert.ok(all.some((row) => fits(parseQuery(inside), byId, row)));
      for (const text of [...QUERIES, inside, `${inside} a`]) {
        const found = [...(await search(buffer, text))].map((index) => buffer.ids.at(index));
        const query = parseQuery(text);
        const meant = all.filter((row) => fits(query, byId, row)).map(({ id }) => id);
        assert.deepEqual(
          found.sort((one, other) => one - other),
          meant,
          text,
        );
      }
    });

  it('finds nothing that has ended, nor a word across two names', async () => {
    const buffer = new NameBuffer();
    for (const [at, name] of ['one', 'two', 'one two', 'on'].entries())
      buffer.add({ id: at + 2, parent: 1, name, kind: 7, size: 1, modified: undefined, handle: 0 });
    buffer.end(0);
    assert.deepEqual([...(await search(buffer, 'one'))], [2]);
    assert.deepEqual([...(await search(buffer, '"e\nt"'))], [2]);
    assert.deepEqual([...(await search(buffer, 'on'))], [2, 3]);
  });

  it('climbs no circle of folders for ever', async () => {
    const buffer = new NameBuffer();
    const folder = (id: number, parent: number, name: string): void =>
      buffer.add({ id, parent, name, kind: 0, size: 0, modified: undefined, handle: 0 });
    folder(5, 6, 'one');
    folder(6, 5, 'two');
    folder(7, 6, 'three');
    const found = await search(buffer, 'in:one');
    assert.ok([...found].every((index) => index < 3));
  });

  it('tells what it has found after a first slice that is shorter than the others', async (t) => {
    const buffer = new NameBuffer();
    for (let id = 2; id < 60_002; id += 1)
      buffer.add({ id, parent: 1, name: `a${id}`, kind: 1, size: 1, modified: undefined, handle: id });
    await buffer.arrange(new Slices());
    // each look at the clock is a millisecond later, and comes after 4,096 names
    let now = 0;
    t.mock.method(performance, 'now', () => (now += 1));
    const told: number[] = [];
    for await (const { indexes } of searchNames(buffer, parseQuery('a'), never)) told.push(indexes.length);
    assert.deepEqual(told, [3 * 4_096, (3 + 5) * 4_096, (3 + 10) * 4_096, 60_000]);
  });

  it('ends once nobody waits for it', async () => {
    const all = rows(15_000, 4);
    const buffer = await bufferOf(all, 0);
    const ending = new AbortController();
    let steps = 0;
    for await (const { complete } of searchNames(buffer, parseQuery('a'), ending.signal)) {
      steps += 1;
      ending.abort();
      if (complete) break;
    }
    assert.equal(steps, 1);
  });
});

describe('the order of what was found', () => {
  const compare: Record<SearchOrder, (one: CatalogueRow, other: CatalogueRow) => number> = {
    size: (one, other) => other.size - one.size,
    date: (one, other) => (other.modified ?? -Infinity) - (one.modified ?? -Infinity) || 0,
    name: (one, other) => Buffer.compare(Buffer.from(shown(one)), Buffer.from(shown(other))),
    best: (one, other) =>
      Number(shown(other).startsWith('img')) - Number(shown(one).startsWith('img')) || compare.date(one, other),
  };
  const shown = ({ name }: CatalogueRow): string => foldForSearch(name).replaceAll('\n', ' ');

  for (const order of SEARCH_ORDERS)
    for (const late of [0, 700])
      it(`${order}, with ${late} that came late`, async () => {
        const all = rows(30_000, 5);
        const byId = new Map(all.map((row) => [row.id, row]));
        const buffer = await bufferOf(all, late);
        for (const text of ['img', 'a']) {
          const indexes = await search(buffer, text);
          const sorted = await sortFound(indexes, order, parseQuery('img'), buffer, how());
          assert.deepEqual(
            [...sorted].sort((one, other) => one - other),
            [...indexes],
          );
          const found = [...sorted].map((index) => byId.get(buffer.ids.at(index)));
          for (const [at, row] of found.entries()) {
            const before = found[at - 1];
            if (row === undefined || (at > 0 && before === undefined)) assert.fail('a row that there is not');
            if (before !== undefined)
              assert.ok(!(compare[order](before, row) > 0), `${before.name} before ${row.name}`);
          }
        }
      });

  it('best needs no second list of all, where nobody reads the first any more', async () => {
    const buffer = await bufferOf(rows(60_000, 7), 0);
    const sort = async (isLast: boolean): Promise<{ readonly sorted: number[]; readonly taken: number }> => {
      const { lists, ...others } = how(isLast);
      const take = lists.take.bind(lists);
      let taken = 0;
      lists.take = (length) => {
        taken += length;
        return take(length);
      };
      const indexes = await search(buffer, 'a');
      const before = indexes.slice();
      const sorted = await sortFound(indexes, 'best', parseQuery('img'), buffer, { lists, ...others });
      if (!isLast) assert.deepEqual(indexes, before);
      return { sorted: [...sorted], taken };
    };
    const [last, first] = [await sort(true), await sort(false)];
    assert.deepEqual(last.sorted, first.sorted);
    const beginning = last.sorted.filter((index) => buffer.names[buffer.starts.at(index)] === 'i'.charCodeAt(0)).length;
    assert.ok(beginning > 0 && last.taken < last.sorted.length, `${last.taken} of ${last.sorted.length}`);
  });

  it('the first by name are those of all of them, sooner', async () => {
    const all = rows(60_000, 6);
    const buffer = await bufferOf(all, 100);
    const indexes = await search(buffer, '.');
    const first = await firstFound(indexes, 'name', buffer, 200);
    const sorted = await sortFound(indexes, 'name', parseQuery('.'), buffer, how());
    assert.deepEqual(first, sorted.slice(0, 200));
    assert.equal(await firstFound(indexes, 'date', buffer, 200), undefined);
    assert.equal(await firstFound(indexes.slice(0, 100), 'name', buffer, 200), undefined);
  });
});

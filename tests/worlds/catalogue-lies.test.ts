import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { spaceOf } from '../../electron/catalogue/index.ts';
import type { Planted } from '../../electron/virtual/objects.ts';
import { CatalogueWorld, furnish, until } from './catalogue-world.ts';
import { World, type WorldOptions } from './world.ts';

/** Phones that tell what no phone has: what is remembered stays small, is searched, and says that something is left out. */

/** Entries of the largest folder; a million by hand. */
const ENTRIES = Number(process.env['REPLUG_CATALOGUE_ENTRIES'] ?? 250_001);

async function lying(
  t: TestContext,
  plants: readonly Planted[],
  phone: ConstructorParameters<typeof World>[0] = {},
  options: WorldOptions = {},
): Promise<CatalogueWorld> {
  const world = new World(phone, options);
  furnish(world.phoneFolder, 3);
  for (const plant of plants) world.phone.plant(plant);
  const one = new CatalogueWorld(world);
  t.after(() => one.end());
  await one.start();
  await until(() => one.catalogue.of(one.device)?.keeper?.activity === 'idle', world.log);
  return one;
}

/** A folder with so many entries in it. */
const wide = (name: string, count: number, directory: boolean): Planted => ({
  folder: '/',
  name,
  size: 0,
  directory: true,
  children: () => Array.from({ length: count }, (_, at) => ({ folder: '', name: `e${at}`, size: 1, directory })),
});
/** A folder in a folder in a folder. */
const deep = (depth: number, name = 'deep'): Planted => ({
  folder: '/',
  name,
  size: 0,
  directory: true,
  children: () => (depth === 0 ? [] : [deep(depth - 1, `d${depth}`), { folder: '', name: 'file.txt', size: 1 }]),
});

/** The phone's own files are found, and it is told how many folders are left out. */
async function assertSearched(one: CatalogueWorld, leftOut: number): Promise<void> {
  const found = await one.searches.find('img', one.device, 'name');
  assert.equal(found.total, 9);
  const [phone] = one.catalogue.snapshot().phones;
  assert.deepEqual(
    [phone?.activity, phone?.foldersLeft, phone?.complete, found.complete],
    ['idle', leftOut, leftOut === 0, leftOut === 0],
  );
  const space = await spaceOf(one.catalogue, one.world.place('/'), 1, 100);
  assert.equal(space.complete, leftOut === 0);
}

describe('a folder of more entries than any', () => {
  for (const [how, quirks] of [
    ['property lists', []],
    ['no property lists', [['no-prop-list', 1]]],
  ] as const)
    it(`${ENTRIES} of them, ${how}: it is left out, and said to be`, async (t) => {
      const one = await lying(t, [wide('many', ENTRIES, false)], { quirks });
      await assertSearched(one, 1);
      assert.ok(one.store.totals().files < 100);
      const spent = one.world.engine.transactions(one.device);
      assert.ok(spent < 300, `${spent} transactions: its entries were asked for one by one`);
    });
});

describe('a tree', () => {
  it('of folders deeper than any path ends, and what is above is searched', async (t) => {
    const one = await lying(t, [deep(400)]);
    await assertSearched(one, 1);
    assert.ok(one.store.totals().folders < 300);
    assert.equal((await one.searches.find('d400', one.device, 'name')).total, 1);
  });

  it('of many thousand folders side by side is walked, and looked through', async (t) => {
    const one = await lying(t, [wide('folders', 3_000, true)]);
    await assertSearched(one, 0);
    assert.equal((await one.searches.find('e2999', one.device, 'name')).total, 1);
  });

  it('that lists itself and its parents in every folder ends', async (t) => {
    const cyclic = (name: string): Planted => ({ folder: '/', name, size: 0, directory: true, cyclic: true });
    const one = await lying(t, [cyclic('loop'), cyclic('other loop'), { ...cyclic('in'), folder: '/DCIM' }]);
    const found = await one.searches.find('img', one.device, 'name');
    assert.equal(found.total, 9);
    assert.ok(one.store.totals().folders < 40, `${one.store.totals().folders} folders`);
    assert.equal(one.catalogue.snapshot().phones[0]?.complete, false);
    await spaceOf(one.catalogue, one.world.place('/'), 5, 1_000);
  });
});

describe('sizes and names', () => {
  it('of every kind are kept, found, and hide nothing', async (t) => {
    const names = [
      '..',
      '.',
      'a/b',
      'back\\slash',
      'line\nfeed',
      'tab\there',
      'nul',
      ' leading and trailing ',
      'ÅÄÖ decomposed é',
      '\u202Egpj.exe',
      '\uD83D\uDE00',
      'x'.repeat(250),
      'con',
      'quote\'"%_',
      'size>1',
    ];
    const one = await lying(
      t,
      names.flatMap((name, at): Planted[] => [{ folder: '/DCIM', name, size: at === 0 ? 2n ** 64n - 1n : at }]),
    );
    await assertSearched(one, 0);
    const dcim = one.store.child(one.store.storages()[0]?.root ?? 0, 'DCIM')?.id ?? 0;
    assert.equal(one.store.children(dcim).filter(({ kind }) => kind !== 0).length, names.length);
    for (const words of ['feed', 'decomposed e', 'leading', 'gpj', 'quote', '"size>1"', 'x'.repeat(200)])
      assert.equal((await one.searches.find(words, one.device, 'name')).total, 1, words);
    const largest = await one.searches.find('in:DCIM size>=0', one.device, 'size');
    assert.ok(largest.total >= names.length);
    // what no storage can hold adds nothing to what is added up
    const sum = one.store.folder(dcim)?.bytes ?? 0;
    assert.ok(sum < 2 ** 33, `${sum} bytes`);
  });
});

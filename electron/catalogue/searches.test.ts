import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryCatalogueShelf, openCatalogueShelf } from '../store/index.ts';
import type { SearchOrder, SearchSnapshot } from '../../shared/catalogue.ts';
import { deviceKey, storageKey } from '../../shared/domain.ts';
import type { OpenCatalogue } from './catalogue.ts';
import type { CatalogueRow, CatalogueShelf, CatalogueStore, NewRow, RowId } from './catalogue-store.ts';
import { LiveNames } from './live-names.ts';
import type { NameBuffer } from './name-buffer.ts';
import { Positions } from './positions.ts';
import { Searches, type SearchedCatalogue } from './searches.ts';

const file = (name: string, at: number): NewRow => ({
  name,
  kind: 1,
  size: at,
  modified: at,
  handle: at,
  due: undefined,
});

const scratch = mkdtempSync(join(tmpdir(), 'replug-searches-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const openInTemporary = (): Promise<CatalogueShelf> => openCatalogueShelf(join(scratch, 'catalogue'));

/** One phone's catalogue in memory, that counts how often it is read from front to end. */
class Shelved {
  readonly store: CatalogueStore;
  readonly root: RowId;
  readonly names: LiveNames;
  readonly searches: Searches;
  readings = 0;
  users = 0;
  readonly #changed = new Set<() => void>();

  constructor(shelf: CatalogueShelf = new MemoryCatalogueShelf()) {
    const device = deviceKey('Replug', 'SEARCHED');
    this.store = shelf.open({ device, name: 'Phone' });
    this.root = this.store.addStorage(storageKey(3, 'Internal', 1_000), 'Internal', 0).root;
    const { store } = this;
    const rowsAfter = store.rowsAfter.bind(store);
    store.rowsAfter = (after, limit) => {
      if (after === 0) this.readings += 1;
      return rowsAfter(after, limit);
    };
    this.names = new LiveNames(store);
    const open: OpenCatalogue = { device, store, names: this.names, keeper: undefined };
    const catalogue: SearchedCatalogue = {
      all: () => [open],
      of: () => open,
      withNames: async (_open, work) => {
        this.users += 1;
        try {
          return await work();
        } finally {
          this.users -= 1;
          if (this.users === 0) this.names.forget();
        }
      },
      onChange: (listener) => {
        this.#changed.add(listener);
        return () => this.#changed.delete(listener);
      },
      freshness: () => ({ asOf: 1, complete: true, stale: false }),
    };
    this.searches = new Searches(catalogue);
  }

  add(names: readonly string[], folder = this.root): void {
    this.store.write({ folder, added: names.map(file), changed: [], removed: [] });
    this.names.changed(folder);
  }

  /** Tells those that search that something has come. */
  tell(): void {
    for (const listener of this.#changed) listener();
  }

  /** Searches that are kept, whether somebody watches them or not. */
  get kept(): number {
    return this.#changed.size;
  }

  /** States and totals as a watcher is told them, until a search is complete. */
  async states(text: string): Promise<readonly (readonly [string, number])[]> {
    // the timers of a search keep no program alive
    const alive = setInterval(() => undefined, 100);
    const states: (readonly [string, number])[] = [];
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const end = this.searches.watch({ text, offset: 0, limit: 10 }, ({ state, total }) => {
      states.push([state, total]);
      if (state === 'complete') resolve(undefined);
    });
    await promise;
    clearInterval(alive);
    end();
    return states;
  }

  /** Watches a search until it is complete; answers what it found and how to stop. */
  async complete(
    text: string,
    limit = 10,
    order?: SearchOrder,
  ): Promise<{ readonly snapshot: SearchSnapshot; readonly end: () => void }> {
    const { promise, resolve } = Promise.withResolvers<SearchSnapshot>();
    const end = this.searches.watch(
      { text, offset: 0, limit, ...(order === undefined ? {} : { order }) },
      (snapshot) => {
        if (snapshot.state === 'complete') resolve(snapshot);
      },
    );
    return { snapshot: await promise, end };
  }
}

describe('searches', () => {
  it('read all names once, for as long as somebody searches', async () => {
    const one = new Shelved();
    one.add(['summer.jpg', 'winter.jpg']);
    const typed = await one.complete('s');
    const more = await one.complete('summer');
    assert.deepEqual(
      more.snapshot.results.map(({ name }) => name),
      ['summer.jpg'],
    );
    // what comes meanwhile is read by itself
    one.add(['summer 2.jpg']);
    const again = await one.complete('summer jpg');
    assert.equal(again.snapshot.total, 2);
    assert.equal(one.readings, 1);
    for (const { end } of [typed, more, again]) end();
    one.searches.stop();
    await turn();
    await one.complete('winter');
    assert.equal(one.readings, 2);
    one.searches.stop();
  });

  it('that nobody has typed anything into answer at once, and have the names read for the first letter', async () => {
    const one = new Shelved();
    one.add(['summer.jpg']);
    const { snapshot } = await one.complete('');
    assert.deepEqual([snapshot.total, snapshot.results], [0, []]);
    await one.names.current();
    assert.equal(one.readings, 1);
    assert.equal((await one.complete('sum')).snapshot.total, 1);
    assert.equal(one.readings, 1);
    one.searches.stop();
  });

  it('asked for again in a moment do not tell what was found before as all there is', async () => {
    const one = new Shelved();
    one.add(['summer.jpg']);
    const first = await one.complete('summer');
    first.end();
    one.add(['summer 2.jpg']);
    one.tell();
    assert.deepEqual(await one.states('summer'), [
      ['searching', 1],
      ['complete', 2],
    ]);
    // nothing has changed since: what is known is all there is
    const again = await one.complete('summer');
    assert.equal(again.snapshot.total, 2);
    one.searches.stop();
  });

  it('asked for again before anybody was told of a change do not tell it either, whoever has read it meanwhile', async () => {
    for (const isReadByOther of [false, true]) {
      const one = new Shelved();
      one.add(['summer.jpg']);
      (await one.complete('summer')).end();
      one.add(['summer 2.jpg']);
      if (isReadByOther) await one.names.current();
      assert.deepEqual(await one.states('summer'), [
        ['searching', 1],
        ['complete', 2],
      ]);
      one.searches.stop();
    }
  });

  it('that were given up are kept for the last one alone, however fast somebody types', async () => {
    const one = new Shelved();
    one.add(['summer.jpg']);
    for (const text of ['s', 'su', 'sum', 'summ', 'summe']) {
      const typed = await one.complete(text);
      typed.end();
    }
    assert.equal(one.kept, 1);
    const watched = await one.complete('summe');
    (await one.complete('winter')).end();
    assert.equal(one.kept, 2);
    // it is not ended for being the one before
    one.add(['summer 2.jpg']);
    (await one.complete('autumn')).end();
    assert.equal(one.kept, 2);
    watched.end();
    one.searches.stop();
    assert.equal(one.kept, 0);
  });

  it('give back the memory of what they found, for the next', async () => {
    const one = new Shelved();
    one.add(Array.from({ length: 40_000 }, (_, at) => `IMG_${at}.jpg`));
    // the names are in memory, put in order
    const before = await one.complete('nothing');
    const memory = new Set<ArrayBufferLike>();
    const lend = Positions.prototype.lend;
    Positions.prototype.lend = function (this: Positions) {
      const lent = lend.call(this);
      const take = lent.take.bind(lent);
      lent.take = (length) => {
        const list = take(length);
        if (length === 40_000) memory.add(list.buffer);
        return list;
      };
      return lent;
    };
    try {
      for (const order of ['best', 'size', 'name', 'date'] as const)
        for (const text of ['i', 'im', 'img', 'kind:photo']) {
          const { snapshot, end } = await one.complete(text, 3, order);
          assert.equal(snapshot.total, 40_000);
          end();
        }
      // on a slow machine some is shown before all is found, for which one more list is new now and then
      assert.ok(memory.size < 8, `${memory.size} stretches of memory for 16 searches of two lists or more`);
    } finally {
      Positions.prototype.lend = lend;
      before.end();
      one.searches.stop();
    }
  });

  it('leave the processors to whoever draws the first results, and to nobody else', async (t) => {
    const one = new Shelved();
    one.add(Array.from({ length: 40_000 }, (_, at) => `IMG_${at}.jpg`));
    const before = await one.complete('nothing');
    // each look at the clock is a millisecond later, so that a search takes several slices
    let now = 0;
    t.mock.method(performance, 'now', () => (now += 1));
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const settle = async (): Promise<void> => {
      for (let step = 0; step < 50; step += 1) await turn();
    };
    const whole = await one.searches.find('img', undefined, 'best');
    assert.equal(whole.total, 40_000);
    const told: [string, boolean][] = [];
    const watch = (text: string): (() => void) =>
      one.searches.watch({ text, offset: 0, limit: 10 }, ({ state, total }) => told.push([state, total === 40_000]));
    const end = watch('jpg');
    await settle();
    assert.deepEqual(told, [['searching', false]]);
    t.mock.timers.tick(100);
    await settle();
    assert.deepEqual(told, [
      ['searching', false],
      ['complete', true],
    ]);
    end();
    // one that is given up meanwhile looks no further, and keeps no memory
    const stop = watch('img_');
    await settle();
    stop();
    t.mock.timers.tick(1);
    await settle();
    assert.equal(one.kept, 1);
    assert.equal(told.length, 3);
    before.end();
    one.searches.stop();
  });

  it('that find something in a moment do not say first that they look', async (t) => {
    const one = new Shelved();
    one.add(['summer.jpg']);
    await one.complete('nothing');
    assert.deepEqual(await one.states('summer'), [['complete', 1]]);
    // and one that takes longer says so
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const reading = Promise.withResolvers<NameBuffer>();
    t.mock.method(one.names, 'current', () => reading.promise);
    const told: string[] = [];
    const end = one.searches.watch({ text: 'sum', offset: 0, limit: 10 }, ({ state }) => told.push(state));
    t.mock.timers.tick(30);
    assert.deepEqual(told, ['searching']);
    end();
    one.searches.stop();
  });

  it('by name show the first page of very many, with how many there are, before all are sorted', async () => {
    const one = new Shelved();
    const names = Array.from({ length: 25_000 }, (_, at) => `IMG_${String((at * 7_919) % 25_000).padStart(5, '0')}`);
    one.add(names);
    const told: SearchSnapshot[] = [];
    const { promise, resolve } = Promise.withResolvers<undefined>();
    one.searches.watch({ text: 'img', order: 'name', offset: 0, limit: 3 }, (snapshot) => {
      told.push(snapshot);
      if (snapshot.state === 'complete') resolve(undefined);
    });
    await promise;
    // on a slow machine some are shown before all are found
    const known = told.filter(({ total }) => total === 25_000);
    assert.deepEqual(
      known.map(({ state, results }) => [state, ...results.map(({ name }) => name)]),
      ['searching', 'complete'].map((state) => [state, 'IMG_00000', 'IMG_00001', 'IMG_00002']),
    );
    one.searches.stop();
  });
});

describe('names kept in line with a store', () => {
  it('are not read again for a folder that has gone, whose files are found no more', async () => {
    const one = new Shelved();
    const folder = (name: string, above: RowId): RowId => {
      one.store.write({
        folder: above,
        added: [{ ...file(name, 0), kind: 0, size: 0 }],
        changed: [],
        removed: [],
      });
      return one.store.child(above, name)?.id ?? 0;
    };
    const gone = folder('gone', one.root);
    const inside = folder('inside', gone);
    const stays = folder('stays', one.root);
    for (const [at, place] of [one.root, gone, inside, stays].entries()) one.add([`summer ${at}.jpg`], place);
    assert.equal((await one.complete('summer')).snapshot.total, 4);
    one.store.write({ folder: one.root, added: [], changed: [], removed: [gone] });
    one.names.changed(one.root);
    const { snapshot } = await one.complete('summer jpg');
    assert.deepEqual(snapshot.results.map(({ name }) => name).sort(), ['summer 0.jpg', 'summer 3.jpg']);
    assert.equal(snapshot.total, 2);
    assert.equal(one.readings, 1);
    one.searches.stop();
  });

  it('keep their places in memory when their folder is listed again, but for those of another date or name', async () => {
    const one = new Shelved();
    one.add(Array.from({ length: 100 }, (_, at) => `summer ${at}.jpg`));
    const { length } = await one.names.current();
    const [first, second] = one.store.children(one.root);
    if (first === undefined || second === undefined) assert.fail('no rows');
    const changed = [
      { ...first, size: 7, handle: 1 },
      { ...second, modified: 9_999, handle: 2 },
    ];
    for (let round = 0; round < 5; round += 1) {
      one.store.write({ folder: one.root, added: [], changed, removed: [] });
      one.names.changed(one.root);
      const buffer = await one.names.current();
      // the one of another date moves to the end, once
      assert.equal(buffer.length, length + 1);
      const alive = Array.from({ length: buffer.length }, (_, at) => at).filter((at) => buffer.alive(at));
      assert.equal(alive.length, 100);
      const at = (id: RowId): number => alive.find((index) => buffer.ids.at(index) === id) ?? -1;
      assert.deepEqual([buffer.sizes.at(at(first.id)), buffer.dates.at(at(second.id))], [7, 9_999]);
    }
    assert.equal(one.readings, 1);
  });

  it('are as the store is after any changes of trees', async () => {
    let number = 7;
    const random = (below: number): number => {
      number = (Math.imul(number, 1_103_515_245) + 12_345) >>> 1;
      return number % below;
    };
    for (const makeShelf of [async () => new MemoryCatalogueShelf(), openInTemporary]) {
      const one = new Shelved(await makeShelf());
      const { store } = one;
      const tree = (): CatalogueRow[] => {
        const rows: CatalogueRow[] = [];
        for (const waiting = [one.root]; ;) {
          const folder = waiting.pop();
          if (folder === undefined) return rows;
          for (const row of store.children(folder)) {
            rows.push(row);
            if (row.kind === 0) waiting.push(row.id);
          }
        }
      };
      one.add(['first.jpg']);
      await one.names.current();
      for (let round = 0; round < 60; round += 1) {
        // several changes between two searches, the same folder again among them
        for (let change = 0; change <= random(4); change += 1) {
          const rows = tree();
          const folders = [one.root, ...rows.filter(({ kind }) => kind === 0).map(({ id }) => id)];
          const folder = folders[random(folders.length)] ?? one.root;
          const inside = store.children(folder);
          const removed = inside.filter(() => random(4) === 0).map(({ id }) => id);
          const changed = inside
            .filter(({ id, kind }) => kind !== 0 && !removed.includes(id) && random(3) === 0)
            .map(({ id, modified }) => ({
              id,
              size: random(1_000),
              modified: random(2) === 0 ? modified : random(99),
              handle: 1,
            }));
          const added = Array.from({ length: random(4) }, (_, at) => ({
            ...file(`${round}-${change}-${at}`, random(1_000)),
            modified: random(3),
            kind: random(3) === 0 ? 0 : 1,
          }));
          store.write({ folder, added, changed, removed });
          one.names.changed(folder);
          if (random(3) === 0) store.purge(2);
        }
        const buffer = await one.names.current();
        const line = (id: RowId, name: string, size: number, date: number | undefined): string =>
          `${id} ${name} ${size} ${date}`;
        const alive = Array.from({ length: buffer.length }, (_, at) => at)
          .filter((at) => buffer.alive(at))
          .map((at) => {
            const date = buffer.dates.at(at);
            const name = buffer.names.toString('utf8', buffer.starts.at(at), buffer.endOf(at));
            return line(buffer.ids.at(at), name, buffer.sizes.at(at), Number.isNaN(date) ? undefined : date);
          });
        const expected = tree().map(({ id, name, size, modified }) => line(id, name, size, modified));
        assert.deepEqual(alive.sort(), expected.sort(), `round ${round}`);
      }
      assert.equal(one.readings, 1);
      store.close();
    }
  });

  it('are as the store is, whatever has changed, without reading all of it again', async () => {
    const one = new Shelved();
    one.add(Array.from({ length: 50 }, (_, at) => `first ${at}`));
    const folder = (): RowId => one.store.child(one.root, 'folder')?.id ?? 0;
    one.store.write({
      folder: one.root,
      added: [{ ...file('folder', 1), kind: 0, size: 0 }],
      changed: [],
      removed: [],
    });
    await one.names.current();
    const alive = async (): Promise<string[]> => {
      const buffer = await one.names.current();
      return Array.from({ length: buffer.length }, (_, index) => index)
        .filter((index) => buffer.alive(index))
        .map((index) => buffer.names.toString('utf8', buffer.starts.at(index), buffer.endOf(index)))
        .sort();
    };
    for (let round = 0; round < 20; round += 1) {
      one.add([`later ${round}`, `Later É ${round}`], round % 2 === 0 ? folder() : one.root);
      const [gone] = one.store.children(one.root).filter(({ kind }) => kind !== 0);
      if (gone !== undefined) one.store.write({ folder: one.root, added: [], changed: [], removed: [gone.id] });
      one.names.changed(one.root);
      const waiting = alive();
      // changed while it is brought in line
      one.add([`meanwhile ${round}`], folder());
      await waiting;
      const expected = [...one.store.children(one.root), ...one.store.children(folder())];
      assert.deepEqual(await alive(), expected.map(({ name }) => name.toLowerCase().replaceAll('é', 'e')).sort());
    }
    assert.equal(one.readings, 1);
  });
});

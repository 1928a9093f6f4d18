import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { catalogueCommands, catalogueStreams } from '../../electron/catalogue/index.ts';
import { MemoryCatalogueShelf, openCatalogueShelf } from '../../electron/store/index.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import type { FolderSnapshot } from '../../shared/snapshots.ts';
import { CatalogueWorld, furnished, onDisk, until } from './catalogue-world.ts';
import { DATE, DAY, SyncWorld } from './sync-world.ts';
import { bytesFor, type WorldOptions } from './world.ts';

/** What is asked of the catalogue: duplicates, what is proven to be here, remembered folders, sums; and its end. */

const commandsOf = (one: CatalogueWorld, sync?: SyncWorld['sync']): ReturnType<typeof catalogueCommands> =>
  catalogueCommands(one.catalogue, (place) => sync?.copiesIn(place) ?? []);

/** A world with nothing on its phone but what the test puts there. */
async function begun(
  t: TestContext,
  prepare: (one: SyncWorld) => void,
  ...more: ConstructorParameters<typeof SyncWorld>
) {
  const world = new SyncWorld(...more);
  prepare(world);
  const one = new CatalogueWorld(world);
  t.after(async () => {
    await world.sync.stop();
    await one.end();
  });
  await one.start();
  await until(() => one.catalogue.of(one.device)?.keeper?.activity === 'idle', world.log);
  return { one, world, ask: commandsOf(one, world.sync) };
}

const paths = (groups: readonly (readonly PhonePlace[])[]): string[][] =>
  groups.map((group) => group.map(({ path }) => path as string).sort());

describe('duplicates', () => {
  const SIZE = 200_000;

  it('of one size are told apart by three samples, and by every byte if that is asked for', async (t) => {
    const { world, ask } = await begun(t, (one) => {
      const same = bytesFor('same', SIZE);
      const put = (name: string, change?: number): void => {
        const bytes = Buffer.from(same);
        if (change !== undefined) bytes[change] = (bytes[change] ?? 0) ^ 1;
        mkdirSync(join(one.phoneFolder, 'a/b'), { recursive: true });
        writeFileSync(join(one.phoneFolder, name), bytes);
      };
      put('a/one.bin');
      put('a/b/two.bin');
      put('a/first.bin', 0);
      put('a/middle.bin', SIZE / 2);
      put('a/last.bin', SIZE - 1);
      // between two samples: only every byte shows it
      put('a/hidden.bin', 50_000);
    });
    const found = await ask.catalogueSameSize({ device: world.place('/').device, least: 1, offset: 0, limit: 10 });
    assert.equal(found.total, 1);
    assert.equal(found.groups[0]?.size, SIZE);
    const places = (found.groups[0]?.files ?? []).map(({ place }) => place);
    assert.equal(places.length, 6);
    const sampled = await ask.catalogueCompare({ places });
    assert.equal(sampled.depth, 'sampled');
    assert.deepEqual(paths(sampled.groups), [['/a/b/two.bin', '/a/hidden.bin', '/a/one.bin']]);
    const whole = await ask.catalogueCompare({ places, whole: true });
    assert.equal(whole.depth, 'whole');
    assert.deepEqual(paths(whole.groups), [['/a/b/two.bin', '/a/one.bin']]);
    assert.deepEqual([sampled.unread, whole.unread], [[], []]);
  });

  it('a file named twice is no duplicate of itself', async (t) => {
    const { world, ask } = await begun(t, (one) => one.onPhone('a.bin', 1_000));
    for (const whole of [false, true]) {
      const told = await ask.catalogueCompare({ places: [world.place('/a.bin'), world.place('/a.bin')], whole });
      assert.deepEqual([told.groups, told.unread], [[], []]);
    }
  });

  it('empty and tiny files', async (t) => {
    const { world, ask } = await begun(t, (one) => {
      for (const name of ['empty 1', 'empty 2', 'other'])
        writeFileSync(join(one.phoneFolder, name), name === 'other' ? 'x' : '');
      writeFileSync(join(one.phoneFolder, 'third'), 'x');
    });
    const places = ['empty 1', 'empty 2', 'other', 'third'].map((name) => world.place(`/${name}`));
    for (const whole of [false, true])
      assert.deepEqual(paths((await ask.catalogueCompare({ places, whole })).groups), [
        ['/empty 1', '/empty 2'],
        ['/other', '/third'],
      ]);
  });

  it('the same content on the card and inside is one group, and each keeps its place', async (t) => {
    const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => {
      rmSync(card, { recursive: true, force: true });
    });
    const { world, ask } = await begun(
      t,
      (one) => {
        for (const folder of [one.phoneFolder, card]) writeFileSync(join(folder, 'x.bin'), bytesFor('same', 90_000));
      },
      { sdDirectory: card },
    );
    const places = [world.place('/x.bin', 0), world.place('/x.bin', 1)];
    assert.notEqual(places[0]?.storage, places[1]?.storage);
    const { groups } = await ask.catalogueCompare({ places });
    assert.deepEqual(groups, [places]);
    const same = await ask.catalogueSameSize({ device: world.place('/').device, least: 1, offset: 0, limit: 9 });
    assert.deepEqual(
      same.groups[0]?.files.map(({ place }) => place.storage).sort(),
      places.map(({ storage }) => storage).sort(),
    );
  });

  it('what has changed since, changes meanwhile, or is gone is told as unread and is in no group', async (t) => {
    const { world, ask } = await begun(t, (begin) => {
      for (const name of ['a', 'b', 'grown', 'gone', 'busy', 'retouched'])
        writeFileSync(join(begin.phoneFolder, `${name}.bin`), bytesFor('same', 100_000));
    });
    const places = ['a', 'b', 'grown', 'gone', 'busy', 'retouched'].map((name) => world.place(`/${name}.bin`));
    await world.phone.touchAppend('/grown.bin', Buffer.from('x'), { quietly: true });
    await world.phone.touchRemove('/gone.bin', { quietly: true });
    // while it is read: first with the event, then without any
    let reads = 0;
    const stop = world.phone.onOperation(() => {
      reads += 1;
      const target = reads === 1 ? undefined : join(world.phoneFolder, 'busy.bin');
      if (target !== undefined) utimesSync(target, reads * 100, reads * 100);
    });
    const told = await ask.catalogueCompare({ places });
    stop();
    assert.deepEqual(paths(told.groups), [['/a.bin', '/b.bin', '/retouched.bin']]);
    assert.deepEqual(told.unread.map(({ path }) => path as string).sort(), ['/busy.bin', '/gone.bin', '/grown.bin']);
  });

  it('a phone that goes away ends it with why', async (t) => {
    const { one, world, ask } = await begun(
      t,
      (begin) => {
        for (const name of ['a', 'b']) writeFileSync(join(begin.phoneFolder, `${name}.bin`), bytesFor('same', 100_000));
      },
      { serial: '' },
    );
    const places = ['a', 'b'].map((name) => world.place(`/${name}.bin`));
    await one.world.phone.unplug();
    await assert.rejects(ask.catalogueCompare({ places }), { kind: 'disconnected' });
  });

  it('what no storage can hold is in no group of one size', async (t) => {
    const { world, ask } = await begun(t, (one) => {
      for (const name of ['lie 1', 'lie 2']) one.phone.plant({ folder: '/', name, size: 2n ** 52n });
      one.onPhone('a', 10);
      one.onPhone('b', 10);
      one.onPhone('single', 11);
      one.onPhone('small 1', 3);
      one.onPhone('small 2', 3);
    });
    const device = world.place('/').device;
    const found = await ask.catalogueSameSize({ device, least: 5, offset: 0, limit: 10 });
    assert.deepEqual([found.total, found.groups.map(({ size }) => size)], [1, [10]]);
    const page = await ask.catalogueSameSize({ device, least: 1, offset: 1, limit: 1 });
    assert.deepEqual([page.total, page.groups.map(({ size }) => size)], [2, [3]]);
  });
});

describe('what is proven to be on this computer', () => {
  /** Files of a folder of the phone, all downloaded to `safe` and settled in the catalogue. */
  async function downloaded(t: TestContext, names: readonly string[], options: WorldOptions = {}) {
    const given = await begun(
      t,
      (one) => {
        for (const name of names) one.onPhone(`DCIM/${name}`, 1_000 + name.length, DATE);
      },
      {},
      options,
    );
    const { state, counts } = await given.world.pull(['/DCIM'], 'safe');
    assert.equal(state, 'done', JSON.stringify(counts));
    const copy = (name: string): string => join(given.world.here, 'safe/DCIM', name);
    return { ...given, copy, place: given.world.place('/DCIM') };
  }

  it('downloads that are still there as they were', async (t) => {
    const { ask, place, world } = await downloaded(t, ['a.jpg', 'bb.jpg']);
    const all = await ask.catalogueProven({ sources: [place] });
    assert.deepEqual(
      [all.files, all.folders, all.bytes, all.proven, all.complete, all.stale],
      [2, 1, 2_011, { files: 2, bytes: 2_011 }, true, false],
    );
    assert.ok(all.asOf !== undefined);
    const one = await ask.catalogueProven({ sources: [world.place('/DCIM/a.jpg')] });
    assert.deepEqual([one.files, one.folders, one.proven], [1, 0, { files: 1, bytes: 1_005 }]);
    await assert.rejects(ask.catalogueProven({ sources: [world.place('/nowhere')] }), { kind: 'missing' });
  });

  it('no copy that was edited, cut, renamed, replaced by a folder, or is gone', async (t) => {
    const names = ['kept', 'edited', 'touched', 'cut', 'renamed', 'folder', 'gone'].map((name) => `${name}.jpg`);
    const { ask, place, copy } = await downloaded(t, names);
    assert.equal((await ask.catalogueProven({ sources: [place] })).proven.files, 7);
    writeFileSync(copy('edited.jpg'), Buffer.alloc(1_010));
    utimesSync(copy('touched.jpg'), DATE / 1000 + 3600, DATE / 1000 + 3600);
    writeFileSync(copy('cut.jpg'), 'x');
    utimesSync(copy('cut.jpg'), DATE / 1000, DATE / 1000);
    renameSync(copy('renamed.jpg'), copy('other.jpg'));
    rmSync(copy('folder.jpg'));
    mkdirSync(copy('folder.jpg'));
    rmSync(copy('gone.jpg'));
    const { files, proven } = await ask.catalogueProven({ sources: [place] });
    assert.deepEqual([files, proven.files], [7, 1]);
  });

  it('no copy that another file of its size and date was saved over', async (t) => {
    const { ask, world } = await begun(t, (one) => {
      for (const name of ['one', 'two']) one.onPhone(`${name}/IMG_1.jpg`, 1_000, DATE);
    });
    for (const name of ['one', 'two']) {
      const { state } = await world.pull([`/${name}/IMG_1.jpg`], 'safe', { onConflict: 'replace' });
      assert.equal(state, 'done');
      // the record of the first has time to settle
      if (name === 'one') await new Promise((resolve) => setTimeout(resolve, 2_500));
    }
    const proven = async (name: string): Promise<number> =>
      (await ask.catalogueProven({ sources: [world.place(`/${name}/IMG_1.jpg`)] })).proven.files;
    assert.deepEqual([await proven('one'), await proven('two')], [0, 1]);
  });

  it('no copy on a disk that is not there', async (t) => {
    const { ask, place, world } = await downloaded(t, ['a.jpg']);
    renameSync(join(world.here, 'safe'), join(world.here, 'taken away'));
    assert.equal((await ask.catalogueProven({ sources: [place] })).proven.files, 0);
    renameSync(join(world.here, 'taken away'), join(world.here, 'safe'));
    assert.equal((await ask.catalogueProven({ sources: [place] })).proven.files, 1);
  });

  it('no copy of what the phone’s file was before it changed', async (t) => {
    const { one, ask, place, world } = await downloaded(t, ['a.jpg', 'b.jpg']);
    await world.phone.touchOverwrite('/DCIM/a.jpg', Buffer.alloc(1_005), { modified: DATE + DAY });
    await until(() => one.store.totals().old === 0 && one.remembered().length === 3, world.log);
    await until(() => {
      const root = one.store.storages()[0]?.root ?? 0;
      const dcim = one.store.child(root, 'DCIM')?.id ?? 0;
      return one.store.child(dcim, 'a.jpg')?.modified === DATE + DAY;
    }, world.log);
    assert.equal((await ask.catalogueProven({ sources: [place] })).proven.files, 1);
  });

  it('no download that was skipped, failed or is not done', async (t) => {
    const { ask, world } = await begun(t, (one) => {
      one.onPhone('DCIM/a.jpg', 1_000, DATE);
      one.local('safe/a.jpg', 1_000, DATE);
    });
    // another file of the same name, size and date lies there: it is skipped, whatever is in it
    await world.pull(['/DCIM/a.jpg'], 'safe', { onConflict: 'skip' });
    const { proven } = await ask.catalogueProven({ sources: [world.place('/DCIM')] });
    assert.equal(proven.files, 0, 'nothing was copied');
  });

  it('no copy of what the phone has written again without a word', async (t) => {
    const { ask, place, world } = await downloaded(t, ['a.jpg', 'b.jpg']);
    const file = join(world.phoneFolder, 'DCIM/a.jpg');
    writeFileSync(file, Buffer.alloc(1_005, 'a new photo'));
    utimesSync(file, (DATE + DAY) / 1000, (DATE + DAY) / 1000);
    world.onPhone('DCIM/came.jpg', 500, DATE);
    const all = await ask.catalogueProven({ sources: [place] });
    assert.deepEqual([all.files, all.proven.files], [3, 1]);
    const one = await ask.catalogueProven({ sources: [world.place('/DCIM/a.jpg')] });
    assert.deepEqual([one.files, one.proven.files], [1, 0]);
  });

  it('no file here that a pair has taken for a copy by its size and date', async (t) => {
    const { ask, world } = await begun(t, (one) => {
      one.onPhone('DCIM/a.jpg', 1_000, DATE);
      mkdirSync(join(one.here, 'safe'));
      writeFileSync(join(one.here, 'safe/a.jpg'), Buffer.alloc(1_000, 'other bytes'));
      utimesSync(join(one.here, 'safe/a.jpg'), DATE / 1000, DATE / 1000);
    });
    assert.equal(await world.figures(world.pair('/DCIM', 'safe')), 'moved 0 same 1 skipped 0 renamed 0 deleted 0');
    assert.equal((await ask.catalogueProven({ sources: [world.place('/DCIM')] })).proven.files, 0);
  });

  it('no file without a date', async (t) => {
    const { ask, world } = await begun(t, (one) => one.onPhone('DCIM/a.jpg', 1_000, DATE), {
      quirks: [['no-dates', 1]],
    });
    await world.pull(['/DCIM'], 'safe');
    assert.equal((await ask.catalogueProven({ sources: [world.place('/DCIM')] })).proven.files, 0);
  });

  it('uploads whose source is still there', async (t) => {
    const { one, ask, world } = await begun(t, () => undefined);
    const [kept, gone] = [world.local('kept.bin', 500, DATE), world.local('gone.bin', 600, DATE)];
    await world.push([kept, gone], '/');
    await until(() => one.remembered().length >= 2, world.log);
    await one.settled();
    const sources = [world.place('/kept.bin'), world.place('/gone.bin')];
    const before = await ask.catalogueProven({ sources });
    // the phone may have given them dates of its own: then nothing is proven, and nothing may be
    assert.ok([0, 2].includes(before.proven.files));
    rmSync(gone);
    writeFileSync(kept, 'edited');
    assert.equal((await ask.catalogueProven({ sources })).proven.files, 0);
  });

  it('copies of folder sync, while they are what they were', async (t) => {
    const { ask, world } = await begun(t, (one) => {
      for (const name of ['a.jpg', 'sub/b.jpg', 'edited.jpg', 'gone.jpg']) one.onPhone(`DCIM/${name}`, 2_000, DATE);
    });
    const pair = world.pair('/DCIM', 'backup');
    await world.figures(pair);
    const sources = [world.place('/DCIM')];
    const proven = async (): Promise<number> => (await ask.catalogueProven({ sources })).proven.files;
    assert.equal(await proven(), 4);
    writeFileSync(join(world.here, 'backup/edited.jpg'), Buffer.alloc(2_000));
    rmSync(join(world.here, 'backup/gone.jpg'));
    assert.equal(await proven(), 2);
    renameSync(join(world.here, 'backup'), join(world.here, 'elsewhere'));
    assert.equal(await proven(), 0);
  });

  it('no copy that a mirroring pair deletes when the phone’s file goes', async (t) => {
    const { ask, world } = await begun(t, (one) => {
      for (const name of ['a.jpg', 'b.jpg']) one.onPhone(`DCIM/${name}`, 2_000, DATE);
    });
    const sources = [world.place('/DCIM')];
    const told = async (): Promise<readonly [proven: number, mirrored: number, bytes: number]> => {
      const { proven, mirrored } = await ask.catalogueProven({ sources });
      return [proven.files, mirrored.files, mirrored.bytes];
    };
    await world.figures(world.pair('/DCIM', 'mirror', { deletions: 'mirror' }));
    assert.deepEqual(await told(), [0, 2, 4_000]);
    // another copy, and one that was there before its pair, stay
    await world.pull(['/DCIM/a.jpg'], 'in');
    assert.deepEqual(await told(), [1, 1, 2_000]);
    await world.pull(['/DCIM/b.jpg'], 'before');
    await world.figures(world.pair('/DCIM', 'before', { deletions: 'mirror' }));
    assert.deepEqual(await told(), [2, 0, 0]);
    // one that was edited, or went, is no copy that could go with it
    rmSync(join(world.here, 'in'), { recursive: true });
    assert.deepEqual(await told(), [1, 1, 2_000]);
    for (const pair of ['mirror', 'before']) rmSync(join(world.here, pair, 'a.jpg'));
    assert.deepEqual(await told(), [1, 0, 0]);
  });
});

describe('a folder that is remembered', () => {
  const listen = (
    one: CatalogueWorld,
    place: PhonePlace,
  ): { readonly told: FolderSnapshot[]; readonly stop: () => void } => {
    const told: FolderSnapshot[] = [];
    const folder = catalogueStreams(one.catalogue, one.searches).folder;
    assert.ok(folder !== undefined);
    const stop = folder({ place }, (snapshot) => {
      told.push(snapshot);
    });
    return { told, stop };
  };
  const names = (told: readonly FolderSnapshot[]): string[] => {
    let shown: string[] = [];
    for (const { reset, entries } of told) shown = [...(reset ? [] : shown), ...entries.map(({ name }) => name)];
    return shown.sort();
  };

  it('is shown at once, told as such, and corrected when the phone has answered', async (t) => {
    const one = await furnished(t, 6);
    await one.settled();
    const { world } = one;
    rmSync(join(world.phoneFolder, 'DCIM/f0/g0/IMG_0.jpg'));
    writeFileSync(join(world.phoneFolder, 'DCIM/f0/g0/later.jpg'), 'x');
    const { told, stop } = listen(one, world.place('/DCIM/f0/g0'));
    assert.deepEqual(names(told), ['IMG_0.jpg', 'IMG_1.jpg', 'IMG_2.jpg'], 'before anything was asked of the phone');
    assert.ok(told.every(({ remembered, state }) => remembered !== undefined && state === 'listing'));
    await until(() => told.at(-1)?.state === 'complete', world.log);
    stop();
    assert.deepEqual(names(told), ['IMG_1.jpg', 'IMG_2.jpg', 'later.jpg']);
    assert.equal(told.at(-1)?.remembered, undefined);
  });

  it('of which nothing is known, or not all, is not', async (t) => {
    const { one, world } = await begun(t, (begin) => {
      begin.onPhone('DCIM/a.jpg', 3);
    });
    writeFileSync(join(world.phoneFolder, 'later.txt'), 'x');
    mkdirSync(join(world.phoneFolder, 'later'));
    const { told, stop } = listen(one, world.place('/later'));
    assert.ok(told.every(({ remembered }) => remembered === undefined));
    await until(() => told.at(-1)?.state === 'complete', world.log);
    stop();
    assert.ok(told.every(({ remembered }) => remembered === undefined));
  });

  it('empty is shown as empty, and what came since afterwards', async (t) => {
    const { one, world } = await begun(t, (begin) => {
      mkdirSync(join(begin.phoneFolder, 'empty'));
    });
    writeFileSync(join(world.phoneFolder, 'empty/new.txt'), 'x');
    const { told, stop } = listen(one, world.place('/empty'));
    assert.deepEqual([told.length, told[0]?.entries.length], [1, 0]);
    assert.ok(told[0]?.remembered !== undefined);
    await until(() => told.at(-1)?.state === 'complete', world.log);
    stop();
    assert.deepEqual(names(told), ['new.txt']);
  });

  it('and cannot be listed any more ends with why, without what was remembered', async (t) => {
    const one = await furnished(t, 6);
    await one.settled();
    const place = one.world.place('/DCIM/f0/g0');
    rmSync(join(one.world.phoneFolder, 'DCIM'), { recursive: true });
    const { told, stop } = listen(one, place);
    await until(() => told.at(-1)?.state === 'failed', one.world.log);
    stop();
    const last = told.at(-1);
    assert.deepEqual([last?.reset, last?.entries.length, last?.remembered], [true, 0, undefined]);
    assert.ok(last?.problem !== undefined);
  });
});

describe('sums of folders', () => {
  it('count all below, and say of which not all is known', async (t) => {
    const { world, ask } = await begun(t, (begin) => {
      begin.onPhone('DCIM/a.jpg', 10);
      begin.onPhone('DCIM/deep/er/b.jpg', 20);
      mkdirSync(join(begin.phoneFolder, 'empty'));
      begin.onPhone('loop/c.jpg', 5);
      begin.phone.plant({ folder: '/loop', name: 'again', size: 0, directory: true, cyclic: true });
    });
    const sums = await ask.catalogueSums({ place: world.place('/') });
    const told = new Map(
      sums.map(({ name, bytes, files, complete, stale }) => [name, [bytes, files, complete, stale]]),
    );
    assert.deepEqual(told.get('DCIM'), [30, 2, true, false]);
    assert.deepEqual(told.get('empty'), [0, 0, true, false]);
    assert.equal(told.get('loop')?.[2], false);
    assert.deepEqual(await ask.catalogueSums({ place: world.place('/nowhere') }), []);
  });
});

describe('switched off', () => {
  it('nothing is asked of the phone, and what was kept is deleted; switched on it begins again', async (t) => {
    const { one, world, folder } = await onShelf(t);
    assert.ok(readdirSync(folder).some((name) => name.endsWith('.db')));
    await world.engine.execute('setSettings', { catalogue: false });
    await until(() => readdirSync(folder).length === 0, world.log);
    const before = world.engine.transactions(one.device);
    await world.phone.touchFile('/DCIM/new.jpg', 'x');
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(world.engine.transactions(one.device), before);
    assert.deepEqual(one.catalogue.snapshot().phones, []);
    assert.equal(one.catalogue.snapshot().enabled, false);
    assert.equal((await one.searches.find('img', undefined, 'best')).total, 0);
    assert.deepEqual(readdirSync(folder), []);
    await world.engine.execute('setSettings', { catalogue: true });
    await until(() => one.catalogue.of(one.device) !== undefined, world.log);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
  });

  it('and on again at once, in the middle of a scan, ends with what was chosen last', async (t) => {
    const { one, world, folder } = await onShelf(t);
    for (const on of [false, true, false, true]) await world.engine.execute('setSettings', { catalogue: on });
    await until(() => one.catalogue.of(one.device)?.keeper !== undefined, world.log);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
    for (const on of [false, true, false]) await world.engine.execute('setSettings', { catalogue: on });
    await until(() => !one.catalogue.snapshot().enabled && readdirSync(folder).length === 0, world.log);
    assert.deepEqual(one.catalogue.all(), []);
  });

  it('before the program starts: what an earlier one has left is deleted too', async (t) => {
    const { one, world, folder } = await onShelf(t);
    await one.catalogue.stop();
    writeFileSync(join(folder, `${'0'.repeat(32)}.db`), 'damaged');
    writeFileSync(join(folder, 'notes.txt'), 'not ours');
    world.store.saveSettings({ catalogue: false });
    const again = new CatalogueWorld(world, await openCatalogueShelf(folder));
    await until(() => readdirSync(folder).length === 1, world.log);
    assert.deepEqual(readdirSync(folder), ['notes.txt']);
    await again.catalogue.stop();
  });
});

/** A furnished world whose catalogue is a file. */
async function onShelf(t: TestContext, phone: ConstructorParameters<typeof SyncWorld>[0] = {}) {
  const world = new SyncWorld(phone);
  for (let index = 0; index < 30; index += 1) world.onPhone(`DCIM/g${index}/IMG_${index}.jpg`, 10 + index);
  const folder = join(world.folder, 'catalogue');
  mkdirSync(folder);
  const one = new CatalogueWorld(world, await openCatalogueShelf(folder));
  t.after(async () => {
    await world.sync.stop();
    await one.end();
  });
  await one.start();
  await one.settled();
  return { one, world, folder };
}

describe('a phone that is forgotten', () => {
  it('leaves no file, also in the middle of a scan, until it is plugged in again', async (t) => {
    const { one, world, folder } = await onShelf(t);
    const ask = commandsOf(one);
    for (const scanning of [false, true]) {
      if (scanning) {
        one.catalogue.rescan(one.device);
        await until(() => one.catalogue.of(one.device)?.keeper?.activity === 'scanning', world.log);
      }
      // asked twice, as by two windows
      await Promise.all([ask.catalogueForget({ device: one.device }), ask.catalogueForget({ device: one.device })]);
      assert.deepEqual(readdirSync(folder), []);
      await world.phone.touchFile('/DCIM/new.jpg', 'x');
      await new Promise((resolve) => setTimeout(resolve, 60));
      assert.deepEqual(readdirSync(folder), [], 'it was forgotten a moment ago');
      assert.deepEqual(one.catalogue.snapshot().phones, []);
      assert.equal((await one.searches.find('img', undefined, 'best')).total, 0);
      await world.phone.unplug();
      world.phone.plug();
      await until(() => one.catalogue.of(one.device)?.keeper !== undefined, world.log);
      await one.settled();
      assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
    }
  });

  it('is remembered again when its reading is asked for', async (t) => {
    const { one, world } = await onShelf(t);
    await one.catalogue.forget(one.device);
    one.catalogue.rescan(one.device);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
  });

  it('while it is away', async (t) => {
    const { one, world, folder } = await onShelf(t);
    await world.phone.unplug();
    await until(() => one.catalogue.snapshot().phones[0]?.activity === 'away', world.log);
    await one.catalogue.forget(one.device);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(one.catalogue.snapshot().phones, []);
  });
});

describe('a phone that nothing identifies', () => {
  for (const [name, phone] of [
    ['no serial number', { serial: '' }],
    ['a placeholder', { quirks: [['placeholder-serial', 1]] }],
  ] as const)
    it(`(${name}) is searched while it is here, and nothing is kept of it`, async (t) => {
      const { one, world, folder } = await onShelf(t, phone);
      assert.equal((await one.searches.find('img', one.device, 'best')).total, 30);
      await world.phone.unplug();
      await until(() => readdirSync(folder).length === 0, world.log);
      assert.deepEqual(one.catalogue.snapshot().phones, []);
      assert.equal((await one.searches.find('img', undefined, 'best')).total, 0);
      world.phone.plug();
      await until(() => one.catalogue.all().some(({ keeper }) => keeper?.activity === 'idle'), world.log);
      assert.equal((await one.searches.find('img kind:photo', undefined, 'best')).total, 30);
      await one.catalogue.stop();
      assert.deepEqual(readdirSync(folder), [], 'the program has ended');
    });

  it('is remembered also while it is locked, and after that', async (t) => {
    const { one, world } = await onShelf(t, { serial: '' });
    const isNow = (kind: string) => () => world.engine.devices[0]?.state.kind === kind;
    world.phone.lock();
    await until(isNow('locked'), world.log);
    assert.equal((await one.searches.find('img', one.device, 'best')).total, 30);
    world.phone.unlock();
    await until(isNow('ready'), world.log);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
  });

  it('of a program that was killed nothing is told, and what it has left is deleted', async (t) => {
    const { one, world, folder } = await onShelf(t);
    await one.catalogue.stop();
    const shelf = await openCatalogueShelf(folder);
    shelf.open({ device: `Replug#?left` as never, name: 'Somebody’s' }).close();
    assert.equal(shelf.known().length, 2);
    const again = new CatalogueWorld(world, shelf);
    again.device = one.device;
    await again.settled();
    assert.deepEqual(
      again.catalogue.snapshot().phones.map(({ device }) => device),
      [one.device],
    );
    await again.catalogue.stop();
    assert.equal(shelf.known().length, 1);
  });
});

it('a shelf in memory clears as one on disk does', () => {
  const shelf = new MemoryCatalogueShelf();
  shelf.open({ device: 'Replug#1' as never, name: 'One' });
  shelf.clear();
  assert.deepEqual(shelf.known(), []);
});

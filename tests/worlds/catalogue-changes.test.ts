import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Catalogue } from '../../electron/catalogue/index.ts';
import { systemClock, type EngineClock } from '../../electron/engine/index.ts';
import { operationName } from '../../electron/mtp/wire/codes.ts';
import { MemoryCatalogueShelf, openCatalogueShelf } from '../../electron/store/index.ts';
import { CatalogueWorld, dyingShelf, furnish, furnished, onDisk, TIMES, until } from './catalogue-world.ts';
import { World } from './world.ts';

/** What happens on a phone while its catalogue is kept, and while it is not. */

/** Changes of the random tests; docs/reliability.md has the figures of ten thousand. */
const CHANGES = Number(process.env['REPLUG_CATALOGUE_CHANGES'] ?? 300);
/** Writes to the store between which a program is killed: every so many. */
const KILL_EVERY = Number(process.env['REPLUG_CATALOGUE_KILLS'] ?? 7);

/** The same numbers each time. */
function randomFrom(seed: number): (below: number) => number {
  let number = seed;
  return (below) => {
    number = (Math.imul(number, 1103515245) + 12345) >>> 1;
    return number % below;
  };
}

/** Changes a phone's folder in every way a person can; `quietly`: without events. */
async function changeAtRandom(one: CatalogueWorld, count: number, quietly: boolean, seed: number): Promise<void> {
  const random = randomFrom(seed);
  const { phone, phoneFolder } = one.world;
  const how = { quietly };
  const lines = onDisk(phoneFolder);
  const files = lines.filter((line) => !line.endsWith('/')).map((line) => line.replace(/ \d+$/, ''));
  const folders = lines.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1));
  const drop = (path: string): void => {
    for (const list of [files, folders])
      for (let at = list.length - 1; at >= 0; at -= 1)
        if (list[at] === path || list[at]?.startsWith(`${path}/`) === true) list.splice(at, 1);
  };
  for (let step = 0; step < count; step += 1) {
    const folder = folders[random(folders.length)] ?? '';
    const file = files[random(Math.max(1, files.length))];
    const kind = random(12);
    if (kind < 4 || file === undefined) {
      const path = `${folder}/n${step}.txt`;
      await phone.touchFile(path, Buffer.alloc(random(700)), how);
      files.push(path);
    } else if (kind < 7) await phone.touchOverwrite(file, Buffer.alloc(random(900)), how);
    else if (kind < 9) {
      await phone.touchRemove(file, how);
      drop(file);
    } else if (kind === 9) {
      const path = `${folder}/m${step}.bin`;
      await phone.touchRename(file, path, how);
      drop(file);
      files.push(path);
    } else if (kind === 10) {
      const path = `${folder}/d${step}`;
      await phone.touchFolder(path, how);
      folders.push(path);
    } else if (folders.length > 20 && folder.split('/').length > 3) {
      await phone.touchRemove(folder, how);
      drop(folder);
    }
    if (step % 50 === 49) await systemClock.sleep(1);
  }
}

const equal = (one: CatalogueWorld): boolean =>
  JSON.stringify(one.remembered()) === JSON.stringify(onDisk(one.world.phoneFolder));

/** Sums as a fresh walk would have them. */
function assertSums(one: CatalogueWorld): void {
  const lines = onDisk(one.world.phoneFolder);
  const root = one.store.folder(one.store.storages()[0]?.root ?? 0);
  const files = lines.filter((line) => !line.endsWith('/'));
  assert.deepEqual(
    [root?.bytes, root?.files, root?.folders, root?.unlisted],
    [
      files.reduce((all, line) => all + Number(/ (\d+)$/.exec(line)?.[1] ?? 0), 0),
      files.length,
      lines.length - files.length,
      0,
    ],
  );
}

describe(`${CHANGES} random changes`, () => {
  it('with events: what is remembered is what a fresh walk finds', async (t) => {
    const one = await furnished(t, 40);
    await one.settled();
    await changeAtRandom(one, CHANGES, false, 11);
    await until(() => equal(one), one.world.log);
    await one.settled();
    assert.ok(equal(one));
    assertSums(one);
    const shown = new Set(
      (await one.searches.find('kind:document,other', one.device, 'name')).results.map(
        (row) => row.place.path as string,
      ),
    );
    for (const line of onDisk(one.world.phoneFolder).filter((path) => / \d+$/.test(path) && /\.(txt|bin) /.test(path)))
      assert.ok(shown.has(line.replace(/ \d+$/, '')), line);
  });

  it('without events: the same after the look again, and stale until then', async (t) => {
    const one = await furnished(t, 40);
    await one.settled();
    await changeAtRandom(one, CHANGES, true, 12);
    assert.ok(!equal(one));
    one.catalogue.rescan(one.device);
    let wasStale = true;
    const stop = one.world.phone.onOperation(() => {
      const totals = one.store.totals();
      if (!equal(one) && totals.old === 0 && totals.unlisted === 0) wasStale = false;
    });
    assert.equal(one.catalogue.snapshot().phones[0]?.stale, true);
    await one.settled();
    stop();
    assert.ok(equal(one));
    assert.ok(wasStale, 'it was told as seen before all of it was');
    assert.equal(one.catalogue.snapshot().phones[0]?.stale, false);
    assertSums(one);
  });
});

describe('a look again', () => {
  it('sees what was overwritten in folders that have as many files as before', async (t) => {
    const one = await furnished(t, 9);
    await one.settled();
    writeFileSync(join(one.world.phoneFolder, 'DCIM/f0/g0/IMG_1.jpg'), Buffer.alloc(77_777));
    one.catalogue.rescan(one.device);
    await one.settled();
    assert.ok(one.remembered().includes('/DCIM/f0/g0/IMG_1.jpg 77777'));
  });

  it('that is interrupted by an unplug still lists all of it', async (t) => {
    const one = await furnished(t, 20);
    await one.settled();
    for (const folder of ['DCIM/f0/g0', 'DCIM/f4/g18'])
      writeFileSync(join(one.world.phoneFolder, folder, 'IMG_1.jpg'), Buffer.alloc(77_777));
    let operations = 0;
    const stop = one.world.phone.onOperation(() => {
      operations += 1;
      if (operations !== 6) return;
      stop();
      void one.world.phone.unplug().then(() => {
        one.world.phone.plug();
      });
    });
    one.catalogue.rescan(one.device);
    await until(() => operations >= 6, one.world.log);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(one.world.phoneFolder));
  });
});

describe('events', () => {
  it('of a changed file put its new size into the catalogue', async (t) => {
    const one = await furnished(t, 6);
    await one.settled();
    await one.world.phone.touchOverwrite('/DCIM/f0/g0/IMG_0.jpg', Buffer.alloc(4321));
    await until(() => one.remembered().includes('/DCIM/f0/g0/IMG_0.jpg 4321'), one.world.log);
  });

  it('cost no more time than the quiet moment and one list of the folder', async (t) => {
    const world = new World();
    furnish(world.phoneFolder, 6);
    const slept: number[] = [];
    const clock: EngineClock = {
      ...systemClock,
      sleep: (ms, signal) => {
        if (ms > 0) slept.push(ms);
        return systemClock.sleep(ms, signal);
      },
    };
    const one = new CatalogueWorld(world, new MemoryCatalogueShelf(), clock);
    t.after(() => one.end());
    await one.start();
    await one.settled();
    const path = '/DCIM/f0/g0';
    for (const [what, change, line] of [
      ['changed', () => world.phone.touchOverwrite(`${path}/IMG_0.jpg`, Buffer.alloc(4321)), `${path}/IMG_0.jpg 4321`],
      ['added', () => world.phone.touchFile(`${path}/new.jpg`, Buffer.alloc(77)), `${path}/new.jpg 77`],
    ] as const) {
      slept.length = 0;
      const asked: string[] = [];
      const stop = world.phone.onOperation((operation) => {
        asked.push(operationName(operation));
      });
      await change();
      await until(() => one.remembered().includes(line), world.log);
      stop();
      assert.deepEqual(slept, [], what);
      // where a new object lies is asked first; a list is the handles and their properties; one change may be told twice
      const most = 2 * (what === 'added' ? 3 : 2);
      assert.ok(asked.length >= 1 && asked.length <= most, `${what}: ${asked.join(' ')}`);
    }
  });

  it('are not lost with an unplug while their folder is being listed', async (t) => {
    const one = await furnished(t, 6);
    await one.settled();
    const stop = one.world.phone.onOperation(() => {
      stop();
      void one.world.phone.unplug().then(() => {
        one.world.phone.plug();
      });
    });
    // as many files as before: nothing else would tell that it has to be listed
    await one.world.phone.touchOverwrite('/DCIM/f0/g0/IMG_0.jpg', Buffer.alloc(4321));
    await until(() => one.remembered().includes('/DCIM/f0/g0/IMG_0.jpg 4321'), one.world.log);
  });

  it('of folders not looked at since the plug make them be listed, not only counted', async (t) => {
    const world = new World();
    furnish(world.phoneFolder, 12);
    // the scan of the second connection stands still once it has listed the root
    const gate = Promise.withResolvers<undefined>();
    let isHeld = false;
    const held: EngineClock = {
      ...systemClock,
      sleep: async (ms, signal) => {
        await systemClock.sleep(ms, signal);
        const root = one.store.folder(one.store.storages()[0]?.root ?? 0);
        if (one.store.session < 2 || root?.session !== one.store.session) return;
        isHeld = true;
        await gate.promise;
      },
    };
    const one = new CatalogueWorld(world, new MemoryCatalogueShelf(), held);
    t.after(() => {
      gate.resolve(undefined);
    });
    t.after(() => one.end());
    await one.start();
    await one.settled();
    await world.phone.unplug();
    await until(() => one.catalogue.snapshot().phones[0]?.activity === 'away', world.log);
    world.phone.plug();
    await until(() => isHeld, world.log);

    // somebody else has the phone list a folder, which the catalogue does not hear of: its handles are nobody's here
    const { storages } = world.engine.devices[0] ?? { storages: [] };
    const key = storages[0]?.key;
    const walk = world.engine.walk(one.device);
    assert.ok(key !== undefined && walk !== undefined);
    let folder: number | undefined;
    for (const name of ['DCIM', 'f3', 'g3'])
      folder = (await walk.list(key, folder)).find((object) => object.name === name)?.handle;
    assert.ok(folder !== undefined);
    await walk.list(key, folder);
    let row = storages.length === 1 ? (one.store.storages()[0]?.root ?? 0) : 0;
    for (const name of ['DCIM', 'f3', 'g3']) row = one.store.child(row, name)?.id ?? 0;
    assert.ok((one.store.folder(row)?.session ?? 2) < one.store.session, 'not looked at yet');

    // one file goes and another comes, so that counting sees no difference
    let asked = 0;
    const { store } = one;
    const withHandle = store.withHandle.bind(store);
    store.withHandle = (handle, session) => {
      asked += 1;
      return withHandle(handle, session);
    };
    await world.phone.touchFile('/DCIM/f3/g3/other.jpg', 'x', { quietly: true });
    await world.phone.touchRemove('/DCIM/f3/g3/IMG_0.jpg');
    await until(() => asked > 0, world.log);
    gate.resolve(undefined);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
  });

  it('of folders that were only counted at the plug are looked after like all others', async (t) => {
    for (const profile of ['android', 'legacy-kernel'] as const) {
      const one = await furnished(t, 20, { phone: { profile } });
      await one.settled();
      await one.unplugged();
      await one.plugged();
      const before = one.world.engine.transactions(one.device);
      await one.world.phone.touchRemove('/DCIM/f0/g0/IMG_0.jpg');
      // older phones do not tell of it
      if (profile === 'android') await one.world.phone.touchOverwrite('/DCIM/f3/g3/IMG_1.jpg', Buffer.alloc(4_321));
      await one.world.phone.touchFile('/DCIM/f6/g6/new.jpg', 'x');
      await until(() => equal(one), one.world.log);
      await one.settled();
      const spent = one.world.engine.transactions(one.device) - before;
      assert.ok(spent <= 12, `${profile}: ${spent} transactions for three folders`);
    }
  });

  it('more than 5,000 in ten seconds: everything is stale instead, and true again later', async (t) => {
    const one = await furnished(t, 12);
    const many = join(one.world.phoneFolder, 'many');
    mkdirSync(many);
    for (let index = 0; index < 2_600; index += 1) writeFileSync(join(many, `${index}.txt`), 'x');
    await one.settled();
    const before = one.world.engine.transactions(one.device);
    const session = one.store.session;
    let wasStale = false;
    const end = one.world.phone.onOperation(() => {
      wasStale ||= one.store.session > session && one.catalogue.snapshot().phones[0]?.stale === true;
    });
    const { phone } = one.world;
    // each takes a whole listing on the virtual phone: the events alone are what counts here
    const touched = '/DCIM/f0/g0/IMG_0.jpg';
    for (let event = 0; event < 5_200; event += 1) {
      await phone.touchOverwrite(touched, Buffer.alloc(event % 900));
      if (event === 2_600) rmSync(join(many, '7.txt'));
    }
    await until(() => one.store.session > session, one.world.log);
    // the one without an event too
    await until(() => equal(one), one.world.log);
    await one.settled();
    end();
    assert.ok(wasStale, 'told as stale until it was looked at again');
    const spent = one.world.engine.transactions(one.device) - before;
    assert.ok(spent < 1_500, `${spent} transactions for a storm`);
  });
});

describe('storages', () => {
  it('that come are listed, and those that go are forgotten with all on them', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    writeFileSync(join(folder, 'on card.txt'), 'x');
    const card = { directory: folder, name: 'SD card', removable: true, absent: true };
    const one = await furnished(t, 4, { phone: { storages: [card] } });
    await one.settled();
    let asked = 0;
    // another text each time: the same search is kept for a moment after it was asked
    const found = async (): Promise<number> =>
      (await one.searches.find(`"on card" size<${1_000 + (asked += 1)}`, one.device, 'best')).total;
    assert.deepEqual([one.store.storages().length, await found()], [1, 0]);
    one.world.phone.insertStorage(1);
    await until(() => one.remembered().includes('/on card.txt 1'), one.world.log);
    await one.settled();
    assert.deepEqual([one.store.storages().length, await found()], [2, 1]);
    one.world.phone.removeStorage(1);
    await until(() => one.store.storages().length === 1, one.world.log);
    assert.equal(await found(), 0);
    assert.ok(!one.remembered().includes('/on card.txt 1'));
    // out and in again with something else on it, before anybody has looked
    one.world.phone.insertStorage(1);
    await until(() => one.remembered().includes('/on card.txt 1'), one.world.log);
    await one.settled();
    one.world.phone.removeStorage(1);
    renameSync(join(folder, 'on card.txt'), join(folder, 'after.txt'));
    one.world.phone.insertStorage(1);
    await until(() => one.remembered().includes('/after.txt 1'), one.world.log);
    assert.ok(!one.remembered().includes('/on card.txt 1'));
  });

  it('that are alike, two fixed ones of one size, are two', async (t) => {
    const second = mkdtempSync(join(tmpdir(), 'replug-dual-'));
    t.after(() => {
      rmSync(second, { recursive: true, force: true });
    });
    writeFileSync(join(second, 'of the other.txt'), 'x');
    for (const name of ['Dual apps', undefined]) {
      const one = await furnished(t, 4, {
        phone: { capacity: 64e9, storages: [{ directory: second, name, capacity: 64e9 }] },
      });
      await one.settled();
      assert.equal(one.store.storages().length, 2);
      const both = [...onDisk(one.world.phoneFolder), ...onDisk(second)].sort();
      assert.deepEqual(one.remembered(), both);
      await one.world.phone.unplug();
      // the phone’s language changes: the same two storages under other names
      if (name !== undefined) one.world.phone.describeStorage(1, { name: 'Doppelte Apps' });
      await one.plugged();
      assert.equal(one.store.storages().length, 2);
      assert.deepEqual(one.remembered(), both);
    }
  });
});

describe('the next plug', () => {
  it('lists a folder of as many objects again where the phone’s own numbers say that they are others', async (t) => {
    const one = await furnished(t, 6, { phone: { profile: 'legacy-kernel' } });
    await one.settled();
    await one.unplugged();
    rmSync(join(one.world.phoneFolder, 'DCIM/f0/g0/IMG_0.jpg'));
    writeFileSync(join(one.world.phoneFolder, 'DCIM/f0/g0/other.jpg'), 'x');
    await one.plugged();
    assert.deepEqual(one.remembered(), onDisk(one.world.phoneFolder));
  });

  it('only counts what was seen lately', async (t) => {
    for (const profile of ['android', 'legacy-kernel'] as const) {
      const one = await furnished(t, 60, { phone: { profile } });
      await one.settled();
      await one.unplugged();
      await one.plugged();
      const { folders } = one.store.totals();
      const spent = one.world.engine.transactions(one.device);
      assert.ok(spent - 30 <= 1.4 * folders, `${profile}: ${spent} transactions for ${folders} folders`);
    }
  });
});

describe('a program that is killed', () => {
  const WRITES = new Set([
    'write',
    'begin',
    'setDue',
    'setSeen',
    'giveUp',
    'purge',
    'doubt',
    'addStorage',
    'beginSession',
  ]);

  it(`after any write, and before the next, has lost nothing (every ${KILL_EVERY}th)`, async (t) => {
    const world = new World();
    t.after(() => world.end());
    furnish(world.phoneFolder, 9);
    const shelf = await openCatalogueShelf(join(world.folder, 'catalogue'));
    const device = await world.start();
    const sound = async (): Promise<void> => {
      const one = new CatalogueWorld(world, shelf);
      one.device = device;
      await one.settled();
      assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
      assertSums(one);
      await one.catalogue.stop();
    };
    for (let kill = 1; ; kill += KILL_EVERY) {
      const dying = dyingShelf(shelf, kill, (name) => WRITES.has(name));
      // something new each time, and something that went
      world.onPhone(`DCIM/f0/g0/k${kill}.bin`, kill);
      world.onPhone(`new ${kill}/below/x.txt`, 5);
      rmSync(join(world.phoneFolder, `new ${kill - KILL_EVERY}`), { recursive: true, force: true });
      const catalogue = new Catalogue({ engine: world.engine, shelf: dying.shelf, times: TIMES });
      catalogue.start();
      await until(() => dying.isDead() || catalogue.of(device)?.keeper?.activity === 'idle');
      await catalogue.stop();
      await sound();
      if (!dying.isDead()) return;
      assert.ok(kill < 2_000, 'it never comes to its end');
    }
  });
});

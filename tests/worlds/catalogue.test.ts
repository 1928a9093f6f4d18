import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Catalogue } from '../../electron/catalogue/index.ts';
import { systemClock, type EngineClock } from '../../electron/engine/index.ts';
import { MemoryCatalogueShelf, openCatalogueShelf } from '../../electron/store/index.ts';
import { CatalogueWorld, dyingShelf, furnish, furnished, onDisk, TIMES, until } from './catalogue-world.ts';
import { World } from './world.ts';

/** Each takes half a second: the whole hundred is run by hand. */
const UNPLUGS = Number(process.env['REPLUG_UNPLUGS'] ?? 20);

describe('a phone is remembered', () => {
  it('whole, in at most 2.2 transactions a folder', async (t) => {
    const one = await furnished(t, 60);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(one.world.phoneFolder));
    const { folders } = one.store.totals();
    const spent = one.world.engine.transactions(one.device);
    // opening a phone takes some twenty by itself
    assert.ok(spent - 25 <= 2.2 * (folders + 1), `${spent} transactions for ${folders} folders`);
  });

  it('adds up what is in it, and finds words in any order', async (t) => {
    const one = await furnished(t, 20);
    one.world.onPhone('DCIM/Été à la plage.jpg', 5000);
    await one.settled();
    const found = await one.searches.find('PLAGE ete kind:photo in:dcim size>4k', undefined, 'best');
    assert.deepEqual(
      found.results.map(({ place }) => place.path),
      ['/DCIM/Été à la plage.jpg'],
    );
    assert.ok(found.complete && found.asOf !== undefined);
    assert.equal((await one.searches.find('img', one.device, 'name')).total, 60);
    assert.equal((await one.searches.find('', one.device, 'name')).total, 0);
  });
});

describe('what changes on the phone is written along', () => {
  it('what others do, by the phone’s events', async (t) => {
    const one = await furnished(t, 12);
    await one.settled();
    let number = 7;
    const random = (below: number): number => {
      number = (number * 1103515245 + 12345) % 2 ** 31;
      return number % below;
    };
    const { phone } = one.world;
    for (let step = 0; step < 150; step += 1) {
      const lines = one.remembered();
      const files = onDisk(one.world.phoneFolder).filter((line) => !line.endsWith('/'));
      const target = files[random(files.length)]?.replace(/ \d+$/, '').slice(1) ?? '';
      const folder = target.slice(0, target.lastIndexOf('/'));
      switch (random(3)) {
        case 0:
          await phone.touchFile(`/${folder}/new${step}.txt`, Buffer.alloc(random(500)));
          break;
        case 1:
          await phone.touchRemove(`/${target}`);
          break;
        default:
          await phone.touchOverwrite(`/${target}`, Buffer.alloc(random(900)));
      }
      assert.ok(lines.length > 0);
      if (step % 30 === 29) await systemClock.sleep(20);
    }
    await until(
      () => JSON.stringify(one.remembered()) === JSON.stringify(onDisk(one.world.phoneFolder)),
      one.world.log,
    );
    const root = one.store.storages()[0]?.root ?? 0;
    const bytes = onDisk(one.world.phoneFolder).reduce((all, line) => all + Number(/ (\d+)$/.exec(line)?.[1] ?? 0), 0);
    assert.equal(one.store.folder(root)?.bytes, bytes);
  });

  it('what Replug does itself', async (t) => {
    const one = await furnished(t, 6);
    await one.settled();
    const { world } = one;
    await world.push([world.local('sent.bin', 1234)], '/DCIM');
    await until(() => one.remembered().includes('/DCIM/sent.bin 1234'), world.log);
    await world.engine.execute('makeFolder', { place: world.place('/'), name: 'Made' });
    await world.engine.execute('rename', { place: world.place('/DCIM/sent.bin'), name: 'kept.bin' });
    await until(
      () => one.remembered().includes('/Made/') && one.remembered().includes('/DCIM/kept.bin 1234'),
      world.log,
    );
    await world.engine.execute('delete', { sources: [world.place('/DCIM/kept.bin')] });
    await until(() => !one.remembered().includes('/DCIM/kept.bin 1234'), world.log);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
  });

  it('what Replug does itself in a folder that it was told in another spelling', async (t) => {
    const one = await furnished(t, 6, { phone: { profile: 'samsung-old' } });
    await one.settled();
    const { world } = one;
    await world.push([world.local('IMG_0.jpg', 54_321)], '/dcim/F0/G0', { onConflict: 'replace' });
    await until(() => one.remembered().includes('/DCIM/f0/g0/IMG_0.jpg 54321'), world.log);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
  });

  it('what happens without an event, when it is looked at again; stale until then', async (t) => {
    const one = await furnished(t, 20);
    await one.settled();
    writeFileSync(join(one.world.phoneFolder, 'DCIM/f0/g0/silent.txt'), 'x');
    rmSync(join(one.world.phoneFolder, 'Music'), { recursive: true });
    one.catalogue.rescan(one.device);
    assert.equal(one.catalogue.snapshot().phones[0]?.stale, true);
    await one.settled();
    assert.equal(one.catalogue.snapshot().phones[0]?.stale, false);
    assert.deepEqual(one.remembered(), onDisk(one.world.phoneFolder));
    assert.equal((await one.searches.find('silent', one.device, 'best')).total, 1);
    assert.equal((await one.searches.find('in:music', one.device, 'best')).total, 0);
  });
});

describe('beside a transfer', () => {
  it('the scan rests from the moment it is asked for, also while it is planned', async (t) => {
    const world = new World();
    furnish(world.phoneFolder, 60);
    const over = Promise.withResolvers<undefined>();
    let rests = 0;
    // a rest lasts as long as the transfer
    const resting: EngineClock = {
      ...systemClock,
      sleep: async (ms, signal) => {
        if (ms === 0) return systemClock.sleep(0, signal);
        rests += 1;
        await over.promise;
      },
    };
    const one = new CatalogueWorld(world, new MemoryCatalogueShelf(), resting);
    t.after(() => {
      over.resolve(undefined);
    });
    t.after(() => one.end());
    const sources = Array.from({ length: 300 }, (_, at) => world.local(`sent/${at}.bin`, 100));
    await one.start();
    await until(() => (one.catalogue.of(one.device)?.keeper?.visited ?? 0) > 0, world.log);
    const visited = (): number => one.catalogue.of(one.device)?.keeper?.visited ?? 0;
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources,
      to: world.place('/'),
      options: { onConflict: 'skip', onName: 'fail' },
    });
    assert.deepEqual([world.engine.isMoving(one.device), world.engine.isBusy(one.device)], [false, true]);
    const before = visited();
    assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'done');
    assert.ok(visited() - before <= 2, `${visited() - before} folders looked at beside it`);
    assert.ok(rests > 0 && one.store.totals().unlisted > 0, 'there was nothing to rest from');
    over.resolve(undefined);
    await one.settled();
    assert.equal(world.engine.isBusy(one.device), false);
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
  });
});

describe('an unplug', () => {
  it(`at ${UNPLUGS} places of the scan: it goes on, and no row is double`, async (t) => {
    const one = await furnished(t, 40);
    let cut = 0;
    let operations = 0;
    let wanted = 3;
    one.world.phone.onOperation(() => {
      operations += 1;
      if (cut < UNPLUGS && operations >= wanted) {
        cut += 1;
        operations = 0;
        // further into the scan each time
        wanted = 21 + ((cut * 7) % 40);
        void one.world.phone.unplug().then(() => {
          one.world.phone.plug();
        });
      }
    });
    for (let reached = 1; reached <= UNPLUGS; reached += 1) await until(() => cut >= reached, one.world.log);
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(one.world.phoneFolder));
  });

  it('leaves what is remembered to be searched, as of then', async (t) => {
    const one = await furnished(t, 8);
    await one.settled();
    await one.world.phone.unplug();
    await until(() => one.catalogue.snapshot().phones[0]?.activity === 'away');
    const found = await one.searches.find('img_1', undefined, 'best');
    assert.equal(found.total, 8);
    assert.ok(found.asOf !== undefined && !found.stale);
  });
});

describe('a program that is killed', () => {
  it('between any two writes: it opens and goes on', async (t) => {
    const world = new World();
    t.after(() => world.end());
    furnish(world.phoneFolder, 9);
    const shelf = await openCatalogueShelf(join(world.folder, 'catalogue'));
    const device = await world.start();
    for (let kill = 1; kill < 40; kill += 1) {
      const dying = dyingShelf(shelf, kill, (name) => name === 'write');
      const catalogue = new Catalogue({ engine: world.engine, shelf: dying.shelf, times: TIMES });
      catalogue.start();
      await until(() => dying.isDead() || catalogue.of(device)?.keeper?.activity === 'idle');
      await catalogue.stop();
    }
    const one = new CatalogueWorld(world, shelf);
    one.device = device;
    await one.settled();
    assert.deepEqual(one.remembered(), onDisk(world.phoneFolder));
    await one.catalogue.stop();
  });
});

describe('a phone that lies', () => {
  it('with cycles, impossible sizes and names of every kind ends the scan and stops no search', async (t) => {
    const world = new World();
    furnish(world.phoneFolder, 5);
    const one = new CatalogueWorld(world);
    t.after(() => one.end());
    for (const lie of [
      { folder: '/', name: 'loop', size: 0, directory: true, cyclic: true },
      { folder: '/DCIM', name: 'huge', size: 2n ** 64n - 1n },
      { folder: '/DCIM', name: 'line\nfeed ÅÄÖ', size: 3 },
      { folder: '/DCIM', name: 'a/b', size: 4 },
      { folder: '/DCIM', name: '..', size: 5 },
    ])
      world.phone.plant(lie);
    await one.start();
    await until(() => one.catalogue.of(one.device)?.keeper?.activity === 'idle', world.log);
    const all = await one.searches.find('kind:other', undefined, 'size');
    assert.equal(all.results[0]?.name, 'huge');
    assert.ok(all.results.length >= 4 && all.results.length < 20);
    assert.equal((await one.searches.find('feed aao', undefined, 'best')).total, 1);
    const root = one.store.storages()[0]?.root ?? 0;
    // what ObjectInfo says of a size it cannot hold
    assert.ok((one.store.folder(root)?.bytes ?? 0) < 2 ** 32 + 100_000);
  });
});

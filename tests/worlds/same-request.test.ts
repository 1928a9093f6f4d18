import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualPhone } from '../../electron/virtual/index.ts';
import { localPath } from '../../shared/domain.ts';
import { begin, digestFile } from './world.ts';

/** The same request again continues its transfer, also where the phone calls its storage something else by now. */

const MIB = 1024 * 1024;

for (const direction of ['upload', 'download'] as const)
  test(`after the phone’s language has changed: ${direction}`, async (t) => {
    const world = begin(t, { capacity: 64e9 });
    const here = world.local('film.bin', 24 * MIB);
    world.onPhone('Films/film.bin', 24 * MIB);
    await world.start();
    const ask = () =>
      world.engine.enqueue(
        direction === 'upload'
          ? { direction, sources: [here], to: world.place('/Download'), options: { onConflict: 'skip' } }
          : {
              direction,
              sources: [world.place('/Films/film.bin')],
              to: localPath(join(world.here, 'got')),
              options: { onConflict: 'skip' },
            },
      );
    world.faults('unplug@bytes=12000000');
    const first = await ask();
    await world.engine.settled(first.transfer, { waitMs: 300 });
    await world.engine.stop();
    world.phone = new VirtualPhone({
      directory: world.phoneFolder,
      capacity: 64e9,
      serial: 'WORLD',
      name: 'World phone',
      storageName: 'Interner gemeinsamer Speicher',
    });
    world.usePhone();
    await world.start();
    const second = await ask();
    assert.deepEqual([second.transfer, second.continued], [first.transfer, true]);
    const view = await world.engine.settled(second.transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done');
    const folder = direction === 'upload' ? join(world.phoneFolder, 'Download') : join(world.here, 'got');
    assert.deepEqual(readdirSync(folder), ['film.bin']);
    assert.equal(await digestFile(join(folder, 'film.bin')), await digestFile(here));
  });

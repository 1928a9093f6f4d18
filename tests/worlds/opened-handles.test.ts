import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import { begin, edited } from './opened-world.ts';

/** Files that are opened on a phone which gives everything another handle while it is locked. */

const WHEN = Date.UTC(2024, 1, 2);

test('locked after its folder was listed: a file is found by a new listing', { timeout: 30_000 }, async (t) => {
  const world = begin(t, { profile: 'legacy-kernel' });
  const there = world.onPhone('DCIM/Camera/a.bin', 3_000, WHEN);
  await world.start();
  await world.engine.entries(world.place('/DCIM'));
  world.phone.lock();
  world.phone.unlock();
  const { path } = await edited(world, '/DCIM/Camera/a.bin');
  assert.deepEqual(readFileSync(path), readFileSync(there));
});

test('locked before its copy is compared: the file is found by a new listing', { timeout: 30_000 }, async (t) => {
  let locks = 0;
  const disk: Disk = {
    ...nodeDisk,
    open: async (at, ...how) => {
      const file = await nodeDisk.open(at, ...how);
      if (!at.endsWith('.replug-part')) return file;
      return Object.assign(Object.create(file) as typeof file, {
        writev: async (...given: Parameters<typeof file.writev>) => {
          const written = await file.writev(...given);
          locks += 1;
          world.phone.lock();
          world.phone.unlock();
          return written;
        },
      });
    },
  };
  const world = begin(t, { profile: 'legacy-kernel' }, { disk });
  const there = world.onPhone('DCIM/a.bin', 3_000, WHEN);
  await world.start();
  const { path } = await edited(world, '/DCIM/a.bin');
  assert.equal(locks, 1);
  assert.deepEqual(readFileSync(path), readFileSync(there));
});

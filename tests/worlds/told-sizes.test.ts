import assert from 'node:assert/strict';
import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { begin } from './world.ts';

/** The rule that goes by sizes goes by those of the files, not by what a phone tells of them. */

test('a phone that tells every file as empty keeps the larger file', async (t) => {
  const world = begin(t, { quirks: [['zero-sizes', 1]] });
  const theirs = world.onPhone('Download/a.txt', 5_000);
  const source = world.local('a.txt', 100);
  await world.start();
  assert.equal((await world.push([source], '/Download', { onConflict: 'larger' })).counts.skipped, 1);
  assert.equal(statSync(theirs).size, 5_000);
});

for (const [theirs, mine] of [
  [5_000, 100],
  [100, 5_000],
  [0, 5_000],
] as const)
  test(`of such a phone's file of ${theirs} bytes and one of ${mine} here the larger stays`, async (t) => {
    const world = begin(t, { quirks: [['zero-sizes', 1]] });
    world.onPhone('DCIM/a.txt', theirs);
    const there = world.local('in/a.txt', mine);
    await world.start();
    const view = await world.pull(['/DCIM/a.txt'], 'in', { onConflict: 'larger' });
    assert.equal(view.state, 'done');
    assert.equal(view.counts.skipped, theirs > mine ? 0 : 1);
    assert.equal(statSync(there).size, Math.max(theirs, mine));
  });

test('a file that is told at twice its size does not replace a larger one', async (t) => {
  const world = begin(t, { quirks: [['doubled-sizes', 1]] });
  world.onPhone('DCIM/film.mp4', 3_000);
  const mine = world.local('in/film.mp4', 5_000);
  await world.start();
  await world.pull(['/DCIM/film.mp4'], 'in', { onConflict: 'larger' });
  assert.equal(statSync(mine).size, 5_000);
});

test('nor does one that was larger when it was listed', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/film.mp4', 9_000);
  const mine = world.local('in/film.mp4', 5_000);
  await world.start();
  await world.engine.entries(world.place('/DCIM'));
  truncateSync(join(world.phoneFolder, 'DCIM/film.mp4'), 3_000);
  await world.pull(['/DCIM/film.mp4'], 'in', { onConflict: 'larger' });
  assert.equal(statSync(mine).size, 5_000);
});

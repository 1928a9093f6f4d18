import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type EngineClock } from '../../electron/engine/index.ts';
import { localPath } from '../../shared/domain.ts';
import { operationName } from '../../electron/mtp/wire/index.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { begin, type World } from './world.ts';

/**
 * What each kind of work costs in transactions, against the least that any correct initiator needs: one more for each
 * file, or one more for each folder, fails here.
 */

type Phone = Partial<VirtualPhoneOptions>;
type Counts = Record<string, number>;

/** Counts transactions by operation from now on. */
function counting(world: World): Counts {
  const counts: Counts = {};
  world.phone.onOperation((operation) => {
    const name = operationName(operation);
    counts[name] = (counts[name] ?? 0) + 1;
  });
  return counts;
}

const totalOf = (counts: Counts): number => Object.values(counts).reduce((sum, one) => sum + one, 0);
const readsOf = (counts: Counts): number => (counts['GetPartialObject64'] ?? 0) + (counts['GetPartialObject'] ?? 0);
/** One of each sixteen, and the first and the last where they are not those. */
const mostSampled = (files: number): number => Math.ceil(files / 16) + 2;

async function pulled(
  t: TestContext,
  files: number,
  phone: Phone = {},
  verify: 'size' | 'sampled' | 'full' = 'sampled',
) {
  const world = begin(t, phone);
  for (let number = 0; number < files; number += 1) world.onPhone(`DCIM/${number}.jpg`, 20_000 + number);
  await world.start();
  const counts = counting(world);
  const view = await world.pull(['/DCIM'], 'got', { verify });
  assert.equal(view.state, 'done');
  assert.equal(view.counts.moved.files, files);
  return { counts, view };
}

for (const [name, phone] of [
  ['Android', {}],
  ['a Samsung whose partial reads have a trap at the end', { profile: 'samsung-old' }],
  ['a phone that reads 32-bit ranges', { quirks: [['reads-32-bit', 1]] }],
  ['a camera', { profile: 'camera' }],
] as const satisfies readonly (readonly [string, Phone])[])
  test(`a small download is one transaction and nothing else: ${name}`, async (t) => {
    const few = await pulled(t, 10, phone, 'size');
    const many = await pulled(t, 60, phone, 'size');
    // without property lists one more describes it
    const isListed = many.counts['GetObjectPropList'] !== undefined;
    assert.equal(totalOf(many.counts) - totalOf(few.counts), 50 * (isListed ? 1 : 2));
    assert.equal(many.counts['GetObject'], 60);
  });

test('of small downloads a sixteenth is read back, one transaction each, and the rest is told as it is', async (t) => {
  const files = 100;
  const { counts, view } = await pulled(t, files);
  const least = await pulled(t, files, {}, 'size');
  const reads = (counts['GetObject'] ?? 0) - files + readsOf(counts);
  assert.equal(totalOf(counts) - reads, totalOf(least.counts));
  assert.ok(reads * 16 >= files && reads <= mostSampled(files), `${reads} read back`);
  assert.deepEqual(view.counts.verified, { size: files - reads, sampled: reads, full: 0 });
});

test('byte by byte, each small download is read twice', async (t) => {
  const { counts, view } = await pulled(t, 20, {}, 'full');
  assert.equal(readsOf(counts) + (counts['GetObject'] ?? 0), 40);
  assert.deepEqual(view.counts.verified, { size: 0, sampled: 0, full: 20 });
});

/** A listing that is old is looked at again: on a machine that is busy it does not grow old meanwhile. */
const SLOW: EngineClock = { ...systemClock, monotonic: () => performance.now() / 100 };

/** Uploads `files` small files into a folder that is there, with one other file in it. */
async function pushed(
  t: TestContext,
  files: number,
  phone: Phone = {},
  verify: 'size' | 'sampled' | 'full' = 'sampled',
) {
  const world = begin(t, phone, { clock: SLOW });
  for (let number = 0; number < files; number += 1) world.local(`set/${number}.jpg`, 20_000 + number);
  world.onPhone('Download/set/other.txt', 100);
  await world.start();
  const counts = counting(world);
  const view = await world.push([localPath(join(world.here, 'set'))], '/Download', { verify });
  assert.equal(view.state, 'done', JSON.stringify([view.problem, world.log]));
  assert.equal(view.counts.moved.files, files);
  // what is shown as free is asked for once more when all is done, which is told without waiting for that
  while (counts['GetStorageIDs'] !== 1 || counts['GetStorageInfo'] !== 2) await sleep(5);
  return { world, counts, view };
}

test('a small upload is two transactions, and one list for each folder tells their sizes', async (t) => {
  const few = await pushed(t, 10, {}, 'size');
  const many = await pushed(t, 60, {}, 'size');
  assert.equal(totalOf(many.counts) - totalOf(few.counts), 50 * 2);
  // the root and Download (folders alone: no sizes) and set are listed once each; the last list is that of the sizes
  assert.equal(many.counts['GetObjectPropList'], 3 + 3 + 4 + 1);
  assert.equal(many.counts['GetObjectPropValue'], undefined);
  assert.deepEqual(many.view.counts.verified, { size: 60, sampled: 0, full: 0 });
});

test('without property lists each small upload is asked for its size, once', async (t) => {
  const phone: Phone = { quirks: [['no-prop-list', 1]] };
  const few = await pushed(t, 10, phone, 'size');
  const many = await pushed(t, 60, phone, 'size');
  assert.equal(totalOf(many.counts) - totalOf(few.counts), 50 * 3);
});

for (const [name, phone] of [
  ['property lists', {}],
  ['one question each', { quirks: [['no-prop-list', 1]] }],
] as const satisfies readonly (readonly [string, Phone])[])
  test(`of small uploads a sixteenth is read back, one transaction each, which proves the size as well: ${name}`, async (t) => {
    const files = 100;
    const { counts, view } = await pushed(t, files, phone);
    const reads = readsOf(counts);
    assert.ok(reads * 16 >= files && reads <= mostSampled(files), `${reads} read back`);
    assert.deepEqual(view.counts.verified, { size: files - reads, sampled: reads, full: 0 });
    const least = await pushed(t, files, phone, 'size');
    const saved = phone.quirks === undefined ? 0 : reads;
    assert.equal(totalOf(counts), totalOf(least.counts) + reads - saved);
  });

test('ls lists each folder on the way once; asked again, it looks at each on the way and lists its own anew', async (t) => {
  const world = begin(t, { quirks: [['no-prop-list', 1]] });
  for (const number of [1, 2, 3]) world.onPhone(`DCIM/Camera/${number}.jpg`, 100);
  await world.start();
  const counts = counting(world);
  const place = world.place('/DCIM/Camera');
  const first = await world.engine.entries(place);
  assert.equal(first.entries.length, 3);
  assert.equal(counts['GetObjectHandles'], 3);
  const infos = counts['GetObjectInfo'] ?? 0;
  world.onPhone('DCIM/Camera/4.jpg', 100);
  const again = await world.engine.entries(place);
  assert.equal(again.entries.length, 4);
  assert.equal(counts['GetObjectHandles'], 4);
  assert.equal(counts['GetObjectInfo'], infos + 2 + 4);
});

test('a tree is asked for its sizes once for each folder, whatever the order of names in it', async (t) => {
  const world = begin(t);
  // names between which the folder below comes
  for (const name of ['a.jpg', 'b.jpg', 'm/1.jpg', 'm/2.jpg', 'm/x/1.jpg', 'm/x/2.jpg', 'm/z.jpg', 'y.jpg', 'z.jpg'])
    world.local(`tree/${name}`, 3_000);
  world.onPhone('Download/other.txt', 100);
  await world.start();
  const counts = counting(world);
  const view = await world.push([localPath(join(world.here, 'tree'))], '/Download', { verify: 'size' });
  assert.equal(view.counts.moved.files, 9);
  // the root, Download; the folders made are known to be empty, and are asked for their sizes in the end
  assert.equal(counts['GetObjectPropList'], 3 + 4 + 3);
  assert.equal(counts['GetObjectPropValue'], undefined);
});

test('a single file is asked for by itself, not by a list of its folder', async (t) => {
  const world = begin(t);
  for (let number = 0; number < 50; number += 1) world.onPhone(`Download/${number}`, 10);
  await world.start();
  const counts = counting(world);
  const view = await world.push([world.local('one.jpg', 3_000)], '/Download', { verify: 'size' });
  assert.equal(view.state, 'done');
  assert.equal(counts['GetObjectPropList'], 3 + 4);
  assert.equal(counts['GetObjectPropValue'], 1);
});

for (const [name, phone, perFolder] of [
  ['four lists a folder', {}, 4],
  ['one question an entry', { quirks: [['no-prop-list', 1]] }, undefined],
] as const satisfies readonly (readonly [string, Phone, number | undefined])[])
  test(`a tree of many folders is listed once, although it is walked before its files go: ${name}`, async (t) => {
    const folders = 60;
    const world = begin(t, phone);
    for (let folder = 0; folder < folders; folder += 1)
      for (let file = 0; file < 2; file += 1) world.onPhone(`DCIM/${folder}/${file}.jpg`, 1_000);
    await world.start();
    const counts = counting(world);
    const view = await world.pull(['/DCIM'], 'got', { verify: 'size' });
    assert.equal(view.counts.moved.files, 2 * folders);
    if (perFolder !== undefined)
      // folders alone (the root, DCIM) have no sizes
      assert.equal(counts['GetObjectPropList'], 3 + 3 + folders * perFolder);
    // DCIM itself, its folders and their files
    else assert.equal(counts['GetObjectInfo'], 1 + folders + 2 * folders);
  });

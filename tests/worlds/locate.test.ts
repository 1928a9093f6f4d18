import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { localPath, type TransferId } from '../../shared/domain.ts';
import { begin, type World } from './world.ts';

/** Missing sources that are located: each keeps its own name, and only wanted ones are sent. */

const DATE = Date.UTC(2024, 1, 1) / 1000;

/** Files of one size and date; only the content tells them apart. */
function alike(world: World, ...names: readonly string[]): void {
  for (const name of names) {
    const file = join(world.here, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${name}!`.padEnd(3_000, '.'));
    utimesSync(file, DATE, DATE);
  }
}

/** A transfer of `names`, whose sources were taken away before their phone came. */
async function missing(t: TestContext, names: readonly string[], top = 'src'): Promise<[World, TransferId]> {
  const world = begin(t);
  alike(world, ...names.map((name) => `${top}/${name}`));
  await world.start();
  const to = world.place('/Download');
  await world.phone.unplug();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, top))],
    to,
    options: { onConflict: 'skip' },
  });
  while (world.engine.view(transfer).state === 'planning') await sleep(2);
  renameSync(join(world.here, top), join(world.here, 'away'));
  world.phone.plug();
  while (world.engine.view(transfer).counts.waiting < names.length) await sleep(2);
  return [world, transfer];
}

const locate = (world: World, transfer: TransferId, path: string): Promise<unknown> =>
  world.engine.execute('locate', { transfer, path: localPath(join(world.here, path)) });

/** What arrived, by name: the name that its content says. */
const arrived = (world: World, folder = 'Download/src'): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(world.phoneFolder, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(world.phoneFolder, folder, name), 'latin1').split('!')[0] ?? '']),
  );

test('several files of one size and date keep their own names', async (t) => {
  const names = ['DSC1.ARW', 'DSC2.ARW', 'DSC3.ARW', 'DSC4.ARW'];
  const [world, transfer] = await missing(t, names);
  assert.deepEqual(await locate(world, transfer, 'away'), { found: 4, missing: [] });
  assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
  assert.deepEqual(arrived(world), Object.fromEntries(names.map((name) => [name, `src/${name}`])));
});

test('of several files with one name, the one with matching folders is taken', async (t) => {
  const [world, transfer] = await missing(t, ['a/x.raw', 'b/x.raw', 'c/d/x.raw']);
  mkdirSync(join(world.here, 'disk', 'deep'), { recursive: true });
  renameSync(join(world.here, 'away'), join(world.here, 'disk', 'deep', 'pictures'));
  assert.deepEqual(await locate(world, transfer, 'disk'), { found: 3, missing: [] });
  assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
  assert.deepEqual(arrived(world, 'Download/src/a'), { 'x.raw': 'src/a/x.raw' });
  assert.deepEqual(arrived(world, 'Download/src/b'), { 'x.raw': 'src/b/x.raw' });
  assert.deepEqual(arrived(world, 'Download/src/c/d'), { 'x.raw': 'src/c/d/x.raw' });
});

test('an ambiguous file stays missing', async (t) => {
  const [world, transfer] = await missing(t, ['a/x.raw', 'b/x.raw', 'y.raw']);
  rmSync(join(world.here, 'away'), { recursive: true });
  // one `x.raw` for two, and a neighbour of the burst under another name
  alike(world, 'found/x.raw', 'found/z.raw');
  const found = await locate(world, transfer, 'found');
  assert.deepEqual(found, { found: 0, missing: ['src/a/x.raw', 'src/b/x.raw', 'src/y.raw'] });
  await assert.rejects(locate(world, transfer, 'found/z.raw'), { kind: 'bad-request' });
  assert.equal(world.engine.view(transfer).counts.waiting, 3);
});

test('a renamed file is taken when a person chooses it for the only one missing', async (t) => {
  const [world, transfer] = await missing(t, ['y.raw']);
  rmSync(join(world.here, 'away'), { recursive: true });
  alike(world, 'found/renamed.raw');
  assert.deepEqual(await locate(world, transfer, 'found'), { found: 0, missing: ['src/y.raw'] });
  assert.deepEqual(await locate(world, transfer, 'found/renamed.raw'), { found: 1, missing: [] });
  assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
  assert.deepEqual(arrived(world), { 'y.raw': 'found/renamed.raw' });
});

for (const wish of ['cancel', 'pause'] as const)
  test(`${wish} during the search is respected`, async (t) => {
    const names = Array.from({ length: 300 }, (_, index) => `f${index}`);
    const [world, transfer] = await missing(t, names);
    const locating = locate(world, transfer, 'away');
    await sleep(2);
    await world.engine.execute(wish, { transfer });
    await locating;
    const { state, counts } = await world.engine.settled(transfer, { waitMs: 5_000 });
    assert.equal(state, wish === 'cancel' ? 'cancelled' : 'paused');
    assert.equal(wish === 'cancel' ? counts.cancelled : counts.paused, 300);
    await world.engine.waitForDevice(undefined, 1_000);
    assert.deepEqual(arrived(world), {});
  });

test('a large file of another name whose samples agree is the missing one only with its date', async (t) => {
  const MIB = 1024 * 1024;
  const world = begin(t);
  /** An image that holds little else than zeros. */
  const image = (path: string, content: string, date: number): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    truncateSync(path, 20 * MIB);
    const file = openSync(path, 'r+');
    writeSync(file, content, 5 * MIB);
    closeSync(file);
    utimesSync(path, date, date);
  };
  image(join(world.here, 'one.img'), 'THE FIRST MACHINE', DATE);
  await world.start();
  world.faults('unplug@op=SendPartialObject:1:before');
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, 'one.img'))],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  while (world.engine.devices.some(({ state }) => state.kind !== 'gone')) await sleep(2);
  image(join(world.here, 'elsewhere/two.img'), 'THE SECOND MACHINE', DATE + 60);
  renameSync(join(world.here, 'one.img'), join(world.folder, 'one.img'));
  world.phone.plug();
  while (world.engine.view(transfer).waitingFor?.kind !== 'source') await sleep(2);
  const locate = () => world.engine.execute('locate', { transfer, path: localPath(join(world.here, 'elsewhere')) });
  assert.equal((await locate()).found, 0);
  renameSync(join(world.folder, 'one.img'), join(world.here, 'elsewhere/renamed.img'));
  assert.equal((await locate()).found, 1);
  await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(20_000) });
  assert.deepEqual(
    readFileSync(join(world.phoneFolder, 'Download/one.img')),
    readFileSync(join(world.here, 'elsewhere/renamed.img')),
  );
});

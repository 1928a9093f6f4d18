import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localPath, type Direction, type TransferOptions } from '../../shared/domain.ts';
import { requestOfSet } from './request-set.ts';
import { until } from './until.ts';
import { begin, type World } from './world.ts';

/** The same request made again while its transfer is under way. */

const MIB = 1024 * 1024;

for (const rule of ['skip', 'keep-both', 'ask'] as const)
  test(`a large download that was to replace a file does so no more under the rule ${rule}`, async (t) => {
    const world = begin(t, { rate: 12 * MIB });
    world.onPhone('DCIM/film.bin', 20 * MIB);
    const mine = world.local('in/film.bin', 50);
    await world.start();
    const request = (options: Partial<TransferOptions>) =>
      world.engine.enqueue({
        direction: 'download',
        sources: [world.place('/DCIM/film.bin')],
        to: localPath(join(world.here, 'in')),
        options,
      });
    const { transfer } = await request({ onConflict: 'replace' });
    await until(() => world.engine.view(transfer).bytesConfirmed > 4 * MIB);
    assert.deepEqual(await request({ onConflict: rule }), { transfer, continued: true });
    const isOver = (): boolean => {
      const view = world.engine.view(transfer);
      return view.finishedAt !== undefined || view.counts.asking > 0;
    };
    await until(isOver);
    assert.equal(statSync(mine).size, 50);
    assert.equal(existsSync(join(world.here, 'in/film (2).bin')), rule === 'keep-both');
  });

/** A request for the folder `set`, of which a large file is under way when the phone is unplugged and plugged in again. */
async function cutOff(
  world: World,
  direction: Direction,
  whileAway: () => void,
  onConflict: TransferOptions['onConflict'] = 'replace',
  before = onConflict,
) {
  if (direction === 'upload') world.local('set/a.bin', 20 * MIB);
  else world.onPhone('DCIM/set/a.bin', 20 * MIB);
  await world.start();
  const request = requestOfSet(world, direction);
  const { transfer } = await request({ onConflict: before });
  await until(() => world.engine.view(transfer).bytesConfirmed > 4 * MIB);
  await world.phone.unplug();
  await until(() => world.engine.devices.every(({ state }) => state.kind === 'gone'));
  whileAway();
  world.phone.plug();
  await until(() => world.engine.devices[0]?.state.kind === 'ready');
  assert.deepEqual(await request({ onConflict }), { transfer, continued: true });
  return world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(10_000) });
}

for (const direction of ['upload', 'download'] as const)
  test(`it brings what has come to its sources since: ${direction}`, async (t) => {
    const world = begin(t, { rate: 20 * MIB });
    const add = (name: string): unknown =>
      direction === 'upload' ? world.local(`set/${name}`, 100) : world.onPhone(`DCIM/set/${name}`, 100);
    const view = await cutOff(world, direction, () => {
      add('b.txt');
      add('new/c.txt');
    });
    assert.equal(view.state, 'done');
    assert.equal(view.run.bytesResent < 20 * MIB, true);
    const there = direction === 'upload' ? join(world.phoneFolder, 'DCIM/set') : join(world.here, 'in/set');
    assert.deepEqual(readdirSync(there), ['a.bin', 'b.txt', 'new']);
    assert.deepEqual(readdirSync(join(there, 'new')), ['c.txt']);
  });

test('what has come since takes no name that another file of the transfer has on the phone', async (t) => {
  const world = begin(t, { rate: 20 * MIB });
  const first = join(world.here, 'set/a.bin');
  let came: Buffer | undefined;
  const view = await cutOff(world, 'upload', () => {
    came = readFileSync(world.local('set/A.BIN', 100));
  });
  assert.equal(view.counts.moved.files, 2);
  const folder = join(world.phoneFolder, 'DCIM/set');
  const there = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  assert.equal(there.length, 2);
  for (const content of [readFileSync(first), came]) assert.ok(there.some((one) => content?.equals(one) === true));
});

for (const direction of ['upload', 'download'] as const)
  for (const rule of ['replace', 'skip', 'keep-both'] as const)
    test(`what was written to since it was copied goes again, and is a conflict: ${direction}, ${rule}`, async (t) => {
      const world = begin(t, { rate: 20 * MIB });
      const write = (name: string, size: number, modified: number): unknown =>
        direction === 'upload'
          ? world.local(`set/${name}`, size, modified)
          : world.onPhone(`DCIM/set/${name}`, size, modified);
      write('0.txt', 100, 1_700_000_000_000);
      write('1.txt', 100, 1_700_000_000_000);
      const view = await cutOff(world, direction, () => write('0.txt', 200, 1_700_000_100_000), rule);
      assert.equal(view.state, 'done');
      assert.deepEqual([view.counts.skipped, view.counts.moved.files], rule === 'skip' ? [1, 3] : [0, 4]);
      const there = direction === 'upload' ? join(world.phoneFolder, 'DCIM/set') : join(world.here, 'in/set');
      const sizes = readdirSync(there).map((name) => [name, statSync(join(there, name)).size]);
      assert.deepEqual(
        sizes.filter(([name]) => name !== 'a.bin' && name !== '1.txt'),
        rule === 'keep-both'
          ? [
              ['0 (2).txt', 200],
              ['0.txt', 100],
            ]
          : [['0.txt', rule === 'replace' ? 200 : 100]],
      );
    });

for (const direction of ['upload', 'download'] as const)
  for (const rule of ['replace', 'keep-both'] as const)
    test(`what was skipped by the rule of before is decided by that of now: ${direction}, ${rule}`, async (t) => {
      const world = begin(t, { rate: 20 * MIB });
      if (direction === 'upload') {
        world.local('set/0.txt', 200);
        world.onPhone('DCIM/set/0.txt', 100);
      } else {
        world.onPhone('DCIM/set/0.txt', 200);
        world.local('in/set/0.txt', 100);
      }
      const view = await cutOff(world, direction, () => undefined, rule, 'skip');
      assert.deepEqual([view.state, view.counts.skipped, view.counts.moved.files], ['done', 0, 2]);
      const there = direction === 'upload' ? join(world.phoneFolder, 'DCIM/set') : join(world.here, 'in/set');
      assert.equal(statSync(join(there, '0.txt')).size, rule === 'replace' ? 200 : 100);
      assert.equal(existsSync(join(there, '0 (2).txt')), rule === 'keep-both');
    });

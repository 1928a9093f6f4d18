import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from './world.ts';

/** The free space that a person sees: after writes and deletions, and beside an item that waits for more. */

const MB = 1_000_000;

async function until(holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(5_000);
  while (!holds()) {
    limit.throwIfAborted();
    await new Promise((later) => setTimeout(later, 5));
  }
}

test('free space follows uploads and deletions', async (t) => {
  const world = new World({ capacity: 50 * MB });
  t.after(() => world.end());
  await world.start();
  const free = (): number => world.engine.devices[0]?.storages[0]?.free ?? -1;
  const before = free();
  const view = await world.push([world.local('a.bin', 5 * MB)], '/Download');
  assert.equal(view.state, 'done');
  await until(() => free() <= before - 5 * MB);
  await world.engine.execute('delete', { sources: [world.place('/Download/a.bin')] });
  await until(() => free() > before - 5 * MB);
});

test('an item that waits for space shows how much it needs and how much is free', async (t) => {
  const world = new World({ capacity: 20 * MB });
  t.after(() => world.end());
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [world.local('large.bin', 30 * MB)],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  const what = () => world.engine.view(transfer).waitingFor;
  await until(() => what()?.kind === 'space');
  const space = what();
  assert.ok(space?.kind === 'space' && space.free !== undefined);
  assert.equal(space.where, 'phone');
  assert.ok(space.free > 0 && space.free <= 20 * MB && space.needed >= 30 * MB, JSON.stringify(space));
  await world.engine.execute('cancel', { transfer });
  await world.engine.settled(transfer, { waitMs: 5_000 });
});

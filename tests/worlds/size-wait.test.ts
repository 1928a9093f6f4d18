import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { localPath, type TransferId, type TransferOptions } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { begin, treeOf, type World } from './world.ts';

/**
 * Small files that were sent wait for the sizes of their folder: none of them counts as done before, whatever comes
 * between the last byte and the list.
 */

const FILES = 20;

interface Moment {
  readonly world: World;
  readonly id: TransferId;
  /** As the store had it when the list was asked for. */
  readonly before: TransferView;
}

/** Sends a folder of small files and acts when the phone has all of them and is asked for their sizes. */
async function whenAskedForSizes(
  t: TestContext,
  act: (world: World, id: TransferId) => void | Promise<void>,
  options: Partial<TransferOptions> = {},
): Promise<Moment> {
  const world = begin(t);
  for (let number = 0; number < FILES; number += 1) world.local(`set/${number}.jpg`, 4_000 + number);
  await world.start();
  let sent = 0;
  const asked: { id?: TransferId } = {};
  let before: TransferView | undefined;
  const acted = new Promise<void>((resolve, reject) => {
    world.phone.onOperation(async (operation) => {
      if (operation === Operation.SendObject) sent += 1;
      if (operation !== Operation.GetObjectPropList || sent < FILES || before !== undefined || asked.id === undefined)
        return;
      before = world.engine.view(asked.id);
      try {
        await act(world, asked.id);
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  const { transfer: id } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, 'set'))],
    to: world.place('/Download'),
    options: { onConflict: 'skip', onName: 'fail', verify: 'size', ...options },
  });
  asked.id = id;
  await acted;
  assert.ok(before);
  return { world, id, before };
}

const copies = async (world: World): Promise<void> => {
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/set')), await treeOf(join(world.here, 'set')));
};

test('no file is done before its folder was asked for its sizes, and all are after', async (t) => {
  const { world, id, before } = await whenAskedForSizes(t, () => undefined);
  assert.deepEqual(before.counts.moved, { files: 0, folders: 1 });
  assert.equal(before.counts.verified?.size, 0);
  const end = await world.engine.settled(id, { waitMs: 5_000 });
  assert.equal(end.state, 'done');
  assert.deepEqual(end.counts.verified, { size: FILES, sampled: 0, full: 0 });
  await copies(world);
});

test('what was sent shows as progress while it waits', async (t) => {
  const world = begin(t);
  for (let number = 0; number < 80; number += 1) world.local(`set/${number}.jpg`, 4_000);
  await world.start();
  let most = 0;
  const asked: { id?: TransferId } = {};
  world.phone.onOperation((operation) => {
    if (asked.id !== undefined && operation === Operation.SendObject) {
      const view = world.engine.view(asked.id);
      assert.equal(view.counts.moved.files, 0);
      most = Math.max(most, view.bytesConfirmed);
    }
  });
  const { transfer: id } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, 'set'))],
    to: world.place('/Download'),
    options: { verify: 'size' },
  });
  asked.id = id;
  await world.engine.settled(id, { waitMs: 5_000 });
  assert.ok(most >= 64 * 4_000, `${most} bytes`);
});

test('unplugged before the sizes are told: compared in full when the phone is back', async (t) => {
  const { world, id } = await whenAskedForSizes(t, (here) => void here.phone.unplug(), { verify: 'sampled' });
  const waiting = await world.engine.settled(id, { waitMs: 0 });
  assert.equal(waiting.state, 'waiting');
  // those that were read back are done, and no other
  const done = waiting.counts.moved.files;
  assert.equal(waiting.counts.verified?.sampled, done);
  assert.equal(waiting.counts.verified.size, 0);
  assert.ok(done < FILES);
  await copies(world);
  world.phone.plug();
  const end = await world.engine.settled(id, { waitMs: 10_000 });
  assert.equal(end.state, 'done');
  assert.deepEqual(end.counts.verified, { size: 0, sampled: FILES, full: 0 });
  assert.equal(end.run.bytesResent, 0, 'nothing is sent again');
  await copies(world);
});

for (const word of ['pause', 'cancel'] as const)
  test(`${word}: what was sent is asked for and done, as if it had been asked for one by one`, async (t) => {
    const { world, id } = await whenAskedForSizes(t, async (here, transfer) => {
      await here.engine.execute(word, { transfer });
    });
    const end = await world.engine.settled(id, { waitMs: 5_000 });
    assert.equal(end.counts.moved.files, FILES);
    assert.equal(end.state, 'done');
    await copies(world);
  });

for (const word of ['pause', 'cancel'] as const)
  test(`${word} in the middle of a folder holds nothing back`, async (t) => {
    const world = begin(t, { rate: 1_000_000 });
    for (let number = 0; number < 60; number += 1) world.local(`set/${number}.jpg`, 20_000);
    await world.start();
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [localPath(join(world.here, 'set'))],
      to: world.place('/Download'),
      options: { verify: 'size' },
    });
    let sent = 0;
    await new Promise<void>((resolve) => {
      world.phone.onOperation((operation) => {
        if (operation === Operation.SendObject && ++sent === 15) resolve();
      });
    });
    await world.engine.execute(word, { transfer });
    const held = await world.engine.settled(transfer, { waitMs: 5_000 });
    assert.equal(held.state, word === 'pause' ? 'paused' : 'cancelled');
    assert.ok(held.counts.moved.files >= 14 && held.counts.moved.files < 60, String(held.counts.moved.files));
    assert.equal(held.counts.verified?.size, held.counts.moved.files);
    if (word === 'cancel') return;
    await world.engine.execute('resume', { transfer });
    const end = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(end.counts.moved.files, 60);
    await copies(world);
  });

test('the program ends in between: the sizes are asked for first', async (t) => {
  const world = begin(t, { rate: 1_000_000 });
  for (let number = 0; number < 60; number += 1) world.local(`set/${number}.jpg`, 20_000);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, 'set'))],
    to: world.place('/Download'),
    options: { verify: 'size' },
  });
  let sent = 0;
  await new Promise<void>((resolve) => {
    world.phone.onOperation((operation) => {
      if (operation === Operation.SendObject && ++sent === 15) resolve();
    });
  });
  await world.restart();
  const { moved, verified } = world.store.counts(transfer);
  assert.ok(moved.files >= 14, String(moved.files));
  assert.equal(verified.size, moved.files);
  await world.start();
  const end = await world.engine.settled(transfer, { waitMs: 10_000 });
  assert.equal(end.counts.moved.files, 60);
  assert.equal(end.run.bytesResent, 0);
  await copies(world);
});

test('a copy that is shorter on the phone is not done: it is sent again, and the rest of the transfer is read back', async (t) => {
  const { world, id } = await whenAskedForSizes(t, (here) => {
    truncateSync(join(here.phoneFolder, 'Download/set/7.jpg'), 1_000);
  });
  const end = await world.engine.settled(id, { waitMs: 10_000 });
  assert.equal(end.state, 'done', JSON.stringify(world.log));
  assert.equal(end.counts.moved.files, FILES);
  assert.ok(world.store.transfer(id)?.doubted);
  await copies(world);
});

test('a copy that somebody writes to meanwhile is theirs', async (t) => {
  const { world, id } = await whenAskedForSizes(t, (here) => {
    writeFileSync(join(here.phoneFolder, 'Download/set/7.jpg'), 'mine');
  });
  await world.engine.settled(id, { waitMs: 10_000 });
  assert.equal(readFileSync(join(world.phoneFolder, 'Download/set/7.jpg'), 'utf8'), 'mine');
  assert.deepEqual(
    readFileSync(join(world.phoneFolder, 'Download/set/7 (2).jpg')),
    readFileSync(join(world.here, 'set/7.jpg')),
    'the copy lies beside it',
  );
});

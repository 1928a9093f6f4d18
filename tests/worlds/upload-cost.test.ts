import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { localPath } from '../../shared/domain.ts';
import { LARGEST_CHUNK } from '../../electron/engine/transfer/chunk-size.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { begin } from './world.ts';

/** Transactions that an upload needs beside its data: the price of checking the target again. */

const MIB = 1024 * 1024;

/** Transactions of a transfer of `files` files of `size` bytes into a new folder, chunks left out: a slow machine sends smaller ones. */
async function transactionsFor(t: Parameters<typeof begin>[0], files: number, size: number): Promise<number> {
  const world = begin(t);
  for (let number = 0; number < files; number += 1) world.local(`set/${number}.jpg`, size);
  await world.start();
  let count = 0;
  world.phone.onOperation((operation) => {
    if (operation !== Operation.SendPartialObject) count += 1;
  });
  const view = await world.push([localPath(join(world.here, 'set'))], '/Download');
  assert.equal(view.counts.moved.files, files);
  return count;
}

test('a large file lists its folder once', async (t) => {
  const one = await transactionsFor(t, 1, 17 * MIB);
  const two = await transactionsFor(t, 2, 17 * MIB);
  // empty object (2), edit and its size (2), end of the edit, its date, live size, samples (3), handles, rename and a look at it (2)
  assert.ok(two - one <= 13, `${two - one} transactions`);
});

test('a large file is sent from the memory of the one before', async (t) => {
  const world = begin(t);
  world.local('first.jpg', 17 * MIB);
  for (let number = 0; number < 3; number += 1) world.local(`set/${number}.jpg`, 17 * MIB);
  await world.start();
  await world.push([localPath(join(world.here, 'first.jpg'))], '/Download');
  const allocate = t.mock.method(Buffer, 'allocUnsafeSlow');
  const view = await world.push([localPath(join(world.here, 'set'))], '/Download');
  assert.equal(view.counts.moved.files, 3);
  const lengths = allocate.mock.calls.map(({ arguments: [length] }) => length);
  assert.ok(!lengths.includes(LARGEST_CHUNK), lengths.join(' '));
});

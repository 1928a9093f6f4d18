import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { localPath, type TransferId } from '../../shared/domain.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { begin, treeOf, writeFile, type World } from './world.ts';

/** One copy that differs from its source puts all copies of its transfer in doubt, also those that were done before. */

const FILES = 60;

/** Other content, with size and date as they were: what a failing card does to a file, and no look at its size shows. */
function corrupt(path: string, byte = 0xee): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes.fill(byte);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

/**
 * Moves a folder of small files; `act` comes when the phone has been asked for the content of `after` of them.
 */
async function whileMoving(
  t: TestContext,
  direction: 'upload' | 'download',
  operation: number,
  after: number,
  act: (world: World) => void,
): Promise<{ readonly world: World; readonly id: TransferId }> {
  const world = begin(t);
  for (let number = 0; number < FILES; number += 1)
    if (direction === 'upload') world.local(`set/${number}.jpg`, 4_000 + number, 1_500_000_000_000);
    else world.onPhone(`set/${number}.jpg`, 4_000 + number, 1_500_000_000_000);
  await world.start();
  let seen = 0;
  world.phone.onOperation((now) => {
    if (now !== operation) return;
    seen += 1;
    if (seen === after) act(world);
  });
  const { transfer: id } = await world.engine.enqueue(
    direction === 'upload'
      ? {
          direction,
          sources: [localPath(join(world.here, 'set'))],
          to: world.place('/Download'),
          options: { onConflict: 'skip', verify: 'sampled' },
        }
      : {
          direction,
          sources: [world.place('/set')],
          to: localPath(join(world.here, 'got')),
          options: { onConflict: 'skip', verify: 'sampled' },
        },
  );
  return { world, id };
}

const rows = (world: World, id: TransferId) =>
  world.store.items(id, { offset: 0, limit: 1000 }).items.filter(({ kind }) => kind === 'file');

test('upload: a copy that was done goes bad unseen; when another is found different, it is found too and sent again', async (t) => {
  const { world, id } = await whileMoving(t, 'upload', Operation.SendObject, FILES, (here) => {
    const folder = join(here.phoneFolder, 'Download/set');
    // of the first block, of which one was read back besides the first
    for (const number of [1, 2, 3]) corrupt(join(folder, `${number}.jpg`));
    truncateSync(join(folder, '40.jpg'), 100);
  });
  const end = await world.engine.settled(id, { waitMs: 10_000 });
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.ok(world.store.transfer(id)?.doubted);
  assert.deepEqual(end.counts.verified, { size: 0, sampled: FILES, full: 0 });
  // those that were read back before they went bad are not looked at again; at least one of the three was not
  const bad = rows(world, id).filter((row) => {
    const name = row.name.split('/').at(-1) ?? '';
    const copy = readFileSync(join(world.phoneFolder, 'Download/set', name));
    return !copy.equals(readFileSync(join(world.here, 'set', name)));
  });
  assert.ok(bad.length <= 2, bad.map(({ name }) => name).join());
});

test('download: files that were done before another is found different are read a second time', async (t) => {
  const { world, id } = await whileMoving(t, 'download', Operation.GetObject, 1, () => undefined);
  let before = 0;
  // half of it is done; from then on no two readings of a file agree, until that has come to light
  world.phone.onOperation((operation, reads) => {
    if (operation !== Operation.GetObject || world.store.transfer(id)?.doubted === true) return;
    const { moved, verified } = world.engine.view(id).counts;
    if (moved.files < FILES / 2) return;
    before = verified?.size ?? 0;
    for (const { name, state } of rows(world, id))
      if (state.kind !== 'done') corrupt(join(world.phoneFolder, name), reads % 256);
  });
  const end = await world.engine.settled(id, { waitMs: 10_000 });
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.ok(world.store.transfer(id)?.doubted);
  assert.ok(before > 0, 'some were compared by their size alone');
  assert.equal(end.counts.verified?.size, 0);
  assert.equal(end.counts.verified.sampled + end.counts.verified.full, FILES);
  assert.deepEqual(await treeOf(join(world.here, 'got/set')), await treeOf(join(world.phoneFolder, 'set')));
});

test('a copy that somebody has changed since is theirs, and stays', async (t) => {
  const { world, id } = await whileMoving(t, 'upload', Operation.SendObject, FILES, (here) => {
    const folder = join(here.phoneFolder, 'Download/set');
    for (let number = 1; number < 16; number += 1)
      writeFile(join(folder, `${number}.jpg`), 4_000 + number, 1_600_000_000_000 + number);
    for (let number = 1; number < 16; number += 1) writeFileSync(join(folder, `${number}.jpg`), `mine ${number}`);
    truncateSync(join(folder, '40.jpg'), 100);
  });
  await world.engine.settled(id, { waitMs: 10_000 });
  for (let number = 1; number < 16; number += 1)
    assert.equal(readFileSync(join(world.phoneFolder, 'Download/set', `${number}.jpg`), 'utf8'), `mine ${number}`);
});

test('a program that ends in the middle of it goes on with it', async (t) => {
  const { world, id } = await whileMoving(t, 'upload', Operation.SendObject, FILES, (here) => {
    truncateSync(join(here.phoneFolder, 'Download/set/40.jpg'), 100);
  });
  let reads = 0;
  await new Promise<void>((resolve) => {
    world.phone.onOperation((operation) => {
      if (operation !== Operation.GetPartialObject64 || world.store.transfer(id)?.doubted !== true) return;
      reads += 1;
      if (reads === 5) resolve();
    });
  });
  await world.restart();
  assert.ok((world.store.counts(id).verified.size ?? 0) < FILES);
  await world.start();
  const end = await world.engine.settled(id, { waitMs: 10_000 });
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.deepEqual(end.counts.verified, { size: 0, sampled: FILES, full: 0 });
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/set')), await treeOf(join(world.here, 'set')));
});

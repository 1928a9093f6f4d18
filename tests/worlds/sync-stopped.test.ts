import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import { beginSync, DATE, type SyncWorld } from './sync-world.ts';

/** Whoever stops a run wants nothing more to be copied or deleted, at whatever moment. */

/** A mirroring pair that has run, with a file to be deleted and, where that is wished, one to be copied. */
async function mirrored(world: SyncWorld, isMore: boolean) {
  for (const name of ['a', 'b', 'c', 'd', 'e']) world.onPhone(`Docs/${name}.txt`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Docs', 'docs', { deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  rmSync(join(world.phoneFolder, 'Docs/a.txt'));
  if (isMore) world.onPhone('Docs/new.txt', 1_000, DATE);
  return pair;
}
const isHere = (world: SyncWorld, name: string): boolean => existsSync(join(world.here, 'docs', name));
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

for (const isMore of [false, true])
  test(`stopped when it has its plan, ${isMore ? 'with' : 'without'} a file to copy: nothing of it is done`, async (t) => {
    const world = beginSync(t);
    const pair = await mirrored(world, isMore);
    const stop = new AbortController();
    const { run } = await world.run(pair, { signal: stop.signal, onPlan: () => stop.abort() });
    await quiet();
    assert.deepEqual([run.state, isHere(world, 'a.txt'), isHere(world, 'new.txt')], ['stopped', true, false]);
    assert.equal(await world.figures(pair), `moved ${isMore ? 1 : 0} same 4 skipped 0 renamed 0 deleted 1`);
  });

test('stopped between two deletions: the others stay until the next run', async (t) => {
  const stop = new AbortController();
  const disk: Disk = {
    ...nodeDisk,
    unlink: async (path) => {
      await nodeDisk.unlink(path);
      if (/docs\/[ab]\.txt$/.test(path)) stop.abort();
    },
  };
  const world = beginSync(t, {}, { disk });
  const pair = await mirrored(world, false);
  rmSync(join(world.phoneFolder, 'Docs/b.txt'));
  const { run } = await world.run(pair, { signal: stop.signal });
  assert.deepEqual([run.state, run.filesDeleted], ['stopped', 1]);
  assert.equal(await world.figures(pair), 'moved 0 same 3 skipped 0 renamed 0 deleted 1');
});

test('stopped in a window before there is a transfer: none is left running', async (t) => {
  const world = beginSync(t);
  const pair = await mirrored(world, true);
  const { run } = await world.run(pair, { onPlan: () => void world.sync.stopRun(pair.id) });
  await quiet();
  assert.deepEqual([run.state, isHere(world, 'a.txt'), isHere(world, 'new.txt')], ['stopped', true, false]);
});

test('a pair that is no longer to run by itself does not, though it was announced', async (t) => {
  const world = beginSync(t);
  world.onPhone('Docs/a.txt', 1_000, DATE);
  await world.start();
  const pair = world.pair('/Docs', 'docs', { automatic: true });
  const announced = new Promise<void>((resolve) => {
    world.sync.onNotice((notice) => {
      if (notice.kind !== 'soon') return;
      world.sync.changePair(pair.id, { automatic: false });
      resolve();
    });
  });
  world.sync.start();
  await announced;
  await quiet();
  assert.equal(isHere(world, 'a.txt'), false);
});

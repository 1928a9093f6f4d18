import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DiskSpace } from '../../electron/engine/local/disk.ts';
import { nodeDisk } from '../../electron/engine/index.ts';
import { begin } from './world.ts';

/** A file on FAT32 holds at most 4 GiB - 1. A larger one must be refused before anything is sent. */

const FOUR_GIB = 2 ** 32;

for (const large of ['resumable', 'keep-dates'] as const)
  test(`a file that is too large for the card is refused before its content is sent (${large})`, async (t) => {
    const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => {
      rmSync(card, { recursive: true, force: true });
    });
    const world = begin(t, { sdDirectory: card, sdCapacity: 64 * FOUR_GIB });
    const source = world.local('film.mkv', 0);
    truncateSync(source, FOUR_GIB);
    await world.start();
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [source],
      to: world.place('/', 1),
      options: { onConflict: 'skip', large },
    });
    const view = await world.engine.settled(transfer, { waitMs: 500 });
    assert.equal(view.state, 'failed', JSON.stringify([view, world.log]));
    assert.equal(view.bytesMoved, 0);
    const { problem } = world.store
      .items(transfer, { offset: 0, limit: 1 })
      .items.map(({ state }) => (state.kind === 'failed' ? { problem: state.problem } : { problem: undefined }))[0] ?? {
      problem: undefined,
    };
    assert.equal(problem?.kind, 'too-large');
    assert.equal(problem.subject, 'film.mkv');
    await world.engine.stop();
    assert.deepEqual(readdirSync(card), []);
  });

test('a file that is too large for a FAT disk of the computer is refused before its first byte is fetched', async (t) => {
  const disk = {
    ...nodeDisk,
    statfs: async (path: string): Promise<DiskSpace> => ({ ...(await nodeDisk.statfs(path)), type: 0x4d44 }),
  };
  const world = begin(t, {}, { disk });
  for (const [name, size] of [
    ['large.mkv', FOUR_GIB],
    ['small.jpg', 1_000],
  ] as const)
    truncateSync(world.onPhone(name, 0), size);
  await world.start();
  const view = await world.pull(['/large.mkv', '/small.jpg'], 'in');
  assert.deepEqual([view.state, view.problem?.kind, view.bytesMoved], ['failed', 'local-too-large', 1_000]);
  assert.equal(view.problem?.subject, join(world.here, 'in/large.mkv'));
  assert.deepEqual(readdirSync(join(world.here, 'in')), ['small.jpg']);
});

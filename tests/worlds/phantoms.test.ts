import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeProblem } from '../../shared/errors.ts';
import { begin, digestFile, type World } from './world.ts';

/**
 * A program killed between SendObjectInfo and SendObject leaves a phantom on Android: it lists as an empty file,
 * cannot be deleted, and blocks its name until the phone is replugged.
 */

const MIB = 1024 * 1024;

async function until(met: () => boolean): Promise<void> {
  for (let looks = 0; !met(); looks += 1) {
    assert.ok(looks < 2_000, 'it goes on');
    await sleep(2);
  }
}
function stage(t: Parameters<typeof begin>[0], size: number): { readonly world: World; readonly source: string } {
  const world = begin(t, { phantoms: ['/Download/photo.jpg'] });
  mkdirSync(join(world.phoneFolder, 'Download'));
  return { world, source: world.local('photo.jpg', size) };
}

for (const size of [1000, 3 * MIB, 24 * MIB])
  for (const onConflict of ['skip', 'replace', 'newer'] as const)
    describe(`a phantom with the name of a file of ${size} bytes, rule ${onConflict}`, () => {
      test('is not taken for an existing file: the upload waits for a replug, then arrives', async (t) => {
        const { world, source } = stage(t, size);
        await world.start();
        const { transfer } = await world.engine.enqueue({
          direction: 'upload',
          sources: [source as never],
          to: world.place('/Download'),
          options: { onConflict },
        });
        const view = await world.engine.settled(transfer, { waitMs: 200 });
        assert.deepEqual([view.state, view.waitingFor], ['waiting', { kind: 'replug' }], JSON.stringify(view));
        assert.equal(view.counts.done, 0);
        await world.phone.unplug();
        world.phone.plug();
        await until(() => world.engine.view(transfer).state === 'done');
        const copy = join(world.phoneFolder, 'Download', 'photo.jpg');
        assert.equal(await digestFile(copy), await digestFile(source));
        assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')), ['photo.jpg']);
      });
    });

test('a real empty file is asked about, skipped and replaced like any other', async (t) => {
  const world = begin(t);
  world.onPhone('Download/photo.jpg', 0);
  const source = world.local('photo.jpg', 1000);
  await world.start();
  assert.equal((await world.push([source], '/Download')).counts.skipped, 1);
  assert.equal((await world.push([source], '/Download', { onConflict: 'replace' })).counts.moved.files, 1);
});

test('the message says what to do and names the file', () => {
  const words = describeProblem({ kind: 'phantom', operation: 'upload', detail: '', subject: 'photo.jpg' });
  assert.match(words.what, /photo\.jpg/);
  assert.match(words.remedy, /Unplug the phone and plug it in again/);
});

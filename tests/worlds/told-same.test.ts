import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { localPath, type VerifyLevel } from '../../shared/domain.ts';
import type { ItemStateName } from '../../shared/snapshots.ts';
import { begin, type World } from './world.ts';

/** Nothing is told to be the same, or to be there already, on the ground of parts of it that somebody else has changed since. */

const MIB = 1024 * 1024;
const WHEN = Date.UTC(2026, 4, 14, 9, 30);

/** Other bytes at a place, of the same size and with another date. */
function edit(file: string, at: number, modified: number): void {
  const bytes = readFileSync(file);
  bytes.fill('edited', at, at + 600);
  writeFileSync(file, bytes);
  utimesSync(file, modified / 1000, modified / 1000);
}

describe('a phone’s file that is written to while it is compared', () => {
  for (const [level, size] of [
    ['full', 9 * MIB],
    ['sampled', 9 * MIB],
    ['full', 20 * MIB],
  ] as const satisfies readonly (readonly [VerifyLevel, number])[])
    test(`is not the same: ${level}, ${size} bytes`, async (t) => {
      const world = begin(t);
      const local = world.local('film.mp4', size, WHEN);
      await world.start();
      await world.push([local], '/');
      let reads = 0;
      world.phone.onOperation((operation) => {
        if (operation !== Operation.GetPartialObject64) return;
        reads += 1;
        // the beginning has been read by then
        if (reads === 2) edit(join(world.phoneFolder, 'film.mp4'), 0, WHEN + 999_000);
      });
      const states: string[] = [];
      await world.engine.verifyCopies(
        { local, place: world.place('/film.mp4'), level },
        { signal: new AbortController().signal, waitMs: 1_000, onCopy: ({ state }) => states.push(state) },
      );
      assert.ok(reads >= 2);
      assert.deepEqual(states, ['content']);
    });
});

/** How a second upload of the same file ends for it. */
async function again(world: World, name: string, onConflict: 'skip' | 'skip-identical'): Promise<string> {
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, name))],
    to: world.place('/'),
    options: { onConflict, onName: 'fail' },
  });
  for (;;) {
    const [item] = [...world.engine.itemRows(transfer)];
    const kind: ItemStateName | undefined = item?.state.kind;
    if (kind === 'asking') return 'asked';
    if (item?.state.kind === 'done') return item.state.outcome.kind;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a copy on the phone that was edited where no sample looks', () => {
  for (const size of [300_000, 17 * MIB])
    test(`is not the file that is sent again: ${size} bytes`, { timeout: 60_000 }, async (t) => {
      const world = begin(t);
      const local = world.local('a.bin', size, WHEN);
      await world.start();
      await world.push([local], '/');
      let bytes = 0;
      world.phone.onOperation((operation) => {
        if (operation === Operation.GetPartialObject64) bytes += 1;
      });
      assert.equal(await again(world, 'a.bin', 'skip'), 'already-there');
      assert.equal(await again(world, 'a.bin', 'skip-identical'), 'already-there');
      assert.ok(bytes <= 12, `${bytes} reads: its date tells that samples will do`);
      edit(join(world.phoneFolder, 'a.bin'), Math.floor(size * 0.3), WHEN + 999_000);
      await world.engine.execute('refresh', { place: world.place('/') });
      assert.equal(await again(world, 'a.bin', 'skip'), 'skipped');
      assert.equal(await again(world, 'a.bin', 'skip-identical'), 'asked');
    });
});

for (const gone of ['Download/src/empty', 'Download/src', 'Download'])
  test(`a folder is not told to be there already that went with no event since it was listed: ${gone}`, async (t) => {
    const world = begin(t);
    const source = localPath(join(world.here, 'src'));
    mkdirSync(join(source, 'empty'), { recursive: true });
    mkdirSync(join(world.phoneFolder, 'Download/src/empty'), { recursive: true });
    await world.start();
    for (const path of ['/', '/Download', '/Download/src', '/Download/src/empty'])
      await world.engine.entries(world.place(path));
    rmSync(join(world.phoneFolder, gone), { recursive: true });
    const view = await world.push([source], '/Download');
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.ok(existsSync(join(world.phoneFolder, 'Download/src/empty')));
    const made = gone === 'Download/src/empty' ? 1 : 2;
    assert.deepEqual([view.counts.moved.folders, view.counts.alreadyThere.folders], [made, 2 - made]);
  });

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localPath } from '../../shared/domain.ts';
import { begin, treeOf } from './world.ts';

/** Unfinished, trashed and system files: never copied, never deleted by a move, and counted. */

const PHONES_OWN = ['.trashed-1700000000-old.mp4', '.pending-1700000000-recording.mp4', 'LOST.DIR/x', '._a.jpg'];
const COMPUTERS_OWN = ['._song.mp3', '.DS_Store', 'Thumbs.db', 'desktop.ini', '$RECYCLE.BIN/x', 'film.mkv.replug-part'];

for (const move of [false, true])
  test(`pull${move ? ' --move' : ''} leaves alone what is not finished, thrown away or the system’s own`, async (t) => {
    const world = begin(t);
    world.onPhone('DCIM/a.jpg', 1_000);
    for (const name of PHONES_OWN) world.onPhone(`DCIM/deep/${name}`, 2_000);
    await world.start();
    const view = await world.pull(['/DCIM'], 'here', { move });
    assert.deepEqual([view.state, view.counts.skipped, view.counts.moved.files], ['done', PHONES_OWN.length, 1]);
    assert.deepEqual(Object.keys(await treeOf(join(world.here, 'here'))).sort(), ['DCIM/', 'DCIM/a.jpg', 'DCIM/deep/']);
    for (const name of PHONES_OWN) assert.ok(existsSync(join(world.phoneFolder, 'DCIM/deep', name)), name);
    assert.equal(existsSync(join(world.phoneFolder, 'DCIM/a.jpg')), !move);
    const rows = [...world.engine.itemRows(view.id)].filter(({ state }) => state.kind === 'done');
    assert.ok(rows.some(({ state }) => state.kind === 'done' && JSON.stringify(state).includes('trashed')));
  });

for (const move of [false, true])
  test(`push${move ? ' --move' : ''} leaves alone what is not finished, thrown away or the system’s own`, async (t) => {
    const world = begin(t);
    world.local('Music/song.mp3', 1_000);
    for (const name of COMPUTERS_OWN) world.local(`Music/${name}`, 2_000);
    await world.start();
    const view = await world.push([localPath(join(world.here, 'Music'))], '/', {
      move,
    });
    assert.deepEqual([view.state, view.counts.skipped, view.counts.moved.files], ['done', COMPUTERS_OWN.length, 1]);
    assert.deepEqual(Object.keys(await treeOf(join(world.phoneFolder, 'Music'))), ['song.mp3']);
    for (const name of COMPUTERS_OWN) assert.ok(existsSync(join(world.here, 'Music', name)), name);
  });

test('one that was chosen itself is copied, but not moved', async (t) => {
  const world = begin(t);
  const name = '.trashed-1700000000-old.mp4';
  world.onPhone(name, 2_000);
  mkdirSync(join(world.here, 'here'));
  await world.start();
  assert.equal((await world.pull([`/${name}`], 'here', { move: true })).counts.skipped, 1);
  assert.ok(existsSync(join(world.phoneFolder, name)));
  assert.equal((await world.pull([`/${name}`], 'here')).counts.moved.files, 1);
  assert.ok(existsSync(join(world.here, 'here', name)));
});

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beginSync, DATE, DAY } from './sync-world.ts';

/** Pairs of phones that tell every file as empty (players with an unfinished media scan): dates and content are all there is. */

test('from a phone that tells every file as empty, what was copied is copied again only when its date changes', async (t) => {
  const world = beginSync(t, { quirks: [['zero-sizes', 1]] });
  for (const name of ['a.mp3', 'b.mp3']) world.onPhone(`Music/${name}`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { deletions: 'mirror', deletionLimit: 1 });
  assert.equal(await world.figures(pair), 'moved 2 same 0 skipped 0 renamed 0 deleted 0');
  assert.equal(await world.figures(pair), 'moved 0 same 2 skipped 0 renamed 0 deleted 0');
  await world.phone.touchFile('/Music/a.mp3', 'another song', { modified: DATE + DAY });
  assert.equal(await world.figures(pair), 'moved 1 same 1 skipped 0 renamed 0 deleted 0');
  assert.equal(readFileSync(join(world.here, 'music/a.mp3'), 'utf8'), 'another song');
  await world.phone.touchRemove('/Music/b.mp3');
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 1');
});

for (const quirks of [
  [['zero-sizes', 1]],
  [
    ['zero-sizes', 1],
    ['no-dates', 1],
  ],
] as const)
  test(`to a phone that tells every file as empty (${quirks.join(', ')}), only what holds what was sent is replaced and deleted`, async (t) => {
    const world = beginSync(t, { quirks });
    for (const name of ['edited', 'gone', 'theirs', 'stays']) world.local(`music/${name}.mp3`, 1_000, DATE);
    await world.start();
    const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
    assert.equal(await world.figures(pair), 'moved 4 same 0 skipped 0 renamed 0 deleted 0');
    assert.equal(await world.figures(pair), 'moved 0 same 4 skipped 0 renamed 0 deleted 0');
    world.local('music/edited.mp3', 1_500, DATE + DAY);
    assert.equal(await world.figures(pair), 'moved 1 same 3 skipped 0 renamed 0 deleted 0');
    const there = (name: string): Buffer => readFileSync(join(world.phoneFolder, `Music/${name}.mp3`));
    assert.ok(there('edited').equals(readFileSync(join(world.here, 'music/edited.mp3'))));
    // somebody's, of the same size and date
    await world.phone.touchFile('/Music/theirs.mp3', Buffer.alloc(1_000, 'theirs'), { modified: DATE });
    for (const name of ['gone', 'theirs']) rmSync(join(world.here, `music/${name}.mp3`));
    const { run } = await world.run(pair);
    assert.deepEqual([run.filesDeleted, run.state], [1, 'done']);
    assert.deepEqual(await world.phoneNames('Music'), ['edited.mp3', 'stays.mp3', 'theirs.mp3']);
    assert.ok(there('theirs').equals(Buffer.alloc(1_000, 'theirs')));
  });

test('on a phone that tells every file as empty, what has the name of a file is a copy only where it holds the same', async (t) => {
  const world = beginSync(t, { quirks: [['zero-sizes', 1]] });
  for (const name of ['same', 'other']) world.local(`music/${name}.mp3`, 1_000, DATE);
  mkdirSync(join(world.phoneFolder, 'Music'));
  copyFileSync(join(world.here, 'music/same.mp3'), join(world.phoneFolder, 'Music/same.mp3'));
  writeFileSync(join(world.phoneFolder, 'Music/other.mp3'), Buffer.alloc(1_000, 'other'));
  for (const name of ['same', 'other'])
    utimesSync(join(world.phoneFolder, `Music/${name}.mp3`), DATE / 1000, DATE / 1000);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', conflicts: 'keep-both' });
  assert.equal(await world.figures(pair), 'moved 1 same 1 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await world.phoneNames('Music'), ['other (2).mp3', 'other.mp3', 'same.mp3']);
});

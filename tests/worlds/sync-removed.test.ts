import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beginSync, DATE, DAY } from './sync-world.ts';

test('copies that the person removes stay away, also when their source gets another name', async (t) => {
  const world = beginSync(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) world.onPhone(`DCIM/${name}.jpg`, 200_000, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { removed: 'stay-away' });
  assert.equal(await world.figures(pair), 'moved 5 same 0 skipped 0 renamed 0 deleted 0');
  for (const name of ['a', 'b', 'c', 'd']) rmSync(join(world.here, `photos/${name}.jpg`));
  // before the run that notices
  renameSync(join(world.phoneFolder, 'DCIM/a.jpg'), join(world.phoneFolder, 'DCIM/first.jpg'));
  assert.match(await world.figures(pair), /^moved 0 /);
  const { actions } = await world.sync.preview(pair.id);
  assert.deepEqual(
    actions.map((action) => action.kind),
    ['skip', 'skip', 'skip', 'skip'],
  );
  // and after it
  renameSync(join(world.phoneFolder, 'DCIM/b.jpg'), join(world.phoneFolder, 'DCIM/second.jpg'));
  assert.match(await world.figures(pair), /^moved 0 /);
  assert.match(await world.figures(pair), /^moved 0 /);
  assert.deepEqual(await world.names('photos'), ['e.jpg']);
  // what changed on the phone is another file; what is asked for anew comes
  world.onPhone('DCIM/c.jpg', 100_000, DATE + DAY);
  assert.match(await world.figures(pair), /^moved 1 /);
  assert.ok(existsSync(join(world.here, 'photos/c.jpg')));
  world.sync.mark(pair.id, 'pending', ['d.jpg']);
  assert.match(await world.figures(pair), /^moved 1 /);
});

test('without that choice they come back', async (t) => {
  const world = beginSync(t);
  for (const name of ['a', 'b', 'c']) world.onPhone(`DCIM/${name}.jpg`, 2_000, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  await world.figures(pair);
  rmSync(join(world.here, 'photos/a.jpg'));
  assert.match(await world.figures(pair), /^moved 1 /);
  world.sync.changePair(pair.id, { removed: 'stay-away' });
  rmSync(join(world.here, 'photos/a.jpg'));
  assert.match(await world.figures(pair), /^moved 0 .* skipped 1 /);
  // a disk that may be away: the person says that it is not, and wants them
  for (const name of ['b', 'c']) rmSync(join(world.here, `photos/${name}.jpg`));
  assert.equal((await world.run(pair)).run.state, 'failed');
  assert.match(await world.figures(pair, { confirmMissing: true }), /^moved 2 /);
});

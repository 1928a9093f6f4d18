import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { begin } from './world.ts';

/** What comes to a phone without an event, after its folder was listed. */

const MIB = 1024 * 1024;
const THEIRS = 'what an app put there meanwhile';

test('a folder that is copied again brings what came quietly', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/a.jpg', 100);
  await world.start();
  await world.pull(['/DCIM'], 'one');
  await world.phone.touchFile('/DCIM/b.jpg', THEIRS, { quietly: true });
  await world.phone.touchRemove('/DCIM/a.jpg', { quietly: true });
  const view = await world.pull(['/DCIM'], 'two');
  assert.equal(view.state, 'done');
  assert.deepEqual(readdirSync(join(world.here, 'two/DCIM')), ['b.jpg']);
});

// to Android this is one file, and it overwrites it without a word
for (const size of [3_000, 3 * MIB])
  test(`a file that came quietly under another spelling of the name is not overwritten (${size} bytes)`, async (t) => {
    const world = begin(t);
    world.onPhone('Download/other.txt', 5);
    const source = world.local('photo.jpg', size);
    await world.start();
    await world.engine.entries(world.place('/Download'));
    await world.phone.touchFile('/Download/Photo.JPG', THEIRS, { quietly: true });
    const view = await world.push([source], '/Download');
    assert.equal(view.counts.skipped, 1, JSON.stringify(view));
    assert.equal(readFileSync(join(world.phoneFolder, 'Download/Photo.JPG'), 'utf8'), THEIRS);
  });

test('a file that comes while the tree that is deleted is looked at stays', async (t) => {
  let looks = 0;
  for (let at = 1; at <= 40; at += 1) {
    const world = begin(t);
    for (const folder of ['one', 'two', 'three']) world.onPhone(`DCIM/${folder}/a.jpg`, 100);
    await world.start();
    const sources = [world.place('/DCIM')];
    const { agreement } = await world.engine.execute('measure', { sources });
    let operations = 0;
    let came = false;
    world.phone.onOperation((operation) => {
      operations += 1;
      if (operations !== at || operation !== Operation.GetObjectPropList) return;
      came = true;
      world.onPhone('DCIM/one/new.jpg', 10);
    });
    await world.engine.execute('delete', { sources, agreement }).catch(() => undefined);
    await world.engine.stop();
    if (!came) continue;
    looks += 1;
    assert.ok(existsSync(join(world.phoneFolder, 'DCIM/one/new.jpg')), `operation ${at}`);
  }
  assert.ok(looks > 10);
});

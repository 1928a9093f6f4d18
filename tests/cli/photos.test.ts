import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CliWorld, bytesOf, treeOf, type Json, type Ran } from './replug.ts';

/** `replug import` and `replug free` as a process, with a virtual phone. */

const DAY = 86_400_000;

function put(world: CliWorld, name: string, seed: number, size: number, age = 400): void {
  const at = new Date(Date.now() - age * DAY);
  fs.utimesSync(world.onPhone(name, bytesOf(seed, size)), at, at);
}

const names = (folder: string): readonly string[] =>
  Object.keys(treeOf(folder))
    .filter((name) => !name.endsWith('/'))
    .map((name) => path.basename(name))
    .sort();
const ofType = ({ events }: Ran, type: string): readonly Record<string, Json>[] =>
  events.filter((event) => event['type'] === type);

test('import: a dry run changes nothing, the import takes what is new, and the second one nothing', async (t) => {
  const world = new CliWorld(t);
  put(world, 'DCIM/Camera/a.jpg', 1, 300_000);
  put(world, 'DCIM/Camera/b.mp4', 2, 2_000_000);
  put(world, 'Download/c.jpg', 3, 1_000);
  const dry = await world.run('import', '--to', 'photos', '--folders', '', '--dry-run', '--json');
  assert.equal(dry.exit, 0, dry.err);
  assert.deepEqual(
    ofType(dry, 'action')
      .map((event) => [event['phone'], event['target']])
      .sort(),
    [
      ['/DCIM/Camera/a.jpg', 'a.jpg'],
      ['/DCIM/Camera/b.mp4', 'b.mp4'],
    ],
  );
  assert.deepEqual([dry.result['dryRun'], dry.result['files'], dry.result['bytes']], [true, 2, 2_300_000]);
  assert.equal(fs.existsSync(path.join(world.here, 'photos')), false);

  const ran = await world.run('import', '--to', 'photos', '--json');
  assert.equal(ran.exit, 0, ran.err + ran.out);
  assert.deepEqual(ofType(ran, 'photos')[0]?.['new'], 2);
  assert.deepEqual(names(path.join(world.here, 'photos')), ['a.jpg', 'b.mp4']);
  const again = await world.run('import', '--to', 'photos');
  assert.equal(again.exit, 0);
  assert.match(again.out, /Nothing is new/);
  // culled: not offered again, unless it is asked for
  fs.rmSync(path.join(world.here, 'photos'), { recursive: true });
  assert.match((await world.run('import', '--to', 'photos', '--dry-run')).out, /Nothing is new/);
  assert.equal((await world.run('import', '--to', 'photos', '--again', '--dry-run', '--json')).result['files'], 2);
});

test('import: where a folder could not be looked at, that nothing is new is no success', async (t) => {
  const world = new CliWorld(t, 'quirk=one-undescribable,quirk=no-prop-list');
  put(world, 'DCIM/Camera/a.jpg', 1, 300_000);
  for (const more of [[], ['--dry-run']]) {
    const ran = await world.run('import', '--to', 'photos', '--json', ...more);
    assert.deepEqual([ran.exit, ran.result['exit']], [1, 1], ran.out + ran.err);
  }
});

test('free: where a folder could not be looked at, that nothing can go is no success', async (t) => {
  const world = new CliWorld(t, 'quirk=one-undescribable,quirk=no-prop-list');
  put(world, 'DCIM/Camera/a.jpg', 1, 300_000, 200);
  for (const more of [[], ['--dry-run']]) {
    const ran = await world.run('free', '--older-than', '1d', '--json', ...more);
    assert.deepEqual([ran.exit, ran.result['exit']], [1, 1], ran.out + ran.err);
  }
});

test('import --also: both folders have all, and the report says where each file went', async (t) => {
  const world = new CliWorld(t);
  put(world, 'DCIM/Camera/a.jpg', 1, 300_000);
  put(world, 'DCIM/Camera/b.mp4', 2, 2_000_000);
  const missing = await world.run('import', '--to', 'photos', '--also', 'backup', '--json');
  assert.equal(missing.exit, 1, missing.out);
  assert.equal(fs.existsSync(path.join(world.here, 'backup')), false, 'a second folder is never made');
  fs.mkdirSync(path.join(world.here, 'backup'));
  const ran = await world.run('import', '--to', 'photos', '--also', 'backup', '--json');
  assert.equal(ran.exit, 0, ran.err + ran.out);
  const photos = treeOf(path.join(world.here, 'photos'));
  assert.equal(names(path.join(world.here, 'photos')).length, 2);
  assert.deepEqual(treeOf(path.join(world.here, 'backup')), photos);
  assert.equal(ran.result['transfers'].length, 2, JSON.stringify(ran.result));
  assert.match((await world.run('import', '--to', 'photos', '--also', 'backup')).out, /Nothing is new/);
});

test('wrong usage', async (t) => {
  const world = new CliWorld(t);
  assert.equal((await world.run('import', 'photos')).exit, 2);
  assert.equal((await world.run('import', '--also', '')).exit, 2);
  assert.equal((await world.run('import', '--at-plug', 'maybe')).exit, 2);
  assert.equal((await world.run('import', '--names', '{colour}')).exit, 2);
  assert.equal((await world.run('free')).exit, 2);
  assert.equal((await world.run('free', '--older-than', 'soon')).exit, 2);
});

test('free --older-than: a dry run tells what could go; without a yes nothing goes', async (t) => {
  const world = new CliWorld(t);
  put(world, 'DCIM/old.jpg', 1, 300_000, 200);
  put(world, 'DCIM/edited.jpg', 2, 300_000, 200);
  put(world, 'DCIM/fresh.jpg', 3, 300_000, 10);
  assert.equal((await world.run('import', '--to', 'photos', '--folders', '')).exit, 0);
  put(world, 'DCIM/never imported.jpg', 4, 300_000, 200);
  fs.appendFileSync(path.join(world.here, 'photos/edited.jpg'), 'x');
  const phone = treeOf(world.phone);
  const dry = await world.run('free', '--older-than', '90d', '--dry-run', '--json');
  assert.equal(dry.exit, 0, dry.err);
  assert.deepEqual(
    ofType(dry, 'freeable').map((event) => [event['phone'], event['copies']]),
    [[['/DCIM/old.jpg'], [path.join(world.here, 'photos/old.jpg')]]],
  );
  assert.deepEqual(dry.result['freeable'], { shots: 1, files: 1, bytes: 300_000 });
  assert.equal((await world.run('free', '--older-than', '90d')).exit, 1);
  assert.deepEqual(treeOf(world.phone), phone);
  const ran = await world.run('free', '--older-than', '90d', '--yes', '--json');
  assert.deepEqual([ran.exit, ran.result['freed'].shots], [0, 1], ran.err);
  assert.deepEqual(names(path.join(world.phone, 'DCIM')), ['edited.jpg', 'fresh.jpg', 'never imported.jpg']);
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CliWorld } from './replug.ts';

/** `replug find`, `du` and `top`: with the phone, and without it. */

test('what is on a phone is found, as find finds it on its folder, also while it is away', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/Camera/Été 1.jpg', 'x'.repeat(5000));
  world.onPhone('DCIM/Camera/b.mp4', 'x'.repeat(70_000));
  world.onPhone('Music/A b/été.mp3', 'x'.repeat(100));
  world.onPhone('Android/data/deep/er/still/c.bin', 'x');
  const all = await world.run('--json', 'find', 'size>=0');
  const onDisk = fs
    .readdirSync(world.phone, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/${path.relative(world.phone, path.join(entry.parentPath, entry.name))}`);
  const found = all.events.filter(({ type }) => type === 'entry').map((event) => String(event['path']));
  assert.deepEqual(found.sort(), onDisk.sort());
  assert.equal(all.result['complete'], true);

  for (const here of [true, false]) {
    const run = (...words: readonly string[]) =>
      here ? world.run(...words) : world.bare('--no-usb', '--db', world.db, ...words);
    const ete = await run('find', 'ETE');
    assert.equal(ete.exit, 0, ete.err);
    assert.match(ete.out, /5\.00 KB {2}.*\/DCIM\/Camera\/Été 1\.jpg\n/);
    assert.match(ete.out, /\/Music\/A b\/été\.mp3\n/);
    assert.match(ete.out, /As of \d{4}-\d\d-\d\d \d\d:\d\d\.\n/);
    assert.equal((await run('--json', 'find', 'ete', 'kind:photo')).result['found'], 1);
    assert.equal((await run('--json', 'find', 'in:A b')).result['found'], 1);
    assert.equal((await run('--json', 'find', 'nothing-like-it')).result['found'], 0);
    const du = await run('--json', 'du', '/DCIM');
    assert.equal(du.result['bytes'], 75_000);
    assert.deepEqual(
      du.events.filter(({ type }) => type === 'entry').map(({ name, bytes }) => [name, bytes]),
      [['Camera', 75_000]],
    );
    const top = await run('--json', 'top');
    assert.equal(top.events[0]?.['path'], '/DCIM/Camera/b.mp4');
  }
});

test('what came since is seen with --refresh', async (t) => {
  const world = new CliWorld(t);
  assert.equal((await world.run('--json', 'find', 'new')).result['found'], 0);
  world.onPhone('Download/new.txt', 'x');
  assert.equal((await world.run('--json', 'find', '--refresh', 'new')).result['found'], 1);
});

test('a phone nobody has seen is told as such', async (t) => {
  const world = new CliWorld(t);
  const top = await world.bare('--no-usb', '--db', world.db, 'top');
  assert.equal(top.exit, 4);
  const find = await world.bare('--no-usb', '--db', world.db, 'find', 'x');
  assert.match(find.out, /Nothing is remembered/);
  assert.equal((await world.bare('--no-usb', 'find')).exit, 2);
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTransferStore } from '../../electron/store/index.ts';
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

test('what cannot be read is told to be left out, and how much', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/a.jpg', 'x');
  // deeper than any path a phone has
  fs.mkdirSync(path.join(world.phone, ...Array.from({ length: 300 }, () => 'd')), { recursive: true });
  for (const words of [['find', 'jpg'], ['du', '/'], ['top']]) {
    const told = await world.run(...words);
    assert.equal(told.exit, 0, told.err);
    assert.match(told.out, /a\.jpg|DCIM/);
    assert.match(told.out, /1 folder could not be read and is left out\.\n/);
    assert.doesNotMatch(told.out, /has been listed yet/);
  }
  assert.equal((await world.run('--json', 'find', 'jpg')).result['complete'], false);
});

test('of a phone that nothing identifies nothing is kept, though it can be searched', async (t) => {
  const world = new CliWorld(t, 'quirk=no-serial');
  world.onPhone('DCIM/a.jpg', 'x');
  assert.equal((await world.run('--json', 'find', 'jpg')).result['found'], 1);
  assert.deepEqual(fs.readdirSync(path.join(world.root, 'catalogue')), []);
});

test('switched off, it says so, and deletes what was kept', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/a.jpg', 'x');
  assert.equal((await world.run('--json', 'find', 'jpg')).result['found'], 1);
  const store = await openTransferStore(world.db);
  store.saveSettings({ catalogue: false });
  store.close();
  for (const words of [['find', 'jpg'], ['du', '/'], ['top']]) {
    const told = await world.run(...words);
    assert.equal(told.exit, 1);
    assert.match(told.out, /does not remember what is on phones/);
  }
  assert.deepEqual(fs.readdirSync(path.join(world.root, 'catalogue')), []);
});

test('switched off in a window that runs, it says so', async (t) => {
  const world = new CliWorld(t);
  const store = await openTransferStore(world.db);
  t.after(() => store.close());
  for (const isOn of [false, true]) {
    store.saveSettings({ catalogue: isOn });
    const told = await world.bare('--no-usb', '--db', world.db, 'find', 'jpg');
    assert.match(told.out, isOn ? /Nothing is remembered/ : /does not remember what is on phones/);
    assert.equal(told.exit, isOn ? 0 : 1);
  }
});

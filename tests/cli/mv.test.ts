import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CliWorld, names, treeOf } from './replug.ts';

/** `replug mv` to another name in another folder, which a phone does in two steps: both are done, or none. */

test('a name that is taken is refused, and nothing is moved', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/a.jpg', 'mine');
  world.onPhone('Download/b.jpg', 'theirs');
  world.onPhone('Download/folder/x', 'x');
  const before = treeOf(world.phone);
  for (const target of ['/Download/b.jpg', '/Download/B.JPG']) {
    const ran = await world.run('mv', '/DCIM/a.jpg', target);
    assert.equal(ran.exit, 1, ran.out + ran.err);
    assert.match(ran.err, /already on the phone/);
    assert.deepEqual(treeOf(world.phone), before, target);
  }
});

test('its old name may be taken where it goes, and its new one where it is', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/a.jpg', 'mine');
  world.onPhone('Download/a.jpg', 'theirs');
  assert.equal((await world.run('mv', '/DCIM/a.jpg', '/Download/b.jpg')).exit, 0);
  assert.equal(fs.readFileSync(path.join(world.phone, 'Download/b.jpg'), 'utf8'), 'mine');
  assert.equal(fs.readFileSync(path.join(world.phone, 'Download/a.jpg'), 'utf8'), 'theirs');

  world.onPhone('DCIM/c.jpg', 'another');
  assert.equal((await world.run('mv', '/Download/b.jpg', '/DCIM/c2.jpg')).exit, 0);
  world.onPhone('Download/d.jpg', 'in the way');
  assert.equal((await world.run('mv', '/Download/a.jpg', '/DCIM/d.jpg')).exit, 0);
  assert.deepEqual(names(path.join(world.phone, 'DCIM')), ['c.jpg', 'c2.jpg', 'd.jpg']);
  assert.equal(fs.readFileSync(path.join(world.phone, 'DCIM/d.jpg'), 'utf8'), 'theirs');
  assert.equal(fs.readFileSync(path.join(world.phone, 'Download/d.jpg'), 'utf8'), 'in the way');
});

test('a name that the card cannot hold is refused, and the file stays where it was, under its name', async (t) => {
  const world = new CliWorld(t);
  fs.mkdirSync(world.sd);
  world.phoneOptions = `sd=${world.sd}`;
  world.onPhone('DCIM/a.jpg', 'mine');
  for (const card of ['SD card:/what?.jpg', 'SD card:/New/what?.jpg']) {
    const ran = await world.run('mv', '/DCIM/a.jpg', card);
    assert.equal(ran.exit, 1, ran.out + ran.err);
    assert.match(ran.err, /what\?\.jpg/);
    assert.deepEqual(names(path.join(world.phone, 'DCIM')), ['a.jpg'], ran.err);
    assert.deepEqual(names(world.sd), [], ran.err);
  }
  assert.equal((await world.run('mv', '/DCIM/a.jpg', 'SD card:/New/b.jpg')).exit, 0);
  assert.equal(fs.readFileSync(path.join(world.sd, 'New/b.jpg'), 'utf8'), 'mine');
  assert.deepEqual(names(path.join(world.phone, 'DCIM')), []);
});

test('a slash at the end means a folder: where none is, nothing gets its name', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('Download/song.flac', 'la');
  world.onPhone('Notes', 'a file');
  const before = treeOf(world.phone);
  for (const [target, told] of [
    ['/Music/', /“\/Music\/” is not on the phone/],
    ['/Notes/', /“\/Notes\/” is not a folder/],
  ] as const) {
    const ran = await world.run('mv', '/Download/song.flac', target);
    assert.equal(ran.exit, 1, ran.out + ran.err);
    assert.match(ran.err, told);
  }
  assert.deepEqual(treeOf(world.phone), before);
  assert.equal((await world.run('mkdir', '/Music')).exit, 0);
  assert.equal((await world.run('mv', '/Download/song.flac', '/Music/')).exit, 0);
  assert.deepEqual(names(path.join(world.phone, 'Music')), ['song.flac']);
});

for (const [what, options] of [
  ['renames nothing', 'quirk=idle-rename'],
  ['moves nothing', 'quirk=idle-move'],
  ['cannot move', 'profile=legacy-kernel'],
] as const)
  test(`a phone that ${what}: nothing is moved by half`, async (t) => {
    const world = new CliWorld(t, options);
    world.onPhone('DCIM/a.jpg', 'mine');
    const before = treeOf(world.phone);
    const ran = await world.run('mv', '/DCIM/a.jpg', '/Download/b.jpg');
    assert.equal(ran.exit, 1, ran.out + ran.err);
    assert.deepEqual(treeOf(world.phone), before, ran.err);
  });

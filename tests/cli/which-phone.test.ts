import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CliWorld } from './replug.ts';

/** Which phone, or which storage, a command means. */

test('a pair finds its phone by what it is known by, however its serial number is written', async (t) => {
  // some pad it
  const world = new CliWorld(t, 'serial= V 7 ');
  world.onPhone('DCIM/a.jpg', 'x');
  assert.equal((await world.run('sync', 'add', '/DCIM', 'photos', '--name', 'Camera')).exit, 0);
  const ran = await world.run('sync', 'run', 'Camera');
  assert.equal(ran.exit, 0, ran.out + ran.err);
  assert.ok(fs.existsSync(path.join(world.here, 'photos/a.jpg')));
  assert.equal((await world.run('--phone', 'V 7', 'ls', '/DCIM')).exit, 0);
  const away = await world.bare('--no-usb', '--db', world.db, 'sync', 'run', 'Camera');
  assert.equal(away.exit, 4);
  assert.match(away.err, /No phone called “Test phone” is connected/);
});

test('a phone is named alike in all commands', async (t) => {
  const world = new CliWorld(t, 'name=Zo\u00eb');
  for (const name of ['Zo\u00eb', 'zoe\u0308', 'V1'])
    for (const command of ['ls', 'devices']) {
      const ran = await world.run('--phone', name, command);
      assert.equal(ran.exit, 0, `${command} ${name}: ${ran.err}`);
    }
});

test('phones of one serial number are told apart by their names in what is advised', async (t) => {
  const world = new CliWorld(t, 'quirk=placeholder-serial');
  fs.mkdirSync(world.sd);
  const other = `${world.sd},name=Tab B,quirk=placeholder-serial`;
  const ran = await world.run('--virtual', other, 'ls', '/');
  assert.equal(ran.exit, 2);
  assert.match(ran.err, /--phone: Test phone, Tab B\./);
  assert.equal((await world.run('--virtual', other, '--phone', 'Tab B', 'ls', '/')).exit, 0);
});

describe('what is remembered', () => {
  test('is told while its phone is locked', async (t) => {
    const world = new CliWorld(t);
    world.onPhone('DCIM/a.jpg', 'x');
    assert.equal((await world.run('--json', 'find', 'jpg')).result['found'], 1);
    const locked = (...words: readonly string[]) => world.run('--json', '--fault', 'locked@open', ...words);
    const found = await locked('find', 'jpg');
    assert.equal(found.exit, 0, found.out);
    assert.equal(found.result['found'], 1);
    assert.equal((await locked('du', '/DCIM')).exit, 0);
    assert.equal((await locked('top')).exit, 0);
    // not to be had without asking it
    assert.equal((await locked('find', '--refresh', 'jpg')).exit, 4);
  });

  test('of several phones is found at once; which one is meant is asked where it has to be one', async (t) => {
    const world = new CliWorld(t);
    fs.mkdirSync(world.sd);
    fs.writeFileSync(path.join(world.sd, 'b.jpg'), 'y');
    world.onPhone('DCIM/a.jpg', 'x');
    const both = ['--virtual', `${world.sd},serial=V2,name=Other`] as const;
    const found = await world.run('--json', ...both, 'find', 'jpg');
    assert.equal(found.exit, 0, found.out);
    assert.equal(found.result['found'], 2);
    const du = await world.run(...both, 'du', '/');
    assert.equal(du.exit, 2, du.out);
    assert.match(du.err, /2 phones are connected.*--phone: .*Other/s);
    const away = await world.bare('--no-usb', '--db', world.db, 'du', '/');
    assert.equal(away.exit, 4);
    assert.match(away.err, /Say which one with --phone: .*Test phone/);
  });

  test('of a storage is that of its own name, not of one whose name begins so', async (t) => {
    const world = new CliWorld(t);
    fs.mkdirSync(world.sd);
    fs.writeFileSync(path.join(world.sd, 'b.jpg'), '1234567');
    world.onPhone('DCIM/a.jpg', 'x');
    world.phoneOptions = `sd=${world.sd},sd-name=Internal`;
    assert.equal((await world.run('--json', 'du', 'Internal:/')).result['bytes'], 7);
    const several = await world.run('du', 'Inter:/');
    assert.equal(several.exit, 2, several.out);
    assert.match(several.err, /“Inter” may be several storages/);
  });
});

test('a dry run tells of every pair, also behind one that cannot be looked at', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/a.jpg', 'x');
  world.onPhone('Docs/a.txt', 'x');
  for (const [folder, name] of [
    ['/Docs', 'one'],
    ['/DCIM', 'two'],
  ] as const)
    assert.equal((await world.run('sync', 'add', folder, name, '--name', name)).exit, 0);
  fs.rmSync(path.join(world.phone, 'Docs'), { recursive: true });
  const ran = await world.run('--json', 'sync', 'run', '--dry-run');
  assert.equal(ran.exit, 1, ran.out);
  assert.equal(ran.result['pairs'].length, 2);
  assert.deepEqual(
    ran.events.filter(({ type }) => type === 'action').map((event) => event['path']),
    ['a.jpg'],
  );
});

test('with --json, too, a script hears that the database was set aside', async (t) => {
  const world = new CliWorld(t);
  fs.writeFileSync(world.db, 'this is no database at all, but long enough to be taken for one'.repeat(20));
  const ran = await world.run('--json', 'resume');
  assert.equal(ran.exit, 0, ran.out);
  const told = ran.events.find(({ type }) => type === 'set-aside');
  assert.ok(fs.existsSync(String(told?.['file'])), ran.out);
});

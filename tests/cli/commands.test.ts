import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { CliWorld, bytesOf, digestOf, names } from './replug.ts';

/** The commands, their output and exit status. */

const MIB = 1024 * 1024;

describe('wrong usage is 2 with one clear line', () => {
  for (const args of [
    [],
    ['fly'],
    ['push'],
    ['push', 'one'],
    ['pull', '/only'],
    ['push', 'a', 'relative/folder'],
    ['pull', '/a/../b', '.'],
    ['push', '--on-clash', 'maybe', 'a', '/b'],
    ['push', '--on-clash', 'ask', 'a', '/b'],
    ['push', '--verify', 'twice', 'a', '/b'],
    ['ls', '/a', '/b'],
    ['ls', '--move', '/'],
    ['--wait', 'long', 'ls'],
    ['--wait'],
    ['--colour', 'ls'],
    ['--json=yes', 'ls'],
    ['--virtual', ',profile=android', 'ls'],
    ['--virtual', 'x,profile=unknown', 'ls'],
    ['--virtual', 'x,legs=2', 'ls'],
    ['--fault', 'unplug@bytes=1', 'ls'],
    ['--virtual', 'x', '--fault', 'explode@bytes=1', 'ls'],
    ['--virtual', 'x', '--fault', 'unplug@op=Nothing:1', 'ls'],
    ['--virtual', 'x', '--fault', 'replug@ms=soon', 'ls'],
    ['mkdir', '/'],
    ['rm', 'SD:/'],
    ['cancel'],
    ['serve', '--port', '99999'],
  ])
    test(`replug ${args.join(' ')}`, async (t) => {
      const world = new CliWorld(t);
      const ran = await world.bare('--no-usb', ...args);
      assert.equal(ran.exit, 2, ran.out + ran.err);
      assert.match(ran.err, /^replug: [^\n]+\n$/);
      assert.equal(ran.out, '');
      assert.deepEqual(names(world.here), []);
    });

  test('with --json it is said as JSON', async (t) => {
    const ran = await new CliWorld(t).bare('--json', 'fly');
    assert.equal(ran.exit, 2);
    assert.deepEqual(ran.result, { type: 'result', status: 'wrong-usage', exit: 2 });
  });
});

test('help and version', async (t) => {
  const world = new CliWorld(t);
  const help = await world.bare('--help');
  assert.equal(help.exit, 0);
  for (const word of ['push', 'pull', 'resume', 'serve', 'help COMMAND', '--fault', 'Exit status'])
    assert.ok(help.out.includes(word), word);
  // options of one command are on its own page (help.test.ts)
  assert.match((await world.bare('help', 'push')).out, /--on-clash/u);
  assert.match((await world.bare('--version')).out, /^replug \d+\.\d+\.\d+\n$/);
});

describe('no usable phone is 4', () => {
  for (const args of [
    ['devices'],
    ['ls', '/'],
    ['push', '.', '/Download'],
    ['pull', '/a', '.'],
    ['mkdir', '/a'],
    ['rm', '/a'],
    ['mv', '/a', '/b'],
  ])
    test(`replug ${args.join(' ')}`, async (t) => {
      const world = new CliWorld(t);
      const ran = await world.bare('--no-usb', '--db', world.db, '--json', ...args);
      assert.equal(ran.exit, 4, ran.out);
      assert.equal(ran.events[0]?.['kind'], 'no-phone');
      assert.equal(ran.result['status'], 'no-phone');
    });

  test('a phone of another name', async (t) => {
    const world = new CliWorld(t);
    const ran = await world.run('--json', '--phone', 'Nobody', 'ls', '/');
    assert.equal(ran.exit, 4);
    assert.match(ran.events[0]?.['message'], /Nobody/);
    assert.equal((await world.run('--phone', 'test', 'ls', '/')).exit, 0);
    assert.equal((await world.run('--phone', 'V1', 'ls', '/')).exit, 0);
  });

  test('two phones and none named', async (t) => {
    const world = new CliWorld(t);
    const ran = await world.run('--virtual', `${world.sd},serial=V2,name=Other`, 'ls', '/');
    assert.equal(ran.exit, 2, ran.out + ran.err);
    assert.match(ran.err, /V1.*V2|V2.*V1/);
    const devices = await world.run('--json', '--virtual', `${world.sd},serial=V2,name=Other`, 'devices');
    assert.equal(devices.exit, 0);
    assert.deepEqual(devices.result['devices'].map((device: { serial: string }) => device.serial).sort(), ['V1', 'V2']);
  });
});

test('devices, ls, mkdir, mv and rm', async (t) => {
  const world = new CliWorld(t);
  world.phoneOptions = `sd=${world.sd}`;
  fs.mkdirSync(world.sd);
  world.onPhone('DCIM/Camera/10.jpg', '0123456789');
  world.onPhone('DCIM/Camera/2.jpg', 'x');
  const devices = await world.run('devices');
  assert.equal(devices.exit, 0);
  assert.match(devices.out, /Test phone .*serial V1.*ready/);
  assert.match(devices.out, /SD card:\/ /);

  const list = await world.run('ls', '/DCIM/Camera');
  assert.match(list.out, /1 byte {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}2\.jpg\n *10 bytes .*10\.jpg\n$/);
  const json = await world.run('--json', 'ls', '/DCIM/Camera/10.jpg');
  assert.equal(json.events[0]?.['size'], 10);
  assert.equal(json.events[0]?.['kind'], 'file');

  assert.equal((await world.run('mkdir', 'sd:/New/Deep/Folder')).exit, 0);
  assert.ok(fs.statSync(path.join(world.sd, 'New/Deep/Folder')).isDirectory());
  const twice = await world.run('mkdir', 'SD card:/New/Deep/Folder');
  assert.equal(twice.exit, 1);
  assert.match(twice.err, /already on the phone/);
  assert.doesNotMatch(twice.err, /skip|replace|keep both/);

  assert.equal((await world.run('mv', '/DCIM/Camera/2.jpg', '/DCIM/Camera/two.jpg')).exit, 0);
  assert.equal((await world.run('mv', '/DCIM/Camera/two.jpg', '/DCIM/Camera/10.jpg', '/Download')).exit, 0);
  assert.deepEqual(names(path.join(world.phone, 'Download')), ['10.jpg', 'two.jpg']);
  assert.equal((await world.run('mv', '/Download/two.jpg', '/DCIM/three.jpg')).exit, 0);
  assert.deepEqual(names(path.join(world.phone, 'DCIM')), ['Camera', 'three.jpg']);

  fs.writeFileSync(path.join(world.phone, 'DCIM/10.jpg'), 'another');
  const taken = await world.run('mv', '/DCIM/10.jpg', '/Download');
  assert.equal(taken.exit, 1);
  assert.match(taken.err, /already on the phone/);
  assert.doesNotMatch(taken.err, /skip|replace|keep both/);
  assert.equal(fs.readFileSync(path.join(world.phone, 'Download/10.jpg'), 'utf8'), '0123456789');

  const removed = await world.run('rm', '--yes', '/DCIM', '/nowhere', '/Download/10.jpg');
  assert.equal(removed.exit, 1);
  assert.match(removed.err, /nowhere/);
  assert.deepEqual(names(world.phone), ['Download']);
  assert.deepEqual(names(path.join(world.phone, 'Download')), []);

  assert.match((await world.run('ls', '/gone')).err, /“\/gone” is not on the phone/);
  assert.equal((await world.run('ls', '/gone')).exit, 1);
  assert.equal((await world.run('ls', 'USB:/')).exit, 2);
});

test('rm deletes no folder without confirmation; if nobody can be asked, it deletes nothing at all', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/Camera/1.jpg', 'only copy');
  world.onPhone('Download/a.txt', 'a');
  for (const args of [['/DCIM'], ['/Download/a.txt', '/DCIM/Camera'], ['/nowhere', '/DCIM/']]) {
    const ran = await world.run('rm', ...args);
    assert.equal(ran.exit, 2, ran.out + ran.err);
    assert.match(ran.err, /is a folder.*Nothing was deleted\. Add --yes/);
  }
  const json = await world.run('--json', 'rm', '/DCIM');
  assert.deepEqual(json.result, { type: 'result', status: 'wrong-usage', exit: 2 });
  assert.equal(fs.readFileSync(path.join(world.phone, 'DCIM/Camera/1.jpg'), 'utf8'), 'only copy');
  assert.deepEqual(names(path.join(world.phone, 'Download')), ['a.txt']);
  assert.equal((await world.run('rm', '/Download/a.txt')).exit, 0);
  assert.deepEqual(names(path.join(world.phone, 'Download')), []);
});

test('terminal control characters in names are neutralised', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('Download/evil\u001b]0;owned\u0007 \u202egpj.exe', 'x');
  const ran = await world.run('ls', '/Download');
  assert.ok(!/[\u001b\u0007\u202e]/.test(ran.out), JSON.stringify(ran.out));
});

describe('conflicts', () => {
  const conflict = async (t: TestContext, rule: readonly string[]) => {
    const world = new CliWorld(t);
    world.write('file.txt', 'the new one', 2_000_000_000_000);
    world.onPhone('Download/file.txt', 'the old');
    const ran = await world.run('--json', 'push', ...rule, 'file.txt', '/Download');
    const there = Object.fromEntries(
      names(path.join(world.phone, 'Download')).map((name) => [
        name,
        fs.readFileSync(path.join(world.phone, 'Download', name), 'utf8'),
      ]),
    );
    return { ran, there };
  };
  test('without a terminal to ask, conflicts are skipped', async (t) => {
    const { ran, there } = await conflict(t, []);
    assert.equal(ran.exit, 0);
    assert.equal(ran.result['files'][0].status, 'skipped');
    assert.deepEqual(there, { 'file.txt': 'the old' });
  });
  for (const rule of ['replace', 'newer', 'larger'])
    test(rule, async (t) => {
      const { ran, there } = await conflict(t, ['--on-clash', rule]);
      assert.equal(ran.exit, 0, ran.out);
      assert.deepEqual(there, { 'file.txt': 'the new one' });
    });
  test('keep-both', async (t) => {
    const { ran, there } = await conflict(t, ['--on-clash=keep-both']);
    assert.equal(ran.exit, 0);
    assert.deepEqual(Object.values(there).sort(), ['the new one', 'the old']);
    assert.ok(Object.hasOwn(there, ran.result['files'][0].savedAs));
  });
});

test('move deletes each source after its copy was verified', async (t) => {
  const world = new CliWorld(t);
  world.write('tree/a.txt', 'a');
  world.write('tree/b/c.txt', 'c');
  const pushed = await world.run('--json', 'push', '--move', 'tree', '/Download');
  assert.equal(pushed.exit, 0, pushed.out);
  assert.ok(!fs.existsSync(path.join(world.here, 'tree/a.txt')));
  assert.equal(fs.readFileSync(path.join(world.phone, 'Download/tree/b/c.txt'), 'utf8'), 'c');
  const pulled = await world.run('--json', 'pull', '--move', '/Download/tree', 'back');
  assert.equal(pulled.exit, 0, pulled.out);
  assert.equal(fs.readFileSync(path.join(world.here, 'back/tree/b/c.txt'), 'utf8'), 'c');
  assert.ok(!fs.existsSync(path.join(world.phone, 'Download/tree/b/c.txt')));
  assert.deepEqual(
    (pulled.result['files'] as readonly Record<string, unknown>[]).map((file) => [
      file['path'],
      file['originalDeleted'],
    ]),
    [
      ['tree', undefined],
      ['tree/a.txt', true],
      ['tree/b', undefined],
      ['tree/b/c.txt', true],
    ],
  );
  const told = await world.run('push', '--move', 'back/tree/a.txt', '/Download');
  assert.match(told.out, /1 file copied, 1 original deleted/);
});

test('an original that could not be deleted is reported, and is a failure', async (t) => {
  const world = new CliWorld(t, 'quirk=idle-delete');
  fs.mkdirSync(path.join(world.phone, 'Download'), { recursive: true });
  fs.writeFileSync(path.join(world.phone, 'Download/a.txt'), 'a');
  const told = await world.run('pull', '--move', '/Download/a.txt', '.');
  assert.equal(told.exit, 1, told.out);
  assert.match(told.out, /a\.txt was copied, but the original was not deleted: /);
  assert.equal(fs.readFileSync(path.join(world.here, 'a.txt'), 'utf8'), 'a');
  assert.ok(fs.existsSync(path.join(world.phone, 'Download/a.txt')));
});

test('an original whose deletion a cable cut off goes when the phone is back', async (t) => {
  const world = new CliWorld(t);
  fs.mkdirSync(path.join(world.phone, 'Download'), { recursive: true });
  fs.writeFileSync(path.join(world.phone, 'Download/a.txt'), 'a');
  const faults = ['--fault', 'unplug@op=DeleteObject:1:before', '--fault', 'replug@ms=1'];
  const told = await world.run('pull', '--move', '/Download/a.txt', '.', ...faults);
  assert.equal(told.exit, 0, told.out);
  assert.match(told.out, /1 file copied, 1 original deleted/);
  assert.equal(fs.readFileSync(path.join(world.here, 'a.txt'), 'utf8'), 'a');
  assert.ok(!fs.existsSync(path.join(world.phone, 'Download/a.txt')));
});

test('--json: transfer, progress and state before the one result', async (t) => {
  const world = new CliWorld(t);
  world.write('file.bin', bytesOf(1, 20 * MIB));
  const ran = await world.run('push', 'file.bin', '/Download', '--json');
  assert.equal(ran.exit, 0);
  assert.equal(ran.err, '');
  const types = ran.events.map((event) => event['type'] as string);
  assert.equal(types[0], 'transfer');
  assert.ok(types.includes('state') && types.includes('progress'));
  assert.equal(types.filter((type) => type === 'result').length, 1);
  const confirmed = ran.events
    .filter((event) => event['type'] === 'progress')
    .map((event) => event['bytesConfirmed'] as number);
  assert.deepEqual(
    confirmed,
    [...confirmed].sort((one, other) => one - other),
    'confirmed bytes never go back',
  );
  assert.equal(confirmed.at(-1), 20 * MIB);
  const { status, exit, files, bytesMoved, bytesResent, verified } = ran.result;
  assert.deepEqual([status, exit, bytesMoved, bytesResent, verified], ['done', 0, 20 * MIB, 0, true]);
  assert.equal(files.length, 1);
  assert.equal(files[0].path, 'file.bin');
});

test('queue lists transfers, doctor checks everything', async (t) => {
  const world = new CliWorld(t);
  world.write('a.txt', 'a');
  await world.run('push', 'a.txt', '/Download');
  const queue = await world.run('queue');
  assert.match(queue.out, /push {2}done {2}100% {2}1 of 1 item .*a\.txt → Test phone:\/Download/);
  const doctor = await world.run('doctor');
  assert.equal(doctor.exit, 0, doctor.out);
  assert.match(doctor.out, /Test phone .* is ready/);
  const without = await world.bare('--no-usb', '--db', world.db, 'doctor');
  assert.equal(without.exit, 1);
  assert.match(without.out, /No phone is connected/);
});

test('only one process at a time opens a database', async (t) => {
  const world = new CliWorld(t, 'rate=3000000');
  world.write('file.bin', bytesOf(2, 30 * MIB));
  const { child, ended } = world.start('--json', 'push', 'file.bin', '/Download');
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const second = await world.run('--json', 'resume');
  assert.equal(second.exit, 1);
  assert.match(second.events[0]?.['remedy'], /already running/);
  child.kill('SIGKILL');
  await ended;
  assert.equal((await world.run('queue')).exit, 0);
});

test('queue and doctor work during a transfer and disturb nothing', async (t) => {
  const world = new CliWorld(t, 'rate=4000000');
  world.write('old.txt', 'o');
  await world.run('push', 'old.txt', '/Download');
  const file = world.write('file.bin', bytesOf(4, 40 * MIB));
  const { child, ended } = world.start('--json', 'push', 'file.bin', '/Download');
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  let shown = 0;
  for (let look = 0; look < 40 && shown < 3; look += 1) {
    const queue = await world.bare('--no-usb', '--db', world.db, '--json', 'queue');
    assert.equal(queue.exit, 0, queue.out + queue.err);
    const transfers = queue.events.filter((event) => event['type'] === 'transfer');
    assert.equal(queue.result['transfers'], transfers.length);
    const one = transfers.find((event) => event['title'] === 'file.bin');
    assert.equal(transfers.find((event) => event['title'] === 'old.txt')?.['state'], 'done');
    if (one?.['state'] === 'running' && (one['bytesConfirmed'] as number) > 0) shown += 1;
  }
  assert.equal(shown, 3, 'the running transfer was seen with confirmed bytes');
  const doctor = await world.bare('--no-usb', '--db', world.db, 'doctor');
  assert.match(doctor.out, /ok {2}The queue is stored in .*queue\.db; another Replug is using it/);
  const { exit } = await ended;
  assert.equal(exit, 0);
  assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
  assert.match((await world.run('queue')).out, /push {2}done {2}100%.*file\.bin/);
});

test('resume does not ask for a phone that is connected', async (t) => {
  const world = new CliWorld(t);
  const file = world.write('file.bin', bytesOf(5, 40 * MIB));
  const broken = await world.run('push', 'file.bin', '/Download', '--fault', 'unplug@bytes=20000000');
  assert.equal(broken.exit, 3, broken.out + broken.err);
  const resumed = await world.run('resume');
  assert.equal(resumed.exit, 0, resumed.out + resumed.err);
  assert.doesNotMatch(resumed.out, /[Pp]lug it in/);
  assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
  // but asks for one that is not connected
  world.write('other.bin', bytesOf(6, 40 * MIB));
  await world.run('push', 'other.bin', '/Download', '--fault', 'unplug@bytes=20000000');
  const without = await world.bare('--no-usb', '--db', world.db, 'resume');
  assert.equal(without.exit, 4);
  assert.match(without.out, /Waiting for Test phone: plug it in again/);
});

test('a damaged database is set aside and reported, and work continues', async (t) => {
  const world = new CliWorld(t);
  fs.writeFileSync(world.db, 'this is no database at all, but long enough to be taken for one'.repeat(20));
  world.write('a.txt', 'a');
  const ran = await world.run('push', 'a.txt', '/Download');
  assert.equal(ran.exit, 0, ran.err);
  assert.match(ran.out, /The database was damaged/);
  assert.ok(names(world.root).some((name) => name.startsWith('queue.db.damaged-')));
  assert.equal(digestOf(path.join(world.phone, 'Download/a.txt')), digestOf(path.join(world.here, 'a.txt')));
});

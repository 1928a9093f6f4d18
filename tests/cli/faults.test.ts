import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CliWorld, bytesOf, digestOf, names } from './replug.ts';

/** Scripted misbehaviour of the phone, through the command line only. */

const MIB = 1024 * 1024;
const PHASES = ['before', 'data', 'response'] as const;
const UPLOAD = [
  'OpenSession',
  'GetDeviceInfo',
  'GetStorageInfo',
  'SendObjectInfo',
  'SendObject',
  'BeginEditObject',
  'SendPartialObject',
  'EndEditObject',
  'SetObjectPropValue',
];
const DOWNLOAD = ['OpenSession', 'GetStorageIDs', 'GetObjectPropList', 'GetPartialObject64'];

describe('unplugged and plugged in again, at each operation', () => {
  for (const operation of UPLOAD)
    test(`an upload that replaces a file: ${operation}`, async (t) => {
      for (const phase of PHASES) {
        const world = new CliWorld(t);
        const file = world.write('file.bin', bytesOf(5, 17 * MIB + 3));
        world.onPhone('Download/file.bin', 'the old one');
        const ran = await world.run(
          '--json',
          '--wait',
          '60',
          '--fault',
          `unplug@op=${operation}:1:${phase}`,
          '--fault',
          'replug@ms=1',
          'push',
          '--on-clash',
          'replace',
          'file.bin',
          '/Download',
        );
        assert.equal(ran.exit, 0, `${phase}: ${ran.out.slice(-2000)}`);
        assert.deepEqual(names(path.join(world.phone, 'Download')), ['file.bin'], phase);
        assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file), phase);
      }
    });
  for (const operation of DOWNLOAD)
    test(`a download: ${operation}`, async (t) => {
      for (const phase of PHASES) {
        const world = new CliWorld(t);
        const file = world.onPhone('DCIM/file.bin', bytesOf(6, 17 * MIB + 3));
        const ran = await world.run(
          '--json',
          '--wait',
          '60',
          '--fault',
          `unplug@op=${operation}:1:${phase}`,
          '--fault',
          'replug@ms=1',
          'pull',
          '/DCIM/file.bin',
          'in',
        );
        assert.equal(ran.exit, 0, `${phase}: ${ran.out.slice(-2000)}`);
        assert.deepEqual(names(path.join(world.here, 'in')), ['file.bin'], phase);
        assert.equal(digestOf(path.join(world.here, 'in/file.bin')), digestOf(file), phase);
      }
    });
});

describe('unplugged for good', () => {
  test('without --wait it exits with 3 at once, keeps the old file, and resume continues', async (t) => {
    const world = new CliWorld(t);
    const file = world.write('file.bin', bytesOf(7, 40 * MIB));
    world.onPhone('Download/file.bin', 'the old one');
    const ran = await world.run(
      '--json',
      '--fault',
      `unplug@bytes=${20 * MIB}`,
      'push',
      '--on-clash',
      'replace',
      'file.bin',
      '/Download',
    );
    assert.equal(ran.exit, 3, ran.out.slice(-2000));
    assert.equal(ran.result['status'], 'interrupted');
    assert.equal(ran.result['files'][0].status, 'unfinished');
    assert.equal(ran.result['verified'], false);
    assert.equal(fs.readFileSync(path.join(world.phone, 'Download/file.bin'), 'utf8'), 'the old one');
    const confirmed = ran.result['files'][0].confirmed;
    assert.ok(confirmed > 0 && confirmed <= 20 * MIB);

    const queue = await world.run('--json', 'queue');
    assert.equal(queue.events[0]?.['state'], 'waiting');
    assert.equal(queue.events[0]?.['bytesConfirmed'], confirmed);

    const again = await world.run('--json', 'resume');
    assert.equal(again.exit, 0, again.out.slice(-2000));
    assert.ok(again.result['bytesMoved'] <= 40 * MIB - confirmed + 8 * MIB);
    assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
    assert.deepEqual(names(path.join(world.phone, 'Download')), ['file.bin']);
  });

  test('resume without the phone exits with 4, and nothing is lost', async (t) => {
    const world = new CliWorld(t);
    world.onPhone('DCIM/file.bin', bytesOf(8, 20 * MIB));
    const ran = await world.run('--json', '--fault', `unplug@bytes=${10 * MIB}`, 'pull', '/DCIM/file.bin', 'in');
    assert.equal(ran.exit, 3);
    const without = await world.bare('--db', world.db, '--no-usb', '--json', 'resume');
    assert.equal(without.exit, 4, without.out.slice(-2000));
    const again = await world.run('--json', 'resume');
    assert.equal(again.exit, 0);
    assert.deepEqual(names(path.join(world.here, 'in')), ['file.bin']);
  });

  test('cancel leaves nothing on the phone', async (t) => {
    const world = new CliWorld(t);
    world.write('file.bin', bytesOf(9, 40 * MIB));
    const ran = await world.run('--json', '--fault', `unplug@bytes=${20 * MIB}`, 'push', 'file.bin', '/Download');
    assert.equal(ran.exit, 3);
    assert.equal(names(path.join(world.phone, 'Download')).length, 1);
    const id: string = ran.result['transfers'][0].id;
    const cancelled = await world.run('--json', 'cancel', id.slice(0, 8));
    assert.equal(cancelled.exit, 0, cancelled.out);
    assert.deepEqual(names(path.join(world.phone, 'Download')), []);
    assert.equal((await world.run('--json', 'resume')).result['files'].length, 0);
    assert.equal((await world.run('cancel', id)).exit, 2);
    assert.equal((await world.run('cancel', 'nothing')).exit, 2);
  });
});

describe('other faults', () => {
  test('a locked phone is not usable; with --wait it is used once unlocked', async (t) => {
    const world = new CliWorld(t);
    world.write('file.bin', 'x');
    const ran = await world.run('--json', '--fault', 'locked@open', 'push', 'file.bin', '/Download');
    assert.equal(ran.exit, 4, ran.out);
    assert.equal(ran.events[0]?.['kind'], 'locked');
    assert.match(ran.events[0]?.['remedy'], /Unlock/);
    const waited = await world.run(
      '--json',
      '--wait',
      '30',
      '--fault',
      'locked@open:300',
      'push',
      'file.bin',
      '/Download',
    );
    assert.equal(waited.exit, 0, waited.out);
  });

  test('a phone held by another program: named with its process id, waited for, taken over', async (t) => {
    const world = new CliWorld(t);
    const file = world.write('file.bin', bytesOf(12, 20 * MIB));
    const words = (pid: number | undefined): string => `other-program (process ${pid ?? '?'}) is using the phone.`;
    const refused = await world.run('--json', '--fault', 'held@open', 'push', 'file.bin', '/Download');
    assert.equal(refused.exit, 4, refused.out);
    assert.equal(refused.events[0]?.['kind'], 'held');
    assert.match(refused.events[0]?.['message'], /^other-program \(process \d+\) is using the phone\.$/);

    const waiting = world.start('--json', '--wait', '30', '--fault', 'held@open:1', 'push', 'file.bin', '/Download');
    const waited = await waiting.ended;
    assert.equal(waited.exit, 0, waited.out.slice(-2000));
    assert.deepEqual(
      waited.events.filter((event) => event['type'] === 'waiting'),
      [
        {
          type: 'waiting',
          phone: 'Test phone',
          serial: 'V1',
          for: 'held',
          holder: { program: 'other-program', pid: waiting.child.pid, releasable: false },
          message: words(waiting.child.pid),
          remedy: 'Close it or unmount the phone there; Replug then resumes by itself.',
        },
      ],
    );
    assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));

    const read = world.start('--wait', '30', '--fault', 'held@open:1', 'pull', '/Download/file.bin', 'in');
    const words1 = `Waiting for Test phone: ${words(read.child.pid)}`;
    const pulled = await read.ended;
    assert.equal(pulled.exit, 0, pulled.err);
    assert.equal(pulled.out.split(words1).length, 2, pulled.out);
  });

  for (const json of [true, false])
    test(`another program takes the phone at a replug, in mid-transfer${json ? ', as JSON' : ''}`, async (t) => {
      const world = new CliWorld(t);
      const file = world.write('file.bin', bytesOf(13, 40 * MIB));
      const faults = [`unplug@bytes=${20 * MIB}`, 'replug@ms=1', 'held@open:1'].flatMap((one) => ['--fault', one]);
      const wish = ['--wait', '30', ...faults, 'push', 'file.bin', '/Download'];
      const pushing = world.start(...(json ? ['--json'] : []), ...wish);
      const pushed = await pushing.ended;
      assert.equal(pushed.exit, 0, pushed.out.slice(-2000));
      const holder = `other-program (process ${pushing.child.pid ?? '?'}) is using the phone.`;
      if (json) {
        const lines = pushed.events.filter((event) => event['type'] === 'waiting');
        assert.deepEqual(
          lines.map((line) => [line['for'], line['message']]),
          [['held', holder]],
        );
      } else assert.ok(pushed.out.includes(`Waiting for Test phone: ${holder} Close it`), pushed.out);
      assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
    });

  test('a full phone exits with 3, says so, and resume continues where it stopped', async (t) => {
    const world = new CliWorld(t);
    const file = world.write('file.bin', bytesOf(11, 40 * MIB));
    const ran = await world.run('--json', '--fault', `full@bytes=${20 * MIB}`, 'push', 'file.bin', '/Download');
    assert.equal(ran.exit, 3, ran.out.slice(-2000));
    assert.equal(ran.result['transfers'][0].waitingFor.kind, 'space');
    const again = await world.run('--json', 'resume');
    assert.equal(again.exit, 0, again.out.slice(-2000));
    assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
    assert.deepEqual(names(path.join(world.phone, 'Download')), ['file.bin']);
  });
});

describe('signals', { skip: process.platform === 'win32' && 'NOT RUN: Windows has no such signals' }, () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`${signal} finishes what is on the wire, stores it and ends with 3`, async (t) => {
      const world = new CliWorld(t, 'rate=15000000');
      const file = world.write('file.bin', bytesOf(12, 60 * MIB));
      const { child, ended } = world.start('--json', 'push', 'file.bin', '/Download');
      let text = '';
      child.stdout?.on('data', (part: string) => {
        text += part;
        if (/"bytesConfirmed":[1-9]/.test(text)) child.kill(signal);
      });
      const ran = await ended;
      assert.equal(ran.exit, 3, ran.out.slice(-2000));
      assert.equal(ran.result['status'], 'interrupted');
      world.phoneOptions = '';
      const again = await world.run('--json', 'push', 'file.bin', '/Download');
      assert.equal(again.exit, 0, again.out.slice(-2000));
      assert.equal(again.events[0]?.['continued'], true);
      assert.ok(again.result['bytesResent'] <= 8 * MIB);
      assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
    });

  test('a second SIGINT exits at once, and the transfer can still be resumed', async (t) => {
    const world = new CliWorld(t, 'rate=1000000');
    const file = world.write('file.bin', bytesOf(13, 20 * MIB));
    const { child, ended } = world.start('--json', 'push', 'file.bin', '/Download');
    let text = '';
    child.stdout?.on('data', (part: string) => {
      text += part;
      if (!text.includes('"running"')) return;
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 100);
    });
    const ran = await ended;
    assert.equal(ran.exit, 3);
    world.phoneOptions = '';
    const again = await world.run('--json', 'resume');
    assert.equal(again.exit, 0, again.out.slice(-2000));
    assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
    assert.deepEqual(names(path.join(world.phone, 'Download')), ['file.bin']);
  });
});

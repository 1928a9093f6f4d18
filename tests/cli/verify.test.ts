import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { CliWorld, bytesOf, treeOf } from './replug.ts';

/** `replug verify`: its words, its JSON, its exit status, Ctrl-C and an unplug. */

const WHEN = Date.UTC(2026, 4, 14, 9, 30);

async function copied(t: TestContext): Promise<CliWorld> {
  const world = new CliWorld(t);
  world.write('Photos/a.jpg', bytesOf(1, 300_000), WHEN);
  world.write('Photos/Trip/b.jpg', bytesOf(2, 70_000), WHEN);
  world.write('Photos/large.mp4', bytesOf(3, 24 * 1024 * 1024), WHEN);
  assert.equal((await world.run('push', 'Photos', '/DCIM')).exit, 0);
  return world;
}

describe('replug verify', () => {
  test('0 and one line where all is the same; nothing is written, not even a database', async (t) => {
    const world = await copied(t);
    fs.rmSync(world.db);
    const before = [treeOf(world.here, true), treeOf(world.phone, true)];
    const ran = await world.run('verify', 'Photos', '/DCIM/Photos');
    assert.deepEqual([ran.exit, ran.err, ran.out], [0, '', 'the same: 3\n']);
    assert.deepEqual([treeOf(world.here, true), treeOf(world.phone, true)], before);
    assert.equal(fs.existsSync(world.db), false);
  });

  test('1 and a line for each difference; --quiet takes none of them away', async (t) => {
    const world = await copied(t);
    fs.writeFileSync(path.join(world.phone, 'DCIM/Photos/a.jpg'), bytesOf(9, 300_000));
    fs.truncateSync(path.join(world.phone, 'DCIM/Photos/large.mp4'), 1000);
    fs.rmSync(path.join(world.here, 'Photos/Trip/b.jpg'));
    world.write('Photos/new.jpg', 'x');
    const ran = await world.run('verify', '--quiet', 'Photos', '/DCIM/Photos');
    assert.equal(ran.exit, 1);
    assert.deepEqual(
      ran.out.split('\n').filter(Boolean).sort(),
      [
        'Trip/b.jpg: missing on this computer',
        'a.jpg: contents differ',
        'different: 2, missing on the phone: 1, missing on this computer: 1',
        'large.mp4: 25,165,824 bytes here, 1,000 bytes on the phone',
        'new.jpg: missing on the phone',
      ].sort(),
    );
  });

  test('--json tells differences as they are found, and every file in the result', async (t) => {
    const world = await copied(t);
    fs.rmSync(path.join(world.phone, 'DCIM/Photos/a.jpg'));
    const ran = await world.run('--json', 'verify', '--verify', 'full', 'Photos', '/DCIM/Photos');
    assert.equal(ran.exit, 1);
    const { type, status, exit, level, ended, same, files } = ran.result;
    assert.deepEqual(
      { type, status, exit, level, ended, same },
      { type: 'result', status: 'failed', exit: 1, level: 'full', ended: 'done', same: 2 },
    );
    assert.equal(ran.result['missing-on-phone'], 1);
    const told = ran.events.filter((event) => event['type'] === 'difference');
    assert.deepEqual(
      told.map((event) => [event['path'], event['state']]),
      [['a.jpg', 'missing-on-phone']],
    );
    const states = Object.fromEntries(
      (files as readonly Record<string, string>[]).map(({ path: name, state, checked }) => [
        name,
        `${state} ${checked}`,
      ]),
    );
    assert.deepEqual(states, {
      'a.jpg': 'missing-on-phone undefined',
      'Trip/b.jpg': 'same full',
      'large.mp4': 'same full',
    });
  });

  test('sizes and dates alone: the date that Android did not keep is told, and what to do', async (t) => {
    const world = await copied(t);
    const ran = await world.run('verify', '--verify', 'size', 'Photos', '/DCIM/Photos');
    assert.equal(ran.exit, 1);
    assert.match(ran.out, /^large\.mp4: dated 2026-05-14 \S+ here, \S+ \S+ on the phone$/m);
    assert.match(ran.out, /Android does not keep the dates of large files/);
  });

  test('an unplug: 3 without time to wait, and with it all the same', async (t) => {
    const world = await copied(t);
    const pulled = ['--fault', 'unplug@bytes=1000000', '--fault', 'replug@ms=200'];
    const ran = await world.run(...pulled, 'verify', '--verify', 'full', 'Photos', '/DCIM/Photos');
    assert.equal(ran.exit, 3, ran.out + ran.err);
    assert.match(ran.out, /unplugged before everything was compared/);
    const waited = await world.run(...pulled, '--wait', '20', 'verify', '--verify', 'full', 'Photos', '/DCIM/Photos');
    assert.equal(waited.exit, 0, waited.out + waited.err);
    assert.match(waited.out, /plug it in again/);
    assert.match(waited.out, /^the same: 3$/m);
  });

  test('Ctrl-C ends it with 3 and what was compared by then', async (t) => {
    const world = await copied(t);
    world.phoneOptions = 'rate=2000000';
    const running = world.start('--json', 'verify', '--verify', 'full', 'Photos', '/DCIM/Photos');
    await new Promise<void>((resolve) => {
      let out = '';
      running.child.stdout?.on('data', (text: string) => {
        out += text;
        if (out.includes('"comparing"')) resolve();
      });
    });
    running.child.kill('SIGINT');
    const ran = await running.ended;
    assert.equal(ran.exit, 3);
    assert.equal(ran.result['ended'], 'stopped');
  });

  test('what is not there is a problem, and no phone is 4', async (t) => {
    const world = await copied(t);
    for (const args of [
      ['Nothing', '/DCIM'],
      ['Photos', '/Nothing'],
      ['Photos', '/DCIM/Photos/a.jpg'],
    ]) {
      const ran = await world.run('verify', ...args);
      assert.equal(ran.exit, 1, ran.out);
      assert.match(ran.err, /^replug: /);
    }
    assert.equal((await world.bare('--no-usb', 'verify', 'Photos', '/DCIM')).exit, 4);
    assert.equal((await world.run('verify', 'Photos')).exit, 2);
    assert.equal((await world.run('verify', '--verify', 'twice', 'Photos', '/DCIM')).exit, 2);
  });

  test('the folder above the copy is answered with the one that may be meant', async (t) => {
    const world = await copied(t);
    const ran = await world.run('verify', 'Photos', '/DCIM');
    assert.equal(ran.exit, 1);
    assert.match(ran.out, /Did you mean “\/DCIM\/Photos”\?/);
  });
});

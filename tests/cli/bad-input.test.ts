import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CliWorld, bytesOf, digestOf, names, type Json } from './replug.ts';

/** Bad input: a clear message with a remedy, the right exit status, the rest continues, nothing is lost. */

const MIB = 1024 * 1024;
const statusOf = (ran: { readonly result: Record<string, Json> }): Record<string, string> =>
  Object.fromEntries(
    ran.result['files'].map((file: { path: string; status: string; error?: { kind: string } }) => [
      file.path,
      file.error?.kind ?? file.status,
    ]),
  );
const noModes = process.platform === 'win32' && 'NOT RUN: Windows has no such file modes';

test('missing sources: reported, the rest continues', async (t) => {
  const world = new CliWorld(t);
  world.write('a.txt', 'a');
  const ran = await world.run('--json', 'push', 'nothing', 'a.txt', '/Download');
  assert.equal(ran.exit, 1, ran.out);
  assert.deepEqual(statusOf(ran), { nothing: 'source-missing', 'a.txt': 'done' });
  assert.ok(ran.events.some((event) => event['type'] === 'problem' && event['remedy'] !== ''));
  assert.deepEqual(names(path.join(world.phone, 'Download')), ['a.txt']);
  const none = await world.run('push', 'nothing', '/Download');
  assert.equal(none.exit, 1);
  assert.match(none.err, /nothing/);
});

test('missing phone paths: reported, the rest continues', async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/a.txt', 'a');
  const ran = await world.run('--json', 'pull', '/DCIM/nothing', '/DCIM/a.txt', '/Nowhere/at/all', 'in');
  assert.equal(ran.exit, 1, ran.out);
  assert.deepEqual(names(path.join(world.here, 'in')), ['a.txt']);
  assert.equal(ran.events.filter((event) => event['type'] === 'problem' && event['kind'] === 'missing').length, 2);
});

test('a source that cannot be read fails alone', { skip: noModes }, async (t) => {
  const world = new CliWorld(t);
  fs.chmodSync(world.write('secret.txt', 's'), 0);
  world.write('a.txt', 'a');
  world.withoutPrivileges();
  const ran = await world.run('--json', 'push', 'secret.txt', 'a.txt', '/Download');
  assert.equal(ran.exit, 1, ran.out);
  assert.deepEqual(statusOf(ran), { 'secret.txt': 'source-unreadable', 'a.txt': 'done' });
});

test(
  'pipes, sockets and links in a circle fail alone',
  { skip: process.platform === 'win32' && 'NOT RUN: Windows has no such files' },
  async (t) => {
    const world = new CliWorld(t);
    world.write('tree/a.txt', 'a');
    execFileSync('mkfifo', [path.join(world.here, 'tree/pipe')]);
    fs.symlinkSync('.', path.join(world.here, 'tree/circle'));
    fs.symlinkSync('nowhere', path.join(world.here, 'tree/dangling'));
    const ran = await world.run('--json', 'push', 'tree', '/Download');
    assert.equal(ran.exit, 1, ran.out);
    assert.equal(ran.result['files'].filter((file: { status: string }) => file.status === 'failed').length, 3);
    assert.deepEqual(names(path.join(world.phone, 'Download/tree')), ['a.txt']);
  },
);

test('a source that changes during the transfer ends up as one version, never a mixture', async (t) => {
  const world = new CliWorld(t, 'rate=20000000');
  const file = world.write('file.bin', bytesOf(1, 40 * MIB));
  const { child, ended } = world.start('--json', 'push', 'file.bin', '/Download');
  let changed = false;
  child.stdout?.on('data', (text: string) => {
    if (changed || !/"bytesConfirmed":[1-9]/.test(text)) return;
    changed = true;
    fs.writeFileSync(file, bytesOf(2, 40 * MIB));
  });
  const ran = await ended;
  assert.ok(changed);
  const there = path.join(world.phone, 'Download/file.bin');
  if (ran.exit === 0) assert.equal(digestOf(there), digestOf(file));
  else {
    assert.equal(ran.exit, 1, ran.out.slice(-2000));
    assert.equal(ran.result['files'][0].error.kind, 'source-changed');
    assert.deepEqual(names(path.join(world.phone, 'Download')), []);
  }
});

test('a target folder that is a file, and one below a file', async (t) => {
  const world = new CliWorld(t);
  world.write('a.txt', 'a');
  world.write('file', 'x');
  world.onPhone('DCIM/b.txt', 'b');
  const local = await world.run('pull', '/DCIM/b.txt', 'file');
  assert.equal(local.exit, 2, local.out + local.err);
  assert.match(local.err, /file” is a file, not a folder/);
  assert.equal((await world.run('pull', '/DCIM/b.txt', 'file/below')).exit, 2);
  assert.equal(fs.readFileSync(path.join(world.here, 'file'), 'utf8'), 'x');
  const phone = await world.run('--json', 'push', 'a.txt', '/DCIM/b.txt');
  assert.equal(phone.exit, 1, phone.out);
  assert.equal(fs.readFileSync(path.join(world.phone, 'DCIM/b.txt'), 'utf8'), 'b');
});

test('a local folder that may not be written', { skip: noModes }, async (t) => {
  const world = new CliWorld(t);
  world.onPhone('DCIM/b.txt', 'b');
  fs.mkdirSync(path.join(world.here, 'closed'), { mode: 0o500 });
  world.withoutPrivileges();
  const ran = await world.run('--json', 'pull', '/DCIM/b.txt', 'closed');
  assert.equal(ran.exit, 1, ran.out);
  assert.equal(ran.events.find((event) => event['type'] === 'problem')?.['kind'], 'local-read-only');
});

test('names that FAT cannot store: a legal name is offered, and used if accepted', async (t) => {
  const world = new CliWorld(t);
  fs.mkdirSync(world.sd);
  world.phoneOptions = `sd=${world.sd}`;
  world.write('what: a name?.txt', 'q');
  world.write('fine.txt', 'f');
  const ran = await world.run('--json', 'push', 'what: a name?.txt', 'fine.txt', 'SD:/');
  assert.equal(ran.exit, 1, ran.out);
  assert.deepEqual(statusOf(ran), { 'what: a name?.txt': 'bad-name', 'fine.txt': 'done' });
  const problem = ran.events.find((event) => event['type'] === 'problem');
  assert.ok(problem?.['fix'] !== undefined && !/[:?]/.test(problem['fix']), JSON.stringify(problem));
  const legal = await world.run('--json', 'push', '--names', 'legal', 'what: a name?.txt', 'SD:/');
  assert.equal(legal.exit, 0, legal.out);
  assert.deepEqual(names(world.sd), ['fine.txt', problem['fix']].sort());
  assert.equal(legal.result['files'][0].savedAs, problem['fix']);
});

test('a phone without enough space is reported before sending, and the rest continues', async (t) => {
  const world = new CliWorld(t, `capacity=${64 * MIB}`);
  world.write('large.bin', bytesOf(1, 80 * MIB));
  world.write('small.txt', 's');
  const ran = await world.run('--json', 'push', 'large.bin', 'small.txt', '/Download');
  assert.equal(ran.exit, 3, ran.out.slice(-2000));
  assert.deepEqual(names(path.join(world.phone, 'Download')), ['small.txt']);
  assert.equal(ran.result['transfers'][0].waitingFor.kind, 'space');
});

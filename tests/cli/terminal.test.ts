import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CliWorld, PROGRAM, bytesOf, digestOf, names } from './replug.ts';

/** What a user sees and is asked: the program at a real terminal, provided by `script` of util-linux. */

const isHere = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
const skip = !isHere && 'NOT RUN: there is no “script” of util-linux; remedy: install util-linux (bsdutils)';

interface Seen {
  readonly exit: number | null;
  readonly text: string;
}

/** Runs at a terminal; `answers` are typed when their question appears. */
function atTerminal(
  world: CliWorld,
  args: readonly string[],
  answers: readonly (readonly [RegExp, string])[] = [],
): Promise<Seen> {
  const quoted = [process.execPath, PROGRAM, ...world.common, ...args]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(' ');
  // `exec`, because a shell in between may die of the Ctrl-C itself (dash does) and report its own end, not the
  // program's
  const child = spawn('script', ['-qefc', `exec ${quoted}`, '/dev/null'], {
    cwd: world.here,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = [...answers];
  let text = '';
  let from = 0;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const found = next[0].exec(text.slice(from));
      if (found === null) return;
      from += found.index + found[0].length;
      waiting.shift();
      child.stdin.write(next[1]);
    }
  });
  return new Promise((resolve) => child.once('close', (exit) => resolve({ exit, text })));
}

describe('at a terminal', { skip }, () => {
  test('progress is one line with confirmed bytes', async (t) => {
    const world = new CliWorld(t, 'rate=20000000');
    const file = world.write('file.bin', bytesOf(1, 30_000_000));
    const { exit, text } = await atTerminal(world, ['push', 'file.bin', '/Download']);
    assert.equal(exit, 0, text);
    assert.match(text, /\r█+░* +\d+% {2}[\d.]+ [KM]B of 30\.0 MB {2}[\d.]+ MB\/s {2}.* left {2}file/);
    assert.match(text, /1 file copied, verified by samples \(30\.0 MB\)/);
    assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
  });

  test('the bar says who has the phone, instead of asking for a plug', async (t) => {
    const world = new CliWorld(t);
    const file = world.write('file.bin', bytesOf(2, 40 << 20));
    const faults = [`unplug@bytes=${20 << 20}`, 'replug@ms=1', 'held@open:1'].flatMap((one) => ['--fault', one]);
    const { exit, text } = await atTerminal(world, [...faults, 'push', 'file.bin', '/Download']);
    assert.equal(exit, 0, text);
    assert.match(text, /% {2}Waiting for Test phone: other-program \(process \d+\)/);
    assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
  });

  test('a conflict is asked about, and a capital letter answers for all', async (t) => {
    const world = new CliWorld(t);
    for (const name of ['a.txt', 'b.txt', 'c.txt']) {
      world.write(name, `new ${name}`);
      world.onPhone(`Download/${name}`, 'old');
    }
    const { exit, text } = await atTerminal(
      world,
      ['push', 'a.txt', 'b.txt', 'c.txt', '/Download'],
      [
        [/“a\.txt” already exists.*for all: /s, 's\n'],
        [/“b\.txt” already exists.*for all: /s, 'R\n'],
      ],
    );
    assert.equal(exit, 0, text);
    const read = (name: string): string => fs.readFileSync(path.join(world.phone, 'Download', name), 'utf8');
    assert.deepEqual([read('a.txt'), read('b.txt'), read('c.txt')], ['old', 'new b.txt', 'new c.txt']);
    assert.deepEqual(names(path.join(world.phone, 'Download')), ['a.txt', 'b.txt', 'c.txt']);
  });

  test('a name that the storage cannot store is asked about, with a legal one proposed', async (t) => {
    const world = new CliWorld(t);
    fs.mkdirSync(world.sd);
    world.phoneOptions = `sd=${world.sd}`;
    world.write('a:b.txt', 'x');
    const { exit, text } = await atTerminal(
      world,
      ['push', 'a:b.txt', 'SD:/'],
      [[/cannot keep its name.*for all: /s, 'u\n']],
    );
    assert.equal(exit, 0, text);
    assert.equal(names(world.sd).length, 1);
    assert.doesNotMatch(names(world.sd)[0] ?? ':', /:/);
  });

  test('rm asks, and only a yes deletes', async (t) => {
    const world = new CliWorld(t);
    world.onPhone('DCIM/folder/a.txt', '12345');
    const no = await atTerminal(
      world,
      ['rm', '/DCIM/folder'],
      [[/Delete \/DCIM\/folder .*1 file in 1 folder, 5 bytes\? \[y\/N\] /, '\n']],
    );
    assert.match(no.text, /Nothing was deleted/);
    assert.ok(fs.existsSync(path.join(world.phone, 'DCIM/folder/a.txt')));
    const yes = await atTerminal(world, ['rm', '/DCIM/folder'], [[/\[y\/N\] /, 'y\n']]);
    assert.equal(yes.exit, 0, yes.text);
    assert.deepEqual(names(path.join(world.phone, 'DCIM')), []);
    world.onPhone('DCIM/b.txt', 'b');
    assert.equal((await atTerminal(world, ['rm', '--yes', '/DCIM/b.txt'])).exit, 0);
  });

  test('it waits for the phone indefinitely, and says what for', async (t) => {
    const world = new CliWorld(t);
    const file = world.write('file.bin', bytesOf(2, 40_000_000));
    const { exit, text } = await atTerminal(world, [
      ...['--fault', 'unplug@bytes=20000000', '--fault', 'replug@ms=1500'],
      ...['push', 'file.bin', '/Download'],
    ]);
    assert.equal(exit, 0, text);
    assert.match(text, /Waiting for Test phone: plug it in again/);
    assert.equal(digestOf(path.join(world.phone, 'Download/file.bin')), digestOf(file));
  });

  test('Ctrl-C finishes the chunk in flight and says how to resume', async (t) => {
    const world = new CliWorld(t, 'rate=10000000');
    world.write('file.bin', bytesOf(3, 60_000_000));
    const { exit, text } = await atTerminal(world, ['push', 'file.bin', '/Download'], [[/ [1-9]% /, '\u0003']]);
    assert.equal(exit, 3, text);
    assert.match(text, /Stopping after the current chunk/);
    assert.match(text, /“replug resume” continues/);
  });
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CliWorld, bytesOf, digestOf, names, treeOf, type Json } from './replug.ts';

/** Files copied to the phone and back are identical, byte by byte, with their dates. */

const MIB = 1024 * 1024;
const SIZES = [0, 1, 500, 512, 16372, 16384, MIB - 12, 8 * MIB, 8 * MIB + 1];
const NAMES = [
  '日本語のファイル',
  'ملف عربي',
  '😀🎉 emoji',
  'é composed',
  'e\u0301 decomposed',
  'blanks  in it',
  'ß & % # +',
  "it's",
  'UPPER lower',
  '…dots',
];

function makeTree(world: CliWorld): string {
  const tree = path.join(world.here, 'src');
  for (let index = 0; index < 2000; index += 1) {
    const folder = `${Math.floor(index / 100)} ${NAMES[Math.floor(index / 100) % NAMES.length] ?? ''}`;
    world.write(
      `src/${folder}/${index} ${NAMES[index % NAMES.length] ?? ''}.txt`,
      `file ${index}\n`.repeat(index % 40),
      1_500_000_000_000 + index * 61_000,
    );
  }
  for (const size of SIZES)
    world.write(`src/sizes/${size}.bin`, bytesOf(size + 1, size), 1_400_000_000_000 + size * 1000);
  fs.mkdirSync(path.join(tree, 'an empty folder/and another'), { recursive: true });
  return tree;
}

test('a tree of 2,000 small files with unusual names and sizes, in both directions', async (t) => {
  const world = new CliWorld(t);
  const tree = makeTree(world);
  const pushed = await world.run('--json', 'push', 'src', '/Download');
  assert.equal(pushed.exit, 0, pushed.out.slice(-2000));
  assert.deepEqual(treeOf(path.join(world.phone, 'Download/src'), true), treeOf(tree, true));
  assert.equal(pushed.result['files'].length, 2000 + SIZES.length + 20 + 4);
  const files: readonly Json[] = pushed.result['files'].filter((file: Json) => file.kind === 'file');
  assert.deepEqual(
    pushed.result['files'].filter((file: Json) => file.status !== 'done'),
    [],
  );
  // what is told of each is what was looked at: sizes of all, samples of the large ones, a sixteenth of the small ones
  const small = files.filter((file) => file.size > 0 && file.size <= MIB);
  const read = small.filter((file) => file.verified === 'sampled' && file.checked.contents === 'all');
  assert.ok(read.length * 16 >= small.length && read.length < small.length, `${read.length} of ${small.length}`);
  for (const file of small.filter((one) => !read.includes(one)))
    assert.deepEqual([file.verified, file.checked], ['size', { size: true, contents: 'none', bytesCompared: 0 }]);
  for (const file of files.filter(({ size }) => size > MIB)) assert.equal(file.verified, 'sampled');
  assert.equal(pushed.result['verified'], true);
  assert.equal(pushed.result['bytesResent'], 0);

  const pulled = await world.run('--json', 'pull', '/Download/src', 'back/in/here');
  assert.equal(pulled.exit, 0, pulled.out.slice(-2000));
  assert.deepEqual(treeOf(path.join(world.here, 'back/in/here/src'), true), treeOf(tree, true));

  // the second time there is nothing to do, and nothing is sent
  const again = await world.run('--json', 'push', 'src', '/Download');
  assert.equal(again.exit, 0);
  assert.equal(again.result['bytesMoved'], 0);
  assert.deepEqual(names(path.join(world.phone, 'Download')), ['src']);
});

test('a file of 300 MB, in both directions', async (t) => {
  const world = new CliWorld(t);
  const file = world.write('large.bin', bytesOf(9, 300_000_000));
  const pushed = await world.run('--json', 'push', '--verify', 'full', 'large.bin', '/Movies/new/folder');
  assert.equal(pushed.exit, 0, pushed.out.slice(-2000));
  assert.equal(digestOf(path.join(world.phone, 'Movies/new/folder/large.bin')), digestOf(file));
  assert.equal(pushed.result['files'].at(-1).verified, 'full');
  assert.equal(pushed.result['bytesMoved'], 300_000_000);
  const pulled = await world.run('--json', 'pull', '/Movies/new/folder/large.bin', 'back');
  assert.equal(pulled.exit, 0);
  const size = digestOf(file);
  assert.equal(digestOf(path.join(world.here, 'back/large.bin')), size);
  assert.equal(pulled.result['files'].at(-1).sha256, size.split(' ')[1]);
});

test(
  'a file of 4 GiB + 5 bytes goes both ways in less than 200 MB of memory',
  { skip: process.platform !== 'linux' && 'NOT RUN: memory is read from /proc, which only Linux has' },
  async (t) => {
    const world = new CliWorld(t);
    const size = 4 * 1024 * MIB + 5;
    const file = path.join(world.here, 'huge.bin');
    const handle = fs.openSync(file, 'w');
    fs.ftruncateSync(handle, size);
    // marks around the 32-bit limits, so that a truncated offset is detected
    for (const at of [0, 5, 2 ** 31, 2 ** 32 - 3, size - 4]) fs.writeSync(handle, `<${at % 97}>`, at);
    fs.closeSync(handle);

    const measured = async (...args: readonly string[]): Promise<number> => {
      const { child, ended } = world.start('--json', ...args);
      let peak = 0;
      const look = setInterval(() => {
        const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(statusOf(child.pid)) ?? [];
        peak = Math.max(peak, Number(kilobytes ?? 0) * 1024);
      }, 100);
      const ran = await ended;
      clearInterval(look);
      assert.equal(ran.exit, 0, ran.out.slice(-2000));
      return peak;
    };
    const up = await measured('push', 'huge.bin', '/Download');
    const there = path.join(world.phone, 'Download/huge.bin');
    assert.equal(fs.statSync(there).size, size);
    fs.renameSync(file, path.join(world.here, 'original'));
    const down = await measured('pull', '/Download/huge.bin', '.');
    assert.equal(digestOf(file), digestOf(path.join(world.here, 'original')));
    t.diagnostic(`peak of resident memory: up ${Math.round(up / 1e6)} MB, down ${Math.round(down / 1e6)} MB`);
    assert.ok(up > 0 && up < 200e6, `${up} bytes resident while sending`);
    assert.ok(down > 0 && down < 200e6, `${down} bytes resident while receiving`);
  },
);

function statusOf(pid: number | undefined): string {
  try {
    return fs.readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  } catch {
    return '';
  }
}

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesFor, digestFile, treeOf } from '../worlds/world.ts';
import { driveWorld, markAt, run, sparse, succeed } from './drive-world.ts';

/** litmus, curl, cadaver and rclone against the drive. */

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

test('litmus: nothing fails, and nothing is warned of', async (t) => {
  const { url, folder } = await driveWorld(t);
  const { code, output } = await run('litmus', ['--keep-going', url], { cwd: folder });
  for (const suite of ['basic', 'copymove', 'props', 'locks', 'http'])
    assert.match(output, new RegExp(`summary for .${suite}': of \\d+ tests run: \\d+ passed, 0 failed`), output);
  assert.doesNotMatch(output, /FAIL|WARNING|SKIPPED/);
  assert.equal(code, 0);
});

test('curl: a 5 GiB file at random ranges, whole to its end, and up again', async (t) => {
  const { url, on, folder } = await driveWorld(t);
  const places = Array.from({ length: 40 }, (_, index) => Math.floor((((index * 7919) % 40) / 40) * (5 * GIB - 16)));
  sparse(on('film.mkv'), 5 * GIB, [...places, 5 * GIB - 16]);
  for (const place of places) {
    const got = await succeed('curl', ['-sS', '--fail', '--range', `${place}-${place + 15}`, `${url}film.mkv`]);
    assert.equal(got, markAt(place));
  }
  const whole = await succeed('curl', [
    '-sS',
    '--fail',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code} %{size_download}',
    `${url}film.mkv`,
  ]);
  assert.equal(whole, `200 ${5 * GIB}`);
  const source = join(folder, 'up.bin');
  writeFileSync(source, bytesFor('up.bin', 40 * MIB));
  await succeed('curl', ['-sS', '--fail', '-T', source, `${url}known.bin`]);
  await succeed('curl', ['-sS', '--fail', '-T', '-', `${url}chunked.bin`], { input: 'from a pipe' });
  assert.equal(await digestFile(on('known.bin')), await digestFile(source));
  assert.equal(readFileSync(on('chunked.bin'), 'utf8'), 'from a pipe');
});

test('cadaver: a session', async (t) => {
  const { url, on, folder } = await driveWorld(t);
  writeFileSync(join(folder, 'a.txt'), 'hello');
  const output = await succeed('cadaver', [url], {
    cwd: folder,
    input: [
      'mkcol one',
      'put a.txt one/a.txt',
      'copy one/a.txt b.txt',
      'move b.txt c.txt',
      'get c.txt back.txt',
      'lock c.txt',
      'unlock c.txt',
      'ls one',
      'delete c.txt',
      'rmcol one',
      'quit',
      '',
    ].join('\n'),
  });
  assert.equal(readFileSync(join(folder, 'back.txt'), 'utf8'), 'hello');
  assert.deepEqual(readdirSync(on('')), [], output);
});

test('rclone: trees both ways, checked', async (t) => {
  const { url, on, folder } = await driveWorld(t);
  const source = join(folder, 'source');
  for (let number = 0; number < 120; number += 1) {
    const name = join(source, `folder ${number % 7}`, `ä ${number} #%.bin`);
    mkdirSync(join(name, '..'), { recursive: true });
    writeFileSync(name, bytesFor(String(number), (number * 7_919) % 300_000));
  }
  const env = { RCLONE_WEBDAV_URL: url, RCLONE_CONFIG: join(folder, 'none.conf') };
  await succeed('rclone', ['copy', source, ':webdav:tree'], { env });
  await succeed('rclone', ['check', '--download', source, ':webdav:tree'], { env });
  assert.deepEqual(await treeOf(on('tree')), await treeOf(source));
  await succeed('rclone', ['moveto', ':webdav:tree/folder 0', ':webdav:tree/moved'], { env });
  await succeed('rclone', ['copy', ':webdav:tree', join(folder, 'back')], { env });
  assert.deepEqual(await treeOf(join(folder, 'back')), await treeOf(on('tree')));
  await succeed('rclone', ['purge', ':webdav:tree'], { env });
  assert.deepEqual(readdirSync(on('')), []);
});

test('rclone: 2 GB in four streams', async (t) => {
  const { url, on, folder, world } = await driveWorld(t);
  const size = 2_000_000_000;
  const places = Array.from({ length: 200 }, (_, index) => index * 9_999_983);
  sparse(on('film.mkv'), size, places);
  const env = { RCLONE_WEBDAV_URL: url, RCLONE_CONFIG: join(folder, 'none.conf') };
  const args = ['copy', ':webdav:film.mkv', folder, '--multi-thread-streams', '4', '--multi-thread-cutoff', '10M'];
  await succeed('rclone', args, { env });
  const copy = join(folder, 'film.mkv');
  assert.equal(statSync(copy).size, size);
  assert.equal(await digestFile(copy), await digestFile(on('film.mkv')));
  rmSync(copy);
  assert.equal(world.engine.openFiles, 0);
});

test('programs of other people on this computer are refused', async (t) => {
  const { url } = await driveWorld(t);
  const statusAs = async (user: string): Promise<string> => {
    const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '-X', 'OPTIONS', url];
    return (await run('setpriv', ['--reuid', user, '--clear-groups', ...curl])).output;
  };
  assert.equal(await statusAs('65534'), '403');
  assert.equal(await statusAs('33'), '200');
});

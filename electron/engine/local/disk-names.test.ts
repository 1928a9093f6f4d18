import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Disk } from './disk.ts';
import { namesOfDisk } from './disk-names.ts';
import { localNameOf } from './local-names.ts';
import { nodeDisk } from './node-disk.ts';

/** What a disk takes is tried on that disk; the disks here refuse what real ones refuse. */

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'replug-names-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A disk that changes names before it stores them, or refuses them by throwing. */
const disk = (store: (name: string) => string): Disk => ({
  ...nodeDisk,
  open: (path, ...how) => nodeDisk.open(join(dirname(path), store(basename(path))), ...how),
});

function refusing(pattern: RegExp): Disk {
  return disk((name) => {
    if (pattern.test(name)) throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' });
    return name;
  });
}

test('an ordinary disk takes everything, and nothing is left on it', async (t) => {
  const at = folder(t);
  const names = await namesOfDisk(nodeDisk, join(at, 'not/there/yet'), 'linux', 'a1b2c3d');
  assert.deepEqual(
    { ...names, refused: [...names.refused] },
    {
      refused: [],
      noTrailing: false,
      reserved: false,
      insensitive: false,
      mostBytes: 255,
    },
  );
  assert.deepEqual(readdirSync(at), []);
});

test('an NTFS drive that is mounted for Windows names', async (t) => {
  const at = folder(t);
  const names = await namesOfDisk(refusing(/[\\:*?"<>|]|[. ]$/), at, 'linux', 'a1b2c3d');
  assert.equal([...names.refused].join(''), '\\:*?"<>|');
  assert.ok(names.noTrailing && names.reserved);
  assert.equal(localNameOf('12:30?.jpg', names), '12：30？.jpg');
  assert.equal(localNameOf('etc.', names), 'etc．');
  assert.equal(localNameOf('问题？.pdf', names), '问题？.pdf');
  assert.deepEqual(readdirSync(at), []);
});

test('a share that refuses single signs keeps the others', async (t) => {
  const names = await namesOfDisk(refusing(/[:]/), folder(t), 'linux', 'a1b2c3d');
  assert.deepEqual([...names.refused], [':']);
  assert.equal(localNameOf('12:30?.jpg', names), '12：30?.jpg');
});

test('a FAT card that drops last dots and blanks without a word', async (t) => {
  const at = folder(t);
  const names = await namesOfDisk(
    disk((name) => name.replace(/[. ]+$/, '')),
    at,
    'linux',
    'a1b2c3d',
  );
  assert.ok(names.noTrailing);
  assert.deepEqual(readdirSync(at), []);
});

test('an encrypted home that takes 143 bytes', async (t) => {
  const names = await namesOfDisk(refusing(/^.{144,}$/), folder(t), 'linux', 'a1b2c3d');
  assert.equal(names.mostBytes, 143);
  assert.ok(Buffer.byteLength(localNameOf(`${'長'.repeat(70)}.jpg`, names)) <= 143);
});

test('a disk that takes nothing is judged by its system, on Windows signs are never tried', async (t) => {
  const at = folder(t);
  assert.equal((await namesOfDisk(refusing(/./), at, 'linux', 'a1b2c3d')).refused.size, 0);
  assert.equal((await namesOfDisk(refusing(/./), at, 'darwin', 'a1b2c3d')).insensitive, true);
  const names = await namesOfDisk(refusing(/[\\:*?"<>|]|[. ]$/), at, 'win32', 'a1b2c3d');
  assert.equal(names.refused.size, 8);
});

test('trials that a killed program has left go at the next one; nothing else does', async (t) => {
  const path = folder(t);
  for (const name of ['.replug-6fce2175-case', '.replug-6fce2175-end.']) writeFileSync(join(path, name), '');
  writeFileSync(join(path, '.replug-6fce2175-x'), 'somebody’s');
  writeFileSync(join(path, 'empty'), '');
  await namesOfDisk(nodeDisk, path, 'linux', 'abcd1234');
  assert.deepEqual(readdirSync(path).sort(), ['.replug-6fce2175-x', 'empty']);
});

test('nothing is left on the disk, however short the sign of the trials is', async (t) => {
  const at = folder(t);
  await namesOfDisk(nodeDisk, at, 'linux', 'c1');
  assert.deepEqual(readdirSync(at), []);
});

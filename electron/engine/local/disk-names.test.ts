import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { transferId } from '../../../shared/domain.ts';
import type { Disk } from './disk.ts';
import { LeftTrials, namesOfDisk, tryNames } from './disk-names.ts';
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

test('no name is tried twice, and none that was removed is looked for again', async (t) => {
  const tried: string[] = [];
  const looked: string[] = [];
  const counting: Disk = {
    ...nodeDisk,
    open: (path, ...how) => {
      tried.push(basename(path));
      return nodeDisk.open(path, ...how);
    },
    lstat: (path) => {
      looked.push(basename(path));
      return nodeDisk.lstat(path);
    },
  };
  const at = folder(t);
  await namesOfDisk(counting, at, 'linux', 'a1b2c3d');
  assert.deepEqual(tried.toSorted(), [...new Set(tried)].toSorted());
  // four other spellings, and what was made, right before it goes
  assert.equal(looked.filter((name) => name !== basename(at)).length, 4 + tried.length);
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

/** Waits until a disk was looked at up to its root, `looks` of it, or nothing looks at it for a while. */
async function lookedAt(looks: () => number): Promise<void> {
  const before = looks();
  for (let waited = 0; looks() === before && waited < 500; waited += 5)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A disk from which nothing can be removed while `isReadOnly`, after its first `removals`. */
function turningReadOnly(removals: number): { readonly disk: Disk; isReadOnly: boolean; looks: number } {
  let left = removals;
  const turning = {
    isReadOnly: true,
    looks: 0,
    disk: {
      ...nodeDisk,
      readdir: async (path: string): Promise<string[]> => {
        const names = await nodeDisk.readdir(path);
        if (dirname(path) === path) turning.looks += 1;
        return names;
      },
      unlink: async (path: string): Promise<void> => {
        left -= 1;
        if (turning.isReadOnly && left < 0) throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
        await nodeDisk.unlink(path);
      },
    },
  };
  return turning;
}

for (const [platform, removals] of [
  ['linux', 0],
  ['linux', 3],
  ['win32', 2],
] as const)
  test(`what a disk was tried with that turned read-only is told, and goes later (${platform}, ${removals})`, async (t) => {
    const at = folder(t);
    const turning = turningReadOnly(removals);
    const { isLeft } = await tryNames(turning.disk, join(at, 'to'), platform, 'a1b2c3d');
    assert.ok(isLeft);
    const left = readdirSync(at);
    assert.ok(left.length > 0);
    let isAway = true;
    const trials = new LeftTrials(turning.disk, { isAway: () => Promise.resolve(isAway) });
    trials.note({ id: transferId('1'), destination: join(at, 'to') });
    const look = async (): Promise<readonly string[]> => {
      const looked = lookedAt(() => turning.looks);
      trials.look();
      await looked;
      return readdirSync(at);
    };
    assert.deepEqual(await look(), left);
    turning.isReadOnly = false;
    // the disk is away: what can be seen is below its mount point
    assert.deepEqual(await look(), left);
    isAway = false;
    assert.deepEqual(await look(), []);
    writeFileSync(join(at, '.replug-a1b2c3d-case'), '');
    assert.deepEqual(await look(), ['.replug-a1b2c3d-case'], 'it is not looked at any more');
  });

for (const [code, isLookedFor] of [
  ['EIO', true],
  ['EACCES', false],
] as const)
  test(`where a folder cannot be read for a while (${code}), trials are ${isLookedFor ? '' : 'not '}looked for again`, async (t) => {
    const at = folder(t);
    const trial = join(at, '.replug-a1b2c3d-case');
    writeFileSync(trial, '');
    let isGone = true;
    let looks = 0;
    const pulled: Disk = {
      ...nodeDisk,
      readdir: async (path) => {
        if (isGone && path === at) throw Object.assign(new Error(code), { code });
        const names = await nodeDisk.readdir(path);
        if (dirname(path) === path) looks += 1;
        return names;
      },
    };
    const trials = new LeftTrials(pulled, { isAway: () => Promise.resolve(false) });
    trials.note({ id: transferId('1'), destination: at });
    for (const gone of [true, false]) {
      isGone = gone;
      const looked = lookedAt(() => looks);
      trials.look();
      await looked;
    }
    assert.equal(readdirSync(at).length, isLookedFor ? 0 : 1);
  });

test('names that are tried at the same time are left alone by whoever removes old ones', async (t) => {
  const at = folder(t);
  let isFirst = true;
  const meeting: Disk = {
    ...nodeDisk,
    lstat: async (path) => {
      // between the making of a file and the look for its other spelling
      if (isFirst && path.endsWith('-e\u0301')) {
        isFirst = false;
        await tryNames(meeting, at, 'linux', 'b2');
        assert.deepEqual(readdirSync(at), ['.replug-a1-é']);
      }
      return nodeDisk.lstat(path);
    },
  };
  const { isLeft } = await tryNames(meeting, at, 'linux', 'a1');
  assert.ok(!isFirst && !isLeft);
  assert.deepEqual(readdirSync(at), []);
});

test('what an earlier program has left on a disk that is read-only by now is told', async (t) => {
  const at = folder(t);
  writeFileSync(join(at, '.replug-6fce2175-case'), '');
  assert.ok((await tryNames({ ...turningReadOnly(0).disk }, at, 'linux', 'a1')).isLeft);
});

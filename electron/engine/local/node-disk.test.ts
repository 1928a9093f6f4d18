import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, test, type TestContext } from 'node:test';
import type { Disk, LoadedFile, MadeFile, NewFile } from './disk.ts';
import { nodeDisk } from './node-disk.ts';
import { DiskThreads } from './node-disk-threads.ts';
import { load, make } from './single-calls.ts';

/** Several calls in one hop do what the same calls do one by one. */

const folder = (t: TestContext): string => {
  const at = mkdtempSync(join(tmpdir(), 'replug-disk-'));
  t.after(() => {
    rmSync(at, { recursive: true, force: true });
  });
  return at;
};
const shared = (size: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(size));
const content = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => index * 7 + (index >> 8));
const DATED = Date.UTC(2019, 3, 4, 5, 6, 7);
const HOW: NewFile = { modified: DATED, sync: 'content', name: undefined };

/** As it is, and without what it does in one hop: a copy has only the single calls. */
const disks: readonly (readonly [string, Disk])[] = [
  ['in one hop', nodeDisk],
  ['by single calls', { ...nodeDisk }],
];

test('a copy of the disk with other calls is not gone round', () => {
  assert.ok(nodeDisk.load !== undefined && nodeDisk.make !== undefined);
  assert.ok(disks[1]?.[1].load === undefined && disks[1]?.[1].make === undefined);
});

for (const [title, disk] of disks)
  describe(title, () => {
    test('a file is read with its digest, its stats and a byte to spare', async (t) => {
      const path = join(folder(t), 'a');
      writeFileSync(path, content(20_000));
      utimesSync(path, DATED / 1000, DATED / 1000);
      const into = shared(20_001);
      const read: LoadedFile = await load(disk, path, into);
      assert.deepEqual(
        [read.bytesRead, read.isSteady, read.stats.size, read.stats.isFile()],
        [20_000, true, 20_000, true],
      );
      assert.deepEqual(Buffer.from(into.subarray(0, 20_000)), Buffer.from(content(20_000)));
      const { ino, dev, mtimeMs, ctimeMs } = statSync(path);
      assert.deepEqual(
        [read.stats.ino, read.stats.dev, read.stats.mtimeMs, read.stats.ctimeMs],
        [ino, dev, mtimeMs, ctimeMs],
      );
      assert.match(read.sha256, /^[0-9a-f]{64}$/u);
      assert.equal(read.sha256, (await load({ ...nodeDisk }, path, shared(30_000))).sha256);
    });

    test('what does not fit, and what is no file, is not read', async (t) => {
      const at = folder(t);
      writeFileSync(join(at, 'a'), content(100));
      assert.deepEqual(
        [(await load(disk, join(at, 'a'), shared(100))).bytesRead, (await load(disk, at, shared(100))).bytesRead],
        [0, 0],
      );
      assert.equal((await load(disk, at, shared(100))).stats.isDirectory(), true);
    });

    test('a file of /proc says that it is empty and is not', async () => {
      if (process.platform !== 'linux') return;
      const read = await load(disk, '/proc/self/status', shared(60_000));
      assert.equal(read.stats.size, 0);
      assert.ok(read.bytesRead > 0);
      assert.equal(read.isSteady, false);
    });

    test('errors have the code and the call of node:fs', async (t) => {
      const at = folder(t);
      await assert.rejects(load(disk, join(at, 'missing'), shared(10)), { code: 'ENOENT', syscall: 'open' });
      writeFileSync(join(at, 'there'), '');
      await assert.rejects(make(disk, join(at, 'there'), content(3), HOW), { code: 'EEXIST', syscall: 'open' });
      symlinkSync(join(at, 'nowhere'), join(at, 'link'));
      await assert.rejects(make(disk, join(at, 'link'), content(3), HOW), { code: 'EEXIST', syscall: 'open' });
      await assert.rejects(disk.lstat(join(at, 'missing')), { code: 'ENOENT', syscall: 'lstat' });
    });

    test('a new file has its content and its date', async (t) => {
      for (const [index, sync] of (['content', 'all'] as const).entries()) {
        const path = join(folder(t), `new${index}`);
        const made: MadeFile = await make(disk, path, content(70_000), { ...HOW, sync });
        assert.deepEqual([made.isDated, made.isDurable, made.isNamed], [true, true, false]);
        assert.deepEqual(readFileSync(path), Buffer.from(content(70_000)));
        assert.equal(statSync(path).mtimeMs, DATED);
        assert.deepEqual([made.stats.size, made.stats.mtimeMs, made.stats.ino], [70_000, DATED, statSync(path).ino]);
      }
    });
  });

describe('the name of a new file', () => {
  test('is given where nothing has it, and the first name goes', async (t) => {
    const at = folder(t);
    const made = await make(nodeDisk, join(at, 'part'), content(9), { ...HOW, name: join(at, 'name') });
    assert.equal(made.isNamed, true);
    assert.deepEqual(readdirSync(at), ['name']);
    assert.equal(statSync(join(at, 'name')).ino, made.stats.ino);
  });

  test('whatever has it stays, and the new file keeps its first name', async (t) => {
    const at = folder(t);
    writeFileSync(join(at, 'file'), 'theirs');
    mkdirSync(join(at, 'folder'));
    symlinkSync(join(at, 'nowhere'), join(at, 'link'));
    for (const name of ['file', 'folder', 'link']) {
      const made = await make(nodeDisk, join(at, `part-${name}`), content(9), { ...HOW, name: join(at, name) });
      assert.equal(made.isNamed, false);
      assert.equal(statSync(join(at, `part-${name}`)).ino, made.stats.ino);
    }
    assert.equal(readFileSync(join(at, 'file'), 'utf8'), 'theirs');
    assert.deepEqual(readdirSync(join(at, 'folder')), []);
  });
});

test('many calls at once are each answered', async (t) => {
  const at = folder(t);
  const threads = new DiskThreads();
  for (let index = 0; index < 40; index += 1) writeFileSync(join(at, `f${index}`), content(index));
  const read = await Promise.all(
    Array.from({ length: 40 }, (_, index) => threads.load(join(at, `f${index}`), shared(50))),
  );
  assert.deepEqual(
    read.map(({ bytesRead }) => bytesRead),
    Array.from({ length: 40 }, (_, index) => index),
  );
  const stats = await Promise.all([threads.stats('stat', at), threads.stats('lstat', join(at, 'f7'))]);
  assert.deepEqual([stats[0].isDirectory(), stats[1].size], [true, 7]);
});

describe('a further thread', () => {
  /** How many there are after `turns` calls, one after the other: none is answered while its thread is starting. */
  const startedBy = async (t: TestContext, turns: number, startingMs: number): Promise<number> => {
    const at = folder(t);
    writeFileSync(join(at, 'a'), 'x');
    const threads = new DiskThreads(0, startingMs);
    const asked: Promise<LoadedFile>[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      asked.push(threads.load(join(at, 'a'), shared(10)));
      // what was asked is handed over, but the event loop does not come round
      await new Promise<void>((resolve) => {
        process.nextTick(resolve);
      });
    }
    // it comes round twice before it takes the first to be held up
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    const { size } = threads;
    await Promise.all(asked);
    return size;
  };

  test('does not begin while the first is only starting', async (t) => {
    assert.equal(await startedBy(t, 5, Infinity), 1);
  });
  test('begins where the first is held up', async (t) => {
    assert.equal(await startedBy(t, 2, 0), 2);
  });
  test('does not begin where the first has answered and nobody has listened', async (t) => {
    const at = folder(t);
    writeFileSync(join(at, 'a'), 'x');
    const heldUpMs = 20;
    const threads = new DiskThreads(heldUpMs);
    await threads.stats('stat', at);
    const into = shared(10);
    const first = threads.load(join(at, 'a'), into);
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    // this thread is busy: longer than the answer takes, and than a thread may be held up
    while (into[0] === 0);
    for (const until = performance.now() + 10 * heldUpMs; performance.now() < until;);
    await Promise.all([first, threads.stats('stat', at)]);
    assert.equal(threads.size, 1);
  });
});

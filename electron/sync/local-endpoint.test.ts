import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeDisk, type Disk } from '../engine/index.ts';
import type { OpenMode } from '../engine/local/disk.ts';
import { LocalEndpoint } from './local-endpoint.ts';

/** A disk on which `A.jpg` and `a.jpg` are one file, as on FAT: what is on it has small letters. */
const folding: Disk = {
  ...nodeDisk,
  lstat: (file) => nodeDisk.lstat(path.join(path.dirname(file), path.basename(file).toLowerCase())),
};

test('whether two spellings are one file is asked of the disk, not of the system', async (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'replug-fold-'));
  t.after(() => {
    rmSync(root, { recursive: true, force: true });
  });
  mkdirSync(path.join(root, 'sub'));
  writeFileSync(path.join(root, 'sub/img_1.jpg'), 'x');
  const known = ['gone.jpg', '123', 'sub/img_1.jpg'];
  // whatever was found out elsewhere
  for (const tried of [true, false]) {
    assert.equal(await new LocalEndpoint(folding, root).foldsCase(tried, known), true);
    assert.equal(await new LocalEndpoint(nodeDisk, root).foldsCase(tried, known), process.platform !== 'linux');
    // nothing there tells
    assert.equal(await new LocalEndpoint(nodeDisk, root).foldsCase(tried, ['gone.jpg', '123']), tried);
  }
});

test('a file that has gone is not there for one of another spelling that is', async (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'replug-spelled-'));
  t.after(() => {
    rmSync(root, { recursive: true, force: true });
  });
  for (const name of ['img_1.jpg', 'img_2.jpg']) writeFileSync(path.join(root, name), 'x');
  const stat: Disk['stat'] = (file) =>
    nodeDisk.stat(file === root ? root : path.join(path.dirname(file), path.basename(file).toLowerCase()));
  const local = new LocalEndpoint({ ...folding, stat }, root);
  assert.deepEqual([...(await local.mayBeThere(['IMG_1.JPG', 'img_2.jpg', 'img_3.jpg']))], ['img_2.jpg']);
});

test('while many files are looked at others have their turn, and no more than a few dozen looks are under way', async (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'replug-many-'));
  t.after(() => {
    rmSync(root, { recursive: true, force: true });
  });
  const names = Array.from({ length: 3_000 }, (_, index) => `f${index}.jpg`);
  for (const name of names) writeFileSync(path.join(root, name), '');
  let underWay = 0;
  let most = 0;
  /** As on a share, an answer comes in a later turn of the loop. */
  const slowly = async <T>(look: () => Promise<T>): Promise<T> => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    return look().finally(() => {
      underWay -= 1;
    });
  };
  const share: Disk = {
    ...nodeDisk,
    stat: (file) => slowly(() => nodeDisk.stat(file)),
    lstat: (file) => slowly(() => nodeDisk.lstat(file)),
  };
  const endpoint = new LocalEndpoint(share, root);
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const request = { signal: undefined, enters: () => true, onProgress: () => undefined };
  assert.equal((await endpoint.scan(request)).files.length, names.length);
  const scanned = turns;
  assert.equal((await endpoint.statAll(names)).size, names.length);
  counting = false;
  assert.ok(scanned >= 40 && turns - scanned >= 40, `${scanned}, then ${turns - scanned} turns`);
  assert.ok(most <= 64, `${most} at once`);
});

test('where a rename is refused or nothing is deleted, only folders that were made for it go', async (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'replug-mine-'));
  t.after(() => {
    rmSync(root, { recursive: true, force: true });
  });
  for (const folder of ['from', 'album', 'album/empty', 'other/empty'])
    mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, 'from/a.jpg'), 'a');
  const refused = Object.assign(new Error('EACCES'), { code: 'EACCES' });
  let isRefusing = true;
  const disk: Disk = {
    ...nodeDisk,
    link: (from, to) => (isRefusing ? Promise.reject(refused) : nodeDisk.link(from, to)),
    rename: (from, to) => (isRefusing ? Promise.reject(refused) : nodeDisk.rename(from, to)),
  };
  const endpoint = new LocalEndpoint(disk, root);
  const isAny = (): boolean => true;
  assert.deepEqual(await endpoint.rename('from/a.jpg', 'album/empty/a.jpg', isAny), { at: 'from/a.jpg' });
  assert.deepEqual(await endpoint.rename('from/a.jpg', 'album/new/deep/a.jpg', isAny), { at: 'from/a.jpg' });
  // a file is in the way of the last folder: what was made above it goes as well
  writeFileSync(path.join(root, 'album/file'), 'mine');
  assert.deepEqual(await endpoint.rename('from/a.jpg', 'album/file/a.jpg', isAny), { at: 'from/a.jpg' });
  assert.ok(existsSync(path.join(root, 'album/empty')), 'a folder of a person');
  assert.ok(!existsSync(path.join(root, 'album/new')), 'a folder made for the rename');
  assert.equal(readFileSync(path.join(root, 'from/a.jpg'), 'utf8'), 'a');
  // and one that is allowed takes the folder along that it has emptied
  isRefusing = false;
  assert.deepEqual(await endpoint.rename('from/a.jpg', 'album/new/deep/a.jpg', isAny), { at: 'album/new/deep/a.jpg' });
  assert.ok(!existsSync(path.join(root, 'from')));

  // somebody else deletes the file first, right before this would: its folder is not this pair's to tidy
  writeFileSync(path.join(root, 'other/empty/b.jpg'), 'b');
  const late = new LocalEndpoint(
    {
      ...nodeDisk,
      unlink: async (file) => {
        unlinkSync(file);
        return nodeDisk.unlink(file);
      },
    },
    root,
  );
  const gone = { path: 'other/empty/b.jpg', expected: isAny, undated: () => false, sha256: undefined };
  assert.deepEqual(await late.delete([gone]), { deleted: [], missing: ['other/empty/b.jpg'], kept: [] });
  assert.ok(existsSync(path.join(root, 'other/empty')));
});

test('a copy that is rewritten after it was proved stays, though its size and its date are those of before', async (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'replug-endpoint-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const file = path.join(root, 'a.jpg');
  writeFileSync(file, 'old');
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  const sha256 = hash('sha256', 'old');
  for (const undated of [true, false]) {
    // the clock of the disk goes in steps of up to 10 ms
    await sleep(30);
    let isRewritten = false;
    const proof = {
      path: 'a.jpg',
      expected: () => true,
      undated: () => undated,
      sha256,
    };
    const disk = Object.create(nodeDisk, {
      // by the digest or, where there is none, by the first look
      [undated ? 'open' : 'lstat']: {
        value: async (at: string, how: OpenMode) => {
          const result = undated ? await nodeDisk.open(at, how) : await nodeDisk.lstat(at);
          if (isRewritten) return result;
          isRewritten = true;
          writeFileSync(`${file}~`, 'new');
          utimesSync(`${file}~`, 1_700_000_000, 1_700_000_000);
          renameSync(`${file}~`, file);
          return result;
        },
      },
    }) as Disk;
    const deleted = await new LocalEndpoint(disk, root).delete([proof]);
    assert.deepEqual(deleted, { deleted: [], missing: [], kept: [{ path: 'a.jpg', problem: undefined }] });
    assert.equal(readFileSync(file, 'utf8'), 'new');
    writeFileSync(file, 'old');
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  }
});

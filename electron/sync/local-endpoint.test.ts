import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { nodeDisk, type Disk } from '../engine/index.ts';
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

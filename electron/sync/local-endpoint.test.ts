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

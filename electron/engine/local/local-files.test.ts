import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { modifiedOf } from './local-files.ts';

test('a date is the one that a copying tool gives its copy, whatever the phase of the disk’s clock', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'replug-dates-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const original = join(folder, 'original');
  const copy = join(folder, 'copy');
  writeFileSync(original, 'x');
  for (const phase of [0, 0.2, 0.4999, 0.5001, 0.709, 0.9999]) {
    const at = (1_795_000_000_123 + phase) / 1000;
    utimesSync(original, at, at);
    copyFileSync(original, copy);
    const { mtime } = statSync(original);
    utimesSync(copy, mtime, mtime);
    assert.equal(modifiedOf(statSync(copy)), modifiedOf(statSync(original)), `phase ${phase}`);
  }
});

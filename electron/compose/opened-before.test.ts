import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openedBefore } from './opened-before.ts';

test('that a phone was opened is remembered beside the database; a folder that is not there is no failure', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'replug-opened-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const db = path.join(folder, 'replug.db');
  assert.equal(await openedBefore(db).has(), false);
  await openedBefore(db).note();
  assert.equal(await openedBefore(db).has(), true);
  const nowhere = openedBefore(path.join(folder, 'gone', 'replug.db'));
  await nowhere.note();
  assert.equal(await nowhere.has(), false);
});

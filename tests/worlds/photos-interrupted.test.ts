import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killedImport, unpluggedImport } from './photo-interruptions.ts';

/** A sample; `npm run chaos` goes through every moment of an import of 40. */

const FILES = 6;

test('killed before a write of the database, and started again', { timeout: 120_000 }, async () => {
  for (const life of [0, 1, 2, 3, 5, 9, 14, 22, 30, 31, 32, 33]) await killedImport(FILES, life);
  assert.equal(await killedImport(FILES, 0), true);
});

test('unplugged before an operation of a look or of an import', { timeout: 120_000 }, async () => {
  for (const moment of [1, 5, 9, 14, 20, 21, 22, 30, 40])
    assert.equal(await unpluggedImport(FILES, moment), true, String(moment));
});

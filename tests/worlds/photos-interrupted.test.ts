import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killedImport, unpluggedImport } from './photo-interruptions.ts';

/** A sample; `npm run chaos` goes through every moment of an import of 40. */

const FILES = 6;

for (const second of [false, true]) {
  const where = second ? 'into two places' : 'into one place';

  test(`killed before a write of the database, and started again: ${where}`, { timeout: 120_000 }, async () => {
    const lives = second ? [2, 3, 4, 5, 6, 7, 12, 19, 26, 33, 40] : [0, 1, 2, 3, 5, 9, 14, 22, 30, 31, 32, 33];
    for (const life of lives) await killedImport(FILES, life, { second });
    assert.equal(await killedImport(FILES, 0, { second }), true);
  });

  test(`unplugged before an operation of a look or of an import: ${where}`, { timeout: 120_000 }, async () => {
    const moments = second ? [9, 20, 22, 30, 38] : [1, 5, 9, 14, 20, 21, 22, 30, 40];
    for (const moment of moments) assert.equal(await unpluggedImport(FILES, moment, { second }), true, String(moment));
  });
}

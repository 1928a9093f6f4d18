import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playHistory } from './photo-histories.ts';
import { knownPhone } from './photo-library.ts';

/** Samples; `npm run chaos` has a library of 50,000 and 1,000 histories. */

test('of a phone whose photos the library has under other names only the new ones are copied', async () => {
  await knownPhone({ library: 500, phone: 100, known: 90 });
});

test(
  'freeing never takes the last copy of a content, whatever was done to both sides',
  { timeout: 120_000 },
  async () => {
    let freed = 0;
    let kept = 0;
    for (let seed = 1; seed <= 25; seed += 1) {
      const told = await playHistory(seed, 8);
      freed += told.freed;
      kept += told.kept;
    }
    // both happen, or the histories show nothing
    assert.ok(freed > 20 && kept > 20, `${freed} freed, ${kept} kept`);
  },
);

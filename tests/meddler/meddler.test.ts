import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay, ring, summaryLine } from './ring.ts';

/**
 * A sample of the meddler ring; `npm run chaos` plays thousands. Whatever is done at any store write or transaction of a
 * transfer, a sync run or a clean-up: nothing is lost that nobody gave away, nothing half is left, and all ends.
 */

const CASES = 300;
/** The sample is cut short on a slow machine, never below a third. */
const LIMIT_MS = 60_000;

/** Cases that longer rings have found, each of another kind. */
const FOUND = [
  // the new version's beginning, in the length of the old one
  'upload skip files=2 large=1 write=13 source-edit=1',
  // a small file that was complete when its cancel took effect
  'upload skip files=1 large=0 write=6 cancel=0',
  // the disk went between the look at a part file and its deletion
  'clean-download replace files=1 large=1 transaction=13 disk-returns=0',
  // a new pair's folder, before its first run
  'sync-to-computer skip files=1 large=0 write=1 disk-returns=0',
  // the storage went while what lay on it was looked at, and that was taken for gone
  'clean-upload larger files=1 large=1 transaction=20 storage-returns=0',
  // another file's turns between the look at an original and its deletion
  'download keep-both move files=2 large=0 write=12 source-rewrite=1',
];

test('whoever meddles, nothing is destroyed on hearsay', { timeout: 118_000 }, async (t) => {
  const seeds = Array.from({ length: CASES }, (_, seed) => seed);
  const summary = await ring({ seeds, limitMs: LIMIT_MS, shrink: false });
  t.diagnostic(summaryLine(summary));
  assert.deepEqual(
    summary.failures.map(({ line, violations }) => `npm run chaos -- --meddle '${line}': ${violations.join(' | ')}`),
    [],
  );
  assert.ok(summary.cases >= CASES / 3, `only ${summary.cases} cases`);
  assert.ok(summary.inTheMiddle > summary.cases / 3, 'most meddlings came after the end');
});

for (const line of FOUND)
  test(`what was found once is mended: ${line}`, { timeout: 60_000 }, async () => {
    assert.deepEqual((await replay(line)).violations, []);
  });

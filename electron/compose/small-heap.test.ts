import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

/** Throws much away for a while, some of which lives for a moment, and tells how large the young generation is then. */
const PROGRAM = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const { keepHeapSmall } = await import(process.argv[1]);
  if (process.argv[2] === 'small') keepHeapSmall();
  let kept = [];
  for (let turn = 0; turn < 1_000; turn += 1) {
    for (let at = 0; at < 2_000; at += 1) {
      kept.push({ at, both: [at, turn], text: 'x' + at });
      if (kept.length > 60_000) kept = kept.slice(30_000);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size);
`;

const young = (how: string): number =>
  Number(
    execFileSync(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '--eval',
        PROGRAM,
        join(import.meta.dirname, 'small-heap.ts'),
        how,
      ],
      { encoding: 'utf8' },
    ),
  );

test('a process that works much keeps a young generation of some 17 MB, and not the smallest', () => {
  const [free, kept] = [young('free'), young('small')];
  assert.ok(free > 30_000_000, `${free} by itself: there is nothing to keep small any more`);
  // V8 may just have made it smaller again
  assert.ok(kept >= 4_000_000 && kept < 20_000_000, `${kept} bytes`);
});

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { lines, simulate } from './many.ts';

/** Lives whose traces are compared. */
const COMPARED = 1_000;
/** Lives that are judged: all of them, however long that takes. */
const LIVES = 20_000;

/** Digests of the traces of lives, in the order in which they are lived. */
async function digests(order: 'forwards' | 'backwards'): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await lines(['digests', '1', String(COMPARED), order], (line) => {
    const [seed = '', digest = ''] = line.split(' ');
    found.set(seed, digest);
  });
  return found;
}

test(
  'the same seed gives the same life, byte for byte, in two processes and after other lives',
  { timeout: 300_000 },
  async () => {
    const [one, other] = await Promise.all([digests('forwards'), digests('backwards')]);
    assert.equal(one.size, COMPARED);
    for (const [seed, digest] of one) assert.equal(other.get(seed), digest, `life ${seed}`);
  },
);

test('lives end well', { timeout: 1_200_000 }, async () => {
  const { lives, failed } = await simulate(LIVES, 1_000_000, availableParallelism());
  assert.equal(lives, LIVES);
  assert.deepEqual(failed, []);
});

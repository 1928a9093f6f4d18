import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { lines, simulate } from './many.ts';

const LIVES = 50;

/** Digests of the traces of lives, in the order in which they are lived. */
async function digests(seeds: readonly number[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await lines(['digests', ...seeds.map(String)], (line) => {
    const [seed = '', digest = ''] = line.split(' ');
    found.set(seed, digest);
  });
  return found;
}

test(
  'the same seed gives the same life, byte for byte, in two processes and after other lives',
  { timeout: 300_000 },
  async () => {
    const seeds = Array.from({ length: LIVES }, (_, index) => index + 1);
    const [one, other] = await Promise.all([digests(seeds), digests(seeds.toReversed())]);
    assert.equal(one.size, LIVES);
    for (const [seed, digest] of one) assert.equal(other.get(seed), digest, `life ${seed}`);
  },
);

test('lives end well', { timeout: 300_000 }, async () => {
  const { lives, failed } = await simulate(150, 1_000_000, availableParallelism());
  assert.equal(lives, 150);
  assert.deepEqual(failed, []);
});

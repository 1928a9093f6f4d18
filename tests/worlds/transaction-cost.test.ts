import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { operationName } from '../../electron/mtp/wire/index.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { begin, type World } from './world.ts';

/**
 * What each kind of work costs in transactions, against the least that any correct initiator needs: one more for each
 * file, or one more for each folder, fails here.
 */

type Phone = Partial<VirtualPhoneOptions>;
type Counts = Record<string, number>;

/** Counts transactions by operation from now on. */
function counting(world: World): Counts {
  const counts: Counts = {};
  world.phone.onOperation((operation) => {
    const name = operationName(operation);
    counts[name] = (counts[name] ?? 0) + 1;
  });
  return counts;
}

const totalOf = (counts: Counts): number => Object.values(counts).reduce((sum, one) => sum + one, 0);
const readsOf = (counts: Counts): number => (counts['GetPartialObject64'] ?? 0) + (counts['GetPartialObject'] ?? 0);
/** One of each sixteen, and the first and the last where they are not those. */
const mostSampled = (files: number): number => Math.ceil(files / 16) + 2;

async function pulled(
  t: TestContext,
  files: number,
  phone: Phone = {},
  verify: 'size' | 'sampled' | 'full' = 'sampled',
) {
  const world = begin(t, phone);
  for (let number = 0; number < files; number += 1) world.onPhone(`DCIM/${number}.jpg`, 20_000 + number);
  await world.start();
  const counts = counting(world);
  const view = await world.pull(['/DCIM'], 'got', { verify });
  assert.equal(view.state, 'done');
  assert.equal(view.counts.moved.files, files);
  return { counts, view };
}

for (const [name, phone] of [
  ['Android', {}],
  ['a Samsung whose partial reads have a trap at the end', { profile: 'samsung-old' }],
  ['a phone that reads 32-bit ranges', { quirks: [['reads-32-bit', 1]] }],
  ['a camera', { profile: 'camera' }],
] as const satisfies readonly (readonly [string, Phone])[])
  test(`a small download is one transaction and nothing else: ${name}`, async (t) => {
    const few = await pulled(t, 10, phone, 'size');
    const many = await pulled(t, 60, phone, 'size');
    // without property lists one more describes it
    const isListed = many.counts['GetObjectPropList'] !== undefined;
    assert.equal(totalOf(many.counts) - totalOf(few.counts), 50 * (isListed ? 1 : 2));
    assert.equal(many.counts['GetObject'], 60);
  });

test('of small downloads a sixteenth is read back, one transaction each, and the rest is told as it is', async (t) => {
  const files = 100;
  const { counts, view } = await pulled(t, files);
  const least = await pulled(t, files, {}, 'size');
  const reads = (counts['GetObject'] ?? 0) - files + readsOf(counts);
  assert.equal(totalOf(counts) - reads, totalOf(least.counts));
  assert.ok(reads * 16 >= files && reads <= mostSampled(files), `${reads} read back`);
  assert.deepEqual(view.counts.verified, { size: files - reads, sampled: reads, full: 0 });
});

test('byte by byte, each small download is read twice', async (t) => {
  const { counts, view } = await pulled(t, 20, {}, 'full');
  assert.equal(readsOf(counts) + (counts['GetObject'] ?? 0), 40);
  assert.deepEqual(view.counts.verified, { size: 0, sampled: 0, full: 20 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LARGEST_CHUNK } from './chunk-size.ts';
import { TwoBuffers } from './transfer-buffers.ts';

const memoryOf = (buffers: TwoBuffers): ReadonlySet<ArrayBufferLike> =>
  new Set(Array.from({ length: 6 }, () => buffers.take(10).buffer));

test('chunks take turns in the memory of two, which serves the next file once it was given back', () => {
  const [broken, one, other] = [new TwoBuffers(), new TwoBuffers(), new TwoBuffers()];
  const left = memoryOf(broken);
  const first = memoryOf(one);
  assert.deepEqual([left.size, first.size], [2, 2]);
  one.giveBack();
  // what a broken transaction may still read is nobody else's
  assert.deepEqual(memoryOf(other), first);
  const fresh = memoryOf(new TwoBuffers());
  assert.deepEqual(
    [...left, ...first].filter((memory) => fresh.has(memory)),
    [],
  );
  // a chunk that is larger than any has memory of its own, which nobody else gets
  const larger = one.take(LARGEST_CHUNK + 1);
  assert.equal(larger.byteLength, LARGEST_CHUNK + 1);
  one.giveBack();
  assert.equal(memoryOf(new TwoBuffers()).has(larger.buffer), false);
});

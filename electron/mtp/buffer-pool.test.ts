import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferPool } from './buffer-pool.ts';

test('what is given back is used again, once, and no more than so many are kept', () => {
  const memory = new BufferPool(1024, 2);
  const lent = [memory.take(), memory.take(), memory.take()] as const;
  assert.equal(new Set(lent).size, 3);
  for (const one of lent) memory.giveBack(new Uint8Array(one, 12, 100));
  // a second view of the same memory must not lend it to two readers
  memory.giveBack(new Uint8Array(lent[0]));
  const again = [memory.take(), memory.take(), memory.take()];
  assert.deepEqual(new Set([again[0], again[1]]), new Set([lent[0], lent[1]]));
  assert.ok(again[2] !== lent[0] && again[2] !== lent[1] && again[2] !== lent[2]);
});

test('foreign memory is left alone', () => {
  const memory = new BufferPool(1024, 2);
  memory.giveBack(new Uint8Array(1024));
  const first = memory.take();
  assert.equal(first.byteLength, 1024);
  memory.giveBack(new Uint8Array(0));
  assert.notEqual(memory.take(), first);
});

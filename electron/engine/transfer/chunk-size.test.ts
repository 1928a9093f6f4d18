import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkSize, FIRST_CHUNK, LARGEST_CHUNK, MEGABYTE, TARGET_MS } from './chunk-size.ts';

test('chunks double up to the largest while they are quick, and halve while they are slow', () => {
  const chunk = new ChunkSize();
  const sizes = [chunk.size];
  for (const ms of [50, 50, 50, 50]) {
    chunk.took(ms, chunk.size);
    sizes.push(chunk.size);
  }
  assert.deepEqual(sizes, [FIRST_CHUNK, 2 * MEGABYTE, 4 * MEGABYTE, LARGEST_CHUNK, LARGEST_CHUNK]);
  for (let slow = 0; slow < 9; slow += 1) chunk.took(10 * TARGET_MS, chunk.size);
  assert.equal(chunk.size, MEGABYTE / 4, 'a slow cable does not make them ever smaller');
});

test('near the target a size is kept, and a short last chunk says nothing', () => {
  const chunk = new ChunkSize(2 * MEGABYTE);
  chunk.took(TARGET_MS, chunk.size);
  chunk.took(TARGET_MS * 2, chunk.size);
  chunk.took(1, chunk.size - 1);
  assert.equal(chunk.size, 2 * MEGABYTE);
});

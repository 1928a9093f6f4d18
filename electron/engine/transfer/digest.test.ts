import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { PassingDigest, digestChunk, digestOf } from './digest.ts';

const bytes = (size: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed * 7 + (index >> 9)) & 255);
const plain = (...all: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const one of all) hash.update(one);
  return hash.digest('hex');
};

// as a phone sends them: the first piece lacks the header, the last is what is left
const FIRST = [bytes(1_048_564, 1), bytes(1_048_576, 2), bytes(12, 3)];
const SECOND = [bytes(300_001, 4), bytes(0, 5), bytes(262_144, 6)];

test('chunks have the digest of their pieces, and the file the digest of its chunks', async () => {
  const digest = new PassingDigest();
  const length = FIRST.reduce((sum, one) => sum + one.byteLength, 0);
  assert.equal(await digestChunk(FIRST, { digest, offset: 0 }), plain(...FIRST));
  assert.equal(await digestChunk(SECOND, { digest, offset: length }), plain(...SECOND));
  assert.equal(digest.finish(length + 562_145), plain(...FIRST, ...SECOND));
});

test('alone, a chunk leaves no trace', async () => {
  assert.equal(await digestChunk(SECOND), plain(...SECOND));
  assert.equal(await digestChunk([]), plain());
});

test('a chunk that does not follow ends the digest of the file, not its own', async () => {
  const digest = new PassingDigest();
  await digestChunk(FIRST, { digest, offset: 0 });
  assert.equal(await digestChunk(SECOND, { digest, offset: 5 }), plain(...SECOND));
  assert.equal(digest.finish(562_145 + 5), undefined);
});

test('one piece and several have the same digest', () => {
  const [first = bytes(0, 0)] = FIRST;
  assert.equal(digestOf([first]), plain(first));
  assert.equal(digestOf([first.subarray(0, 1000), first.subarray(1000)]), plain(first));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Positions } from './positions.ts';

const LENGTH = 50_000;

test('lists are used again, but not while somebody has them', () => {
  const positions = new Positions();
  const one = positions.lend();
  const [kept, spare] = [one.take(LENGTH), one.take(LENGTH)];
  kept.fill(1);
  spare.fill(2);
  one.giveBack([kept.subarray(0, 10)]);
  const other = positions.lend();
  const lists = Array.from({ length: 6 }, (_, at) => other.take(LENGTH).fill(10 + at));
  assert.equal(
    kept.every((value) => value === 1),
    true,
  );
  // more than are kept have memory of their own
  for (const [at, list] of lists.entries())
    assert.deepEqual([list.length, list[0], list.at(-1)], [LENGTH, 10 + at, 10 + at]);
  assert.ok(lists.some(({ byteOffset, buffer }) => byteOffset === spare.byteOffset && buffer === spare.buffer));
  other.giveBack();
  one.giveBack();
  assert.equal(positions.lend().take(LENGTH).buffer, kept.buffer);
});

test('lists of a phone with more names take their place once they are free', () => {
  const positions = new Positions();
  const few = positions.lend();
  const first = few.take(LENGTH);
  const many = positions.lend();
  const alone = many.take(2 * LENGTH);
  assert.equal(alone.length, 2 * LENGTH);
  assert.notEqual(alone.buffer, first.buffer);
  few.giveBack();
  many.giveBack();
  // also for whoever asks for the shorter ones first
  const both = positions.lend();
  const [short, long] = [both.take(LENGTH), both.take(2 * LENGTH)];
  assert.equal(short.buffer, long.buffer);
});

test('their memory goes back when nobody searches any more, with what a search gives back after that', () => {
  const positions = new Positions();
  const one = positions.lend();
  const list = one.take(LENGTH);
  positions.clear();
  assert.equal(list.length, LENGTH);
  one.giveBack();
  assert.equal(list.length, 0);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { largestFirst, middle, narrow, Numbers, reserve, Slices, Stretch, wide } from './numbers.ts';
import { Positions } from './positions.ts';

/** By comparison, as it is meant. */
function expected(positions: Uint32Array, numbers: Float64Array): number[] {
  const order = [...positions].map((position, at) => ({ position, at, number: numbers[position] ?? 0 }));
  order.sort((one, other) => {
    if (Number.isNaN(one.number) || Number.isNaN(other.number))
      return Number(Number.isNaN(one.number)) - Number(Number.isNaN(other.number)) || one.at - other.at;
    return one.number === other.number ? one.at - other.at : one.number < other.number ? 1 : -1;
  });
  return order.map(({ position }) => position);
}

describe('largest first', () => {
  const awkward = [
    0,
    1,
    -1,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53 - 1,
    -(2 ** 53),
    1.5,
    1e-300,
    -1e-300,
    1_700_000_000_000,
  ];
  const number = fc.oneof(
    fc.constantFrom(...awkward),
    fc.double({ noDefaultInfinity: false }).map((one) => one + 0),
    fc.integer(),
  );

  for (const [what, length] of [
    ['few', 40],
    ['many', 6_000],
  ] as const)
    it(`${what} are sorted as by comparison, equal ones staying in their order`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 50 }), fc.integer(), async (some, seed) => {
          const numbers = Float64Array.from(
            { length },
            (_, at) => some[(at * 7 + Math.abs(seed % 13)) % some.length] ?? 0,
          );
          const positions = Uint32Array.from({ length: length - 3 }, (_, at) => (at * 11) % length);
          const before = positions.slice();
          assert.deepEqual(
            [...(await largestFirst(positions, numbers, { slices: new Slices(), lists: new Positions().lend() }))],
            expected(positions, numbers),
          );
          assert.deepEqual(positions, before);
        }),
        { numRuns: 30 },
      );
    });
});

describe('memory that is taken in pieces', () => {
  it('gives each its own, at places where numbers may lie, and is given back as a whole', () => {
    const memory = new Stretch(3 + 2 * 8 + 3 * 4, 3);
    const [small, large, other] = [memory.take(narrow, 3), memory.take(wide, 2), memory.take(middle, 3)];
    small.fill(7);
    other.fill(9);
    large.fill(NaN);
    assert.deepEqual(
      [[...small], [...large], [...other]],
      [
        [7, 7, 7],
        [NaN, NaN],
        [9, 9, 9],
      ],
    );
    assert.throws(() => memory.take(wide, 100), RangeError);
    memory.giveBack();
    assert.equal(large.byteLength, 0);
  });

  it('is reserved so large, where it is large, that it goes back to the system', () => {
    assert.equal(reserve(1_000).byteLength, 1_000);
    // what glibc maps by itself whatever was freed before
    assert.ok(reserve(10_000_000).byteLength > 32 * 1024 * 1024);
    assert.equal(reserve(50_000_000).byteLength, 50_000_000);
  });
});

describe('a column', () => {
  it('grows, and is put in another order', async () => {
    const column = new Numbers(middle, 2);
    for (let at = 0; at < 40_000; at += 1) column.push(at);
    const order = Uint32Array.from({ length: 40_000 }, (_, at) => 39_999 - at);
    await column.arrange(order, new Slices(), new Float64Array(40_000));
    assert.deepEqual([column.length, column.at(0), column.at(39_999)], [40_000, 39_999, 0]);
    column.push(7);
    assert.equal(column.at(40_000), 7);
  });
});

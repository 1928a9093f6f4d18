import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { neighbour, squarified, type Box, type Way } from './treemap.ts';

const AREA: Box = { x: 10, y: 20, width: 640, height: 400 };
const near = (one: number, other: number, by = 1e-6): boolean =>
  Math.abs(one - other) <= by * Math.max(1, Math.abs(one), Math.abs(other));
const sizes = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 3 })), { maxLength: 60 })
  .map((list) => list.sort((one, other) => other - one));
const areas = fc.record({
  x: fc.integer({ min: -50, max: 50 }),
  y: fc.integer({ min: -50, max: 50 }),
  width: fc.integer({ min: 1, max: 2000 }),
  height: fc.integer({ min: 1, max: 2000 }),
});
const surface = ({ width, height }: Box): number => width * height;

describe('the treemap', () => {
  test('each box is in proportion to its weight, and all of them fill the area', () => {
    fc.assert(
      fc.property(sizes, areas, (weights, area) => {
        const boxes = squarified(weights, area);
        assert.equal(boxes.length, weights.length);
        const sum = weights.reduce((one, other) => one + other, 0);
        if (sum === 0) return;
        for (const [index, box] of boxes.entries())
          assert.ok(
            near(surface(box) / surface(area), (weights[index] ?? 0) / sum),
            `${index}: ${surface(box)} of ${surface(area)}`,
          );
      }),
    );
  });

  test('no box lies over another or outside', () => {
    fc.assert(
      fc.property(sizes, areas, (weights, area) => {
        const slack = 1e-6 * Math.max(area.width, area.height);
        const boxes = squarified(weights, area).filter((box) => surface(box) > 0);
        for (const [index, one] of boxes.entries()) {
          assert.ok(one.x >= area.x - slack && one.y >= area.y - slack);
          assert.ok(one.x + one.width <= area.x + area.width + slack);
          assert.ok(one.y + one.height <= area.y + area.height + slack);
          for (const other of boxes.slice(index + 1)) {
            const wide = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
            const high = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
            assert.ok(wide <= slack || high <= slack, 'they overlap');
          }
        }
      }),
    );
  });

  test('the example of the paper: 6, 6, 4, 3, 2, 2, 1 in 6 × 4', () => {
    const boxes = squarified([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
    const first = boxes.slice(0, 2).map(({ width, height }) => [width, height]);
    assert.deepEqual(first, [
      [3, 2],
      [3, 2],
    ]);
    assert.ok(near(boxes[2]?.width ?? 0, 12 / 7) && near(boxes[2]?.height ?? 0, 7 / 3));
  });

  test('what a lying phone tells does no harm', () => {
    for (const box of squarified([Infinity, 2 ** 64, Number.NaN, -5, 0], AREA))
      assert.ok([box.x, box.y, box.width, box.height].every(Number.isFinite));
    assert.deepEqual(squarified([], AREA), []);
    assert.ok(squarified([0, 0], AREA).every((box) => surface(box) === 0));
  });

  test('equal weights become nearly squares', () => {
    for (const box of squarified(
      Array.from({ length: 24 }, () => 1),
      AREA,
    ))
      assert.ok(Math.max(box.width / box.height, box.height / box.width) < 2);
  });
});

describe('the arrow keys in a treemap', () => {
  const grid: readonly Box[] = [0, 1, 2, 3].map((index) => ({
    x: (index % 2) * 10,
    y: Math.floor(index / 2) * 10,
    width: 10,
    height: 10,
  }));

  test('they go to the box beside', () => {
    assert.equal(neighbour(grid, 0, 'right'), 1);
    assert.equal(neighbour(grid, 0, 'down'), 2);
    assert.equal(neighbour(grid, 3, 'left'), 2);
    assert.equal(neighbour(grid, 3, 'up'), 1);
    assert.equal(neighbour(grid, 0, 'left'), -1);
    assert.equal(neighbour(grid, 0, 'up'), -1);
  });

  test('every box is reached from every other one', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 40 })
          .map((list) => list.sort((a, b) => b - a)),
        (weights) => {
          const boxes = squarified(weights, AREA);
          const reached = new Set([0]);
          const queue = [0];
          for (let at = queue.pop(); at !== undefined; at = queue.pop())
            for (const way of ['left', 'right', 'up', 'down'] satisfies Way[]) {
              const next = neighbour(boxes, at, way);
              if (next === -1 || reached.has(next)) continue;
              reached.add(next);
              queue.push(next);
            }
          assert.equal(reached.size, weights.length);
        },
      ),
    );
  });
});

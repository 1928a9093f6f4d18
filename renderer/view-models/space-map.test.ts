import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { SpaceNode } from '../../shared/catalogue.ts';
import { mapBoxes, shareOf, type MapBox } from './space-map.ts';

const AREA = { x: 0, y: 0, width: 800, height: 420 };
const leaf: fc.Arbitrary<SpaceNode> = fc.record({
  name: fc.string(),
  kind: fc.constantFrom('photo', 'video', 'other'),
  bytes: fc.integer({ min: 0, max: 1e11 }),
  files: fc.nat(),
  children: fc.constant([]),
  folded: fc.nat({ max: 1 }),
});
const folder: fc.Arbitrary<SpaceNode> = fc.record({
  name: fc.string(),
  kind: fc.constant('folder' as const),
  bytes: fc.integer({ min: 0, max: 1e11 }),
  files: fc.nat(),
  children: fc.array(leaf, { maxLength: 12 }),
  folded: fc.constant(0),
});
const node = (name: string, bytes: number, more: Partial<SpaceNode> = {}): SpaceNode => ({
  name,
  kind: 'other',
  bytes,
  files: 1,
  children: [],
  folded: 0,
  ...more,
});

describe('the map of a phone', () => {
  test('what is in a folder stays within its frame, below its name', () => {
    const within = ({ width, height, inner }: MapBox): void => {
      for (const box of inner) {
        assert.ok(box.x >= 0 && box.y >= 20 && box.x + box.width <= width && box.y + box.height <= height);
        within(box);
      }
    };
    fc.assert(
      fc.property(fc.array(fc.oneof(leaf, folder), { maxLength: 40 }), (nodes) =>
        mapBoxes(nodes, AREA).forEach(within),
      ),
    );
  });

  test('the largest comes first, what has no box of its own last', () => {
    const boxes = mapBoxes([node('a', 10), node('', 500, { folded: 9 }), node('b', 100)], AREA);
    assert.deepEqual(
      boxes.map((box) => box.node.name),
      ['b', 'a', ''],
    );
  });

  test('a small folder is one box, a large one shows what is in it', () => {
    const children = [node('x', 1)];
    const folders = [1000, 1].map((bytes) => node(String(bytes), bytes, { kind: 'folder', children }));
    const [large, small] = mapBoxes(folders, { x: 0, y: 0, width: 400, height: 300 });
    assert.equal(large?.inner.length, 1);
    assert.equal(small, undefined, 'it would be thinner than a line');
    const [, narrow] = mapBoxes(folders, { x: 0, y: 0, width: 40_000, height: 300 });
    assert.equal(narrow?.inner.length, 0);
  });

  test('shares of nothing', () => {
    assert.equal(shareOf(5, 0), 0);
    assert.equal(shareOf(5, 10), 0.5);
    assert.equal(shareOf(50, 10), 1);
  });
});

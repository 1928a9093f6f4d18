import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FoundEntry } from '../../shared/catalogue.ts';
import { deviceKey, phonePath, storageKey } from '../../shared/domain.ts';
import { Found, PAGE } from './found.ts';
import { placeKey } from './places.ts';

const one = (index: number, folder = 'DCIM'): FoundEntry => ({
  place: {
    device: deviceKey('Google', '1'),
    storage: storageKey(3, 'Internal', 1),
    path: phonePath(`/${folder}/${index}.jpg`),
  },
  name: `${index}.jpg`,
  kind: 'file',
  size: index,
  modified: undefined,
});
const many = (from: number, count: number): readonly FoundEntry[] =>
  Array.from({ length: count }, (_, index) => one(from + index));

describe('results of a search', () => {
  test('the pages that were looked at are here', () => {
    const found = new Found();
    found.tell(1000, 0, many(0, PAGE));
    assert.equal(found.length, 1000);
    assert.equal(found.at(PAGE - 1)?.name, `${PAGE - 1}.jpg`);
    assert.equal(found.at(PAGE), undefined);
    assert.equal(found.has(0), true);
    assert.equal(found.has(1), false);
    assert.deepEqual(found.pagesOf(10, PAGE + 30), [0, 1]);
    assert.deepEqual(found.pagesOf(900, 5000), [9]);
    found.tell(1000, 1, many(PAGE, PAGE));
    assert.equal(found.at(PAGE)?.name, `${PAGE}.jpg`);
  });

  test('what is told again and is the same stays the same object; what has changed is another', () => {
    const found = new Found();
    found.tell(3, 0, many(0, 3));
    const [first, second, third] = [found.at(0), found.at(1), found.at(2)];
    found.tell(3, 0, [one(0), { ...one(1), size: 7 }, one(2, 'Pictures')]);
    assert.equal(found.at(0), first);
    assert.notEqual(found.at(1), second);
    assert.equal(found.at(1)?.size, 7);
    assert.notEqual(found.at(2), third);
    assert.equal(found.at(2)?.place.path, '/Pictures/2.jpg');
  });

  test('two of the same name are two', () => {
    const found = new Found();
    const [first, second] = [one(1, 'DCIM'), one(1, 'Pictures')];
    found.tell(2, 0, [first, second]);
    assert.equal(found.indexOf(placeKey(first.place)), 0);
    assert.equal(found.indexOf(placeKey(second.place)), 1);
    assert.equal(found.idAt(1), placeKey(second.place));
    assert.equal(found.has(0), true);
  });

  test('a result that moves keeps its identity, and one that is gone is in none of the pages', () => {
    const found = new Found();
    found.tell(3 * PAGE, 0, many(0, PAGE));
    found.tell(3 * PAGE - 1, 0, many(1, PAGE));
    assert.equal(found.indexOf(placeKey(one(7).place)), 6);
    assert.equal(found.indexOf(placeKey(one(0).place)), -1);
  });

  test('fewer results: none of the old ones is left behind', () => {
    const found = new Found();
    found.tell(3 * PAGE, 0, many(0, PAGE));
    found.tell(3 * PAGE, 2, many(2 * PAGE, PAGE));
    found.tell(3, 0, many(0, 3));
    assert.equal(found.length, 3);
    assert.equal(found.at(3), undefined);
    assert.equal(found.at(2 * PAGE), undefined);
    assert.equal(found.indexOf(placeKey(one(2 * PAGE).place)), -1);
    assert.equal(found.has(0), true);
    found.tell(0, 0, []);
    assert.equal(found.at(0), undefined);
    assert.deepEqual(found.pagesOf(0, 50), []);
  });

  test('while more is found, a page is here only when it is full', () => {
    const found = new Found();
    found.tell(500, 0, many(0, 50));
    assert.equal(found.at(0)?.name, '0.jpg');
    assert.equal(found.has(0), false);
  });
});

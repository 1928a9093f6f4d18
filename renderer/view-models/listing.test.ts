import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Entry } from '../../shared/domain.ts';
import { Listing, type Sort } from './listing.ts';
import { naturalKey } from './natural-key.ts';

const file = (name: string, size = 1, modified: number | undefined = 1): Entry => ({
  name,
  kind: 'file',
  size,
  modified,
});
const folder = (name: string): Entry => ({ name, kind: 'folder', size: 0, modified: 1 });
const names = (listing: Listing): readonly (string | undefined)[] =>
  Array.from({ length: listing.length }, (_, position) => listing.idAt(position));

describe('a listing', () => {
  test('natural order: folders first, numbers by value, ignoring case and accents', () => {
    const listing = new Listing();
    listing.append([
      file('img10.jpg'),
      file('img9.jpg'),
      folder('zoo'),
      file('Émile'),
      file('eva'),
      file('Zebra'),
      folder('Äpfel'),
    ]);
    assert.deepEqual(names(listing), ['Äpfel', 'zoo', 'Émile', 'eva', 'img9.jpg', 'img10.jpg', 'Zebra']);
  });

  test('batches merge into the order they would have had together', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 60 }), fc.nat(60), (all, cut) => {
        const whole = new Listing();
        whole.setHidden(true);
        whole.append(all.map((name) => file(name)));
        const parts = new Listing();
        parts.setHidden(true);
        parts.append(all.slice(0, cut).map((name) => file(name)));
        parts.append(all.slice(cut).map((name) => file(name)));
        const keys = (listing: Listing) => names(listing).map((name) => naturalKey(name ?? ''));
        assert.deepEqual(keys(parts), keys(whole));
      }),
    );
  });

  test('every column, in both directions; a missing date comes first or last', () => {
    const listing = new Listing();
    listing.append([file('b.txt', 5, 30), file('a.jpg', 9, undefined), file('c.apk', 7, 10), folder('d')]);
    const sorted = (sort: Sort) => {
      listing.setSort(sort);
      return names(listing).join(' ');
    };
    assert.equal(sorted({ column: 'size', descending: false }), 'd b.txt c.apk a.jpg');
    assert.equal(sorted({ column: 'size', descending: true }), 'd a.jpg c.apk b.txt');
    assert.equal(sorted({ column: 'modified', descending: true }), 'd b.txt c.apk a.jpg');
    assert.equal(sorted({ column: 'kind', descending: false }), 'd c.apk a.jpg b.txt');
    assert.equal(sorted({ column: 'name', descending: true }), 'd c.apk b.txt a.jpg');
  });

  test('entries that arrive during sorting are not lost', () => {
    const listing = new Listing();
    const all = Array.from({ length: 9000 }, (_, index) => file(`f${index}`, (index * 7919) % 9001));
    listing.append(all.slice(0, 8000));
    const steps = listing.sorting({ column: 'size', descending: false });
    steps.next();
    listing.append(all.slice(8000));
    while (steps.next().done !== true);
    assert.equal(listing.length, 9000);
    for (let position = 1; position < listing.length; position++)
      assert.ok((listing.at(position - 1)?.size ?? 0) <= (listing.at(position)?.size ?? 0));
  });

  test('filters ignore accents and case; hides names that start with a dot', () => {
    const listing = new Listing();
    listing.append([file('.nomedia'), file('Café.txt'), file('cave.txt'), file('other')]);
    assert.deepEqual(names(listing), ['Café.txt', 'cave.txt', 'other']);
    listing.setFilter('CAF');
    assert.deepEqual(names(listing), ['Café.txt']);
    listing.setFilter('');
    listing.setHidden(true);
    assert.equal(listing.length, 4);
    assert.equal(listing.indexOf('other'), 3);
    listing.setFilter('nothing like it');
    assert.equal(listing.indexOf('other'), -1);
  });

  test('knows names that a phone treats as equal, including hidden ones', () => {
    const listing = new Listing();
    listing.append([file('Photo.JPG'), file('.Hidden'), folder('New folder')]);
    assert.ok(listing.has('photo.jpg'));
    assert.ok(listing.has('.hidden'));
    assert.equal(listing.freeName('New folder'), 'New folder 2');
  });

  test('finds by prefix, from the focused entry on, wrapping around', () => {
    const listing = new Listing();
    listing.append(['alpha', 'beta', 'Bello', 'gamma', 'École'].map((name) => file(name)));
    // alpha Bello beta École gamma
    assert.equal(listing.idAt(listing.startingWith('b', 0)), 'Bello');
    assert.equal(listing.idAt(listing.startingWith('b', 2)), 'beta');
    assert.equal(listing.idAt(listing.startingWith('eco', 0)), 'École');
    assert.equal(listing.idAt(listing.startingWith('a', 3)), 'alpha');
    assert.equal(listing.startingWith('x', 0), -1);
  });

  test('a filter of digits finds them inside names', () => {
    const listing = new Listing();
    listing.append([file('IMG_20260401.jpg'), file('IMG_20250401.jpg')]);
    listing.setFilter('2026');
    assert.deepEqual(names(listing), ['IMG_20260401.jpg']);
  });

  test('50,000 entries arrive in batches, and no batch takes long', (context) => {
    const listing = new Listing();
    const all = Array.from({ length: 50_000 }, (_, index) => file(`IMG_${(index * 7919) % 50_000}.jpg`, index));
    let longest = 0;
    for (let start = 0; start < all.length; start += 2000) {
      const began = performance.now();
      listing.append(all.slice(start, start + 2000));
      longest = Math.max(longest, performance.now() - began);
    }
    assert.equal(listing.length, 50_000);
    assert.equal(listing.idAt(0), 'IMG_0.jpg');
    assert.equal(listing.idAt(49_999), 'IMG_49999.jpg');
    let slice = 0;
    for (let steps = listing.sorting({ column: 'size', descending: true }), over = false; !over;) {
      const began = performance.now();
      over = steps.next().done === true;
      slice = Math.max(slice, performance.now() - began);
    }
    const began = performance.now();
    listing.setFilter('99');
    const filter = performance.now() - began;
    context.diagnostic(
      `longest batch ${longest.toFixed(1)} ms, longest slice of a sort ${slice.toFixed(1)} ms, filter ${filter.toFixed(1)} ms`,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogueKindOf } from './catalogue-kinds.ts';
import { foldForSearch, isEmptyQuery, parseQuery } from './catalogue-query.ts';

describe('a search as it is typed', () => {
  it('takes words in any order, without case and accents', () => {
    assert.deepEqual(parseQuery('  Été   PLAGE ').words, ['ete', 'plage']);
    for (const [typed, folded] of [
      ['Straße', 'strasse'],
      ['Ørsted', 'orsted'],
      ['Łódź', 'lodz'],
      ['Ёлка', 'елка'],
      ['ＩＭＧ', 'img'],
      ['İstanbul', 'istanbul'],
      ['Cafe\u0301', 'cafe'],
      ['が', 'が'],
      ['हिन्दी', 'हिन्दी'],
    ] as const)
      assert.equal(foldForSearch(typed), folded.normalize('NFC'), typed);
  });

  it('keeps words between quotes together, and takes what is quoted for no condition', () => {
    assert.deepEqual(parseQuery('"summer trip" 2025').words, ['summer trip', '2025']);
    assert.deepEqual(parseQuery('"kind:photo"').words, ['kind:photo']);
    assert.deepEqual(parseQuery('in:"My files/New"').inside, [['my files', 'new']]);
    assert.deepEqual(parseQuery('"open end').words, ['open end']);
  });

  it('reads kinds, by other names too', () => {
    assert.deepEqual(parseQuery('kind:photo').kinds, ['photo']);
    assert.deepEqual(parseQuery('KIND:Videos,music').kinds, ['video', 'audio']);
    assert.deepEqual(parseQuery('kind:nonsense').misread, ['kind:nonsense']);
  });

  it('reads sizes', () => {
    assert.equal(parseQuery('size>100MB').leastSize, 100_000_001);
    assert.equal(parseQuery('size>=1.5GiB').leastSize, 1.5 * 2 ** 30);
    assert.equal(parseQuery('size<2k').mostSize, 1999);
    const exact = parseQuery('size:0');
    assert.deepEqual([exact.leastSize, exact.mostSize], [0, 0]);
    const between = parseQuery('size>1MB size<2MB size>500k');
    assert.deepEqual([between.leastSize, between.mostSize], [1_000_001, 1_999_999]);
    assert.deepEqual(parseQuery('size>').misread, ['size>']);
    assert.deepEqual(parseQuery('size>1XB').words, ['size>1xb']);
  });

  it('reads dates in the time zone of this computer', () => {
    const month = parseQuery('date:2025-06');
    assert.deepEqual([month.from, month.before], [+new Date(2025, 5, 1), +new Date(2025, 6, 1)]);
    assert.equal(parseQuery('date>2025').from, +new Date(2026, 0, 1));
    assert.equal(parseQuery('date>=2025').from, +new Date(2025, 0, 1));
    assert.equal(parseQuery('date<2025-06-10').before, +new Date(2025, 5, 10));
    assert.equal(parseQuery('date<=2024-02-29').before, +new Date(2024, 2, 1));
    const range = parseQuery('date:2024..2025-01');
    assert.deepEqual([range.from, range.before], [+new Date(2024, 0, 1), +new Date(2025, 1, 1)]);
    for (const wrong of ['date:2025-13', 'date:2025-02-30', 'date:soon', 'date:2025..'])
      assert.deepEqual(parseQuery(wrong).misread, [wrong]);
  });

  it('never throws, and an empty query asks for nothing', () => {
    for (const text of ['', '   ', '""', '"']) assert.ok(isEmptyQuery(parseQuery(text)), text);
    for (const text of ['in:', '\\', 'a:b', '>', 'kind:', '\ud800', 'date:'.repeat(200)])
      assert.ok(!isEmptyQuery(parseQuery(text)), text);
  });
});

describe('the kind of a file', () => {
  it('is told by the ending of its name', () => {
    assert.equal(catalogueKindOf('IMG_1.JPG'), 'photo');
    assert.equal(catalogueKindOf('a.b.mp4'), 'video');
    assert.equal(catalogueKindOf('.mp4'), 'other');
    assert.equal(catalogueKindOf('README'), 'other');
    assert.equal(catalogueKindOf('x.constructor'), 'other');
  });
});

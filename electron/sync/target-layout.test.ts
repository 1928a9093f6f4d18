import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stemOf } from '../../shared/media-kinds.ts';
import { isRealDate, TargetNames, type Naming } from './target-layout.ts';

test('targets: each source its own, the same again for the same one', () => {
  const naming = {
    layout: 'year-month',
    legal: (name: string) => name.replaceAll(':', '_'),
    foldsCase: true,
    numbered: (name: string, number: number) => `${name} ${number}`,
  } as const;
  const targets = new TargetNames(naming);
  const march = new Date(2024, 2, 3).getTime();
  assert.equal(targets.give('a/1:2.jpg', march), '2024/03/1_2.jpg');
  assert.equal(targets.give('b/1_2.JPG', march), '2024/03/1_2.JPG 2');
  assert.equal(targets.give('a/1:2.jpg', march), '2024/03/1_2.jpg');
  assert.equal(targets.give('c/x', undefined), 'undated/x');
  const plain = new TargetNames({ ...naming, layout: 'as-on-phone' });
  plain.take('a/b', 'old');
  assert.equal(plain.give('a/b', march), 'a/b 2');
});

const NAMING: Naming = {
  layout: 'year-month',
  legal: (name) => name,
  foldsCase: false,
  numbered: (name, number) => name.replace(/(\.[^.]+)?$/, ` (${number})$1`),
};
const MARCH = new Date(2024, 2, 3).getTime();
const given = (paths: readonly string[], naming = NAMING): readonly string[] => {
  const targets = new TargetNames(naming);
  return paths.map((path) => targets.give(path, MARCH));
};

test('all parts of a shot get one number, and none lies beside another shot under its stem', () => {
  assert.deepEqual(given(['A/IMG_1.DNG', 'B/IMG_1.JPG', 'B/IMG_1.JPG.xmp', 'A/IMG_1.JPG', 'B/IMG_1.DNG']), [
    '2024/03/IMG_1.DNG',
    '2024/03/IMG_1 (2).JPG',
    '2024/03/IMG_1 (2).JPG.xmp',
    '2024/03/IMG_1.JPG',
    '2024/03/IMG_1 (2).DNG',
  ]);
  // parts that come in a later run find the number of theirs
  const later = new TargetNames(NAMING);
  later.take('2024/03/IMG_1.DNG', 'A/IMG_1.DNG');
  later.take('2024/03/IMG_1 (2).JPG', 'B/IMG_1.JPG');
  assert.equal(later.give('B/IMG_1.DNG', MARCH), '2024/03/IMG_1 (2).DNG');
  assert.equal(later.give('C/IMG_1.JPG', MARCH), '2024/03/IMG_1 (3).JPG');
  assert.equal(later.give('A/IMG_1.mp4', MARCH), '2024/03/IMG_1.mp4');
});

test('spellings of one stem in one folder are one shot', () => {
  const naming = { ...NAMING, layout: 'as-on-phone', foldsCase: true } as const;
  assert.deepEqual(given(['a/Track.mp3', 'a/track.lrc', 'a/TRACK.MP3'], naming), [
    'a/Track.mp3',
    'a/track.lrc',
    'a/TRACK (2).MP3',
  ]);
});

test('a renamed copy keeps its month', () => {
  const targets = new TargetNames(NAMING);
  targets.take('2020/01/a.jpg', 'a.jpg');
  assert.equal(targets.giveIn('2020/01/', 'deep/b.jpg'), '2020/01/b.jpg');
});

test('stems', () => {
  assert.deepEqual(['a/b.jpg', 'a/b.JPG.xmp', 'a/.hidden', 'a.b/c', 'x.tar.gz'].map(stemOf), [
    'a/b',
    'a/b',
    'a/.hidden',
    'a.b/c',
    'x.tar',
  ]);
});

test('where clocks begin is no date: such files lie in no month', () => {
  const zeros = [1601, 1904, 1970, 1980].flatMap((year) => [Date.UTC(year, 0, 1), new Date(year, 0, 1).getTime()]);
  const none = [undefined, Number.NaN, ...zeros];
  for (const date of none) {
    assert.equal(isRealDate(date), false, String(date));
    assert.equal(new TargetNames(NAMING).give('a.jpg', date), 'undated/a.jpg');
  }
  assert.equal(new TargetNames(NAMING).give('a.jpg', new Date(1969, 6, 20).getTime()), '1969/07/a.jpg');
  // a scan of that day, a camera of that year
  assert.equal(new TargetNames(NAMING).give('a.jpg', new Date(1970, 0, 1, 12, 30).getTime()), '1970/01/a.jpg');
  assert.equal(new TargetNames(NAMING).give('a.jpg', new Date(1980, 0, 2).getTime()), '1980/01/a.jpg');
});

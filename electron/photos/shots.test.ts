import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phonePath, storageKey } from '../../shared/domain.ts';
import type { PhotoPart, PhotoState } from '../../shared/photos.ts';
import { daysOf } from './days.ts';
import { burstOf, passes, shotsOf, shotStem } from './shots.ts';

const storage = storageKey(1, 'Internal', 1);
const part = (path: string, state: PhotoState = 'new', modified = 0): PhotoPart => ({
  storage,
  path: phonePath(path),
  size: 10,
  modified,
  state,
});
const shots = (...parts: readonly PhotoPart[]) =>
  shotsOf(parts, ({ modified }) => ({ taken: modified, from: 'phone' as const }));

test('parts of one shot, the picture first', () => {
  const groups = (...paths: readonly string[]): readonly (readonly string[])[] =>
    shots(...paths.map((path) => part(path))).map(({ parts }) => parts.map(({ path }) => path));
  assert.deepEqual(groups('/D/a.MP4', '/D/a.jpg.xmp', '/D/A.DNG', '/D/a.jpg', '/D/a.aae'), [
    ['/D/a.jpg', '/D/A.DNG', '/D/a.MP4', '/D/a.aae', '/D/a.jpg.xmp'],
  ]);
  assert.equal(groups('/D/a.jpg', '/E/a.jpg').length, 2);
  assert.deepEqual(groups('/D/a.xmp', '/D/b.srt'), []);
  assert.deepEqual(groups('/D/PXL_1.RAW-02.ORIGINAL.dng', '/D/PXL_1.RAW-01.COVER.jpg'), [
    ['/D/PXL_1.RAW-01.COVER.jpg', '/D/PXL_1.RAW-02.ORIGINAL.dng'],
  ]);
  assert.deepEqual(groups('/D/PXL_2.MP.jpg', '/D/PXL_2.mp4').length, 1);
  const lenses = [
    'VID_20240203_040506_00_001.insv',
    'VID_20240203_040506_10_001.insv',
    'LRV_20240203_040506_01_001.lrv',
  ];
  assert.equal(new Set(lenses.map(shotStem)).size, 1);
});

test('bursts', () => {
  const of = (name: string): string | undefined => burstOf(shotStem(name));
  for (const [one, other] of [
    ['IMG_20240203_040506_BURST001.jpg', 'IMG_20240203_040506_BURST002_COVER.jpg'],
    ['00000IMG_00000_BURST20240203040506123_COVER.jpg', '00001IMG_00001_BURST20240203040506123.jpg'],
    ['20240203_040506_001.jpg', '20240203_040506_012.jpg'],
  ] as const) {
    assert.notEqual(of(one), undefined, one);
    assert.equal(of(one), of(other), one);
  }
  assert.equal(of('IMG_20240203_040506.jpg'), undefined);
  assert.notEqual(of('20240203_040506_001.jpg'), of('20240203_040507_001.jpg'));
});

test('a shot is new where any part is, and a screenshot by its folder or name', () => {
  const [shot] = shots(part('/D/a.jpg', 'imported'), part('/D/a.dng', 'new'));
  assert.equal(shot?.state, 'new');
  assert.equal(shots(part('/D/a.jpg', 'imported'), part('/D/a.dng', 'in-library'))[0]?.state, 'imported');
  const kinds = ['/DCIM/Screenshots/a.png', '/DCIM/Screenshot_1.png', '/DCIM/a.png', '/DCIM/a.mp4'].map(
    (path) => shots(part(path))[0]?.kind,
  );
  assert.deepEqual(kinds, ['screenshot', 'screenshot', 'photo', 'video']);
  assert.ok(shot !== undefined && passes(shot, { states: ['new'], kinds: ['photo'], largerThan: 19 }));
  assert.ok(shot !== undefined && !passes(shot, { largerThan: 20 }));
});

test('days, newest first, and events between gaps of hours', () => {
  const at = (day: number, hour: number): number => new Date(2024, 4, day, hour).getTime();
  const listed = shots(
    part('/a.jpg', 'new', at(2, 8)),
    part('/b.jpg', 'imported', at(2, 10)),
    part('/c.jpg', 'new', at(2, 20)),
    part('/d.jpg', 'new', at(1, 12)),
  );
  assert.deepEqual(
    daysOf(listed).map(({ day, offset, shots: count, new: fresh, events }) => [
      day,
      offset,
      count,
      fresh,
      events.map((event) => [event.offset, event.shots]),
    ]),
    [
      [
        '2024-05-02',
        0,
        3,
        2,
        [
          [0, 1],
          [1, 2],
        ],
      ],
      ['2024-05-01', 3, 1, 1, [[3, 1]]],
    ],
  );
});

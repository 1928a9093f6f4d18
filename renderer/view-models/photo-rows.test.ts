import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phonePath, storageKey } from '../../shared/domain.ts';
import { shotId, type PhotoDay, type PhotoShot } from '../../shared/photos.ts';
import { neighbour, photoRows, RowKeys, selectedOf, toggled } from './photo-rows.ts';

const shot = (name: string, burst?: string): PhotoShot => ({
  id: shotId(name),
  kind: 'photo',
  parts: [
    {
      storage: storageKey(3, 'Internal storage', 1e9),
      path: phonePath(`/DCIM/${name}.jpg`),
      size: 1,
      modified: undefined,
      state: 'new',
    },
  ],
  bytes: 1,
  taken: 0,
  takenFrom: 'phone',
  state: 'new',
  burst,
});
const day = (name: string, offset: number, shots: number, events: PhotoDay['events'] = []): PhotoDay => ({
  day: name,
  offset,
  shots,
  new: shots,
  bytes: shots,
  events,
});
const SHOTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => shot(name, 'cd'.includes(name) ? 'burst' : undefined));
const DAYS = [day('2026-05-02', 0, 5), day('2026-05-01', 5, 2)];
const told = (rows: ReturnType<typeof photoRows>): readonly string[] =>
  rows.rows.map((row) =>
    row.kind === 'day'
      ? `day ${row.day.day} ${row.ids.length}`
      : row.kind === 'event'
        ? `event ${row.ids.length}`
        : row.tiles.map((tile) => tile.ids.join('+')).join(' '),
  );

test('days have headings, tiles fill rows, and a burst is one tile until it is unfolded', () => {
  assert.deepEqual(told(photoRows(DAYS, SHOTS, 3, new Set())), [
    'day 2026-05-02 5',
    'a b c+d',
    'e',
    'day 2026-05-01 2',
    'f g',
  ]);
  const open = photoRows(DAYS, SHOTS, 3, new Set(['burst']));
  assert.deepEqual(told(open).slice(1, 3), ['a b c', 'd e']);
  assert.deepEqual(
    open.tiles.map(({ beginsBurst }) => beginsBurst),
    [false, false, true, false, false, false, false],
  );
});

test('the events of a day have headings where there are several', () => {
  const events = [
    { offset: 0, shots: 2, from: 10, to: 20 },
    { offset: 2, shots: 3, from: 1, to: 2 },
  ];
  assert.deepEqual(told(photoRows([day('2026-05-02', 0, 5, events)], SHOTS.slice(0, 5), 3, new Set())), [
    'day 2026-05-02 5',
    'event 2',
    'a b',
    'event 3',
    'c+d e',
  ]);
});

test('shots that have not come yet are not laid out', () => {
  assert.deepEqual(told(photoRows(DAYS, SHOTS.slice(0, 2), 3, new Set())), ['day 2026-05-02 2', 'a b']);
});

test('rows that are drawn have keys of their own and keep them; one that comes takes over from one that has gone', () => {
  const days = Array.from({ length: 200 }, (_, index) =>
    day(`day ${index}`, index * 5, 5, [
      { offset: index * 5, shots: 3, from: 10, to: 20 },
      { offset: index * 5 + 3, shots: 2, from: 1, to: 2 },
    ]),
  );
  const shots = Array.from({ length: 1_000 }, (_, index) => shot(`s${index}`));
  const { rows } = photoRows(days, shots, 1, new Set());
  assert.equal(rows.length, 200 * 8);
  const drawn = 13;
  for (const by of [1, 3, 11, 40, -7]) {
    const keys = new RowKeys();
    const ever = new Set<string>();
    let before = new Map<unknown, string>();
    for (let from = by < 0 ? rows.length - drawn : 0; from >= 0 && from + drawn <= rows.length; from += by) {
      const now = rows.slice(from, from + drawn);
      const told = keys.of(now);
      assert.equal(new Set(told).size, drawn);
      for (const [index, row] of now.entries()) assert.equal(told[index], before.get(row) ?? told[index]);
      before = new Map(now.map((row, index) => [row, told[index] ?? '']));
      for (const key of told) ever.add(key);
    }
    // one or two headings of days and three or four of events among 13 rows, the others are tiles
    assert.ok(ever.size <= drawn + 3, `${ever.size} keys`);
  }
});

test('arrows go through the tiles and pass over headings', () => {
  const rows = photoRows(DAYS, SHOTS, 3, new Set());
  // a b cd / e / f g
  assert.equal(neighbour(rows, 0, 'forward'), 1);
  assert.equal(neighbour(rows, 0, 'back'), 0);
  assert.equal(neighbour(rows, 2, 'ArrowDown'), 3, 'the last of a shorter row');
  assert.equal(neighbour(rows, 3, 'ArrowDown'), 4, 'over a heading');
  assert.equal(neighbour(rows, 5, 'ArrowUp'), 3);
  assert.equal(neighbour(rows, 1, 'ArrowUp'), 1, 'an edge');
  assert.equal(neighbour(rows, 1, 'End'), 5);
});

test('a day is selected as a whole, and let go as a whole', () => {
  const ids = SHOTS.slice(0, 3).map(({ id }) => id);
  const one = new Set(ids.slice(0, 1));
  assert.equal(selectedOf(ids, one), 'some');
  const all = toggled(ids, one);
  assert.equal(selectedOf(ids, all), 'all');
  assert.equal(selectedOf(ids, toggled(ids, all)), 'none');
});

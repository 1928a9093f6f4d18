import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyHoldOf, coversMissing, missingAmong, type CopiesFound } from './local-disk.ts';
import type { SyncRow } from './sync-store.ts';

const rows = (count: number): readonly SyncRow[] =>
  Array.from({ length: count }, (_, number) => ({ target: String(number), targetSize: 1 }) as unknown as SyncRow);

/** Whether a pair with so many copies asks when so many of them are missing. */
const asks = (known: number, missing: number, change: Partial<CopiesFound> = {}): boolean =>
  copyHoldOf({
    known,
    missing,
    staysAway: false,
    isEmpty: false,
    isOtherDisk: false,
    isOtherFolder: false,
    ...change,
  }).kind === 'ask';

test('what was tidied up by hand is copied again; what misses nearly everything asks', () => {
  assert.deepEqual(
    [asks(10, 0), asks(10, 5), asks(10, 7), asks(10, 8), asks(10, 10)],
    [false, false, false, true, true],
  );
  // one copy that somebody deleted is made again, also where it was the only one
  assert.deepEqual([asks(1, 1), asks(2, 2)], [false, true]);
  assert.equal(asks(0, 0), false);
});

test('another disk in its place asks sooner, and an empty one always', () => {
  assert.deepEqual([asks(10, 4, { isOtherDisk: true }), asks(10, 6, { isOtherDisk: true })], [false, true]);
  assert.equal(asks(1, 1, { isOtherDisk: true, staysAway: false, isEmpty: true }), true);
  assert.equal(asks(0, 0, { isOtherDisk: true, isOtherFolder: true, isEmpty: true }), true);
  // a stick that has another device number today
  assert.equal(asks(0, 0, { isOtherDisk: true, isEmpty: true }), false);
  // the disk came back under another number, with everything on it
  assert.equal(asks(10, 0, { isOtherDisk: true }), false);
});

test('files that were never copied are not missing', () => {
  const never = rows(5).map((row) => ({ ...row, targetSize: undefined }));
  assert.deepEqual([...missingAmong(never, () => false)], []);
  assert.deepEqual([...missingAmong(rows(3), (target) => target !== '1')], ['1']);
});

test('a yes covers the copies that were shown as missing, in the folder they were missing from', () => {
  const missing = (root: string, ...targets: readonly string[]) => ({ root, targets: new Set(targets) });
  const shown = missing('disk', 'a', 'b');
  assert.deepEqual(
    [shown, missing('disk', 'a'), missing('disk', 'a', 'c'), missing('other', 'a')].map((now) =>
      coversMissing(shown, now),
    ),
    [true, true, false, false],
  );
  assert.deepEqual([coversMissing(true, shown), coversMissing(false, missing('disk'))], [true, false]);
});

test('where copies stay away, culling most of them asks nothing; all of them may be a disk that is away', () => {
  const away = { staysAway: true } as const;
  assert.deepEqual([asks(10, 9, away), asks(10, 10, away), asks(1, 1, away)], [false, true, false]);
  assert.equal(asks(10, 6, { ...away, isOtherDisk: true }), true);
});

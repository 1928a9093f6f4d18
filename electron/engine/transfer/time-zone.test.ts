import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBeforeInAnyZone, maybeSameDate, sameButForZone } from './time-zone.ts';

const MINUTE = 60_000;
const DATE = Date.UTC(2024, 2, 3);

test('dates that differ by whole quarter hours, up to 27 hours, differ by their zone alone', () => {
  for (const minutes of [0, 15, 60, 330, 345, -27 * 60]) assert.ok(sameButForZone(DATE, DATE + minutes * MINUTE));
  for (const minutes of [1, 14, 29, 27 * 60 + 15]) assert.ok(!sameButForZone(DATE, DATE + minutes * MINUTE));
});

test('an unknown date equals only another one; for two looks at one object it decides nothing', () => {
  assert.ok(sameButForZone(undefined, undefined));
  assert.ok(!sameButForZone(DATE, undefined));
  assert.ok(maybeSameDate(DATE, undefined) && maybeSameDate(undefined, DATE));
  assert.ok(!maybeSameDate(DATE, DATE + MINUTE));
});

test('a date is older than a moment in any zone if it is by more than 27 hours', () => {
  assert.ok(isBeforeInAnyZone(DATE, DATE + 27 * 60 * MINUTE + 1));
  assert.ok(!isBeforeInAnyZone(DATE, DATE + 27 * 60 * MINUTE));
  assert.ok(!isBeforeInAnyZone(undefined, DATE));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COPY_DATES, shiftOf, SOURCE_DATES } from './time-zone-shift.ts';

const HOUR = 3_600_000;
const THEN = Date.UTC(2024, 2, 3, 4, 5, 7);
const shifted = (by: number) => ({ then: THEN, now: THEN + by });

test('a journey shifts most dates, and by whole quarter hours', () => {
  assert.equal(shiftOf([shifted(HOUR), shifted(HOUR), shifted(HOUR), shifted(0)]), 'all');
  // each of these may have been written again
  assert.equal(shiftOf([shifted(HOUR), shifted(HOUR), shifted(0)]), 'few');
  assert.equal(shiftOf([shifted(HOUR)]), 'few');
  assert.equal(shiftOf([shifted(HOUR), shifted(0)]), 'none');
  assert.equal(shiftOf([shifted(HOUR + 1_000), shifted(123_456)]), 'none');
  assert.equal(shiftOf([]), 'none');
});

test('a copy’s date may have been rounded to an even second before it shifted; a source’s was not', () => {
  for (const by of [HOUR - 1_000, HOUR, HOUR + 1_000]) assert.equal(COPY_DATES.isShifted(shifted(by)), true, `${by}`);
  for (const by of [HOUR + 500, HOUR + 3_000]) assert.equal(COPY_DATES.isShifted(shifted(by)), false, `${by}`);
  assert.equal(COPY_DATES.isShifted({ now: undefined, then: THEN }), false);
  assert.equal(SOURCE_DATES.isShifted(shifted(HOUR + 1_000)), false);
  assert.equal(shiftOf([shifted(1_000), shifted(HOUR)], COPY_DATES), 'none');
});

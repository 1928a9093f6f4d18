import type { Instant } from '../../../shared/domain.ts';

/** Phone dates are in whole seconds, FAT's in even ones. */
const SAME_MS = 2_000;
/** A change of time zone or of daylight saving shifts them by whole quarter hours. */
const QUARTER_HOUR_MS = 15 * 60_000;
/** From UTC−12 to UTC+14, and an hour of daylight saving. */
const LARGEST_SHIFT_MS = 27 * 60 * 60_000;

/**
 * Whether two file systems mean the same date of one file, as coarse as they keep it, and but for the time zone that a phone's
 * dates lack. An unknown date is never the same.
 */
export function isSameForZone(one: Instant | undefined, other: Instant | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const difference = Math.abs(one - other);
  const left = difference % QUARTER_HOUR_MS;
  return difference < LARGEST_SHIFT_MS + SAME_MS && Math.min(left, QUARTER_HOUR_MS - left) < SAME_MS;
}

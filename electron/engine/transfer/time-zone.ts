import type { Instant } from '../../../shared/domain.ts';

/** Phone dates have no zone: after a change of time zone or daylight saving they shift by whole quarter hours. */
const QUARTER_HOUR = 15 * 60_000;
/** From UTC−12 to UTC+14, and an hour of daylight saving. */
const LARGEST_SHIFT = 27 * 60 * 60_000;

/** Whether two dates of one file (milliseconds) differ by nothing but the phone's time zone. An unknown date equals only another one. */
export const sameButForZone = (one: Instant | undefined, other: Instant | undefined): boolean => {
  if (one === undefined || other === undefined) return one === other;
  const difference = Math.abs(one - other);
  return difference % QUARTER_HOUR === 0 && difference <= LARGEST_SHIFT;
};

/** Whether a date is older than a moment of this computer (both in milliseconds), whatever zone the phone's clock keeps. */
export const isBeforeInAnyZone = (date: Instant | undefined, moment: Instant): boolean =>
  date !== undefined && date < moment - LARGEST_SHIFT;

/** As `sameButForZone`, for two looks at one object: a date that one of them does not tell decides nothing. */
export const maybeSameDate = (one: Instant | undefined, other: Instant | undefined): boolean =>
  one === undefined || other === undefined || sameButForZone(one, other);

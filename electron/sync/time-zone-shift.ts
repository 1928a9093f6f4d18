import { sameButForZone } from '../engine/index.ts';
import type { Instant } from '../../shared/domain.ts';

/**
 * Phones tell dates without a zone, in their own local time, so a journey shifts the dates of all their files by
 * whole quarter hours at once. One file shifted alone was written again.
 */
export function isTimeZoneShift(
  pairs: Iterable<{ readonly now: Instant | undefined; readonly then: Instant | undefined }>,
): boolean {
  let same = 0;
  let shifted = 0;
  for (const { now, then } of pairs) {
    if (now === then) same += 1;
    else if (sameButForZone(now, then)) shifted += 1;
  }
  return shifted > same;
}

import { sameButForZone } from '../engine/index.ts';
import type { Instant } from '../../shared/domain.ts';

/**
 * Phones tell dates without a zone, in their own local time, and FAT stores them so: a journey, or the begin of summer
 * time, shifts the dates of all their files by whole quarter hours at once. One file shifted alone was written again.
 */

/** One file's date now and as it was remembered. */
export interface Dates {
  readonly now: Instant | undefined;
  readonly then: Instant | undefined;
}

/** FAT stores even seconds: a date that was remembered as it was meant to be comes back rounded to one of them. */
const FAT_STEP_MS = 2_000;

/** How dates of one side are compared. */
export interface DateRules {
  /** When a date counts as kept. */
  readonly isSame: (dates: Dates) => boolean;
  /** Whether it differs by nothing but a time zone. */
  readonly isShifted: (dates: Dates) => boolean;
}

/** The source tells its own dates twice: exactly the same ones, unless they shifted. */
export const SOURCE_DATES: DateRules = {
  isSame: ({ now, then }) => now === then,
  isShifted: ({ now, then }) => sameButForZone(now, then),
};

/** A copy may have been remembered with the date it was to get, which its disk then rounded. */
export const COPY_DATES: DateRules = {
  isSame: ({ now, then }) => now !== undefined && then !== undefined && Math.abs(now - then) < FAT_STEP_MS,
  isShifted: ({ now, then }) =>
    then !== undefined &&
    [then, Math.floor(then / FAT_STEP_MS) * FAT_STEP_MS, Math.ceil(then / FAT_STEP_MS) * FAT_STEP_MS].some((date) =>
      sameButForZone(now, date),
    ),
};

/** `all`: more files have shifted than kept their dates. `few`: as well, but so few that each may have been written again. */
export type Shift = 'none' | 'few' | 'all';

/** One or two files that were written again, of one or two there are, are no journey. */
const LEAST = 3;

/** What the dates of one side tell together. */
export function shiftOf(files: Iterable<Dates>, { isSame, isShifted }: DateRules = SOURCE_DATES): Shift {
  let same = 0;
  let shifted = 0;
  for (const dates of files) {
    if (isSame(dates)) same += 1;
    else if (isShifted(dates)) shifted += 1;
  }
  if (shifted <= same) return 'none';
  return shifted < LEAST ? 'few' : 'all';
}

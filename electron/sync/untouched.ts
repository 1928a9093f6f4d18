import type { Instant } from '../../shared/domain.ts';
import type { SyncRow } from './sync-store.ts';
import { COPY_DATES, type Shift } from './time-zone-shift.ts';

/** Whether what lies at a target is as its pair has left it there: by size and date, else by its content. Pure. */

/** What is at a target. */
export interface Copy {
  readonly size: number;
  readonly modified: Instant | undefined;
  /** A phone tells it as empty, as some do of every file: only what is read of it tells whether it is. */
  readonly toldEmpty?: boolean | undefined;
}

/** Two seconds: FAT keeps even ones. Only between two different file systems; one file's own date is exact. */
export const SAME_DATE_MS = 2_000;

/** Whether two file systems mean the same date; unknown dates are never the same. */
export const isSameDate = (one: Instant | undefined, other: Instant | undefined): boolean =>
  one !== undefined && other !== undefined && Math.abs(one - other) < SAME_DATE_MS;

/** Grids on which file systems keep dates, milliseconds: whole seconds, and FAT's even ones. */
const GRIDS_MS = [1_000, 2_000];

/**
 * Whether a copy has the date that was noted of it, or that date as a coarser file system keeps it once it was mounted
 * anew. Anything else within two seconds is an edit: of a copy that was made a moment ago it is the only sign.
 */
export const isOwnDate = (noted: Instant | undefined, now: Instant | undefined): boolean =>
  noted !== undefined &&
  now !== undefined &&
  (noted === now || GRIDS_MS.some((grid) => now % grid === 0 && noted % grid !== 0 && Math.abs(now - noted) < grid));

/** Whether a copy is as this pair left it: proved by its date, or by its content where one side tells no date. */
export type Untouched = (row: SyncRow, copy: Copy) => boolean;

/**
 * A copy of the recorded size, whose date is not told now, was not then, or was never this pair's (it was adopted by its
 * content), or one that is told as empty and was not: only its content can tell.
 */
export const isUndated = ({ targetSize, targetModified }: SyncRow, copy: Copy): boolean =>
  targetSize === copy.size
    ? targetModified === undefined || copy.modified === undefined
    : copy.toldEmpty === true && targetSize !== undefined;

/** A copy of the recorded size, whose date is the recorded one in another time zone. */
export const isShiftedCopy = ({ targetSize, targetModified }: SyncRow, copy: Copy): boolean =>
  targetSize === copy.size &&
  !isOwnDate(targetModified, copy.modified) &&
  COPY_DATES.isShifted({ now: copy.modified, then: targetModified });

/** Knows that of all copies of a pair. `shift`: what their dates tell together; `proved`: the paths of those whose content told. */
export const untouchedWhere =
  (shift: Shift, proved: ReadonlySet<string>): Untouched =>
  (row, copy) => {
    if (isUndated(row, copy) || (shift === 'few' && isShiftedCopy(row, copy))) return proved.has(row.path);
    const { targetSize, targetModified } = row;
    return (
      targetSize === copy.size &&
      (isOwnDate(targetModified, copy.modified) || (shift === 'all' && isShiftedCopy(row, copy)))
    );
  };

/**
 * Taken for a copy by its size and date, since nobody has compared it: what is noted of the content is what its source held,
 * which the copy may not.
 */
export const isAssumed = ({ adopted, targetModified }: SyncRow): boolean => adopted && targetModified !== undefined;

/** Known by name, size and date alone: nobody knows what is in it. */
export const isNeverCompared = ({ size, fingerprint, sha256 }: SyncRow): boolean =>
  size > 0 && fingerprint === undefined && sha256 === undefined;

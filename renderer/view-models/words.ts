import { bytesOf, formatBytes, formatSpeed } from '../../shared/format.ts';
import type { Instant } from '../../shared/domain.ts';
import { date, formatTag, relative } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Bytes, bytes per second and numbers in the language that is shown. */
export { bytesOf, formatBytes as bytes, formatSpeed as speed };

/** `12 files in 3 folders`, or only the files. */
export const contentsWords = (files: number, folders: number): string =>
  folders === 0 ? commonWords.count.files({ count: files }) : commonWords.count.filesInFolders({ files, folders });

/** Day and time, for a column. */
export const dateAndTime = (instant: Instant | undefined): string =>
  instant === undefined ? '–' : date(instant, { dateStyle: 'medium', timeStyle: 'short' });

/** The long form, for the inspector. */
export const longDate = (instant: Instant | undefined): string =>
  instant === undefined ? windowWords.inspector.noDate : date(instant, { dateStyle: 'long', timeStyle: 'medium' });

/** `now`, `5 min. ago`, `3 hr. ago`, then the date. */
export function ago(instant: Instant, now: Instant): string {
  const seconds = Math.max(0, Math.round((now - instant) / 1000));
  if (seconds < 45) return relative(0, 'second');
  if (seconds < 3600) return relative(-Math.max(1, Math.round(seconds / 60)), 'minute');
  if (seconds < 24 * 3600) return relative(-Math.round(seconds / 3600), 'hour');
  return date(instant, { dateStyle: 'medium' });
}

/** Orders names as the language that is shown does. */
export const compareNames = (one: string, other: string): number => one.localeCompare(other, formatTag());

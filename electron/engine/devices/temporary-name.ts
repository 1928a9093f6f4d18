import { cutName, numbered } from '../local/local-names.ts';

/** Names under which Replug makes a file on a phone before it gets its own. */

const MARK = '.replug-';
/** `.replug-part` ends a download on the computer: somebody may have copied one over. */
const TEMPORARY = /.\.replug-(?!part$)[0-9a-z]+$/;

/** The longest name: Android's file systems end at 255 bytes of UTF-8, an MTP string at 254 UTF-16 units. */
const MOST_BYTES = 254;

/**
 * `film.mkv`, `a1b2` → `film.mkv.replug-a1b2`: cut where it would not fit, never hidden by a leading dot.
 * `unique`: a suffix that no other item has, of lower-case letters and digits.
 */
export function temporaryName(name: string, unique: string): string {
  const suffix = `${MARK}${unique}`;
  return `${cutName(name, MOST_BYTES - suffix.length).replace(/^[ .]+/, '_')}${suffix}`;
}

/** Whether only Replug gives such a name. */
export const isTemporaryName = (name: string): boolean => TEMPORARY.test(name);

/** `photo.jpg`, 2 → `photo (2).jpg`: for *keep both*, and for sources that meet. The stem is cut where it would not fit. */
export function numberedOnPhone(name: string, number: number): string {
  return numbered(cutName(name, MOST_BYTES - ` (${number})`.length), number);
}

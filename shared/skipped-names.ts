import { commonWords } from './words/made/common.ts';
import type { CommonWords } from './words/made/types.ts';

/**
 * Names that are never copied: unfinished files, trashed files, and files of the operating system. Uploads, downloads
 * and folder sync all use this list, so that they agree. A move never deletes such a file.
 */

/** Why a name is skipped. */
export type SkippedName = 'unfinished' | 'trashed' | 'system';

/** Being written now, or left incomplete. */
const UNFINISHED: readonly RegExp[] = [
  // Android's MediaProvider while an app is writing: `.pending-<expiry in seconds>-<name>`
  /^\.pending-\d+-/,
  // Replug's own temporary names on the phone
  /\.replug-(?!part$)[0-9a-z]+$/,
  // and those with which it tries what names a disk holds
  /^\.replug-[0-9a-z]+-/,
  // deleted while a program has it open: FUSE and NFS keep it under such a name until it is closed
  /^\.fuse_hidden[0-9a-f]+$/,
  /^\.nfs[0-9a-f]{12,}$/,
];

/** Replug's part files of downloads; on a computer only. */
const PART = /\.replug-part$/;

const TRASHED: readonly RegExp[] = [
  // Android's MediaProvider, for 30 days: `.trashed-<expiry in seconds>-<name>`
  /^\.trashed-\d+-/,
  /^\.trash-\d+$/,
  /^\.trashes$/,
  /^\$recycle\.bin$/,
];

const SYSTEM: readonly RegExp[] = [
  // macOS on foreign file systems: attributes of `x` as `._x`, and its index folders
  /^\._./,
  /^\.(ds_store|appledouble|spotlight-v100|fseventsd|temporaryitems|documentrevisions-v100|localized|apdisk)$/,
  /^icon\r$/,
  // Windows
  /^(thumbs|ehthumbs|ehthumbs_vista)\.db$/,
  /^desktop\.ini$/,
  /^system volume information$/,
  // Synology's index; files recovered by Android's file system check of a card
  /^@eadir$/,
  /^lost\.dir$/,
];

/**
 * Why a file or folder with this name (not a path) is skipped; `undefined` if it is copied. Ignores case. `on` is the
 * side it is on, because some names have a meaning on one side only.
 */
export function skippedName(name: string, on: 'computer' | 'phone'): SkippedName | undefined {
  const folded = name.toLowerCase();
  const matches = (patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(folded));
  if (matches(UNFINISHED) || (on === 'computer' && PART.test(folded))) return 'unfinished';
  if (matches(TRASHED)) return 'trashed';
  return matches(SYSTEM) ? 'system' : undefined;
}

/** Why an item was not copied although nothing went wrong: a key of `skipped` in words/en/common.json. */
export type SkipReason = keyof CommonWords['skipped'];

/** The reason in words; one that an older version wrote into its database is a sentence already. */
export const skippedWords = (why: string, words: CommonWords['skipped'] = commonWords.skipped): string =>
  Object.hasOwn(words, why) ? words[why as SkipReason] : why;

/**
 * Names that no copy takes along: unfinished files, files in a trash, and what an operating system keeps for itself.
 * Uploads, downloads and folder sync ask here, so that they agree; a move never deletes such a file.
 */

/** Why a name is left out. */
export type SkippedName = 'unfinished' | 'trashed' | 'system';

/** Written to right now, or left behind half written. */
const UNFINISHED: readonly RegExp[] = [
  // Android's MediaProvider, while an app writes: `.pending-<expiry in seconds>-<name>`
  /^\.pending-\d+-/,
  // Replug's own temporary names on the phone
  /\.replug-(?!part$)[0-9a-z]+$/,
  /^\.replug-[0-9a-z]+-case$/,
  // deleted while a program has it open: FUSE and NFS keep it under such a name until it is closed
  /^\.fuse_hidden[0-9a-f]+$/,
  /^\.nfs[0-9a-f]{12,}$/,
];

/** Replug's part files of downloads: on a computer only. */
const PART = /\.replug-part$/;

const TRASHED: readonly RegExp[] = [
  // Android's MediaProvider, for 30 days: `.trashed-<expiry in seconds>-<name>`
  /^\.trashed-\d+-/,
  /^\.trash-\d+$/,
  /^\.trashes$/,
  /^\$recycle\.bin$/,
];

const SYSTEM: readonly RegExp[] = [
  // macOS, on every file system that is not its own: attributes of `x` as `._x`, and its indexes
  /^\._./,
  /^\.(ds_store|appledouble|spotlight-v100|fseventsd|temporaryitems|documentrevisions-v100|localized|apdisk)$/,
  /^icon\r$/,
  // Windows
  /^(thumbs|ehthumbs|ehthumbs_vista)\.db$/,
  /^desktop\.ini$/,
  /^system volume information$/,
  // Synology's index; what Android's file system check found on a card
  /^@eadir$/,
  /^lost\.dir$/,
];

/**
 * Why a file or folder of this name (not a path) is left out; `undefined` for one that is copied. Case is ignored.
 * `on`: where it lies, for a name that means something on one side only.
 */
export function skippedName(name: string, on: 'computer' | 'phone'): SkippedName | undefined {
  const folded = name.toLowerCase();
  const matches = (patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(folded));
  if (matches(UNFINISHED) || (on === 'computer' && PART.test(folded))) return 'unfinished';
  if (matches(TRASHED)) return 'trashed';
  return matches(SYSTEM) ? 'system' : undefined;
}

/** The reason in words, as it stands in a report. */
export const SKIPPED_NAME_WORDS: Readonly<Record<SkippedName, string>> = {
  unfinished: 'it is not finished',
  trashed: 'it is in the trash',
  system: 'the system keeps it for itself',
};

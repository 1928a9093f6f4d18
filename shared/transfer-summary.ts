import type { VerifyLevel } from './domain.ts';
import { describeProblem, type Problem } from './errors.ts';
import { commonWords } from './words/made/common.ts';
import type { CommonWords } from './words/made/types.ts';

/** Results of a transfer's items as text, shared by window, desktop and terminal. */

export interface KindCounts {
  readonly files: number;
  readonly folders: number;
}

/** How moved files were verified: each is counted once, by the closest look that was taken at its copy. */
export interface VerifiedCounts {
  /** Files of which only the size was compared. */
  readonly size: number;
  /** Files whose contents were compared as well, all of a small one and samples of a large one. */
  readonly sampled: number;
  /** Files that were compared byte by byte. */
  readonly full: number;
}

/** What of a copy's contents was compared. */
export function contentsChecked(
  { level, bytesCompared }: { readonly level: VerifyLevel; readonly bytesCompared: number },
  { size }: { readonly size: number },
): 'none' | 'samples' | 'all' {
  if (level === 'full' || (size > 0 && bytesCompared >= size)) return 'all';
  return level === 'size' ? 'none' : 'samples';
}

/** `sizes verified, contents of 64 of 1,000 files`; `undefined` where nothing was moved that was verified. */
export function verifiedWords({ size, sampled, full }: VerifiedCounts): string | undefined {
  const all = size + sampled + full;
  const words = commonWords.verified;
  if (all === 0) return undefined;
  if (full === all) return words.full;
  if (size === all) return words.size;
  return size === 0 ? words.sampled : words.partly({ some: sampled + full, all });
}

/**
 * `412 files in 12 folders copied`, `3 folders created`; `undefined` if nothing was copied. Folders count if they hold
 * copied files, whether they existed or were created.
 */
export function summarizeTransfer(moved: KindCounts, alreadyThere: KindCounts): string | undefined {
  const words = commonWords.result;
  if (moved.files === 0) return moved.folders === 0 ? undefined : words.foldersCreated({ count: moved.folders });
  const folders = moved.folders + alreadyThere.folders;
  return folders === 0 ? words.copied({ files: moved.files }) : words.copiedInFolders({ files: moved.files, folders });
}

/** Result for the original of a file to be moved, after its copy was verified. */
export interface Original {
  readonly deleted: boolean;
  /** Why it was kept. If missing, the program ended first, and the original may still exist or not. */
  readonly problem?: Problem;
}

/** Text to append to the copy's result; empty if the original was to be kept. */
export function originalWords(
  original: Original | undefined,
  words: CommonWords['original'] = commonWords.original,
  describe = describeProblem,
): string {
  if (original === undefined) return '';
  if (original.deleted) return words.deleted;
  if (original.problem === undefined) return words.unknown;
  return words.kept({ why: describe(original.problem).what });
}

import type { VerifyLevel } from './domain.ts';
import { describeProblem, type Problem } from './errors.ts';

/** Results of a transfer's items as text, shared by window, desktop and terminal. Pure. */

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

/** The same in words, with the size: for each file of a report. */
export function checkedWords(
  verification: Parameters<typeof contentsChecked>[0],
  file: { readonly size: number },
): string {
  switch (contentsChecked(verification, file)) {
    case 'none':
      return 'size';
    case 'samples':
      return 'size and samples of its contents';
    case 'all':
      return 'size and all of its contents';
  }
}

/**
 * `verified: sizes of all, contents of 64 of 1,000 files`; `undefined` where nothing was moved that was verified.
 * `grouped` formats a number, `counted` one with its noun.
 */
export function verifiedWords(
  { size, sampled, full }: VerifiedCounts,
  grouped: (value: number) => string,
  counted: (value: number, noun: string) => string,
): string | undefined {
  const total = size + sampled + full;
  if (total === 0) return undefined;
  if (full === total) return 'verified byte by byte';
  if (size === total) return 'sizes checked';
  if (size === 0) return 'verified by samples';
  return `verified: sizes of all, contents of ${grouped(sampled + full)} of ${counted(total, 'file')}`;
}

/**
 * `412 files in 12 folders copied`, `3 folders made`; `undefined` if nothing was copied. Folders count if they hold
 * copied files, whether they existed or were created. `counted` formats a number with its noun.
 */
export function summarizeTransfer(
  moved: KindCounts,
  alreadyThere: KindCounts,
  counted: (value: number, noun: string) => string,
): string | undefined {
  if (moved.files === 0) return moved.folders === 0 ? undefined : `${counted(moved.folders, 'folder')} made`;
  const folders = moved.folders + alreadyThere.folders;
  return `${counted(moved.files, 'file')}${folders > 0 ? ` in ${counted(folders, 'folder')}` : ''} copied`;
}

/** Result for the original of a file to be moved, after its copy was verified. */
export interface Original {
  readonly deleted: boolean;
  /** Why it was kept. If missing, the program ended first, and the original may still exist or not. */
  readonly problem?: Problem;
}

/** Text to append to the copy's result; empty if the original was to be kept. */
export function originalWords(original: Original | undefined): string {
  if (original === undefined) return '';
  if (original.deleted) return 'the original was deleted';
  if (original.problem === undefined) return 'the program ended before the original was known to be deleted';
  return `the original was not deleted: ${describeProblem(original.problem).what}`;
}

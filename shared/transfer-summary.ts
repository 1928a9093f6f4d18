import { describeProblem, type Problem } from './errors.ts';

/** Results of a transfer's items as text, shared by window, desktop and terminal. Pure. */

export interface KindCounts {
  readonly files: number;
  readonly folders: number;
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

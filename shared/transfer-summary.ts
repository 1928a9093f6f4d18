import { describeProblem, type Problem } from './errors.ts';

/** What became of a transfer's items, in the words that every door uses. Pure. */

export interface KindCounts {
  readonly files: number;
  readonly folders: number;
}

/**
 * `412 files in 12 folders copied`, `3 folders made`; `undefined` where nothing arrived. A folder that was there already
 * holds copied files as well as one that was made. `counted` writes a number with its noun as the door writes numbers.
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

/** What became of the original of a file that was to be moved, once its copy was checked. */
export interface Original {
  readonly deleted: boolean;
  /** Why it is still there. Without it the program ended first, and it may be there or not. */
  readonly problem?: Problem;
}

/** As it follows what became of the copy; empty where the original was to stay. */
export function originalWords(original: Original | undefined): string {
  if (original === undefined) return '';
  if (original.deleted) return 'the original was deleted';
  if (original.problem === undefined) return 'the program ended before the original was known to be deleted';
  return `the original was not deleted: ${describeProblem(original.problem).what}`;
}

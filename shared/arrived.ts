/** What became of a transfer's items, in the words that every door uses. Pure. */

export interface KindCounts {
  readonly files: number;
  readonly folders: number;
}

/**
 * `412 files in 12 folders copied`, `3 folders made`; `undefined` where nothing arrived. A folder that was there already
 * holds copied files as well as one that was made. `counted` writes a number with its noun as the door writes numbers.
 */
export function arrivedWords(
  moved: KindCounts,
  alreadyThere: KindCounts,
  verb: 'copied' | 'moved',
  counted: (value: number, noun: string) => string,
): string | undefined {
  if (moved.files === 0) return moved.folders === 0 ? undefined : `${counted(moved.folders, 'folder')} made`;
  const folders = moved.folders + alreadyThere.folders;
  return `${counted(moved.files, 'file')}${folders > 0 ? ` in ${counted(folders, 'folder')}` : ''} ${verb}`;
}

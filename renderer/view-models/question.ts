import type { ConflictSide } from '../../shared/snapshots.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** How two files of the same name differ, shown beside each: `newer`, `larger`. */
export function compareSides(
  source: ConflictSide,
  existing: ConflictSide,
): { readonly source: readonly string[]; readonly existing: readonly string[] } {
  const left: string[] = [];
  const right: string[] = [];
  if (source.size === existing.size) {
    left.push(windowWords.question.sameSize);
    right.push(windowWords.question.sameSize);
  } else (source.size > existing.size ? left : right).push(windowWords.question.larger);
  // FAT stores dates in steps of two seconds, so a smaller difference counts as equal.
  if (source.modified !== undefined && existing.modified !== undefined) {
    const apart = source.modified - existing.modified;
    if (Math.abs(apart) > 2000) (apart > 0 ? left : right).push(windowWords.question.newer);
  }
  return { source: left, existing: right };
}

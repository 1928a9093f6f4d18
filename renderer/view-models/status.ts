import type { Listing } from './listing.ts';
import { bytes, counted, number } from './words.ts';

interface Shown {
  readonly shown: number;
  readonly all: number;
  readonly state: 'none' | 'listing' | 'complete' | 'failed' | 'stopped';
  readonly expected: number | undefined;
  readonly filter: string;
}

/** `1,204 items`, `Listing… 3,400 of 50,000`, `12 of 1,204 items`. */
export function folderWords({ shown, all, state, expected, filter }: Shown): string {
  if (state === 'none') return '';
  if (state === 'listing')
    return expected === undefined || expected < all
      ? `Listing… ${number(all)}`
      : `Listing… ${number(all)} of ${number(expected)}`;
  const end = state === 'stopped' ? ', stopped before the end' : '';
  if (filter !== '') return `${number(shown)} of ${counted(all, 'item')}${end}`;
  const hidden = all - shown;
  return `${counted(shown, 'item')}${hidden > 0 ? `, ${number(hidden)} hidden` : ''}${end}`;
}

/** `3 selected, 12.4 MB`. Folders are not included, because their size is unknown. */
export function selectionWords(chosen: ReadonlySet<string>, listing: Pick<Listing, 'indexOf' | 'at'>): string {
  let size = 0;
  let folders = 0;
  for (const name of chosen) {
    const entry = listing.at(listing.indexOf(name));
    if (entry?.kind === 'folder') folders++;
    else size += entry?.size ?? 0;
  }
  const parts = [`${number(chosen.size)} selected`];
  if (folders < chosen.size) parts.push(bytes(size));
  if (folders > 0)
    parts.push(
      folders === chosen.size ? (folders === 1 ? 'a folder' : 'folders') : `and ${counted(folders, 'folder')}`,
    );
  return parts.join(', ').replace(', and', ' and');
}

import type { Instant } from '../../shared/domain.ts';
import { date } from '../../shared/words/locale.ts';
import type { Listing } from './listing.ts';
import { formatBytes } from '../../shared/format.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';

interface Shown {
  readonly shown: number;
  readonly all: number;
  readonly state: 'none' | 'listing' | 'complete' | 'failed' | 'stopped';
  readonly expected: number | undefined;
  readonly filter: string;
  /** As of when the entries are, if they are told from memory. */
  readonly remembered?: Instant | undefined;
}

/** `1,204 items`, `Listing… 3,400 of 50,000`, `12 of 1,204 items`. */
export function folderWords({ shown, all, state, expected, filter, remembered }: Shown): string {
  const words = windowWords.folder;
  if (state === 'none') return '';
  if (remembered !== undefined) {
    const when = date(remembered, { dateStyle: 'medium', timeStyle: 'short' });
    const items = countWords(shown, all, filter);
    return state === 'listing' ? words.remembered({ items, when }) : words.rememberedOnly({ items, when });
  }
  if (state === 'listing')
    return expected === undefined || expected < all
      ? words.listing({ count: all })
      : words.listingOf({ count: all, expected });
  const items = countWords(shown, all, filter);
  return state === 'stopped' ? words.stoppedEarly({ words: items }) : items;
}

function countWords(shown: number, all: number, filter: string): string {
  if (filter !== '') return windowWords.folder.filtered({ shown, all });
  const items = commonWords.count.items({ count: shown });
  return all > shown ? windowWords.folder.hiddenToo({ words: items, hidden: all - shown }) : items;
}

/** `3 selected, 12.4 MB`. Folders are not included, because their size is unknown. */
export function selectionWords(chosen: ReadonlySet<string>, listing: Pick<Listing, 'indexOf' | 'at'>): string {
  let bytes = 0;
  let folders = 0;
  for (const name of chosen) {
    const entry = listing.at(listing.indexOf(name));
    if (entry?.kind === 'folder') folders++;
    else bytes += entry?.size ?? 0;
  }
  const words = windowWords.folder;
  const count = chosen.size;
  if (folders === count && count > 0) return words.selectedFolders({ count });
  const size = formatBytes(bytes);
  return folders > 0 ? words.selectedMixed({ count, size, folders }) : words.selectedSize({ count, size });
}

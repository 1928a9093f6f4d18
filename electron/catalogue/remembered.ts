import { CATALOGUE_KINDS } from '../../shared/catalogue-kinds.ts';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import type { FolderSnapshot } from '../../shared/snapshots.ts';
import type { Catalogue } from './catalogue.ts';
import { rowAt } from './tree.ts';

/** Entries told at once, and at most in all: more is not faster than the phone itself. */
const PIECE = 2_000;
const MOST = 20_000;

type Tell = (snapshot: FolderSnapshot) => void;

/** What is remembered of a folder, if it was listed whole once; told as such. */
function remembered(catalogue: Catalogue, place: PhonePlace): readonly FolderSnapshot[] {
  const store = catalogue.of(place.device)?.store;
  const row = store === undefined ? undefined : rowAt(store, place.storage, place.path);
  const folder = row === undefined ? undefined : store?.folder(row.id);
  if (store === undefined || folder?.seen === undefined) return [];
  const entries: Entry[] = [];
  for (let after = 0; ;) {
    const rows = store.childrenAfter(folder.id, after, PIECE);
    for (const { name, kind, size, modified } of rows)
      entries.push({ name, kind: CATALOGUE_KINDS[kind] === 'folder' ? 'folder' : 'file', size, modified });
    if (entries.length > MOST) return [];
    if (rows.length < PIECE) break;
    after = rows.at(-1)?.id ?? after;
  }
  return Array.from({ length: Math.max(1, Math.ceil(entries.length / PIECE)) }, (_, index) => ({
    place,
    reset: index === 0,
    entries: entries.slice(index * PIECE, (index + 1) * PIECE),
    state: 'listing' as const,
    expected: entries.length,
    unreadable: 0,
    problem: undefined,
    remembered: folder.seen,
  }));
}

/**
 * The stream of a folder, with what is remembered of it shown until the phone has answered. A listing that has told
 * nothing yet leaves it there; the first entries, the end or a problem replace it.
 */
export function watchFolder(
  catalogue: Catalogue,
  watch: (place: PhonePlace, tell: Tell) => () => void,
  place: PhonePlace,
  tell: Tell,
): () => void {
  let isShown = false;
  try {
    for (const snapshot of remembered(catalogue, place)) {
      isShown = true;
      tell(snapshot);
    }
  } catch {
    // it is a convenience: the phone is asked in any case
  }
  return watch(place, (snapshot) => {
    if (!isShown) {
      tell(snapshot);
      return;
    }
    // it begins: nothing is known yet that would be better
    if (snapshot.state === 'listing' && snapshot.entries.length === 0) return;
    isShown = false;
    tell({ ...snapshot, reset: true });
  });
}

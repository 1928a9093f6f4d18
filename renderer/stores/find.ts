import { create } from 'zustand';
import type { SearchOrder, SearchSnapshot } from '../../shared/catalogue.ts';
import type { DeviceKey, PhonePlace } from '../../shared/domain.ts';
import type { Problem } from '../../shared/errors.ts';
import { bridge } from '../bridge/current.ts';
import { Found, PAGE } from '../view-models/found.ts';
import { NOTHING, type Selection } from '../view-models/selection.ts';

/** The search of a phone, or of all, in place of the open folder. */
interface Find {
  readonly isOpen: boolean;
  /** It opened by itself, because the folder had nothing of what was typed into its filter. */
  readonly isFromFilter: boolean;
  readonly words: string;
  /** The phone that is searched; `undefined` for all. */
  readonly device: DeviceKey | undefined;
  readonly order: SearchOrder;
  /** What the search has told last; of the words before until it has told of the new ones. */
  readonly told: SearchSnapshot | undefined;
  readonly problem: Problem | undefined;
  readonly found: Found;
  /** The results are large and mutable; a new version number tells React that they changed. */
  readonly version: number;
  readonly selection: Selection;
}

/** The open search and its results. */
export const useFind = create<Find>()(() => ({
  isOpen: false,
  isFromFilter: false,
  words: '',
  device: undefined,
  order: 'best',
  told: undefined,
  problem: undefined,
  found: new Found(),
  version: 0,
  selection: NOTHING,
}));

const set = useFind.setState;
const get = useFind.getState;

/** Subscriptions to pages of the results, each with what ends it. The first page stays; others last while they are drawn. */
const pages = new Map<number, () => void>();
/** Counts searches: what comes late from an earlier one is left out. */
let search = 0;
/** The last search of which something is shown. */
let shown = 0;
/** Results of the words before stand without a word for so many milliseconds: drawing one would delay what comes then. */
const PATIENCE_MS = 100;
let saying: ReturnType<typeof setTimeout> | undefined;

/** Searches one phone, or all, until it is closed. */
export function openFind(words: string, device: DeviceKey | undefined, isFromFilter = false): void {
  set({ isOpen: true, isFromFilter });
  searchFor({ words, device });
}

/** Ends the search; the folder is shown again. */
export function closeFind(): void {
  if (!get().isOpen) return;
  stop();
  set({ isOpen: false, words: '', told: undefined, problem: undefined, found: new Found(), selection: NOTHING });
}

/** Searches for other words, elsewhere, or in another order. The results before stay until new ones are here. */
export function searchFor(change: Partial<Pick<Find, 'words' | 'device' | 'order'>>): void {
  stop();
  set({ ...change, selection: NOTHING });
  subscribe(0);
}

function stop(): void {
  search += 1;
  clearTimeout(saying);
  for (const end of pages.values()) end();
  pages.clear();
}

function subscribe(page: number): void {
  const mine = search;
  const { words, device, order } = get();
  const end = bridge.subscribe(
    'search',
    { text: words, device, order, offset: page * PAGE, limit: PAGE },
    ({ snapshot }) => {
      if (mine !== search) return;
      if (shown !== mine && snapshot.state === 'searching' && snapshot.total === 0) {
        // nothing is known yet: rows that went now would be drawn anew in a moment
        if (page === 0) say(snapshot);
        return;
      }
      clearTimeout(saying);
      const found = shown === mine ? get().found : new Found();
      shown = mine;
      found.tell(snapshot.total, page, snapshot.results);
      set((state) => ({
        found,
        version: state.version + 1,
        problem: undefined,
        told: page === 0 ? snapshot : state.told,
      }));
    },
    (problem) => {
      clearTimeout(saying);
      if (mine === search) set({ problem, told: undefined, found: new Found() });
    },
  );
  pages.set(page, end);
}

/** Tells that something is looked for: at once where no rows would be told to be its own, otherwise after a moment. */
function say(told: SearchSnapshot): void {
  const tell = (): void => set({ problem: undefined, told });
  clearTimeout(saying);
  if (get().found.length === 0 || get().problem !== undefined) tell();
  else saying = setTimeout(tell, PATIENCE_MS);
}

/** Subscribes to the results between two positions, and gives up those that are not drawn any more. */
export function showFound(from: number, to: number): void {
  const { found } = get();
  const wanted = new Set(found.pagesOf(from, to));
  for (const [page, end] of pages) {
    if (page === 0 || wanted.has(page)) continue;
    end();
    pages.delete(page);
  }
  for (const page of wanted) if (!pages.has(page)) subscribe(page);
}

/** Fetches the results between two positions, to choose them all; false if the search has become another one meanwhile. */
export async function fetchFound(from: number, to: number): Promise<boolean> {
  const mine = search;
  const { found } = get();
  const missing = found.pagesOf(Math.min(from, to), Math.max(from, to)).filter((page) => !found.has(page));
  const next = async (): Promise<void> => {
    const page = missing.shift();
    if (page === undefined || mine !== search) return;
    await fetchPage(page, found);
    return next();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  if (mine !== search) return false;
  set((state) => ({ version: state.version + 1 }));
  return true;
}

/** Pages that are fetched at once. */
const AT_ONCE = 4;

function fetchPage(page: number, found: Found): Promise<void> {
  const { words, device, order } = get();
  return new Promise((fetched) => {
    const end = bridge.subscribe(
      'search',
      { text: words, device, order, offset: page * PAGE, limit: PAGE },
      ({ snapshot }) => {
        found.tell(snapshot.total, page, snapshot.results);
        // A bridge never calls back synchronously, so `end` is assigned by the time it is used.
        end();
        fetched();
      },
      () => fetched(),
    );
  });
}

/** Replaces the selection among the results. */
export const selectFound = (selection: Selection): void => set({ selection });

/** The chosen results that are still among them. */
export function chosenFound(): readonly PhonePlace[] {
  const { selection, found } = get();
  return [...selection.chosen].flatMap((id) => {
    const one = found.at(found.indexOf(id));
    return one === undefined ? [] : [one.place];
  });
}

import { create } from 'zustand';
import type { Entry, Instant, PhonePlace } from '../../shared/domain.ts';
import type { Problem } from '../../shared/errors.ts';
import type { FolderSnapshot } from '../../shared/snapshots.ts';
import { bridge } from '../bridge/current.ts';
import { BY_NAME, Listing, type Sort } from '../view-models/listing.ts';

/** Entries merged into the list per frame. */
const PIECE = 2000;

interface Folder {
  readonly place: PhonePlace | undefined;
  readonly state: 'none' | 'listing' | 'complete' | 'failed' | 'stopped';
  readonly expected: number | undefined;
  readonly unreadable: number;
  readonly problem: Problem | undefined;
  /** The entries are remembered, as of then: the phone has not answered yet. */
  readonly remembered: Instant | undefined;
  /** The listing is large and mutable; a new version number tells React that it changed. */
  readonly version: number;
  readonly listing: Listing;
  readonly sort: Sort;
  readonly sorting: boolean;
  readonly filter: string;
}

/** The open folder and its listing. */
export const useFolder = create<Folder>()(() => ({
  place: undefined,
  state: 'none',
  expected: undefined,
  unreadable: 0,
  problem: undefined,
  remembered: undefined,
  version: 0,
  listing: new Listing(),
  sort: BY_NAME,
  sorting: false,
  filter: '',
}));

const set = useFolder.setState;
const get = useFolder.getState;
const changed = (): void => set((state) => ({ version: state.version + 1 }));

let end: (() => void) | undefined;
/** Entries that have arrived but are not merged yet. */
let queue: Entry[] = [];
/** A second listing of the shown folder. It replaces the first one when complete, so that nothing flickers. */
let next: Listing | undefined;
let arrived: FolderSnapshot | undefined;
let pumping = false;

/** Lists a folder in place of the one before; `undefined` only ends that one. */
export function openFolder(place: PhonePlace | undefined): void {
  end?.();
  end = undefined;
  queue = [];
  next = undefined;
  arrived = undefined;
  const listing = fresh();
  set({
    place,
    state: place === undefined ? 'none' : 'listing',
    expected: undefined,
    unreadable: 0,
    problem: undefined,
    remembered: undefined,
    listing,
    filter: '',
  });
  listing.setFilter('');
  changed();
  if (place === undefined) return;
  end = bridge.subscribe(
    'folder',
    { place },
    ({ snapshot }) => receive(snapshot),
    (problem) => set({ state: 'failed', problem }),
  );
}

function fresh(): Listing {
  const { listing, sort } = get();
  const made = new Listing();
  made.setSort(sort);
  made.setHidden(listing.hidden);
  made.setFilter(get().filter);
  return made;
}

/** Stops listing; entries received so far stay. */
export function stopListing(): void {
  end?.();
  end = undefined;
  if (get().state === 'listing') set({ state: 'stopped' });
}

function receive(snapshot: FolderSnapshot): void {
  if (snapshot.reset) {
    queue = [];
    if (get().listing.entries.length > 0) next = fresh();
    else get().listing.clear();
  }
  for (const entry of snapshot.entries) queue.push(entry);
  arrived = snapshot;
  set({
    expected: snapshot.expected,
    unreadable: snapshot.unreadable,
    ...(snapshot.remembered === undefined ? {} : { remembered: snapshot.remembered }),
  });
  pump();
}

function pump(): void {
  if (pumping) return;
  pumping = true;
  const step = (): void => {
    const target = next ?? get().listing;
    if (queue.length > 0) target.append(queue.splice(0, PIECE));
    if (queue.length > 0) {
      changed();
      setTimeout(step);
      return;
    }
    pumping = false;
    settle();
    changed();
  };
  step();
}

function settle(): void {
  if (arrived === undefined) return;
  const { state, problem } = arrived;
  // If listing the folder again fails, the old entries stay and the problem is shown above them.
  if (next !== undefined && state === 'complete') {
    set({ listing: next });
    next = undefined;
  }
  if (state !== 'listing') next = undefined;
  if (state === 'complete') set({ remembered: arrived.remembered });
  if (get().state !== 'stopped') set({ state, problem });
}

let sortRun = 0;

/** Sorts in pieces of 8 ms, so that the window stays responsive; a newer call or another folder ends it. */
export function sortFolder(sort: Sort): void {
  const { listing } = get();
  const steps = listing.sorting(sort);
  const mine = ++sortRun;
  set({ sort, sorting: true });
  const step = (): void => {
    if (mine !== sortRun || listing !== get().listing) return;
    const until = performance.now() + 8;
    while (performance.now() < until)
      if (steps.next().done === true) {
        set({ sorting: false });
        changed();
        return;
      }
    setTimeout(step);
  };
  step();
}

/** Shows only names that contain this text, in any case; empty shows all again. */
export function filterFolder(filter: string): void {
  get().listing.setFilter(filter);
  next?.setFilter(filter);
  set({ filter });
  changed();
}

/** Shows or hides hidden files in this window; does not change the setting. */
export function showHidden(shown: boolean): void {
  get().listing.setHidden(shown);
  next?.setHidden(shown);
  changed();
}

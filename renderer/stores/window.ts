import { create } from 'zustand';
import type { Device, LocalPath, PhonePath, PhonePlace, StorageKey, TransferId } from '../../shared/domain.ts';
import type { SyncPair } from '../../shared/sync.ts';
import { NOTHING, prune, type Selection } from '../view-models/selection.ts';
import { parent, samePlace } from '../view-models/places.ts';
import { openFolder, useFolder } from './folder.ts';

/** What is purely of the window: where it looks, what is chosen, what is open. */

export type PairForm =
  | { readonly device: Device; readonly storage?: StorageKey | undefined; readonly phone?: PhonePath | undefined }
  | { readonly pair: SyncPair };

export type Dialog =
  | { readonly kind: 'delete'; readonly places: readonly PhonePlace[] }
  | { readonly kind: 'question'; readonly transfer: TransferId }
  | { readonly kind: 'report'; readonly transfer: TransferId; readonly title: string }
  | {
      readonly kind: 'pick';
      readonly want: 'folder' | 'file';
      readonly title: string;
      readonly action: string;
      readonly picked: (path: LocalPath) => void;
    }
  /** A new pair with a phone, or one to be changed. */
  | { readonly kind: 'pair'; readonly form: PairForm }
  | { readonly kind: 'settings' }
  | { readonly kind: 'shortcuts' };

export type Layout = 'list' | 'grid';

interface Window {
  readonly place: PhonePlace | undefined;
  readonly back: readonly PhonePlace[];
  readonly forward: readonly PhonePlace[];
  readonly page: 'browse' | 'history' | 'sync';
  readonly layout: Layout;
  readonly selection: Selection;
  readonly renaming: string | undefined;
  /** A folder that is being named before it is made. */
  readonly making: boolean;
  readonly inspector: boolean;
  readonly drawer: boolean;
  readonly sidebar: boolean;
  readonly dialog: Dialog | undefined;
  /** Cut or copied on the phone. */
  readonly clipboard: { readonly kind: 'copy' | 'move'; readonly places: readonly PhonePlace[] } | undefined;
  /** Entries that are being dragged or deleted, drawn faintly. */
  readonly leaving: ReadonlySet<string>;
}

export const useWindow = create<Window>()(() => ({
  place: undefined,
  back: [],
  forward: [],
  page: 'browse',
  layout: 'list',
  selection: NOTHING,
  renaming: undefined,
  making: false,
  inspector: false,
  drawer: true,
  sidebar: false,
  dialog: undefined,
  clipboard: undefined,
  leaving: new Set(),
}));

const set = useWindow.setState;
const get = useWindow.getState;

function show(place: PhonePlace | undefined, focus?: string): void {
  const selection = focus === undefined ? NOTHING : { chosen: new Set([focus]), anchor: focus, focus };
  set({ place, page: 'browse', selection, renaming: undefined, making: false, sidebar: false });
  openFolder(place);
}

export function go(place: PhonePlace, focus?: string): void {
  const { place: from, back } = get();
  if (samePlace(from, place)) {
    set({ page: 'browse', sidebar: false });
    return;
  }
  set({ back: from === undefined ? back : [...back, from].slice(-100), forward: [] });
  show(place, focus);
}

export function goBack(): void {
  const { place, back, forward } = get();
  const to = back.at(-1);
  if (to === undefined) return;
  set({ back: back.slice(0, -1), forward: place === undefined ? forward : [place, ...forward] });
  show(to);
}

export function goForward(): void {
  const { place, back, forward } = get();
  const [to, ...rest] = forward;
  if (to === undefined) return;
  set({ back: place === undefined ? back : [...back, place], forward: rest });
  show(to);
}

/** To the folder above; the one we come from is chosen there, as file managers do. */
export function goUp(): void {
  const { place } = get();
  const above = place === undefined ? undefined : parent(place);
  if (place !== undefined && above !== undefined) go(above, place.path.split('/').at(-1));
}

/** Lists the shown place again from the start: after a phone came back. */
export const reopen = (): void => openFolder(get().place);

export const leave = (): void => show(undefined);

export const select = (selection: Selection): void => set({ selection });
/** After a filter or a new listing; while it is being listed, what is missing may still come. */
export const pruneSelection = (): void =>
  set((state) => {
    if (useFolder.getState().state === 'listing') return state;
    const selection = prune(state.selection, useFolder.getState().listing);
    return selection === state.selection ? state : { selection };
  });

export const openDialog = (dialog: Dialog): void => set({ dialog });
export const closeDialog = (): void => set({ dialog: undefined });

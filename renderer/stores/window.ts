import { create } from 'zustand';
import {
  samePlace,
  type Device,
  type DeviceKey,
  type LocalPath,
  type PhonePath,
  type PhonePlace,
  type StorageKey,
  type TransferId,
} from '../../shared/domain.ts';
import type { CopyId } from '../../shared/opening.ts';
import type { SyncPair } from '../../shared/sync.ts';
import { NOTHING, only, prune, type Selection } from '../view-models/selection.ts';
import { parent } from '../view-models/places.ts';
import { closeFind } from './find.ts';
import { openFolder, useFolder } from './folder.ts';

/** State of the window itself: the open folder, the selection, the open dialog. */

/** What the pair form starts from: a phone for a new pair, or the pair to be changed. */
export type PairForm =
  | { readonly device: Device; readonly storage?: StorageKey | undefined; readonly phone?: PhonePath | undefined }
  | { readonly pair: SyncPair };

/** The dialog that is open, with what it needs; there is never more than one. */
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
  /** Creates a folder pair with a phone, or edits an existing one. */
  | { readonly kind: 'pair'; readonly form: PairForm }
  /** The phone is a drive under this address. */
  | { readonly kind: 'drive'; readonly device: string; readonly url: string }
  /** The report of a phone, or of this computer alone. */
  | { readonly kind: 'phone-report'; readonly device: DeviceKey | undefined }
  /** Compares a copy on this computer with it. */
  | { readonly kind: 'verify'; readonly place: PhonePlace; readonly want: 'file' | 'folder' }
  /** A large look at the entry that has the focus. */
  | { readonly kind: 'look' }
  /** Asks before what is remembered of a phone is deleted. */
  | { readonly kind: 'forget'; readonly device: DeviceKey; readonly name: string }
  /** Asks before the changes to a copy are given up. */
  | { readonly kind: 'discard'; readonly copy: CopyId; readonly name: string }
  /** Where photos of a phone are imported to. */
  | { readonly kind: 'photo-settings'; readonly device: DeviceKey }
  /** Deletes photos on the phone whose copies are proved. */
  | { readonly kind: 'free'; readonly device: DeviceKey }
  | { readonly kind: 'settings' }
  | { readonly kind: 'shortcuts' };

/** How the entries of a folder are laid out. */
export type Layout = 'list' | 'grid';

interface Window {
  readonly place: PhonePlace | undefined;
  readonly back: readonly PhonePlace[];
  readonly forward: readonly PhonePlace[];
  readonly page: 'browse' | 'history' | 'sync' | 'space' | 'photos';
  readonly layout: Layout;
  readonly selection: Selection;
  readonly renaming: string | undefined;
  /** True while a new folder is being named, before it is created. */
  readonly making: boolean;
  readonly inspector: boolean;
  readonly drawer: boolean;
  readonly sidebar: boolean;
  readonly dialog: Dialog | undefined;
  /** Entries of the phone that were cut or copied. */
  readonly clipboard: { readonly kind: 'copy' | 'move'; readonly places: readonly PhonePlace[] } | undefined;
  /** Entries being dragged or deleted; drawn dimmed. */
  readonly leaving: ReadonlySet<string>;
}

/** What this window shows; nothing in it outlives the window. */
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
  const selection = focus === undefined ? NOTHING : only(focus);
  closeFind();
  set({ place, page: 'browse', selection, renaming: undefined, making: false, sidebar: false });
  openFolder(place);
}

/** Opens a folder and remembers the one before for *Back*, at most 100; `focus` is the name to start at. */
export function go(place: PhonePlace, focus?: string): void {
  const { place: from, back } = get();
  if (samePlace(from, place)) {
    closeFind();
    set({ page: 'browse', sidebar: false, ...(focus === undefined ? {} : { selection: only(focus) }) });
    return;
  }
  set({ back: from === undefined ? back : [...back, from].slice(-100), forward: [] });
  show(place, focus);
}

/** Opens the folder before; does nothing at the beginning. */
export function goBack(): void {
  const { place, back, forward } = get();
  const to = back.at(-1);
  if (to === undefined) return;
  set({ back: back.slice(0, -1), forward: place === undefined ? forward : [place, ...forward] });
  show(to);
}

/** Opens the folder that *Back* left; does nothing if there is none. */
export function goForward(): void {
  const { place, back, forward } = get();
  const [to, ...rest] = forward;
  if (to === undefined) return;
  set({ back: place === undefined ? back : [...back, place], forward: rest });
  show(to);
}

/** Opens the parent folder and selects the one we came from, as file managers do. */
export function goUp(): void {
  const { place } = get();
  const above = place === undefined ? undefined : parent(place);
  if (place !== undefined && above !== undefined) go(above, place.path.split('/').at(-1));
}

/** Lists the open folder from the start, after its phone came back. */
export const reopen = (): void => openFolder(get().place);

/** Closes the open folder, without a trace in *Back*. */
export const leave = (): void => show(undefined);

/** Replaces the selection of the open folder. */
export const select = (selection: Selection): void => set({ selection });
/** Drops selected entries that are no longer shown. Does nothing while listing, since they may still arrive. */
export const pruneSelection = (): void =>
  set((state) => {
    if (useFolder.getState().state === 'listing') return state;
    const selection = prune(state.selection, useFolder.getState().listing);
    return selection === state.selection ? state : { selection };
  });

/** Opens a dialog in place of any other. */
export const openDialog = (dialog: Dialog): void => set({ dialog });
/** Closes the dialog, without any answer. */
export const closeDialog = (): void => set({ dialog: undefined });

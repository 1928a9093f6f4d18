import {
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { ContextMenu } from '../parts/menu.tsx';
import { chosenPlaces } from '../stores/actions.ts';
import { useBackedUpOf } from '../stores/backed-up.ts';
import { dropTarget } from '../stores/dropping.ts';
import { useFolderSumsOf } from '../stores/folder-sums.ts';
import { useFolder } from '../stores/folder.ts';
import { isMac, useHost } from '../stores/host.ts';
import { pruneSelection, select, useWindow } from '../stores/window.ts';
import { placeName } from '../view-models/places.ts';
import * as selecting from '../view-models/selection.ts';
import { entryMenu } from './entry-menu.ts';
import { Empty, FolderNotes } from './folder-notes.tsx';
import { rowId } from './entry.tsx';
import { FindOffer } from './find-offer.tsx';
import { Grid } from './grid.tsx';
import { List } from './list.tsx';
import { useColumns } from './columns.ts';
import { onKey, open } from './pane-keys.ts';
import { beginDrag } from './phone-drag.ts';
import { TILE } from './sizes.ts';
import { isTextField } from './system-drop.ts';
import './list.css';
import { windowWords } from '../../shared/words/made/window.ts';

/** The open folder: its rows or tiles, keyboard and pointer handling. */
export function Pane({ place }: { readonly place: PhonePlace }): ReactNode {
  // State, not a ref, so that the rows are rendered again once the element exists and can be measured.
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const layout = useWindow((state) => state.layout);
  const selection = useWindow((state) => state.selection);
  const devices = useHost((state) => state.devices?.devices);
  const listing = useFolder((state) => state.listing);
  const version = useFolder((state) => state.version);
  const columns = useColumns(scroller, layout === 'grid' ? TILE.width : 0);
  const typing = useRef<selecting.Typing>(undefined);

  useBackedUpOf(place);
  useFolderSumsOf(place);
  useEffect(pruneSelection, [version]);
  useEffect(() => {
    scroller?.scrollTo(0, 0);
    // whoever types a filter goes on typing when a search has ended and the folder is shown again
    if (!isTextField(document.activeElement)) scroller?.focus({ preventScroll: true });
  }, [place, scroller]);

  const elsewhere = useWindow((state) => state.dialog !== undefined || state.renaming !== undefined || state.making);
  useEffect(() => {
    // The focused element disappeared with a dialog or a name field.
    if (!elsewhere && document.activeElement === document.body) scroller?.focus({ preventScroll: true });
  }, [elsewhere, scroller]);

  const position = selection.focus === undefined ? -1 : listing.indexOf(selection.focus);
  const common = {
    ref: setScroller,
    className: 'files',
    tabIndex: 0,
    'aria-multiselectable': true,
    'aria-label': windowWords.folder.filesIn({ folder: placeName(place, devices ?? []) }),
    ...(position === -1 ? {} : { 'aria-activedescendant': rowId(position) }),
    onKeyDown: (event: KeyboardEvent) => onKey(event, place, layout === 'grid' ? columns : 1, scroller, typing),
    onPointerDown: (event: PointerEvent) => onPress(event),
    onClick: (event: MouseEvent) => onClick(event),
    onDoubleClick: (event: MouseEvent) => {
      const entry = entryAt(event.target);
      if (entry !== undefined) open(place, entry);
    },
    onContextMenu: (event: MouseEvent) => {
      const name = nameAt(event.target);
      const { selection: now } = useWindow.getState();
      // Opened with the keyboard, the menu applies to the selection.
      if (name !== undefined) select(selecting.context(now, name));
      else if (event.button === 2 || event.detail > 0) select(selecting.none(now));
    },
  } as const;

  return (
    <div className="pane" {...dropTarget(place, placeName(place, devices ?? []))}>
      <FolderNotes />
      <FindOffer />
      <ContextMenu items={() => entryMenu(place)}>
        {layout === 'list' ? (
          <div role="grid" aria-rowcount={listing.length + 1} {...common}>
            <List place={place} scroller={scroller} />
            <Empty />
          </div>
        ) : (
          <div role="listbox" {...common}>
            <Grid place={place} scroller={scroller} columns={columns} />
            <Empty />
          </div>
        )}
      </ContextMenu>
      <div className="pane-frame" />
    </div>
  );
}

const nameAt = (target: EventTarget): string | undefined =>
  (target as Element).closest('[data-name]')?.getAttribute('data-name') ?? undefined;
function entryAt(target: EventTarget): Entry | undefined {
  const name = nameAt(target);
  const { listing } = useFolder.getState();
  return name === undefined ? undefined : listing.at(listing.indexOf(name));
}

const toggleKey = (event: { ctrlKey: boolean; metaKey: boolean }): boolean => (isMac() ? event.metaKey : event.ctrlKey);

/** Pressing selects at once, except on a selected entry, which may be the start of a drag; then the click decides. */
function onPress(event: PointerEvent): void {
  if (event.button !== 0) return;
  const name = nameAt(event.target);
  const { selection } = useWindow.getState();
  const { listing } = useFolder.getState();
  if (name === undefined) {
    if ((event.target as Element).closest('.list-head') === null) select(selecting.none(selection));
    return;
  }
  const keys = { range: event.shiftKey, toggle: toggleKey(event) };
  if (!selection.chosen.has(name) || keys.range || keys.toggle) select(selecting.click(selection, listing, name, keys));
  if (event.pointerType !== 'touch') beginDrag(event.nativeEvent, chosenPlaces);
}

function onClick(event: MouseEvent): void {
  const name = nameAt(event.target);
  const { selection } = useWindow.getState();
  if (name !== undefined && !event.shiftKey && !toggleKey(event) && selection.chosen.size > 1)
    select(selecting.only(name));
}

import {
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
} from 'react';
import { describeProblem } from '../../shared/errors.ts';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { Button } from '../parts/button.tsx';
import { ContextMenu } from '../parts/menu.tsx';
import { askToDelete, chosenPlaces, paste, toClipboard } from '../stores/actions.ts';
import { dropTarget } from '../stores/dropping.ts';
import { filterFolder, useFolder } from '../stores/folder.ts';
import { isMac, run, useHost } from '../stores/host.ts';
import { undoLast } from '../stores/undo.ts';
import { go, pruneSelection, select, useWindow } from '../stores/window.ts';
import { paneCommand, type PaneCommand, type Step } from '../view-models/keys.ts';
import { child, placeName } from '../view-models/places.ts';
import * as selecting from '../view-models/selection.ts';
import { entryMenu } from './entry-menu.ts';
import { Grid, TILE } from './grid.tsx';
import { List, ROW, rowId } from './list.tsx';
import { beginDrag } from './phone-drag.ts';
import './list.css';

/** The folder that is shown: its rows or tiles, the keyboard, the pointer. */
export function Pane({ place }: { readonly place: PhonePlace }): ReactNode {
  // State rather than a ref: the rows are drawn once more when the element is there to be measured.
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const layout = useWindow((state) => state.layout);
  const selection = useWindow((state) => state.selection);
  const devices = useHost((state) => state.devices?.devices);
  const listing = useFolder((state) => state.listing);
  const version = useFolder((state) => state.version);
  const columns = useColumns(scroller, layout === 'grid');
  const typing = useRef<selecting.Typing>(undefined);

  useEffect(pruneSelection, [version]);
  useEffect(() => {
    scroller?.scrollTo(0, 0);
    scroller?.focus({ preventScroll: true });
  }, [place, scroller]);

  const elsewhere = useWindow((state) => state.dialog !== undefined || state.renaming !== undefined || state.making);
  useEffect(() => {
    // What had the focus has gone with the dialog or the name that was edited.
    if (!elsewhere && document.activeElement === document.body) scroller?.focus({ preventScroll: true });
  }, [elsewhere, scroller]);

  const position = selection.focus === undefined ? -1 : listing.indexOf(selection.focus);
  const common = {
    ref: setScroller,
    className: 'files',
    tabIndex: 0,
    'aria-multiselectable': true,
    'aria-label': `Files in ${placeName(place, devices ?? [])}`,
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
      // From the keyboard the menu belongs to what is chosen.
      if (name !== undefined) select(selecting.context(now, name));
      else if (event.button === 2 || event.detail > 0) select(selecting.none(now));
    },
  } as const;

  return (
    <div className="pane" {...dropTarget(place, placeName(place, devices ?? []))}>
      <FolderNotes />
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

function useColumns(element: HTMLDivElement | null, wanted: boolean): number {
  const [columns, setColumns] = useState(4);
  useEffect(() => {
    if (element === null || !wanted) return;
    const observer = new ResizeObserver(() =>
      setColumns(Math.max(1, Math.floor((element.clientWidth - 16) / TILE.width))),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, wanted]);
  return columns;
}

const nameAt = (target: EventTarget): string | undefined =>
  (target as Element).closest('[data-name]')?.getAttribute('data-name') ?? undefined;
function entryAt(target: EventTarget): Entry | undefined {
  const name = nameAt(target);
  const { listing } = useFolder.getState();
  return name === undefined ? undefined : listing.at(listing.indexOf(name));
}

export function open(place: PhonePlace, entry: Entry): void {
  if (entry.kind === 'folder') go(child(place, entry.name));
  else useWindow.setState({ inspector: true });
}

const toggleKey = (event: { ctrlKey: boolean; metaKey: boolean }): boolean => (isMac() ? event.metaKey : event.ctrlKey);

/** A press chooses at once, unless it may be the start of dragging several: then the click decides. */
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

function onKey(
  event: KeyboardEvent,
  place: PhonePlace,
  columns: number,
  scroller: HTMLElement | null,
  typing: { current: selecting.Typing | undefined },
): void {
  // Keys pressed in a column header or in a name belong to those.
  if (event.target !== scroller || event.nativeEvent.isComposing) return;
  const command = paneCommand(
    { key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, shift: event.shiftKey },
    isMac(),
  );
  if (command === undefined) return;
  // The paste event follows the key, and may bring files of the system.
  if (command.kind !== 'paste') event.preventDefault();
  event.stopPropagation();
  perform(command, place, columns, scroller, typing);
}

function perform(
  command: PaneCommand,
  place: PhonePlace,
  columns: number,
  scroller: HTMLElement | null,
  typing: { current: selecting.Typing | undefined },
): void {
  const { selection } = useWindow.getState();
  const { listing } = useFolder.getState();
  // Any other key ends the name that was being typed.
  if (command.kind !== 'type') typing.current = undefined;
  switch (command.kind) {
    case 'move': {
      const by = way(command.step, columns, scroller);
      if (by === 0) return;
      select(
        command.walk ? selecting.walk(selection, listing, by) : selecting.move(selection, listing, by, command.range),
      );
      return;
    }
    case 'type': {
      const { typing: now, again } = selecting.typed(typing.current, command.letter, Date.now());
      typing.current = now;
      const from = selection.focus === undefined ? 0 : listing.indexOf(selection.focus) + (again ? 1 : 0);
      const found = listing.idAt(listing.startingWith(now.letters, Math.max(0, from)));
      if (found !== undefined) select(selecting.only(found));
      return;
    }
    case 'open': {
      const entry = selection.focus === undefined ? undefined : listing.at(listing.indexOf(selection.focus));
      if (entry !== undefined) open(place, entry);
      return;
    }
    case 'rename':
      if (selection.chosen.size === 1) useWindow.setState({ renaming: [...selection.chosen][0] });
      return;
    case 'delete':
      askToDelete();
      return;
    case 'select-all':
      select(selecting.all(selection, listing));
      return;
    case 'clear':
      if (selection.chosen.size > 0) select(selecting.none(selection));
      else filterFolder('');
      return;
    case 'toggle':
      if (selection.focus !== undefined)
        select(selecting.click(selection, listing, selection.focus, { range: false, toggle: true }));
      return;
    case 'copy':
      toClipboard('copy');
      return;
    case 'cut':
      toClipboard('move');
      return;
    case 'paste': {
      // Files of the system come with the paste event and stop it; without one it is ours.
      const ours = setTimeout(paste, 60);
      document.addEventListener('paste', (event) => (event.defaultPrevented ? clearTimeout(ours) : undefined), {
        once: true,
      });
      return;
    }
    case 'undo':
      undoLast();
      return;
    case 'preview':
      useWindow.setState((state) => ({ inspector: !state.inspector }));
      return;
  }
}

function way(step: Step, columns: number, scroller: HTMLElement | null): selecting.Way {
  const page =
    Math.max(1, Math.floor((scroller?.clientHeight ?? 400) / (columns > 1 ? TILE.height : ROW)) - 1) * columns;
  switch (step) {
    case 'up':
      return -columns;
    case 'down':
      return columns;
    case 'left':
      return columns > 1 ? -1 : 0;
    case 'right':
      return columns > 1 ? 1 : 0;
    case 'page-up':
      return -page;
    case 'page-down':
      return page;
    case 'first':
    case 'last':
      return step;
  }
}

function FolderNotes(): ReactNode {
  const { place, problem, unreadable, state } = useFolder();
  if (problem !== undefined && place !== undefined) {
    const words = describeProblem(problem);
    return (
      <div className="files-note" role="alert">
        <p>
          {words.what} {words.remedy}
        </p>
        <Button size="small" onClick={() => void run('refresh', { place })}>
          List again
        </Button>
      </div>
    );
  }
  if (unreadable > 0 && state === 'complete')
    return (
      <div className="files-note" role="status">
        <p>
          {unreadable === 1
            ? 'The phone could not describe one entry'
            : `The phone could not describe ${unreadable} entries`}{' '}
          of this folder.
        </p>
      </div>
    );
  return null;
}

function Empty(): ReactNode {
  const { listing, state, filter } = useFolder();
  useFolder((folder) => folder.version);
  const making = useWindow((window) => window.making);
  if (listing.length > 0 || making) return null;
  const words =
    state === 'listing'
      ? 'Listing…'
      : state === 'stopped'
        ? 'The listing was stopped.'
        : filter !== ''
          ? `No name here holds “${filter}”.`
          : state === 'complete'
            ? listing.entries.length > 0
              ? 'Only hidden files here.'
              : 'This folder is empty. Drop files here to copy them to the phone.'
            : '';
  return <p className="files-empty">{words}</p>;
}

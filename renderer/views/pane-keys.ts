import type { KeyboardEvent } from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { askToDelete, paste, toClipboard } from '../stores/actions.ts';
import { filterFolder, useFolder } from '../stores/folder.ts';
import { isMac } from '../stores/host.ts';
import { openFile } from '../stores/opened.ts';
import { undoLast } from '../stores/undo.ts';
import { go, openDialog, select, useWindow } from '../stores/window.ts';
import { paneCommand, type PaneCommand, type Step } from '../view-models/keys.ts';
import { child } from '../view-models/places.ts';
import * as selecting from '../view-models/selection.ts';
import { ROW, TILE } from './sizes.ts';

/** Keys of the file pane. view-models/keys.ts maps keys to commands; this file executes them. */

/** Opens a folder here, and a file with a program. */
export function open(place: PhonePlace, entry: Entry): void {
  if (entry.kind === 'folder') go(child(place, entry.name));
  else void openFile(child(place, entry.name));
}

/** Executes a key pressed in the file pane; `columns` is 1 in the list, `typing` is kept between calls. */
export function onKey(
  event: KeyboardEvent,
  place: PhonePlace,
  columns: number,
  scroller: HTMLElement | null,
  typing: { current: selecting.Typing | undefined },
): void {
  // Keys pressed in a column header or a name field belong to those.
  if (event.target !== scroller || event.nativeEvent.isComposing) return;
  const command = paneCommand(
    { key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, shift: event.shiftKey },
    isMac(),
  );
  if (command === undefined) return;
  // The paste event follows the key press, and may carry files from the system.
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
  // Any other key ends the type-to-select prefix.
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
      // If the system has files to paste, the paste event arrives and cancels this; otherwise the clipboard is ours.
      const ours = setTimeout(paste, 60);
      document.addEventListener('paste', (event) => (event.defaultPrevented ? clearTimeout(ours) : undefined), {
        once: true,
      });
      return;
    }
    case 'undo':
      undoLast();
      return;
    case 'look':
      if (selection.focus !== undefined && listing.indexOf(selection.focus) !== -1) openDialog({ kind: 'look' });
      return;
  }
}

/** How many entries a key moves the focus; `columns` is 1 in a list. */
export function way(step: Step, columns: number, scroller: HTMLElement | null): selecting.Way {
  const page =
    Math.max(1, Math.floor((scroller?.clientHeight ?? 400) / (columns > 1 ? TILE.height : ROW)) - 1) * columns;
  const rightwards = document.documentElement.dir === 'rtl' ? -1 : 1;
  switch (step) {
    case 'up':
      return -columns;
    case 'down':
      return columns;
    case 'left':
      return columns > 1 ? -rightwards : 0;
    case 'right':
      return columns > 1 ? rightwards : 0;
    case 'page-up':
      return -page;
    case 'page-down':
      return page;
    case 'first':
    case 'last':
      return step;
  }
}

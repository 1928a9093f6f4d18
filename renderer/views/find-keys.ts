import type { KeyboardEvent } from 'react';
import { askToDelete, toClipboard } from '../stores/actions.ts';
import { closeFind, fetchFound, selectFound, useFind } from '../stores/find.ts';
import { filterFolder } from '../stores/folder.ts';
import { isMac } from '../stores/host.ts';
import { undoLast } from '../stores/undo.ts';
import { openDialog, useWindow } from '../stores/window.ts';
import { paneCommand } from '../view-models/keys.ts';
import * as selecting from '../view-models/selection.ts';
import { openFound } from './find-menu.ts';
import { way } from './pane-keys.ts';
import { typeOn } from './search-field.tsx';

/** Where the focus goes once the result at this position is here. */
export interface Landing {
  readonly position: number;
}

/**
 * Keys among the results; the same as in a folder, but letters go on in the search field, and Escape ends the search.
 * `land` is called for a position whose result is not here yet.
 */
export function onFindKey(event: KeyboardEvent, scroller: HTMLElement | null, land: (landing: Landing) => void): void {
  if (event.target !== scroller || event.nativeEvent.isComposing) return;
  const command = paneCommand(
    { key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, shift: event.shiftKey },
    isMac(),
  );
  if (command === undefined || command.kind === 'paste') return;
  event.preventDefault();
  event.stopPropagation();
  const { selection, found } = useFind.getState();
  const focused = selection.focus === undefined ? undefined : found.at(found.indexOf(selection.focus));
  switch (command.kind) {
    case 'move': {
      const by = way(command.step, 1, scroller);
      if (by === 0) return;
      // pressed before the first results are here: the focus goes there once they are
      if (found.length === 0) return land({ position: 0 });
      const position = landing(found.indexOf(selection.focus ?? ''), by, found.length);
      if (found.idAt(position) === undefined) land({ position });
      else if (command.range) void rangeTo(position);
      else
        selectFound(command.walk ? selecting.walk(selection, found, by) : selecting.move(selection, found, by, false));
      return;
    }
    case 'type':
      typeOn(command.letter);
      return;
    case 'open':
      if (focused !== undefined) openFound(focused);
      return;
    case 'rename':
      if (selection.chosen.size === 1) useWindow.setState({ renaming: [...selection.chosen][0] });
      return;
    case 'delete':
      askToDelete();
      return;
    case 'select-all':
      void selectAll();
      return;
    case 'clear':
      closeFind();
      filterFolder('');
      return;
    case 'toggle':
      if (selection.focus !== undefined)
        selectFound(selecting.click(selection, found, selection.focus, { range: false, toggle: true }));
      return;
    case 'copy':
      toClipboard('copy');
      return;
    case 'cut':
      toClipboard('move');
      return;
    case 'undo':
      undoLast();
      return;
    case 'look':
      if (focused !== undefined) openDialog({ kind: 'look' });
      return;
  }
}

/** The position that a key goes to; without a focus the first or the last. */
function landing(from: number, by: selecting.Way, length: number): number {
  if (by === 'first') return 0;
  if (by === 'last') return length - 1;
  if (from === -1) return by > 0 ? 0 : length - 1;
  return Math.min(length - 1, Math.max(0, from + by));
}

/** Extends the selection to a result. Results in between that are not here would be missing from it, so they are fetched. */
export async function rangeTo(position: number): Promise<void> {
  const { selection, found } = useFind.getState();
  const anchor = found.indexOf(selection.anchor ?? selection.focus ?? '');
  if (!(await fetchFound(anchor === -1 ? position : anchor, position))) return;
  const { selection: now, found: here } = useFind.getState();
  const id = here.idAt(position);
  if (id !== undefined) selectFound(selecting.click(now, here, id, { range: true, toggle: false }));
}

/** Chooses every result; those that are not here are fetched first. */
async function selectAll(): Promise<void> {
  if (!(await fetchFound(0, useFind.getState().found.length - 1))) return;
  const { selection, found } = useFind.getState();
  selectFound(selecting.all(selection, found));
}

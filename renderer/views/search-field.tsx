import { Search, X } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Device, DeviceKey } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { IconButton } from '../parts/button.tsx';
import { useCatalogue } from '../stores/catalogue.ts';
import { closeFind, openFind, searchFor, useFind } from '../stores/find.ts';
import { filterFolder, useFolder } from '../stores/folder.ts';
import { isMac, useHost } from '../stores/host.ts';
import { useWindow } from '../stores/window.ts';
import { hasConditions } from '../view-models/find-words.ts';
import { keys } from '../view-models/keys.ts';
import './search-field.css';

const FIELD = 'filter';
const field = (): HTMLInputElement | null => document.querySelector<HTMLInputElement>(`#${FIELD}`);

/** The phone that a search begins with: the one whose folder is open, if there is a catalogue of it. */
function phoneToSearch(): DeviceKey | undefined {
  const { phones } = useCatalogue.getState();
  const shown = useWindow.getState().place?.device ?? useHost.getState().devices?.devices[0]?.key;
  return phones.some((one) => one.device === shown) ? shown : phones.length === 1 ? phones[0]?.device : undefined;
}

/** Puts the cursor into the field. With `onPhone` it searches the phone for what is in it; else it filters the folder. */
export function focusSearch(onPhone: boolean): void {
  const { isOpen } = useFind.getState();
  if (onPhone && !isOpen) openFind(useFolder.getState().filter, phoneToSearch());
  const focus = (): void => {
    field()?.focus();
    field()?.select();
  };
  // pages that have no field get it in a moment
  if (field() === null) requestAnimationFrame(focus);
  else focus();
}

/** What has been typed goes on in the field: of a letter that is typed among the results. */
export function typeOn(letter: string): void {
  field()?.focus();
  searchFor({ words: useFind.getState().words + letter });
}

/**
 * Filters the open folder; searches the phone when it was told to, or when the folder has nothing of what was typed and
 * the phone may have.
 */
function typed(value: string): void {
  const { isOpen, isFromFilter } = useFind.getState();
  if (isOpen && !isFromFilter) return searchFor({ words: value });
  filterFolder(value);
  const { listing, state } = useFolder.getState();
  const isBeyond =
    useCatalogue.getState().enabled &&
    value.trim() !== '' &&
    (hasConditions(value) || (listing.length === 0 && (state === 'complete' || state === 'stopped')));
  if (!isBeyond) closeFind();
  else if (isOpen) searchFor({ words: value });
  else openFind(value, phoneToSearch(), true);
}

/** Back to the whole folder. */
function clear(): void {
  closeFind();
  filterFolder('');
}

function onKey(event: KeyboardEvent): void {
  event.stopPropagation();
  if (event.nativeEvent.isComposing) return;
  const command = isMac() ? event.metaKey : event.ctrlKey;
  if (command && event.shiftKey && event.key.toLowerCase() === 'f') {
    event.preventDefault();
    focusSearch(true);
    return;
  }
  if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
    event.preventDefault();
    if (event.key === 'Escape') clear();
    focusList();
  }
}

/** The list that is shown now, or in a moment, after a search has ended. */
function focusList(): void {
  const list = document.querySelector<HTMLElement>('.files');
  list?.focus();
  requestAnimationFrame(() => {
    if (list?.isConnected !== true) document.querySelector<HTMLElement>('.files')?.focus();
  });
}

/** The field that filters the open folder, and searches the phone. */
export function SearchField({ device }: { readonly device: Device | undefined }): ReactNode {
  const filter = useFolder((state) => state.filter);
  const { isOpen, words } = useFind();
  const mac = useHost((state) => state.info?.platform === 'darwin');
  const value = isOpen ? words : filter;
  const { toolbar, find } = windowWords;
  return (
    <div className="filter" role="search" data-finding={isOpen ? '' : undefined}>
      <Search size={14} strokeWidth={1.75} aria-hidden />
      <input
        id={FIELD}
        type="text"
        value={value}
        placeholder={isOpen ? find.placeholder : toolbar.filter}
        aria-label={
          isOpen || device === undefined
            ? find.label({ keys: keys(mac, 'Mod', 'Shift', 'F') })
            : toolbar.filterLabel({ keys: keys(mac, 'Mod', 'F') })
        }
        spellCheck={false}
        autoComplete="off"
        maxLength={1000}
        onChange={(event) => typed(event.target.value)}
        onKeyDown={onKey}
      />
      {value === '' && !isOpen ? null : (
        <IconButton
          label={isOpen ? find.close : toolbar.clearFilter}
          icon={X}
          size="small"
          onClick={() => {
            clear();
            focusList();
          }}
        />
      )}
    </div>
  );
}

import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';
import type { ReactNode } from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { makeFolder, rename } from '../stores/actions.ts';
import { dropTarget } from '../stores/dropping.ts';
import { useFolder } from '../stores/folder.ts';
import { useWindow } from '../stores/window.ts';
import type { Listing } from '../view-models/listing.ts';
import { child } from '../view-models/places.ts';
import { NameEditor } from './name-editor.tsx';
import { windowWords } from '../../shared/words/made/window.ts';

/** What list rows and grid tiles have in common. */

/** DOM id of the entry at this position; the focus is announced by it. */
export const rowId = (position: number): string => `entry-${position}`;

/** The folder that is shown, and the element that scrolls it. */
export interface FilesProps {
  readonly place: PhonePlace;
  readonly scroller: HTMLDivElement | null;
}

/** One entry and how it is drawn; `leaving` dims one that is dragged or deleted. */
export interface EntryProps {
  readonly entry: Entry;
  readonly place: PhonePlace;
  readonly position: number;
  readonly selected: boolean;
  readonly focused: boolean;
  readonly renaming: boolean;
  readonly leaving: boolean;
}

interface Entries {
  readonly listing: Listing;
  readonly focus: string | undefined;
  readonly making: boolean;
  /** 1 while a new folder is being named, since it is placed before all others; otherwise 0. */
  readonly shift: number;
  /** Position of the entry that is being renamed, -1 if none is. */
  readonly renamed: number;
  /** `undefined` if the list has become shorter since it was measured. */
  readonly propsAt: (position: number) => Omit<EntryProps, 'place'> | undefined;
}

/** The open folder’s listing, and what each position of it needs to be drawn. */
export function useEntries(): Entries {
  const listing = useFolder((state) => state.listing);
  useFolder((state) => state.version);
  const { chosen, focus } = useWindow((state) => state.selection);
  const renaming = useWindow((state) => state.renaming);
  const making = useWindow((state) => state.making);
  const leaving = useWindow((state) => state.leaving);
  const propsAt: Entries['propsAt'] = (position) => {
    const entry = listing.at(position);
    if (entry === undefined) return undefined;
    const { name } = entry;
    return {
      entry,
      position,
      selected: chosen.has(name),
      focused: focus === name,
      renaming: renaming === name,
      leaving: leaving.has(name),
    };
  };
  const renamed = renaming === undefined ? -1 : listing.indexOf(renaming);
  return { listing, focus, making, shift: making ? 1 : 0, renamed, propsAt };
}

/** The rows to draw, with the one in which a name is being typed (-1: none): scrolled away it keeps what was typed. */
export function rowsWith(edited: number, range: Range): number[] {
  const drawn = defaultRangeExtractor(range);
  return edited < 0 || drawn.includes(edited) ? drawn : [...drawn, edited].sort((one, other) => one - other);
}

/** Attributes by which styles, keyboard, tests and drops identify an entry. */
export const entryAttributes = ({ entry, place, position, selected, focused, leaving }: EntryProps) => ({
  id: rowId(position),
  'aria-selected': selected,
  'data-name': entry.name,
  ...(focused ? { 'data-focus': '' } : {}),
  ...(leaving ? { 'data-leaving': '' } : {}),
  ...(entry.kind === 'folder' ? dropTarget(child(place, entry.name), entry.name) : {}),
});

const isTaken = (name: string): boolean => useFolder.getState().listing.has(name);

/** The entry's name, or the field in which it is renamed. */
export function EntryName({
  entry,
  renaming,
  children,
}: Pick<EntryProps, 'entry' | 'renaming'> & { readonly children: ReactNode }): ReactNode {
  if (!renaming) return children;
  return (
    <NameEditor
      key={entry.name}
      name={entry.name}
      kind={entry.kind}
      label={windowWords.name.new}
      taken={isTaken}
      onDone={(name) => void rename(entry.name, name)}
      onCancel={() => useWindow.setState({ renaming: undefined })}
    />
  );
}

/** The field in which a new folder gets its name; the folder is made only then. */
export function NewFolderEditor(): ReactNode {
  const listing = useFolder((state) => state.listing);
  return (
    <NameEditor
      name={listing.freeName(windowWords.act.newFolder)}
      kind="folder"
      label={windowWords.name.newFolder}
      taken={isTaken}
      onDone={(name) => void makeFolder(name)}
      onCancel={() => useWindow.setState({ making: false })}
    />
  );
}

import { ArrowDown, ArrowUp } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, type ReactNode } from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { FileIcon } from '../parts/file-icon.tsx';
import { makeFolder, rename } from '../stores/actions.ts';
import { dropTarget } from '../stores/dropping.ts';
import { sortFolder, useFolder } from '../stores/folder.ts';
import { useWindow } from '../stores/window.ts';
import { kindName, kindOf } from '../view-models/entry-kind.ts';
import type { SortColumn } from '../view-models/listing.ts';
import { child } from '../view-models/places.ts';
import { bytes, dateAndTime } from '../view-models/words.ts';
import { BackedUpSign } from './backed-up.tsx';
import { useFollowFocus } from './follow-focus.ts';
import { NameEditor } from './name-editor.tsx';
import { ROW } from './sizes.ts';

const COLUMNS: readonly { readonly column: SortColumn; readonly label: string }[] = [
  { column: 'name', label: 'Name' },
  { column: 'size', label: 'Size' },
  { column: 'kind', label: 'Kind' },
  { column: 'modified', label: 'Changed' },
];

export const rowId = (position: number): string => `entry-${position}`;

export interface FilesProps {
  readonly place: PhonePlace;
  readonly scroller: HTMLDivElement | null;
}

/** The rows of a folder; only those in sight are in the document. */
export function List({ place, scroller }: FilesProps): ReactNode {
  const listing = useFolder((state) => state.listing);
  useFolder((state) => state.version);
  const selection = useWindow((state) => state.selection);
  const renaming = useWindow((state) => state.renaming);
  const making = useWindow((state) => state.making);
  const leaving = useWindow((state) => state.leaving);
  const shift = making ? 1 : 0;

  const rows = useVirtualizer({
    count: listing.length + shift,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: 12,
    scrollMargin: ROW,
    scrollPaddingStart: ROW,
    useFlushSync: false,
  });

  const { focus } = selection;
  useFollowFocus(focus, place, listing, (position) => rows.scrollToIndex(position + shift, { align: 'auto' }));
  useEffect(() => {
    if (making) rows.scrollToIndex(0);
  }, [making]);

  return (
    <>
      <Head />
      <div className="list-body" role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const position = item.index - shift;
          const top = item.start - ROW;
          if (position < 0) return <NewFolderRow key="making" top={top} />;
          const entry = listing.at(position);
          if (entry === undefined) return null;
          return (
            // By position: phones may list one name twice, and a row that is kept while it scrolls costs nothing.
            <Row
              key={position}
              entry={entry}
              place={place}
              position={position}
              top={top}
              selected={selection.chosen.has(entry.name)}
              focused={focus === entry.name}
              renaming={renaming === entry.name}
              leaving={leaving.has(entry.name)}
            />
          );
        })}
      </div>
    </>
  );
}

function Head(): ReactNode {
  const sort = useFolder((state) => state.sort);
  return (
    <div role="rowgroup" className="list-head">
      <div role="row" style={{ display: 'contents' }}>
        {COLUMNS.map(({ column, label }) => {
          const current = sort.column === column;
          const Arrow = sort.descending ? ArrowDown : ArrowUp;
          return (
            <div
              key={column}
              role="columnheader"
              data-column={column}
              aria-sort={!current ? 'none' : sort.descending ? 'descending' : 'ascending'}
            >
              <button
                type="button"
                onClick={() => sortFolder({ column, descending: current ? !sort.descending : column === 'modified' })}
              >
                {label}
                {current ? <Arrow size={12} strokeWidth={2} aria-hidden /> : null}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly entry: Entry;
  readonly place: PhonePlace;
  readonly position: number;
  readonly top: number;
  readonly selected: boolean;
  readonly focused: boolean;
  readonly renaming: boolean;
  readonly leaving: boolean;
}

const Row = memo(function Row({
  entry,
  place,
  position,
  top,
  selected,
  focused,
  renaming,
  leaving,
}: RowProps): ReactNode {
  const folder = entry.kind === 'folder';
  return (
    <div
      role="row"
      id={rowId(position)}
      className="list-row"
      aria-rowindex={position + 2}
      aria-selected={selected}
      data-name={entry.name}
      {...(focused ? { 'data-focus': '' } : {})}
      {...(leaving ? { 'data-leaving': '' } : {})}
      {...(folder ? dropTarget(child(place, entry.name), entry.name) : {})}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell">
        <FileIcon kind={kindOf(entry)} />
        {renaming ? (
          <NameEditor
            key={entry.name}
            name={entry.name}
            kind={entry.kind}
            label="New name"
            onDone={(name) => void rename(entry.name, name)}
            onCancel={() => useWindow.setState({ renaming: undefined })}
          />
        ) : (
          <span className="ends" dir="auto" title={entry.name.length > 40 ? entry.name : undefined}>
            {entry.name}
          </span>
        )}
        <BackedUpSign entry={entry} />
      </div>
      <div role="gridcell" className="size">
        {folder ? '' : bytes(entry.size)}
      </div>
      <div role="gridcell" className="kind ends">
        {kindName(entry)}
      </div>
      <div role="gridcell" className="date ends">
        {dateAndTime(entry.modified)}
      </div>
    </div>
  );
});

function NewFolderRow({ top }: { readonly top: number }): ReactNode {
  return (
    <div role="row" className="list-row" style={{ transform: `translateY(${top}px)` }}>
      <div role="gridcell">
        <FileIcon kind="folder" />
        <NewFolderEditor />
      </div>
    </div>
  );
}

export function NewFolderEditor(): ReactNode {
  const listing = useFolder((state) => state.listing);
  return (
    <NameEditor
      name={listing.freeName('New folder')}
      kind="folder"
      label="Name of the new folder"
      onDone={(name) => void makeFolder(name)}
      onCancel={() => useWindow.setState({ making: false })}
    />
  );
}

import { ArrowDown, ArrowUp } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, type ReactNode } from 'react';
import { FileIcon } from '../parts/file-icon.tsx';
import { useFolderSums } from '../stores/folder-sums.ts';
import { sortFolder, useFolder } from '../stores/folder.ts';
import { kindName, kindOf } from '../view-models/entry-kind.ts';
import type { SortColumn } from '../view-models/listing.ts';
import { bytes, dateAndTime } from '../view-models/words.ts';
import { BackedUpSign } from './backed-up.tsx';
import { Fetching } from './fetching.tsx';
import {
  EntryName,
  NewFolderEditor,
  entryAttributes,
  rowsWith,
  useEntries,
  type EntryProps,
  type FilesProps,
} from './entry.tsx';
import { useFollowFocus } from './follow-focus.ts';
import { ROW } from './sizes.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { useLanguage } from '../stores/language.ts';

const COLUMNS: readonly SortColumn[] = ['name', 'size', 'kind', 'modified'];

/** Rows of the open folder; only visible ones are in the document. */
export function List({ place, scroller }: FilesProps): ReactNode {
  const { listing, focus, making, shift, renamed, propsAt } = useEntries();
  const edited = making ? 0 : renamed;

  const rows = useVirtualizer({
    count: listing.length + shift,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: 12,
    scrollMargin: ROW,
    scrollPaddingStart: ROW,
    rangeExtractor: (range) => rowsWith(edited, range),
    useFlushSync: false,
  });

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
          const props = propsAt(position);
          if (props === undefined) return null;
          // Keyed by position, because phones may list a name twice. Reusing rows while scrolling is cheap. The one that
          // is renamed keeps its editor when entries appear above it.
          return <Row key={position === renamed ? 'renamed' : position} {...props} place={place} top={top} />;
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
        {COLUMNS.map((column) => {
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
                {windowWords.folder.column[column]}
                {current ? <Arrow size={12} strokeWidth={2} aria-hidden /> : null}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps extends EntryProps {
  readonly top: number;
}

const Row = memo(function Row({ top, ...props }: RowProps): ReactNode {
  useLanguage();
  const { entry, position } = props;
  return (
    <div
      role="row"
      className="list-row"
      aria-rowindex={position + 2}
      {...entryAttributes(props)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell">
        <FileIcon kind={kindOf(entry)} />
        <EntryName entry={entry} renaming={props.renaming}>
          <span className="ends" dir="auto" title={entry.name.length > 20 ? entry.name : undefined}>
            {entry.name}
          </span>
        </EntryName>
        <BackedUpSign entry={entry} />
        <Fetching place={props.place} name={entry.name} stoppable />
      </div>
      <div role="gridcell" className="size">
        {entry.kind === 'folder' ? <Sum name={entry.name} /> : bytes(entry.size)}
      </div>
      <div role="gridcell" className="kind ends" title={kindName(entry)}>
        {kindName(entry)}
      </div>
      <div role="gridcell" className="date ends" title={dateAndTime(entry.modified)}>
        {dateAndTime(entry.modified)}
      </div>
    </div>
  );
});

/** What a folder holds, as soon as it is known. */
function Sum({ name }: { readonly name: string }): ReactNode {
  const sum = useFolderSums((state) => state.sums.get(name));
  return sum === undefined ? null : bytes(sum.bytes);
}

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

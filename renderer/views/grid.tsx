import { useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, memo, type ReactNode } from 'react';
import { FileIcon } from '../parts/file-icon.tsx';
import { breakable } from '../view-models/entry-kind.ts';
import { child } from '../view-models/places.ts';
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
import { Thumbnail } from './pictures.tsx';
import { TILE } from './sizes.ts';
import { useLanguage } from '../stores/language.ts';

interface GridProps extends FilesProps {
  readonly columns: number;
}

/** The open folder as tiles; only the visible rows are drawn. */
export function Grid({ place, scroller, columns }: GridProps): ReactNode {
  const { listing, focus, making, shift, renamed, propsAt } = useEntries();
  const edited = making ? 0 : Math.floor((renamed + shift) / columns);

  const rows = useVirtualizer({
    count: Math.ceil((listing.length + shift) / columns),
    getScrollElement: () => scroller,
    estimateSize: () => TILE.height,
    overscan: 2,
    rangeExtractor: (range) => rowsWith(edited, range),
    useFlushSync: false,
  });

  useFollowFocus(focus, place, listing, (position) =>
    rows.scrollToIndex(Math.floor((position + shift) / columns), { align: 'auto' }),
  );

  return (
    <div className="list-body" role="presentation" style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map((item) => (
        <div
          key={item.key}
          className="grid-row"
          role="presentation"
          style={{
            height: TILE.height,
            transform: `translateY(${item.start}px)`,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          }}
        >
          {Array.from({ length: columns }, (_, column) => {
            const position = item.index * columns + column - shift;
            if (position < 0) return <NewFolderTile key="making" />;
            const props = propsAt(position);
            return props === undefined ? null : <Tile key={position} {...props} place={place} all={listing.length} />;
          })}
        </div>
      ))}
    </div>
  );
}

interface TileProps extends EntryProps {
  readonly all: number;
}

const Tile = memo(function Tile({ all, ...props }: TileProps): ReactNode {
  useLanguage();
  const { entry, place, position } = props;
  return (
    <div
      role="option"
      className="tile"
      aria-posinset={position + 1}
      aria-setsize={all}
      aria-label={entry.name}
      title={entry.name}
      {...entryAttributes(props)}
    >
      <Thumbnail place={child(place, entry.name)} entry={entry} />
      <BackedUpSign entry={entry} />
      <Fetching place={place} name={entry.name} />
      <EntryName entry={entry} renaming={props.renaming}>
        <span className="tile-name" dir="auto">
          {breakable(entry.name).map((piece, index) => (
            <Fragment key={index}>
              {piece}
              <wbr />
            </Fragment>
          ))}
        </span>
      </EntryName>
    </div>
  );
});

function NewFolderTile(): ReactNode {
  return (
    <div className="tile" role="presentation">
      <span className="picture">
        <FileIcon kind="folder" size={48} />
      </span>
      <NewFolderEditor />
    </div>
  );
}

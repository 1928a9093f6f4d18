import { useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, memo, useEffect, type ReactNode } from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { FileIcon } from '../parts/file-icon.tsx';
import { rename } from '../stores/actions.ts';
import { dropTarget } from '../stores/dropping.ts';
import { useFolder } from '../stores/folder.ts';
import { useThumbnails, wish } from '../stores/thumbnails.ts';
import { useWindow } from '../stores/window.ts';
import { breakable, hasThumbnail, kindOf } from '../view-models/entry-kind.ts';
import { child, placeKey } from '../view-models/places.ts';
import { BackedUpSign } from './backed-up.tsx';
import { useFollowFocus } from './follow-focus.ts';
import { NewFolderEditor, rowId, type FilesProps } from './list.tsx';
import { NameEditor } from './name-editor.tsx';
import { TILE } from './sizes.ts';

interface GridProps extends FilesProps {
  readonly columns: number;
}

export function Grid({ place, scroller, columns }: GridProps): ReactNode {
  const listing = useFolder((state) => state.listing);
  useFolder((state) => state.version);
  const selection = useWindow((state) => state.selection);
  const renaming = useWindow((state) => state.renaming);
  const making = useWindow((state) => state.making);
  const leaving = useWindow((state) => state.leaving);
  const shift = making ? 1 : 0;

  const rows = useVirtualizer({
    count: Math.ceil((listing.length + shift) / columns),
    getScrollElement: () => scroller,
    estimateSize: () => TILE.height,
    overscan: 2,
    useFlushSync: false,
  });

  const { focus } = selection;
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
            const entry = listing.at(position);
            if (entry === undefined) return null;
            return (
              <Tile
                key={position}
                entry={entry}
                place={place}
                position={position}
                all={listing.length}
                selected={selection.chosen.has(entry.name)}
                focused={focus === entry.name}
                renaming={renaming === entry.name}
                leaving={leaving.has(entry.name)}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

interface TileProps {
  readonly entry: Entry;
  readonly place: PhonePlace;
  readonly position: number;
  readonly all: number;
  readonly selected: boolean;
  readonly focused: boolean;
  readonly renaming: boolean;
  readonly leaving: boolean;
}

const Tile = memo(function Tile(props: TileProps): ReactNode {
  const { entry, place, position, all, selected, focused, renaming, leaving } = props;
  return (
    <div
      role="option"
      id={rowId(position)}
      className="tile"
      aria-selected={selected}
      aria-posinset={position + 1}
      aria-setsize={all}
      aria-label={entry.name}
      title={entry.name}
      data-name={entry.name}
      {...(focused ? { 'data-focus': '' } : {})}
      {...(leaving ? { 'data-leaving': '' } : {})}
      {...(entry.kind === 'folder' ? dropTarget(child(place, entry.name), entry.name) : {})}
    >
      <Thumbnail place={child(place, entry.name)} entry={entry} />
      <BackedUpSign entry={entry} />
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
        <span className="tile-name" dir="auto">
          {breakable(entry.name).map((piece, index) => (
            <Fragment key={index}>
              {piece}
              <wbr />
            </Fragment>
          ))}
        </span>
      )}
    </div>
  );
});

interface ThumbnailProps {
  readonly place: PhonePlace;
  readonly entry: Pick<Entry, 'kind' | 'name'>;
  readonly size?: number;
}

/** The phone's own small picture once it is there; the sign of its kind until then. */
export function Thumbnail({ place, entry, size = 48 }: ThumbnailProps): ReactNode {
  const key = placeKey(place);
  const url = useThumbnails((state) => state.urls.get(key));
  const wanted = url === undefined && hasThumbnail(entry);
  useEffect(() => {
    if (!wanted) return;
    let takeBack: (() => void) | undefined;
    // What only scrolls by is not worth asking the phone for.
    const settled = setTimeout(() => (takeBack = wish(place)), 120);
    return () => {
      clearTimeout(settled);
      takeBack?.();
    };
    // `key` is the place
  }, [wanted, key]);
  return (
    <span className="picture">
      {url === undefined || url === '' ? (
        <FileIcon kind={kindOf(entry)} size={size} />
      ) : (
        <img src={url} alt="" draggable={false} />
      )}
    </span>
  );
}

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

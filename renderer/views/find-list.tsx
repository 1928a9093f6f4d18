import { ArrowDown, ArrowUp } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, type ReactNode } from 'react';
import type { FoundEntry, SearchOrder } from '../../shared/catalogue.ts';
import { parentOf, type Device, type PhonePlace } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { FileIcon } from '../parts/file-icon.tsx';
import { renameAt } from '../stores/actions.ts';
import { searchFor, selectFound, showFound, useFind } from '../stores/find.ts';
import { useHost } from '../stores/host.ts';
import { useLanguage } from '../stores/language.ts';
import { useWindow } from '../stores/window.ts';
import { kindOf } from '../view-models/entry-kind.ts';
import { placeKey, storageOf } from '../view-models/places.ts';
import { only } from '../view-models/selection.ts';
import { bytes, dateAndTime } from '../view-models/words.ts';
import { rowId, rowsWith } from './entry.tsx';
import { Fetching } from './fetching.tsx';
import type { Landing } from './find-keys.ts';
import { NameEditor } from './name-editor.tsx';
import { ROW } from './sizes.ts';

/** How long a page stays in sight before it is asked for, so that pages scrolled past cost nothing. */
const SETTLED_MS = 40;

interface FindListProps {
  readonly scroller: HTMLDivElement | null;
  /** A result that is to have the focus as soon as it is here. */
  readonly landing: Landing | undefined;
  readonly landed: () => void;
}

/** Rows of the results; only visible ones are in the document, and only visible pages are asked for. */
export function FindList({ scroller, landing, landed }: FindListProps): ReactNode {
  const found = useFind((state) => state.found);
  const version = useFind((state) => state.version);
  const { chosen, focus } = useFind((state) => state.selection);
  const renaming = useWindow((state) => state.renaming);
  const leaving = useWindow((state) => state.leaving);
  const renamed = renaming === undefined ? -1 : found.indexOf(renaming);
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: 6,
    scrollMargin: ROW,
    scrollPaddingStart: ROW,
    rangeExtractor: (range) => rowsWith(renamed, range),
    useFlushSync: false,
  });
  const drawn = rows.getVirtualItems();
  const from = drawn[0]?.index ?? 0;
  const to = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    const settled = setTimeout(() => showFound(from, to), SETTLED_MS);
    return () => clearTimeout(settled);
  }, [from, to, found, found.length]);
  const position = focus === undefined ? -1 : found.indexOf(focus);
  const followed = useRef<string>(undefined);
  useEffect(() => {
    if (focus === undefined || followed.current === focus || position === -1) return;
    followed.current = focus;
    rows.scrollToIndex(position, { align: 'auto' });
  });
  useEffect(() => {
    if (landing === undefined) return;
    const id = found.idAt(landing.position);
    if (id === undefined) rows.scrollToIndex(landing.position, { align: 'auto' });
    else {
      landed();
      selectFound(only(id));
    }
  }, [landing, version]);

  return (
    <>
      <Head />
      <div className="list-body" role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {drawn.map((item) => {
          const one = found.at(item.index);
          const top = item.start - ROW;
          if (one === undefined) return <Pending key={item.index} top={top} position={item.index} />;
          const id = placeKey(one.place);
          return (
            <Row
              key={item.index === renamed ? 'renamed' : item.index}
              found={one}
              position={item.index}
              top={top}
              selected={chosen.has(id)}
              focused={focus === id}
              renaming={renaming === id}
              leaving={leaving.has(id)}
            />
          );
        })}
      </div>
    </>
  );
}

/** Columns, and by which order of the search each of them sorts. */
const COLUMNS: readonly (readonly [column: 'name' | 'folder' | 'size' | 'modified', order: SearchOrder | undefined])[] =
  [
    ['name', 'name'],
    ['folder', undefined],
    ['size', 'size'],
    ['modified', 'date'],
  ];

function Head(): ReactNode {
  const order = useFind((state) => state.order);
  const words = { ...windowWords.folder.column, folder: windowWords.find.folder };
  return (
    <div role="rowgroup" className="list-head">
      <div role="row" style={{ display: 'contents' }}>
        {COLUMNS.map(([column, by]) => {
          const current = by === order;
          const Arrow = by === 'name' ? ArrowUp : ArrowDown;
          return (
            <div
              key={column}
              role="columnheader"
              data-column={column}
              {...(by === undefined
                ? {}
                : { 'aria-sort': !current ? 'none' : by === 'name' ? 'ascending' : 'descending' })}
            >
              {by === undefined ? (
                <span className="list-column">{words[column]}</span>
              ) : (
                <button type="button" onClick={() => searchFor({ order: current ? 'best' : by })}>
                  {words[column]}
                  {current ? <Arrow size={12} strokeWidth={2} aria-hidden /> : null}
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Keeps the space of a result that is not here yet. */
const Pending = ({ top, position }: { readonly top: number; readonly position: number }): ReactNode => (
  <div
    role="row"
    className="list-row pending"
    aria-rowindex={position + 2}
    style={{ transform: `translateY(${top}px)` }}
  >
    <div role="gridcell" aria-label={windowWords.folder.listingPlain}>
      <span />
    </div>
  </div>
);

interface RowProps {
  readonly found: FoundEntry;
  readonly position: number;
  readonly top: number;
  readonly selected: boolean;
  readonly focused: boolean;
  readonly renaming: boolean;
  readonly leaving: boolean;
}

const Row = memo(function Row(props: RowProps): ReactNode {
  useLanguage();
  const { found, position, top, selected, focused, renaming, leaving } = props;
  const { name, place } = found;
  const folder = useFolderWords(found);
  return (
    <div
      role="row"
      id={rowId(position)}
      className="list-row"
      aria-rowindex={position + 2}
      aria-selected={selected}
      data-position={position}
      data-name={name}
      {...(focused ? { 'data-focus': '' } : {})}
      {...(leaving ? { 'data-leaving': '' } : {})}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell">
        <FileIcon kind={kindOf(found)} />
        {renaming ? (
          <NameEditor
            name={name}
            kind={found.kind}
            label={windowWords.name.new}
            // only its own folder knows; the phone refuses a name that is taken
            taken={() => false}
            onDone={(next) => void renameAt(place, name, next)}
            onCancel={() => useWindow.setState({ renaming: undefined })}
          />
        ) : (
          <span className="ends" dir="auto" title={name.length > 20 ? name : undefined}>
            {name}
          </span>
        )}
        <Fetching place={place} name={name} stoppable />
      </div>
      <div role="gridcell" className="kind ends" dir="auto" title={folder}>
        {folder}
      </div>
      <div role="gridcell" className="size">
        {found.kind === 'folder' ? '' : bytes(found.size)}
      </div>
      <div role="gridcell" className="date ends" title={dateAndTime(found.modified)}>
        {dateAndTime(found.modified)}
      </div>
    </div>
  );
});

/** The folder of a result; with its storage where there are several, and its phone where all are searched. */
function useFolderWords({ place }: FoundEntry): string {
  const isOfAll = useFind((state) => state.device === undefined);
  // the words, not the phones: their free space changes ten times a second while files are copied
  return useHost((state) => folderWords(place, isOfAll, state.devices?.devices ?? NONE));
}
const NONE: readonly never[] = [];

function folderWords(place: PhonePlace, isOfAll: boolean, devices: readonly Device[]): string {
  const path = parentOf(place.path);
  const device = devices.find((one) => one.key === place.device);
  const storage = storageOf(place, devices);
  const parts = [
    isOfAll && devices.length > 1 ? device?.name : undefined,
    (device?.storages.length ?? 0) > 1 || path === '/' ? storage?.name : undefined,
    path === '/' ? undefined : path.slice(1).split('/').join(' › '),
  ];
  return parts.filter((one) => one !== undefined).join(' › ') || '/';
}

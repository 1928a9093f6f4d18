import { useVirtualizer } from '@tanstack/react-virtual';
import { Check, Copy, Film, Layers, Smartphone } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { baseNameOf, type DeviceKey } from '../../shared/domain.ts';
import type { ShotId } from '../../shared/photos.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { useLanguage } from '../stores/language.ts';
import { selectShots, unfold, usePhotos } from '../stores/photos.ts';
import { neighbour, photoRows, selectedOf, toggled, type PhotoTile } from '../view-models/photo-rows.ts';
import { dayWords, eventWords, shotWords } from '../view-models/photo-words.ts';
import { useColumns } from './columns.ts';
import { Thumbnail } from './pictures.tsx';

const WIDTH = 132;
const HEIGHT = { day: 44, event: 28, tiles: 132 } as const;
const tileId = (index: number): string => `photo-${index}`;

/** Shots by day; only visible rows are drawn. A click selects, Shift selects as far as there, Ctrl+A all that is shown. */
export function PhotoGrid({ device }: { readonly device: DeviceKey }): ReactNode {
  const { days, shots, total, loading, selected, unfolded } = usePhotos();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const columns = useColumns(scroller, WIDTH);
  const laid = useMemo(() => photoRows(days, shots, columns, unfolded), [days, shots, columns, unfolded]);
  const [focus, setFocus] = useState(0);
  const anchor = useRef(0);
  const { rows, tiles, rowOf } = laid;

  const drawn = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: (index) => HEIGHT[rows[index]?.kind ?? 'tiles'],
    getItemKey: (index) => index,
    overscan: 4,
    useFlushSync: false,
  });
  useEffect(() => drawn.measure(), [laid]);

  const at = Math.min(focus, Math.max(0, tiles.length - 1));
  const go = (index: number): void => {
    setFocus(index);
    drawn.scrollToIndex(rowOf[index] ?? 0, { align: 'auto' });
  };
  const idsUpTo = (index: number): readonly ShotId[] =>
    tiles.slice(Math.min(anchor.current, index), Math.max(anchor.current, index) + 1).flatMap(({ ids }) => ids);
  const select = (index: number, isRange: boolean): void => {
    const tile = tiles[index];
    if (tile === undefined) return;
    if (isRange) selectShots(new Set([...selected, ...idsUpTo(index)]));
    else {
      anchor.current = index;
      selectShots(toggled(tile.ids, selected));
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.target as Element).closest('button') !== null) return;
    const rtl = document.documentElement.dir === 'rtl';
    const key =
      event.key === 'ArrowRight' || event.key === 'ArrowLeft'
        ? (event.key === 'ArrowRight') === rtl
          ? 'back'
          : 'forward'
        : event.key;
    if ((event.ctrlKey || event.metaKey) && event.key === 'a') {
      selectShots(new Set(shots.map(({ id }) => id)));
    } else if (event.key === ' ' || event.key === 'Enter') {
      select(at, event.shiftKey);
    } else if (event.key === 'Escape') {
      selectShots(new Set());
    } else {
      const next = neighbour(laid, at, key);
      if (next === at) return;
      go(next);
      if (event.shiftKey) selectShots(new Set([...selected, ...idsUpTo(next)]));
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent): void => {
    const index = Number((event.target as Element).closest('[data-tile]')?.getAttribute('data-tile') ?? -1);
    if (index < 0 || (event.target as Element).closest('button') !== null) return;
    setFocus(index);
    select(index, event.shiftKey);
  };

  if (tiles.length === 0)
    return <p className="photos-none">{loading ? windowWords.photos.loading : windowWords.photos.none}</p>;
  return (
    <div
      ref={setScroller}
      className="photos-grid"
      role="grid"
      aria-label={windowWords.place.photos}
      aria-multiselectable
      aria-rowcount={rows.length}
      aria-activedescendant={tileId(at)}
      aria-busy={shots.length < total}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div role="presentation" style={{ height: drawn.getTotalSize(), position: 'relative' }}>
        {drawn.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const place = { transform: `translateY(${item.start}px)`, height: item.size };
          if (row.kind !== 'tiles')
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 1}
                className={`photos-${row.kind}`}
                style={place}
              >
                <div role="gridcell">
                  <strong>{row.kind === 'day' ? dayWords(row.day.day) : eventWords(row.from, row.to)}</strong>
                  {row.kind === 'day' ? (
                    <span className="quiet">
                      {windowWords.photos.ofDay({ count: row.day.shots, fresh: row.day.new })}
                    </span>
                  ) : null}
                </div>
                <div role="gridcell">
                  <Button
                    size="small"
                    look="plain"
                    onClick={() => selectShots(toggled(row.ids, usePhotos.getState().selected))}
                  >
                    {selectedOf(row.ids, selected) === 'all' ? windowWords.photos.deselect : windowWords.photos.select}
                  </Button>
                </div>
              </div>
            );
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 1}
              className="photos-row"
              style={{ ...place, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            >
              {row.tiles.map((tile, column) => (
                <Tile
                  key={tile.shot.id}
                  device={device}
                  tile={tile}
                  index={row.first + column}
                  isSelected={selectedOf(tile.ids, selected) === 'all'}
                  isFocused={row.first + column === at}
                />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface TileProps {
  readonly device: DeviceKey;
  readonly tile: PhotoTile;
  readonly index: number;
  readonly isSelected: boolean;
  readonly isFocused: boolean;
}

const Tile = memo(function Tile({ device, tile, index, isSelected, isFocused }: TileProps): ReactNode {
  useLanguage();
  const { shot, ids, beginsBurst } = tile;
  const [first] = shot.parts;
  const name = baseNameOf(first.path);
  const { burst } = shot;
  return (
    <div
      id={tileId(index)}
      role="gridcell"
      className="photo"
      data-tile={index}
      data-state={shot.state}
      {...(isFocused ? { 'data-focus': '' } : {})}
      aria-selected={isSelected}
      aria-label={shotWords(shot, ids.length)}
      title={name}
    >
      <Thumbnail
        place={{ device, storage: first.storage, path: first.path }}
        entry={{ kind: 'file', name }}
        size={40}
      />
      <span className="photo-mark" aria-hidden>
        {isSelected ? <Check size={14} strokeWidth={2.5} /> : null}
      </span>
      <span className="photo-signs" aria-hidden>
        {shot.kind === 'video' ? <Film size={14} /> : null}
        {shot.kind === 'screenshot' ? <Smartphone size={14} /> : null}
        {shot.parts.length > 1 ? (
          <span>
            <Copy size={14} />
            {shot.parts.length}
          </span>
        ) : null}
      </span>
      {beginsBurst && burst !== undefined ? (
        <button
          type="button"
          className="photo-burst"
          tabIndex={-1}
          aria-label={ids.length > 1 ? windowWords.photos.unfold({ count: ids.length }) : windowWords.photos.fold}
          onClick={() => unfold(burst)}
        >
          <Layers size={14} aria-hidden />
          {ids.length > 1 ? ids.length : null}
        </button>
      ) : null}
    </div>
  );
});

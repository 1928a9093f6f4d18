import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import type { DeviceKey } from '../../shared/domain.ts';
import type { ShotId } from '../../shared/photos.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { useLanguage } from '../stores/language.ts';
import { selectShots, usePhotos } from '../stores/photos.ts';
import { neighbour, photoRows, RowKeys, toggled } from '../view-models/photo-rows.ts';
import { useColumns } from './columns.ts';
import { HeadingRow, TileRow, tileId } from './photo-rows.tsx';

const WIDTH = 132;
const HEIGHT = { day: 44, event: 28, tiles: 132 } as const;

/** Shots by day; only visible rows are drawn. A click selects, Shift selects as far as there, Ctrl+A all that is shown. */
export const PhotoGrid = memo(function PhotoGrid({ device }: { readonly device: DeviceKey }): ReactNode {
  useLanguage();
  // one by one: how a look goes changes ten times a second, and is none of the grid's business
  const days = usePhotos((state) => state.days);
  const shots = usePhotos((state) => state.shots);
  const total = usePhotos((state) => state.total);
  const loading = usePhotos((state) => state.loading);
  const selected = usePhotos((state) => state.selected);
  const unfolded = usePhotos((state) => state.unfolded);
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
    overscan: 2,
    useFlushSync: false,
  });
  useEffect(() => drawn.measure(), [laid]);

  const [rowKeys] = useState(() => new RowKeys());
  const items = drawn.getVirtualItems().flatMap((item) => {
    const row = rows[item.index];
    return row === undefined ? [] : [{ ...item, row }];
  });
  const keys = rowKeys.of(items.map(({ row }) => row));
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
        {items.map(({ row, index, start, size }, nth) => {
          const place = { index, start, size, selected };
          const key = keys[nth];
          if (row.kind !== 'tiles') return <HeadingRow key={key} row={row} {...place} />;
          const focused = at - row.first;
          return (
            <TileRow
              key={key}
              row={row}
              device={device}
              columns={columns}
              focused={focused >= 0 && focused < row.tiles.length ? focused : undefined}
              {...place}
            />
          );
        })}
      </div>
    </div>
  );
});

import { Check, Copy, Film, Layers, Smartphone } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { baseNameOf, type DeviceKey } from '../../shared/domain.ts';
import type { ShotId } from '../../shared/photos.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { useLanguage } from '../stores/language.ts';
import { selectShots, unfold, usePhotos } from '../stores/photos.ts';
import {
  selectedOf,
  toggled,
  type DayRow,
  type EventRow,
  type PhotoTile,
  type TilesRow,
} from '../view-models/photo-rows.ts';
import { dayWords, eventWords, shotWords } from '../view-models/photo-words.ts';
import { Thumbnail } from './pictures.tsx';

/** The rows of the grid of photos. While it scrolls each is drawn again only where something about it changed. */

/** The element of a tile, by its number among all. */
export const tileId = (index: number): string => `photo-${index}`;

interface RowProps {
  /** Its number among all rows. */
  readonly index: number;
  /** Points from the top, and its height. */
  readonly start: number;
  readonly size: number;
  readonly selected: ReadonlySet<ShotId>;
}

interface HeadingProps extends RowProps {
  readonly row: DayRow | EventRow;
}

/** A day or an event, with a button that selects all of it. */
export const HeadingRow = memo(function HeadingRow({ row, index, start, size, selected }: HeadingProps): ReactNode {
  useLanguage();
  const words = windowWords.photos;
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      className={`photos-${row.kind}`}
      style={{ transform: `translateY(${start}px)`, height: size }}
    >
      <div role="gridcell">
        <strong>{row.kind === 'day' ? dayWords(row.day.day) : eventWords(row.from, row.to)}</strong>
        {row.kind === 'day' ? (
          <span className="quiet">{words.ofDay({ count: row.day.shots, fresh: row.day.new })}</span>
        ) : null}
      </div>
      <div role="gridcell">
        <Button size="small" look="plain" onClick={() => selectShots(toggled(row.ids, usePhotos.getState().selected))}>
          {selectedOf(row.ids, selected) === 'all' ? words.deselect : words.select}
        </Button>
      </div>
    </div>
  );
});

interface TileRowProps extends RowProps {
  readonly row: TilesRow;
  readonly device: DeviceKey;
  readonly columns: number;
  /** Which of its tiles has the focus. */
  readonly focused: number | undefined;
}

/** Tiles side by side. */
export const TileRow = memo(function TileRow(props: TileRowProps): ReactNode {
  const { row, device, columns, focused, index, start, size, selected } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      className="photos-row"
      style={{
        transform: `translateY(${start}px)`,
        height: size,
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
      }}
    >
      {row.tiles.map((tile, column) => (
        <Tile
          key={column}
          device={device}
          tile={tile}
          index={row.first + column}
          isSelected={selectedOf(tile.ids, selected) === 'all'}
          isFocused={column === focused}
        />
      ))}
    </div>
  );
});

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

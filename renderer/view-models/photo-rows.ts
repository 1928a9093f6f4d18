import type { PhotoDay, PhotoShot, ShotId } from '../../shared/photos.ts';

/** The page of photos as rows: a day’s heading, a heading for each event where a day has several, rows of tiles. */

/** One tile: a shot, or the first of a burst that is folded. */
export interface PhotoTile {
  readonly shot: PhotoShot;
  /** All shots that the tile stands for, itself included; more than one for a folded burst only. */
  readonly ids: readonly ShotId[];
  /** Whether it begins a burst of several shots, folded or not. */
  readonly beginsBurst: boolean;
}

/** A day's heading. */
export interface DayRow extends Numbered {
  readonly kind: 'day';
  readonly day: PhotoDay;
  readonly ids: readonly ShotId[];
}
/** An event's heading. */
export interface EventRow extends Numbered {
  readonly kind: 'event';
  readonly from: number;
  readonly to: number;
  readonly ids: readonly ShotId[];
}
/** A row of tiles; `first` is the number of its first among all. */
export interface TilesRow extends Numbered {
  readonly kind: 'tiles';
  readonly tiles: readonly PhotoTile[];
  readonly first: number;
}
interface Numbered {
  /** How many rows of its kind are before it. */
  readonly nth: number;
}
/** One row of the page. */
export type PhotoRow = DayRow | EventRow | TilesRow;

/** All tiles in their order, and the rows they are in. */
export interface PhotoRows {
  readonly rows: readonly PhotoRow[];
  readonly tiles: readonly PhotoTile[];
  /** The row of each tile. */
  readonly rowOf: readonly number[];
}

/**
 * Lays out as many shots as have come: `days` tells where each day and event begins among them. `unfolded` are the bursts
 * of which every shot is shown.
 */
export function photoRows(
  days: readonly PhotoDay[],
  shots: readonly PhotoShot[],
  columns: number,
  unfolded: ReadonlySet<string>,
): PhotoRows {
  const rows: PhotoRow[] = [];
  const tiles: PhotoTile[] = [];
  const rowOf: number[] = [];
  const counts = { day: 0, event: 0, tiles: 0 };
  const lay = (from: number, to: number): void => {
    const mine = tilesOf(shots.slice(from, to), unfolded);
    for (let index = 0; index < mine.length; index += columns) {
      const part = mine.slice(index, index + columns);
      for (const tile of part) {
        tiles.push(tile);
        rowOf.push(rows.length);
      }
      rows.push({ kind: 'tiles', nth: counts.tiles++, tiles: part, first: tiles.length - part.length });
    }
  };
  for (const day of days) {
    if (day.offset >= shots.length) break;
    const ids = (offset: number, count: number): readonly ShotId[] =>
      shots.slice(offset, offset + count).map(({ id }) => id);
    rows.push({ kind: 'day', nth: counts.day++, day, ids: ids(day.offset, day.shots) });
    if (day.events.length < 2) lay(day.offset, day.offset + day.shots);
    else
      for (const { offset, shots: count, from, to } of day.events) {
        rows.push({ kind: 'event', nth: counts.event++, from, to, ids: ids(offset, count) });
        lay(offset, offset + count);
      }
  }
  return { rows, tiles, rowOf };
}

function tilesOf(shots: readonly PhotoShot[], unfolded: ReadonlySet<string>): readonly PhotoTile[] {
  const tiles: PhotoTile[] = [];
  for (let index = 0; index < shots.length;) {
    const shot = shots[index];
    if (shot === undefined) break;
    let end = index + 1;
    if (shot.burst !== undefined) while (shots[end]?.burst === shot.burst) end += 1;
    const burst = shots.slice(index, end);
    const isFolded = burst.length > 1 && shot.burst !== undefined && !unfolded.has(shot.burst);
    if (isFolded) tiles.push({ shot, ids: burst.map(({ id }) => id), beginsBurst: true });
    else
      for (const [place, one] of burst.entries())
        tiles.push({ shot: one, ids: [one.id], beginsBurst: place === 0 && burst.length > 1 });
    index = end;
  }
  return tiles;
}

/**
 * Keys for the rows that are drawn: one that has come gets the key of one of its kind that has gone, and with it its elements,
 * which costs a fraction of making new ones.
 */
export class RowKeys {
  /** Of the rows drawn last, by kind and number. */
  #slots = new Map<string, number>();

  /** The keys of these rows, in their order; those that stay keep theirs. */
  of(rows: readonly PhotoRow[]): readonly string[] {
    const taken = { day: new Set<number>(), event: new Set<number>(), tiles: new Set<number>() };
    const slots = new Map<string, number>();
    for (const { kind, nth } of rows) {
      const slot = this.#slots.get(`${kind} ${nth}`);
      if (slot === undefined) continue;
      slots.set(`${kind} ${nth}`, slot);
      taken[kind].add(slot);
    }
    const keys = rows.map(({ kind, nth }) => {
      let slot = slots.get(`${kind} ${nth}`);
      if (slot === undefined) {
        for (slot = 0; taken[kind].has(slot);) slot += 1;
        slots.set(`${kind} ${nth}`, slot);
        taken[kind].add(slot);
      }
      return `${kind} ${slot}`;
    });
    this.#slots = slots;
    return keys;
  }
}

/** How much of these is selected. */
export function selectedOf(ids: readonly ShotId[], selected: ReadonlySet<ShotId>): 'none' | 'some' | 'all' {
  const count = ids.reduce((sum, id) => sum + (selected.has(id) ? 1 : 0), 0);
  return count === 0 ? 'none' : count === ids.length ? 'all' : 'some';
}

/** The selection with these added if any of them is missing, else without them. */
export function toggled(ids: readonly ShotId[], selected: ReadonlySet<ShotId>): ReadonlySet<ShotId> {
  const next = new Set(selected);
  if (selectedOf(ids, selected) === 'all') for (const id of ids) next.delete(id);
  else for (const id of ids) next.add(id);
  return next;
}

/** The tile that an arrow key goes to from `from`; the same at an edge. Up and down keep the column where they can. */
export function neighbour({ rows, tiles, rowOf }: PhotoRows, from: number, key: string): number {
  const clamp = (at: number): number => Math.max(0, Math.min(tiles.length - 1, at));
  switch (key) {
    case 'Home':
      return clamp(0);
    case 'End':
      return clamp(tiles.length - 1);
    case 'forward':
      return clamp(from + 1);
    case 'back':
      return clamp(from - 1);
    case 'ArrowDown':
    case 'ArrowUp': {
      const row = rowOf[from];
      const here = row === undefined ? undefined : rows[row];
      if (row === undefined || here?.kind !== 'tiles') return clamp(from);
      const by = key === 'ArrowDown' ? 1 : -1;
      for (let next = row + by; next >= 0 && next < rows.length; next += by) {
        const there = rows[next];
        if (there?.kind === 'tiles') return there.first + Math.min(from - here.first, there.tiles.length - 1);
      }
      return clamp(from);
    }
    default:
      return clamp(from);
  }
}

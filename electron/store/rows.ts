import type { DeviceKey, StorageKey, TransferId } from '../../shared/domain.ts';
import type { ItemRow, TransferRow } from '../engine/model/transfer-store.ts';

/** Maps database rows to the engine's rows and back, by two tables of columns. */

/** A column's value as SQLite stores it. */
export type Cell = string | number | null;
/** A row as SQLite gives it, by column name. */
export type Raw = Readonly<Record<string, Cell>>;

/** The column of one field, and how its value is stored. */
export interface Column {
  readonly name: string;
  readonly write: (value: unknown) => Cell;
  readonly read: (cell: Cell) => unknown;
}

/** A column of text or a number as it is; `undefined` is NULL. */
export const plain = (name: string): Column => ({
  name,
  write: (value) => (value === undefined ? null : (value as Cell)),
  read: (cell) => cell ?? undefined,
});
/** A column of a boolean as 0 or 1; `undefined` and NULL are false. */
export const truth = (name: string): Column => ({
  name,
  write: (value) => (value === true ? 1 : 0),
  read: (cell) => cell === 1,
});
/** A column of a value as JSON text; `undefined` is NULL. */
export const json = (name: string): Column => ({
  name,
  write: (value) => (value === undefined ? null : JSON.stringify(value)),
  read: (cell) => (cell === null ? undefined : (JSON.parse(String(cell)) as unknown)),
});

/** A column for each field of a row but `Without`, so that none is forgotten. */
export type ColumnsOf<Row, Without extends keyof Row = never> = Readonly<Record<Exclude<keyof Row, Without>, Column>>;

/** The columns of a transfer. */
export const TRANSFER_COLUMNS: ColumnsOf<TransferRow> = {
  id: plain('id'),
  direction: plain('direction'),
  device: plain('device'),
  deviceName: plain('device_name'),
  storage: plain('storage'),
  storageName: plain('storage_name'),
  destination: plain('destination'),
  sources: json('sources'),
  title: plain('title'),
  options: json('options'),
  position: plain('position'),
  createdAt: plain('created_at'),
  planned: truth('planned'),
  planFailed: truth('plan_failed'),
  intent: plain('intent'),
  finishedAt: plain('finished_at'),
  removed: truth('removed'),
  conflictAnswer: plain('conflict_answer'),
  nameAnswer: plain('name_answer'),
  bytesMoved: plain('bytes_moved'),
  bytesResent: plain('bytes_resent'),
  targetMount: plain('target_mount'),
  targetSeen: truth('target_seen'),
  doubted: truth('doubted'),
};

/** The item's own columns. Its transfer is a number in the database, joined when reading. */
export const ITEM_COLUMNS: ColumnsOf<ItemRow, 'transfer'> = {
  id: plain('id'),
  sequence: plain('sequence'),
  kind: plain('kind'),
  name: plain('name'),
  local: plain('local'),
  storage: plain('storage'),
  phone: plain('phone'),
  size: plain('size'),
  modified: plain('modified'),
  state: json('state'),
  confirmed: plain('confirmed'),
  reached: plain('reached'),
  temporary: plain('temporary'),
  creation: plain('creation'),
  mode: plain('mode'),
  savedAs: plain('saved_as'),
  answer: plain('answer'),
  expectation: json('expectation'),
  fingerprint: plain('fingerprint'),
  sha256: plain('sha256'),
  chunkDigest: plain('chunk_digest'),
  attempts: plain('attempts'),
  mismatches: plain('mismatches'),
  resumed: truth('resumed'),
  retried: truth('retried'),
  updatedAt: plain('updated_at'),
};

/** The fields of a row by their columns; a column that was not selected reads as NULL. */
export function readWith(columns: Readonly<Record<string, Column>>, raw: Raw): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [field, column] of Object.entries(columns)) row[field] = column.read(raw[column.name] ?? null);
  return row;
}

/** The transfer in a row. Not checked: only this program writes to its database. */
export const readTransfer = (raw: Raw): TransferRow => readWith(TRANSFER_COLUMNS, raw) as unknown as TransferRow;

/** The item in a row, which does not hold the id of its `transfer`. */
export const readItem = (raw: Raw, transfer: TransferId): ItemRow =>
  ({ ...readWith(ITEM_COLUMNS, raw), transfer }) as unknown as ItemRow;

/** The columns and values that a change writes. */
export function cellsOf(
  columns: Readonly<Record<string, Column>>,
  change: Readonly<Record<string, unknown>>,
): { readonly names: readonly string[]; readonly cells: readonly Cell[] } {
  const names: string[] = [];
  const cells: Cell[] = [];
  for (const [field, value] of Object.entries(change)) {
    const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
    if (column === undefined) throw new RangeError(`no column for ${field}`);
    names.push(column.name);
    cells.push(column.write(value));
  }
  return { names, cells };
}

/** Fields of an item that may be written after it was added. */
export type ItemChange = Partial<Omit<ItemRow, 'id' | 'transfer' | 'sequence'>>;
/** Fields of a transfer that may be written after it was added. */
export type TransferChange = Partial<Omit<TransferRow, 'id'>>;

/** The change to a transfer of the storage `from` of its phone, which is now known as `to`. */
export const movedTo = (
  row: TransferRow,
  from: StorageKey,
  to: StorageKey,
): Pick<TransferRow, 'storage' | 'sources'> => ({
  storage: row.storage === from ? to : row.storage,
  sources:
    row.sources.kind === 'phone'
      ? {
          kind: 'phone',
          places: row.sources.places.map((place) =>
            place.device === row.device && place.storage === from ? { ...place, storage: to } : place,
          ),
        }
      : row.sources,
});

/** The change to a transfer whose phone `from` is now known as `to`. */
export const adopted = (row: TransferRow, from: DeviceKey, to: DeviceKey): Pick<TransferRow, 'device' | 'sources'> => ({
  device: to,
  sources:
    row.sources.kind === 'phone'
      ? {
          kind: 'phone',
          places: row.sources.places.map((place) => (place.device === from ? { ...place, device: to } : place)),
        }
      : row.sources,
});

import type { TransferId } from '../../../shared/domain.ts';
import { areTwins, type ItemRow, type TransferRow } from '../model/transfer-store.ts';

/** Two transfers that save the same files in two places: their items take turns, so that the phone is read once. */

/** The other transfers that save the same files, of those given. */
export function twinsOf(id: TransferId, transfers: readonly TransferRow[]): readonly TransferRow[] {
  const own = transfers.find((row) => row.id === id);
  return own === undefined ? [] : transfers.filter((row) => row !== own && areTwins(row, own));
}

/** Whether both are the same file of the phone. */
export const isSameFile = (one: ItemRow, other: ItemRow): boolean =>
  one.phone === other.phone && one.storage === other.storage;

/**
 * How many files the second copy is behind the first: more than go together, so that it seldom waits for the first, and few
 * enough for what was just written to be still in memory.
 */
const BEHIND = 16;

/** Items of one transfer, or of several that save the same files: each in its order, the second ones close behind the first. */
export function inTurns(lists: readonly (readonly ItemRow[])[]): ItemRow[] {
  const placed = lists.flatMap((rows, list) =>
    rows.map((row) => ({ row, place: row.sequence + (list === 0 ? 0 : BEHIND) })),
  );
  return placed.sort((one, other) => one.place - other.place).map(({ row }) => row);
}

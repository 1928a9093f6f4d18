import { setImmediate as turn } from 'node:timers/promises';
import type { TransferId } from '../../../shared/domain.ts';
import type { ItemStateName } from '../../../shared/snapshots.ts';
import type { ItemRow, TransferStore } from './transfer-store.ts';

/** Which items of a transfer, and how many rows are read at once. */
interface Pages {
  readonly transfer: TransferId;
  readonly states: readonly ItemStateName[];
  readonly atOnce: number;
}

/**
 * Visits all items of a transfer that are in these states, in their order, some at a time; others have their turn between
 * two pages. The first page is visited before this returns. Rejects with `store`, and as `visit` throws.
 */
export async function eachPage(
  store: Pick<TransferStore, 'itemsIn'>,
  { transfer, states, atOnce }: Pages,
  visit: (rows: readonly ItemRow[]) => void,
): Promise<void> {
  for (let after = -1; ;) {
    const rows = store.itemsIn(transfer, states, atOnce, after);
    visit(rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < atOnce) return;
    after = last.sequence;
    await turn();
  }
}

import { setImmediate as turn } from 'node:timers/promises';
import type { HistoryPage, TransferRow, TransferStore } from '../model/transfer-store.ts';

/** A page of what matches; whatever moves goes on meanwhile, however long the history is. */
export async function searchHistory(
  store: Pick<TransferStore, 'searchHistory'>,
  search: string,
  { offset, limit }: HistoryPage,
): Promise<{ readonly total: number; readonly transfers: readonly TransferRow[] }> {
  const transfers: TransferRow[] = [];
  let total = 0;
  for (const row of store.searchHistory(search)) {
    if (row === undefined) {
      await turn();
      continue;
    }
    if (total >= offset && total < offset + limit) transfers.push(row);
    total += 1;
  }
  return { total, transfers };
}

import type { TransferId } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import { eachPage } from '../model/each-page.ts';
import type { ItemChange } from '../model/item-run.ts';
import { transition, type Input } from '../model/item-state.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import { SMALL } from '../transfer/sample.ts';

/** Rows changed before others have their turn. */
const AT_ONCE = 200;

/**
 * Once a copy of a transfer was found different from its source, a sample proves nothing about the others: the small
 * files that are done and were compared by their size alone are taken up again, and read back. Resolves when all are.
 */
export async function checkAgain(context: EngineContext, transfer: TransferId): Promise<void> {
  const { store } = context;
  // what was cancelled is not taken up again
  if (store.transfer(transfer)?.intent === 'cancel') return;
  await eachPage(store, { transfer, states: ['done'], atOnce: AT_ONCE }, (rows) => {
    const changes = rows.flatMap((row) => {
      if (row.state.kind !== 'done' || !isDoubtful(row, row.state)) return [];
      const { state } = transition(row, { kind: 'doubted' });
      return [{ id: row.id, change: { ...doubting(row, row.state.outcome), state } }];
    });
    if (changes.length > 0) store.updateItems(changes, context.now());
  });
  context.touch(transfer);
}

/** What an end says of a copy. */
type End = Extract<Input, { readonly kind: 'verified' | 'settled' }>;

/** Whether a small file ended with nothing but its size compared. */
export const isDoubtful = (
  { kind, size }: Pick<ItemRow, 'kind' | 'size'>,
  { outcome }: Pick<End, 'outcome'>,
): boolean =>
  kind === 'file' && size > 0 && size <= SMALL && outcome.kind === 'moved' && outcome.verification.level === 'size';

/** What makes an item that has its copy compare it, with what a download has left at its target. */
export function doubting({ size, expectation }: ItemRow, outcome: End['outcome']): ItemChange {
  const modified = outcome.kind === 'moved' ? outcome.copyModified : undefined;
  return {
    creation: 'doubted',
    temporary: undefined,
    attempts: 0,
    expectation: modified === undefined ? expectation : { kind: 'file', size, modified },
  };
}

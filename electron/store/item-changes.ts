import type { ItemState } from '../engine/model/item-state.ts';
import type { ItemRow, NewItem } from '../engine/model/transfer-store.ts';

/** What both stores agree upon, beside how they keep it. */

/** The state in which an item enters the store. */
export function firstStateOf({ problem, skipped }: Pick<NewItem, 'problem' | 'skipped'>): ItemState {
  if (problem !== undefined) return { kind: 'failed', problem };
  return skipped === undefined ? { kind: 'queued' } : { kind: 'done', outcome: { kind: 'skipped', why: skipped } };
}

/** Whether an item may be reserved: it is neither in a lane's hands nor waiting, asking, stopped or ended. */
export const isTakeable = ({ kind }: ItemState): boolean => kind === 'queued' || kind === 'preparing';

/** An item of which nothing was made. */
export const FORGOTTEN = { temporary: undefined, creation: 'none', confirmed: 0 } as const satisfies Partial<ItemRow>;

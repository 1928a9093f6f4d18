import type { ItemState } from '../engine/model/item-state.ts';
import type { ItemRow, NewItem } from '../engine/model/transfer-store.ts';

/** Rules that both stores share, whatever their storage. */

/** Initial state of an item when it is added. */
export function firstStateOf({ problem, skipped }: Pick<NewItem, 'problem' | 'skipped'>): ItemState {
  if (problem !== undefined) return { kind: 'failed', problem };
  return skipped === undefined ? { kind: 'queued' } : { kind: 'done', outcome: { kind: 'skipped', why: skipped } };
}

/** Whether an item may be reserved: no lane owns it, and it is not waiting, asking, stopped or finished. */
export const isTakeable = ({ kind }: ItemState): boolean => kind === 'queued' || kind === 'preparing';

/** Fields of an item of which nothing has been created on the other side. */
export const FORGOTTEN = { temporary: undefined, creation: 'none', confirmed: 0 } as const satisfies Partial<ItemRow>;

/** The row of an item that is added; nothing has happened to it yet. */
export const newRow = (item: NewItem, place: Pick<ItemRow, 'id' | 'transfer' | 'sequence' | 'updatedAt'>): ItemRow => ({
  kind: item.kind,
  name: item.name,
  local: item.local,
  storage: item.storage,
  phone: item.phone,
  size: item.size,
  modified: item.modified,
  state: firstStateOf(item),
  reached: 0,
  mode: undefined,
  savedAs: item.savedAs,
  answer: item.answer,
  expectation: item.expectation,
  fingerprint: undefined,
  sha256: undefined,
  chunkDigest: undefined,
  attempts: 0,
  mismatches: 0,
  resumed: false,
  retried: false,
  ...FORGOTTEN,
  ...place,
});

import { baseNameOf, parentOf, type DeviceKey, type Direction } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import { transition, type Input } from '../model/item-state.ts';
import { leftoverId } from '../model/leftover-id.ts';
import type { ItemRow, Leftover, TransferStore } from '../model/transfer-store.ts';

/** What is noted of an item that is given up, and what will prove that Replug made it (`leftovers.ts`). */

/** What an item that nobody works on has made is given up, in one transaction with the state that `input` leads to. */
export function abandonItem(
  context: EngineContext,
  row: ItemRow,
  device: DeviceKey,
  direction: Direction,
  input?: Input,
): void {
  const state = input === undefined ? row.state : transition(row, input).state;
  keepFormer(context.store, device, row);
  context.store.abandonItem(row.id, { state }, leftoverOf(row, device, direction), context.now());
}

/**
 * An item has one leftover. One of an earlier try that is not removed yet, which only its name tells whose it is, stays noted
 * under an id of its own; its note as the item's is replaced by that of the later try. Throws `store`.
 */
export function keepFormer(store: TransferStore, device: DeviceKey, { id, temporary, creation }: ItemRow): void {
  if (temporary === undefined || creation === 'none') return;
  const former = store.leftovers(device).find(({ item }) => item === id);
  if (former === undefined || former.name === temporary) return;
  if (former.direction !== 'upload' || former.proof?.kind !== 'exclusive-name') return;
  store.addLeftover({ ...former, item: leftoverId() });
}

/** What is to be removed of an item, with what will prove that it was Replug that made it. */
export function leftoverOf(row: ItemRow, device: DeviceKey, direction: Direction): Leftover | undefined {
  const { temporary, creation } = row;
  if (temporary === undefined || creation === 'none') return undefined;
  const isUpload = direction === 'upload';
  // a small upload is made under the name it is to have, which others may use as well; a part file has a sign of its own
  const isExclusive = !isUpload || (isTemporaryName(temporary) && temporary !== (row.savedAs ?? baseNameOf(row.phone)));
  return {
    item: row.id,
    transfer: row.transfer,
    device,
    storage: row.storage,
    direction,
    folder: isUpload ? parentOf(row.phone) : undefined,
    name: temporary,
    proof: isExclusive
      ? { kind: 'exclusive-name', ...replacedBy(row, isUpload) }
      : { kind: 'beginning-of', source: row.local, size: row.size, modified: row.modified },
  };
}

/** A whole copy that was getting the name of another file: that one may have gone for it, and nothing is lost with it then. */
const replacedBy = (row: ItemRow, isUpload: boolean): { readonly replaces?: string } =>
  isUpload && row.creation === 'renaming' && row.expectation?.kind === 'file'
    ? { replaces: row.savedAs ?? baseNameOf(row.phone) }
    : {};

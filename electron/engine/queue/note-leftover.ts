import { baseNameOf, parentOf, type DeviceKey, type Direction } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import { transition, type Input } from '../model/item-state.ts';
import type { ItemRow, Leftover } from '../model/transfer-store.ts';

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
  context.store.abandonItem(row.id, { state }, leftoverOf(row, device, direction), context.now());
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

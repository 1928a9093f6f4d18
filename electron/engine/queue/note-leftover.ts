import { baseNameOf, parentOf, type DeviceKey, type Direction } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import { PART_SUFFIX } from '../local/local-files.ts';
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
  const isExclusive = isUpload
    ? // a small file is made under the name it is to have, which others may use as well
      isTemporaryName(temporary) && temporary !== (row.savedAs ?? baseNameOf(row.phone))
    : // a part file is made with an exclusive create: before that succeeded it may be somebody else's
      creation !== 'creating' || !isSharedPart(temporary);
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
      : { kind: 'beginning-of', source: isUpload ? row.local : row.phone, size: row.size, modified: row.modified },
  };
}

/** A whole copy that was getting the name of another file: that one may have gone for it, and nothing is lost with it then. */
const replacedBy = (row: ItemRow, isUpload: boolean): { readonly replaces?: string } =>
  isUpload && row.creation === 'renaming' && row.expectation?.kind === 'file'
    ? { replaces: row.savedAs ?? baseNameOf(row.phone) }
    : {};

/** Whether the part file has a name that follows from its target alone, so that two items may come upon it. */
const isSharedPart = (path: string): boolean => path.endsWith(PART_SUFFIX);

import { joinPhonePath, parentOf, type DeviceKey, type StorageKey } from '../../../shared/domain.ts';
import type { ItemRow, TransferStore } from '../model/transfer-store.ts';
import type { Witness } from './storage-keys.ts';

/** Items of one transfer that are looked at; more make an answer no surer. */
const MOST_ITEMS = 8;
/** Witnesses for one storage. */
const MOST_WITNESSES = 24;

/**
 * What transfers have put on a storage or are to fetch from it, newest first: by this a storage is recognised among those
 * that are alike. An upload that has made nothing yet has the folder it goes to.
 */
export function knownOn(
  store: Pick<TransferStore, 'transfers' | 'itemsIn' | 'withTemporary'>,
  device: DeviceKey,
  storage: StorageKey,
): readonly Witness[] {
  const witnesses: Witness[] = [];
  for (const transfer of store.transfers().toReversed()) {
    if (transfer.device !== device || transfer.storage !== storage) continue;
    const isUpload = transfer.direction === 'upload';
    if (isUpload)
      for (const row of store.withTemporary(transfer.id).slice(0, MOST_ITEMS))
        if (row.temporary !== undefined)
          witnesses.push({ path: joinPhonePath(parentOf(row.phone), row.temporary), size: undefined });
    for (const row of store.itemsIn(transfer.id, ['done'], MOST_ITEMS)) witnesses.push(...copyOf(row, isUpload));
    for (const { kind, phone, size } of store.itemsIn(transfer.id, UNFINISHED, MOST_ITEMS))
      witnesses.push(
        isUpload || kind === 'folder' ? { path: parentOf(phone), size: undefined } : { path: phone, size },
      );
    if (witnesses.length >= MOST_WITNESSES) break;
  }
  return witnesses;
}

/** States of an item that is not over. */
const UNFINISHED = ['queued', 'preparing', 'asking', 'moving', 'confirming', 'stopping', 'waiting', 'paused'] as const;

function copyOf({ kind, phone, savedAs, size, state }: ItemRow, isUpload: boolean): readonly Witness[] {
  if (kind === 'folder' || state.kind !== 'done' || state.outcome.kind === 'skipped') return [];
  const isMoved = state.outcome.kind === 'moved' && state.outcome.original?.deleted === true;
  if (!isUpload && isMoved) return [];
  const path = isUpload && savedAs !== undefined ? joinPhonePath(parentOf(phone), savedAs) : phone;
  return [{ path, size }];
}

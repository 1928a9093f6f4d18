import { pathAfterMove, type PhonePlace } from '../../../shared/domain.ts';
import type { Leftover, TransferStore } from '../model/transfer-store.ts';
import { leftoverOf } from './note-leftover.ts';

/**
 * A folder was moved or renamed through Replug, and what Replug had made in it went along: what is still to be removed is
 * looked for where it is now, and so is what an upload had begun there, which begins anew where it was to go. Throws `store`.
 */
export function followFolder(store: TransferStore, from: PhonePlace, to: PhonePlace): void {
  const move = (leftover: Leftover | undefined): void => {
    if (leftover?.folder === undefined || leftover.storage !== from.storage) return;
    const folder = pathAfterMove(leftover.folder, from.path, to.path);
    if (folder !== undefined) store.addLeftover({ ...leftover, storage: to.storage, folder });
  };
  const { device } = from;
  for (const transfer of store.transfers()) {
    if (transfer.device !== device || transfer.direction !== 'upload') continue;
    for (const row of store.withTemporary(transfer.id)) {
      const made = leftoverOf(row, device, 'upload');
      if (made?.proof?.kind === 'exclusive-name') move(made);
    }
  }
  for (const leftover of store.leftovers(device)) move(leftover);
}

import type { DeviceKey, Instant } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { isOver } from './transfers.ts';
import { counted } from './words.ts';

/** `, next in 4 s`; empty if the retry is due or its time unknown. */
export function nextTryWords(at: Instant | undefined, now: Instant): string {
  if (at === undefined) return '';
  const seconds = Math.ceil((at - now) / 1000);
  return seconds <= 0 ? ', right now' : `, next in ${seconds} s`;
}

/** Message for a disconnected phone, including the transfers waiting for it. */
export function waitingHere(transfers: readonly TransferView[], device: DeviceKey): string {
  const waiting = transfers.filter((one) => one.device === device && !isOver(one)).length;
  switch (waiting) {
    case 0:
      return 'Plug it in again to see its files.';
    case 1:
      return 'Plug it in again. One transfer waits for it and carries on by itself.';
    default:
      return `Plug it in again. ${counted(waiting, 'transfer')} wait for it and carry on by themselves.`;
  }
}

import type { DeviceKey, Instant } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { isOver } from './transfers.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** That Replug keeps trying, and when next; empty where the time is unknown. */
export function nextTryWords(at: Instant | undefined, now: Instant): string {
  if (at === undefined) return '';
  const seconds = Math.ceil((at - now) / 1000);
  return seconds <= 0 ? windowWords.lesson.keepsTryingNow : windowWords.lesson.keepsTrying({ seconds });
}

/** Message for a disconnected phone, including the transfers waiting for it. */
export function waitingHere(transfers: readonly TransferView[], device: DeviceKey): string {
  const count = transfers.filter((one) => one.device === device && !isOver(one)).length;
  return count === 0 ? windowWords.lesson.gone : windowWords.lesson.goneWaiting({ count });
}

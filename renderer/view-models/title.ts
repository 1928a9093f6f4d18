import type { TransfersSnapshot } from '../../shared/snapshots.ts';
import { overall } from './transfers.ts';
import { percentage } from '../../shared/words/locale.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** The window's title shows progress for people who are working in another window. */
export function windowTitle(transfers: TransfersSnapshot): string {
  const now = overall(transfers);
  if (now.running > 0) return windowWords.transfer.titleProgress({ percent: percentage(now.percent) });
  if (now.waiting > 0) return windowWords.transfer.titleWaiting;
  return 'Replug';
}

import type { TransfersSnapshot } from '../../shared/snapshots.ts';
import { overall } from './transfers.ts';

/** The window's title shows progress for people who are working in another window. */
export function windowTitle(transfers: TransfersSnapshot): string {
  const now = overall(transfers);
  if (now.running > 0) return `${now.percent} % · Replug`;
  if (now.waiting > 0) return 'Waiting · Replug';
  return 'Replug';
}

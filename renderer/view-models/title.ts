import type { TransfersSnapshot } from '../../shared/snapshots.ts';
import { overall } from './transfers.ts';

/** The window's title tells how far it is, for those who work elsewhere meanwhile. */
export function windowTitle(transfers: TransfersSnapshot): string {
  const now = overall(transfers);
  if (now.running > 0) return `${now.percent} % · Replug`;
  if (now.waiting > 0) return 'Waiting · Replug';
  return 'Replug';
}

import { Notification } from 'electron';
import { count } from '../../shared/format.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import type { EngineNotice } from '../engine/engine-types.ts';

export interface Words {
  readonly title: string;
  readonly body: string;
}

/** What a notice says; `undefined` for what the user did a moment ago and needs no telling. */
export function noticeWords(notice: EngineNotice): Words | undefined {
  const { transfer } = notice;
  switch (notice.kind) {
    case 'transfer-finished':
      return finishedWords(transfer);
    case 'phone-needed':
      return { title: `Unlock ${transfer.deviceName}`, body: `“${transfer.title}” goes on as soon as it is unlocked.` };
    case 'question':
      return {
        title: 'Replug has a question',
        body: `About “${transfer.title}”. The other files go on meanwhile.`,
      };
  }
}

function finishedWords({ counts, title, direction, deviceName, destination }: TransferView): Words | undefined {
  const where = direction === 'upload' ? deviceName : destination;
  if (counts.failed > 0)
    return {
      title: counts.failed === counts.total ? 'The transfer failed' : 'Not everything was copied',
      body: `“${title}”: ${count(counts.failed, 'item')} failed. What arrived is safe.`,
    };
  const arrived = counts.done - counts.skipped;
  if (arrived <= 0) return undefined;
  return {
    title: 'Transfer complete',
    body: `“${title}” is on ${where}${arrived > 1 ? ` (${count(arrived, 'item')})` : ''}.`,
  };
}

/** Kept while they are shown: a notification that is collected loses its click. */
const shown = new Set<Notification>();
const MOST_KEPT = 20;

export function notify(words: Words, onClick: () => void, log: (line: string) => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ ...words, silent: false });
  shown.add(notification);
  for (const oldest of shown) {
    if (shown.size <= MOST_KEPT) break;
    shown.delete(oldest);
  }
  notification.on('click', () => {
    shown.delete(notification);
    onClick();
  });
  notification.on('failed', (_event, error) => {
    shown.delete(notification);
    log(`a notification could not be shown: ${error}`);
  });
  notification.show();
}

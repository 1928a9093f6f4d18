import { count } from '../../shared/format.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import type { EngineNotice } from '../engine/api.ts';

/** Text of one notification. */
export interface Words {
  readonly title: string;
  readonly body: string;
}

/** Text of a notification; `undefined` for something the user has just done. */
export function noticeWordsOf(notice: EngineNotice): Words | undefined {
  if (notice.kind === 'phone-identified') return undefined;
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
  const { files, folders } = counts.moved;
  if (files + folders === 0) return undefined;
  return {
    title: 'Transfer complete',
    body: `“${title}” is on ${where}${files > 1 ? ` (${count(files, 'file')})` : ''}.`,
  };
}

import type { TransferView } from '../../shared/snapshots.ts';
import type { EngineNotice } from '../engine/api.ts';
import type { PhotoNotice } from '../../shared/photos.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

/** Text of one notification. */
export interface Words {
  readonly title: string;
  readonly body: string;
}

/** Text of a notification; `undefined` for something the user has just done. */
export function noticeWordsOf(notice: EngineNotice): Words | undefined {
  if (notice.kind === 'phone-identified' || notice.kind === 'storage-identified') return undefined;
  const { transfer } = notice;
  const words = desktopWords.notice;
  switch (notice.kind) {
    case 'transfer-finished':
      return finishedWords(transfer);
    case 'phone-needed':
      return {
        title: words.unlock({ device: transfer.deviceName }),
        body: words.unlockBody({ title: transfer.title }),
      };
    case 'question':
      return {
        title: words.question,
        body: words.questionBody({ title: transfer.title }),
      };
  }
}

/** Notification about an import that begins by itself, while there is time to stop it; that it has begun is not told again. */
export const photoWordsOf = ({ kind, device, counts }: PhotoNotice): Words | undefined =>
  kind === 'soon'
    ? {
        title: desktopWords.notice.photosImporting({ device: device.name }),
        body: desktopWords.notice.photosSoonBody({ count: counts.shots }),
      }
    : undefined;

function finishedWords({ counts, title, direction, deviceName, destination }: TransferView): Words | undefined {
  const words = desktopWords.notice;
  const where = direction === 'upload' ? deviceName : destination;
  if (counts.failed > 0)
    return {
      title: counts.failed === counts.total ? words.failed : words.failedPartly,
      body: words.failedBody({ title, count: counts.failed }),
    };
  const { files, folders } = counts.moved;
  if (files + folders === 0) return undefined;
  return {
    title: words.done,
    body: files > 1 ? words.doneBodyFiles({ title, where, count: files }) : words.doneBody({ title, where }),
  };
}

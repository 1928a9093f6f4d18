import { count } from '../../shared/format.ts';
import type { SyncKind } from '../../shared/sync.ts';
import type { SyncNotice } from '../sync/index.ts';
import type { Words } from './notice-words.ts';

/** What a folder pair has to tell; `undefined` for a run that found nothing new: that is how it should be. */
export function syncWordsOf(notice: SyncNotice): Words | undefined {
  const { pair } = notice;
  switch (notice.kind) {
    case 'soon':
      return { title: `“${pair.name}” begins`, body: `${pair.deviceName} is plugged in. Open Replug to stop it.` };
    case 'finished': {
      const { state, filesMoved, filesFailed, problem } = notice.run;
      if (state === 'interrupted' || state === 'stopped' || state === 'running') return undefined;
      if (state === 'failed' && (filesFailed > 0 || problem !== undefined))
        return {
          title: `“${pair.name}” is not complete`,
          body:
            filesFailed > 0
              ? `${count(filesFailed, 'file')} failed and will be tried again. What arrived is safe.`
              : 'It will be tried again the next time.',
        };
      if (filesMoved === 0) return undefined;
      const what = newFiles(filesMoved, pair.filters.kinds);
      const title = pair.direction === 'to-computer' ? `${what} saved` : `${what} on ${pair.deviceName}`;
      return { title, body: `“${pair.name}”${pair.direction === 'to-computer' ? ` is in ${pair.local}` : ''}.` };
    }
  }
}

function newFiles(files: number, kinds: readonly SyncKind[]): string {
  if (kinds.length === 1 && kinds[0] === 'photos') return count(files, 'new photo');
  const pictures = kinds.length > 0 && kinds.every((kind) => kind === 'photos' || kind === 'videos');
  return pictures ? count(files, 'new photo or video', 'new photos and videos') : count(files, 'new file');
}

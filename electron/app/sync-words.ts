import { newsOf } from '../../shared/sync-words.ts';
import type { SyncNotice } from '../sync/index.ts';
import type { Words } from './notice-words.ts';

/** Notification about a folder pair, shown while the window is not visible. */
export function syncWordsOf(notice: SyncNotice): Words | undefined {
  const { pair } = notice;
  switch (notice.kind) {
    case 'soon':
      return { title: `“${pair.name}” begins`, body: `${pair.deviceName} is plugged in. Open Replug to stop it.` };
    case 'finished': {
      const news = newsOf(pair, notice.run);
      return news === undefined ? undefined : { title: news.title, body: news.body };
    }
  }
}

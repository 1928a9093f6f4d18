import { newsOf } from '../../shared/sync-words.ts';
import type { SyncNotice } from '../sync/index.ts';
import type { Words } from './notice-words.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

/** Notification about a folder pair, shown while the window is not visible. */
export function syncWordsOf(notice: SyncNotice): Words | undefined {
  const { pair } = notice;
  switch (notice.kind) {
    case 'soon':
      return {
        title: desktopWords.notice.syncSoon({ pair: pair.name }),
        body: desktopWords.notice.syncSoonBody({ device: pair.deviceName }),
      };
    case 'finished': {
      const news = newsOf(pair, notice.run);
      return news === undefined ? undefined : { title: news.title, body: news.body };
    }
  }
}

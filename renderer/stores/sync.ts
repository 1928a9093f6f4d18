import { create } from 'zustand';
import type { SyncPairView, SyncSnapshot } from '../../shared/sync.ts';
import { newsOf } from '../../shared/sync-words.ts';
import { bridge } from '../bridge/current.ts';
import { run } from './host.ts';
import { say, tell, useNotices } from './notices.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** The latest snapshot of the folder pairs. */
export const useSync = create<{ readonly sync: SyncSnapshot | undefined }>()(() => ({ sync: undefined }));

/** Subscribed for as long as the window is open, since a run can start and end while any page is shown. */
export function startSync(): void {
  bridge.subscribe(
    'sync',
    undefined,
    ({ snapshot }) => {
      const before = new Map(useSync.getState().sync?.pairs.map((view) => [view.pair.id, view]));
      useSync.setState({ sync: snapshot });
      for (const view of snapshot.pairs) tellNews(view, before.get(view.pair.id));
    },
    tell,
  );
}

function tellNews({ pair, activity, lastRun }: SyncPairView, before: SyncPairView | undefined): void {
  if (activity.kind === 'soon' && before?.activity.kind !== 'soon')
    say(windowWords.notice.syncSoon({ pair: pair.name }), {
      label: windowWords.act.notNow,
      run: () => void run('syncStop', { pair: pair.id }),
    });
  // Runs that ended before the window was opened are not announced.
  if (before === undefined || lastRun === undefined) return;
  if (lastRun.id === before.lastRun?.id && lastRun.state === before.lastRun.state) return;
  const news = newsOf(pair, lastRun);
  if (news !== undefined) useNotices.getState().add({ tone: news.tone, what: `${news.title}.`, remedy: news.body });
}

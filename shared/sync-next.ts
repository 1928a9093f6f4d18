import type { SyncActivity, SyncBeginning, SyncNext, SyncPair, SyncRun } from './sync.ts';
import { commonWords } from './words/made/common.ts';

/** What starts a pair's next run, as data and as text. */

type Ended = Pick<SyncRun, 'state' | 'finishedAt'>;

/** What starts the pair's next run, from the result of its last run and its current activity. */
export function nextRun(
  pair: Pick<SyncPair, 'automatic'>,
  lastRun: Ended | undefined,
  activity: SyncActivity = { kind: 'idle' },
): SyncNext {
  if (activity.kind === 'soon') return { kind: 'soon', at: activity.at };
  return { kind: pair.automatic ? 'plug-in' : 'by-hand', begins: beginning(lastRun) };
}

function beginning(lastRun: Ended | undefined): SyncBeginning {
  switch (lastRun?.state) {
    case 'failed':
      return 'failed-again';
    case 'interrupted':
    case 'stopped':
      // a run that has ended all the same leaves nothing to continue
      return lastRun.finishedAt === undefined ? 'goes-on' : 'afresh';
    case 'done':
    case 'running':
    case undefined:
      return 'afresh';
  }
}

const NAMES = { afresh: '', 'failed-again': 'Failed', 'goes-on': 'Resume' } as const;

/** As text to follow “Next run:”. */
export function nextRunWords(next: SyncNext, deviceName: string): string {
  const words = commonWords.sync.next;
  switch (next.kind) {
    case 'soon':
      return words.soon;
    case 'plug-in':
      return words[`plugIn${NAMES[next.begins]}`]({ device: deviceName });
    case 'by-hand':
      return words[`byHand${NAMES[next.begins]}`];
  }
}

import type { SyncActivity, SyncBeginning, SyncNext, SyncPair, SyncRun } from './sync.ts';

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

const BY_HAND: Readonly<Record<SyncBeginning, string>> = {
  afresh: 'by hand only',
  'failed-again': 'by hand; what failed is tried again',
  'goes-on': 'by hand; it goes on where it stopped',
};
const AT_PLUG: Readonly<Record<SyncBeginning, string>> = {
  afresh: 'when',
  'failed-again': 'again when',
  'goes-on': 'goes on when',
};

/** As text to follow “Next run:”. */
export function nextRunWords(next: SyncNext, deviceName: string): string {
  switch (next.kind) {
    case 'soon':
      return 'in a moment';
    case 'plug-in':
      return `${AT_PLUG[next.begins]} ${deviceName} is plugged in`;
    case 'by-hand':
      return BY_HAND[next.begins];
  }
}

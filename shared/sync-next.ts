import type { Instant } from './domain.ts';
import type { SyncActivity, SyncPair, SyncRun } from './sync.ts';

/** What makes a pair run the next time, and what that run begins with. */
export type SyncNext =
  /** Its phone was plugged in: by itself at `at`, unless it is stopped. */
  | { readonly kind: 'soon'; readonly at: Instant }
  | { readonly kind: 'plug-in' | 'by-hand'; readonly begins: SyncBeginning };
/** With a fresh look; with another attempt at what failed; with the rest of a run that did not end. */
export type SyncBeginning = 'afresh' | 'failed-again' | 'goes-on';

type Ended = Pick<SyncRun, 'state' | 'finishedAt'>;

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
      // one that was ended all the same left nothing
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

/** As it follows “Next run:”. */
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

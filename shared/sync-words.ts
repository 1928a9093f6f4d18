import { describeProblem } from './errors.ts';
import type { SyncKind, SyncPair, SyncRun } from './sync.ts';
import { commonWords } from './words/made/common.ts';

/** A notification about a run. */
export interface SyncNews {
  readonly tone: 'plain' | 'bad';
  readonly title: string;
  readonly body: string;
}

/** The notification at the end of a run; `undefined` if the run is not over or found nothing new. */
export function newsOf(pair: SyncPair, { state, filesMoved, filesFailed, problem }: SyncRun): SyncNews | undefined {
  if (state === 'interrupted' || state === 'stopped' || state === 'running') return undefined;
  const words = commonWords.sync.news;
  if (state === 'failed' && (filesFailed > 0 || problem !== undefined))
    return {
      tone: 'bad',
      title: words.incomplete({ pair: pair.name }),
      body:
        filesFailed > 0
          ? words.failed({ count: filesFailed })
          : problem === undefined
            ? words.again
            : describeProblem(problem).remedy,
    };
  if (filesMoved === 0) return undefined;
  const kind = kindOf(pair.filters.kinds);
  const count = filesMoved;
  return pair.direction === 'to-computer'
    ? {
        tone: 'plain',
        title: words[`${kind}Saved`]({ count }),
        body: words.isIn({ pair: pair.name, folder: pair.local }),
      }
    : {
        tone: 'plain',
        title: words[`${kind}On`]({ count, device: pair.deviceName }),
        body: words.pair({ pair: pair.name }),
      };
}

function kindOf(kinds: readonly SyncKind[]): 'photos' | 'pictures' | 'files' {
  if (kinds.length === 1 && kinds[0] === 'photos') return 'photos';
  return kinds.length > 0 && kinds.every((kind) => kind === 'photos' || kind === 'videos') ? 'pictures' : 'files';
}

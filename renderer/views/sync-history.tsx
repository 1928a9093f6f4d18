import { useEffect, useState, type ReactNode } from 'react';
import type { PairId, SyncRun } from '../../shared/sync.ts';
import { run } from '../stores/host.ts';
import { runStatus } from '../view-models/sync.ts';
import { longDate } from '../view-models/words.ts';
import { windowWords } from '../../shared/words/made/window.ts';

const SHOWN = 50;

/** The last runs of a pair, newest first. */
export function SyncHistory({ pair }: { readonly pair: PairId }): ReactNode {
  const [runs, setRuns] = useState<readonly SyncRun[]>();
  useEffect(() => {
    let current = true;
    void run('syncHistory', { pair, offset: 0, limit: SHOWN }).then((reply) => {
      if (current && reply.ok) setRuns(reply.value);
    });
    return () => {
      current = false;
    };
  }, [pair]);
  const now = Date.now();
  return (
    <section className="sync-detail" aria-label={windowWords.sync.runsLabel}>
      {runs?.length === 0 ? <p className="quiet">{windowWords.sync.neverRun}</p> : null}
      <ul className="sync-runs">
        {runs?.map((one) => {
          const said = runStatus(one, now);
          return (
            <li key={one.id}>
              <span className="tone" data-tone={said.tone}>
                {said.text}
              </span>{' '}
              <span className="quiet">
                · {one.automatic ? windowWords.sync.run.automatic : windowWords.sync.run.manual} ·{' '}
                <time>{longDate(one.startedAt)}</time>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

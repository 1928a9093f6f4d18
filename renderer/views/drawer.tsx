import { ChevronDown, Pause, Play, Trash2 } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { IconButton } from '../parts/button.tsx';
import { Progress } from '../parts/progress.tsx';
import { run, useHost } from '../stores/host.ts';
import { useSpool } from '../stores/spooling.ts';
import { useWindow } from '../stores/window.ts';
import { describeProblem, type Problem } from '../../shared/errors.ts';
import { percent, timeLeftWords } from '../../shared/format.ts';
import { graph } from '../view-models/graph.ts';
import { keys } from '../view-models/keys.ts';
import { overall } from '../view-models/transfers.ts';
import { bytesOf, speed } from '../view-models/words.ts';
import { useReorder } from './reorder.ts';
import { Transfer } from './transfer.tsx';
import './drawer.css';
import { percentage } from '../../shared/words/locale.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { useLanguage } from '../stores/language.ts';

/** Running, finished and waiting transfers. Hidden if there are none. */
export function Drawer(): ReactNode {
  const snapshot = useHost((state) => state.transfers);
  const mac = useHost((state) => state.info?.platform === 'darwin');
  const batches = useSpool((state) => state.batches);
  const open = useWindow((state) => state.drawer);
  const now = useMemo(() => overall(snapshot), [snapshot, useLanguage().language]);
  const reorder = useReorder(snapshot.transfers);
  if (snapshot.transfers.length === 0 && batches.length === 0) return null;
  const paused = now.running === 0 && snapshot.transfers.some((one) => one.state === 'paused');
  const unfinished = snapshot.transfers.length > now.over;
  return (
    <section className="drawer" aria-label={windowWords.transfer.label}>
      <header className="drawer-head">
        <h2>
          <button
            type="button"
            className="drawer-toggle"
            aria-expanded={open}
            title={windowWords.toolbar.withKeys({
              label: windowWords.transfer.label,
              keys: keys(mac, 'Mod', 'J'),
            })}
            onClick={() => useWindow.setState({ drawer: !open })}
          >
            <ChevronDown size={16} strokeWidth={1.75} aria-hidden />
            {now.sentence}
          </button>
        </h2>
        <span className="drawer-now ends">
          {unfinished
            ? [
                percentage(now.percent),
                now.speed === undefined ? undefined : speed(now.speed),
                now.timeLeft === undefined ? undefined : timeLeftWords(now.timeLeft),
              ]
                .filter((part) => part !== undefined)
                .join(' · ')
            : ''}
        </span>
        <Graph history={snapshot.speedHistory} shown={now.running > 0} />
        {unfinished ? (
          paused ? (
            <IconButton
              label={windowWords.transfer.resumeAll}
              icon={Play}
              onClick={() => void run('resumeAll', undefined)}
            />
          ) : (
            <IconButton
              label={windowWords.transfer.pauseAll}
              icon={Pause}
              onClick={() => void run('pauseAll', undefined)}
            />
          )
        ) : null}
        {now.over > 0 ? (
          <IconButton
            label={windowWords.transfer.clearFinished}
            icon={Trash2}
            onClick={() => void run('removeFinished', undefined)}
          />
        ) : null}
      </header>
      <DatabaseProblem problem={snapshot.problem} />
      {open ? (
        <div className="drawer-list">
          {batches.map((one) => (
            <div className="spooling" key={one.id}>
              <span />
              <span className="ends" title={windowWords.transfer.reading({ count: one.files })}>
                {windowWords.transfer.reading({ count: one.files })}
              </span>
              <div className="transfer-measure">
                <div className="transfer-numbers">
                  <span>{one.total === 0 ? '' : bytesOf(one.sent, one.total)}</span>
                </div>
                <Progress
                  label={windowWords.transfer.readingLabel}
                  value={percent(one.sent, one.total)}
                  unmeasured={one.total === 0}
                />
              </div>
            </div>
          ))}
          <ul>
            {snapshot.transfers.map((transfer) => (
              <Transfer key={transfer.id} transfer={transfer} reorder={reorder} />
            ))}
          </ul>
        </div>
      ) : null}
    </section>
  );
}

/**
 * Shown while the database cannot be read or written. Nothing is transferred then, and the list below may be out of
 * date.
 */
function DatabaseProblem({ problem }: { readonly problem: Problem | undefined }): ReactNode {
  if (problem === undefined) return null;
  const { what, remedy } = describeProblem(problem);
  return (
    <p className="drawer-problem" role="alert">
      {what} {remedy}
    </p>
  );
}

const WIDTH = 148;
const HEIGHT = 26;

/** Throughput of the last minute. Decorative: its numbers are shown as text beside it. */
function Graph({ history, shown }: { readonly history: readonly number[]; readonly shown: boolean }): ReactNode {
  const picture = graph(history, WIDTH, HEIGHT - 1);
  if (!shown || picture.line === '') return null;
  return (
    <svg className="graph" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img">
      <title>{windowWords.transfer.graph({ speed: speed(picture.peak) })}</title>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      <path data-part="area" d={picture.area} />
      <path data-part="line" d={picture.line} />
    </svg>
  );
}

import { ArrowDownToLine, ArrowUpFromLine } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { describeProblem } from '../../shared/errors.ts';
import type { CommandReply } from '../../shared/contract.ts';
import { bridge } from '../bridge/current.ts';
import { Button } from '../parts/button.tsx';
import { exportReport } from '../stores/actions.ts';
import { useHost } from '../stores/host.ts';
import { openDialog } from '../stores/window.ts';
import { isOver, transferLine } from '../view-models/transfers.ts';
import { ago, bytes, longDate } from '../view-models/words.ts';
import { Page } from './page.tsx';
import './history.css';
import { windowWords } from '../../shared/words/made/window.ts';

const PAGE = 100;

/** All files Replug has copied, newest first. */
export function History(): ReactNode {
  const [search, setSearch] = useState('');
  const [offset, setOffset] = useState(0);
  const [found, setFound] = useState<CommandReply<'history'>>();
  const [trouble, setTrouble] = useState<string>();
  // Transfers that end while the page is open are added.
  const devices = useHost((state) => state.devices?.devices);
  const ended = useHost((state) => state.transfers.transfers.filter(isOver).length);

  useEffect(() => {
    let current = true;
    const typing = setTimeout(
      () =>
        void bridge
          .command('history', { search: search === '' ? undefined : search, offset, limit: PAGE })
          .then((reply) => {
            if (!current) return;
            if (reply.ok) setFound(reply.value);
            setTrouble(reply.ok ? undefined : describeProblem(reply.error).what);
          }),
      search === '' ? 0 : 150,
    );
    return () => {
      current = false;
      clearTimeout(typing);
    };
  }, [search, offset, ended]);

  const now = Date.now();
  return (
    <Page
      name="history"
      label={windowWords.place.history}
      head={
        <input
          className="field"
          type="search"
          placeholder={windowWords.history.placeholder}
          aria-label={windowWords.history.label}
          value={search}
          onChange={(event) => {
            setOffset(0);
            setSearch(event.target.value);
          }}
        />
      }
    >
      {trouble === undefined ? null : <p role="alert">{trouble}</p>}
      {found !== undefined && found.transfers.length === 0 ? (
        <p className="history-none">
          {search === '' ? windowWords.history.empty : windowWords.history.noMatch({ search })}
        </p>
      ) : null}
      <ul className="history-list">
        {found?.transfers.map((transfer) => {
          const line = transferLine(
            transfer,
            devices?.find(({ key }) => key === transfer.device),
          );
          const Sign = transfer.direction === 'upload' ? ArrowUpFromLine : ArrowDownToLine;
          const when = transfer.finishedAt ?? transfer.createdAt;
          return (
            <li key={transfer.id}>
              <Sign
                size={16}
                strokeWidth={1.75}
                aria-label={
                  transfer.direction === 'upload' ? windowWords.history.toPhone : windowWords.history.fromPhone
                }
              />
              <div className="history-what">
                <p className="transfer-title">
                  <strong className="ends" dir="auto" title={line.title}>
                    {line.title}
                  </strong>
                  <span className="quiet ends" title={`${line.route}\n${transfer.destination}`}>
                    {line.route}
                  </span>
                </p>
                <p className="tone transfer-status" data-tone={line.tone === 'good' ? 'quiet' : line.tone}>
                  {line.status}
                </p>
              </div>
              <span className="number quiet">{bytes(transfer.bytesTotal)}</span>
              <time className="quiet" dateTime={new Date(when).toISOString()} title={longDate(when)}>
                {ago(when, now)}
              </time>
              <div className="history-actions">
                <Button
                  size="small"
                  look="plain"
                  onClick={() => openDialog({ kind: 'report', transfer: transfer.id, title: line.title })}
                >
                  {windowWords.transfer.showReport}
                </Button>
                <Button size="small" look="plain" onClick={() => void exportReport(transfer.id, line.title, 'csv')}>
                  {windowWords.act.export}
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
      {found !== undefined && found.total > PAGE ? (
        <footer>
          <Button size="small" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
            {windowWords.history.newer}
          </Button>
          <Button size="small" disabled={offset + PAGE >= found.total} onClick={() => setOffset(offset + PAGE)}>
            {windowWords.history.older}
          </Button>
        </footer>
      ) : null}
    </Page>
  );
}

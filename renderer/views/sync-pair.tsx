import { ArrowDownToLine, ArrowUpFromLine } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { TransferId } from '../../shared/domain.ts';
import type { ShownPreview, SyncPairView } from '../../shared/sync.ts';
import { Button } from '../parts/button.tsx';
import { Progress } from '../parts/progress.tsx';
import { run, useDevice, useHost } from '../stores/host.ts';
import { openDialog } from '../stores/window.ts';
import { countsWords, nextWords, pairStatus } from '../view-models/sync.ts';
import { transferLine } from '../view-models/transfers.ts';
import { SyncFiles } from './sync-files.tsx';
import { SyncHistory } from './sync-history.tsx';
import { SyncPreviewTree, type Confirmed } from './sync-preview.tsx';
import { windowWords } from '../../shared/words/made/window.ts';

type Open = 'preview' | 'files' | 'history' | undefined;

/** One pair: how it stands, what makes it run next, and what is known of its files. */
export function SyncPairCard({ view }: { readonly view: SyncPairView }): ReactNode {
  const { pair, activity, counts, ready } = view;
  const [open, setOpen] = useState<Open>();
  const [preview, setPreview] = useState<ShownPreview>();
  const busy = activity.kind !== 'idle';
  const status = pairStatus(view, Date.now(), useDevice(pair.device));
  const next = nextWords(view);
  const Sign = pair.direction === 'to-phone' ? ArrowUpFromLine : ArrowDownToLine;
  const phone = `${pair.deviceName}, ${pair.storageName}, ${pair.phone}`;
  const route =
    pair.direction === 'to-phone'
      ? windowWords.sync.fromTo({ from: pair.local, to: phone })
      : windowWords.sync.fromTo({ from: phone, to: pair.local });

  const look = async (): Promise<void> => {
    setOpen(undefined);
    const reply = await run('syncPreview', { pair: pair.id });
    if (!reply.ok) return;
    setPreview(reply.value);
    setOpen('preview');
  };
  const begin = async (confirmed: Confirmed): Promise<void> => {
    const reply = await run('syncRun', { pair: pair.id, ...confirmed });
    if (reply.ok) setOpen(undefined);
  };
  const toggle = (what: Exclude<Open, undefined>): void => setOpen(open === what ? undefined : what);

  return (
    <li className="sync-pair" aria-label={pair.name}>
      <div className="sync-head">
        <Sign size={16} strokeWidth={1.75} role="img" aria-label={windowWords.sync.direction[pair.direction]} />
        <div className="sync-what">
          <strong className="ends" dir="auto" title={pair.name}>
            {pair.name}
          </strong>
          <span className="quiet ends" title={route}>
            {route}
          </span>
          <span className="tone" data-tone={status.tone} role="status">
            {status.text}
          </span>
          {activity.kind === 'copying' ? <Copying transfer={activity.transfer} name={pair.name} /> : null}
          {next === undefined ? null : <span className="quiet">{next}</span>}
          <span className="quiet">{countsWords(counts)}</span>
        </div>
        <div className="sync-actions">
          {busy ? (
            <Button size="small" onClick={() => void run('syncStop', { pair: pair.id })}>
              {activity.kind === 'soon' ? windowWords.act.notNow : windowWords.act.stop}
            </Button>
          ) : (
            <>
              <Button size="small" look="main" disabled={!ready} onClick={() => void begin({})}>
                {windowWords.sync.runNow}
              </Button>
              <Button size="small" disabled={!ready} onClick={() => void look()}>
                {windowWords.act.preview}
              </Button>
            </>
          )}
        </div>
      </div>
      <div className="sync-more">
        <label className="check">
          <input
            type="checkbox"
            checked={pair.automatic}
            disabled={busy}
            onChange={(event) => void run('syncChange', { pair: pair.id, automatic: event.target.checked })}
          />
          {windowWords.sync.automatic}
        </label>
        <Button size="small" look="plain" aria-expanded={open === 'files'} onClick={() => toggle('files')}>
          {windowWords.sync.files}
        </Button>
        <Button size="small" look="plain" aria-expanded={open === 'history'} onClick={() => toggle('history')}>
          {windowWords.place.history}
        </Button>
        <Button size="small" look="plain" disabled={busy} onClick={() => openDialog({ kind: 'pair', form: { pair } })}>
          {windowWords.act.edit}
        </Button>
        <Button size="small" look="plain" disabled={busy} onClick={() => void run('syncRemove', { pair: pair.id })}>
          {windowWords.sync.remove}
        </Button>
      </div>
      {open === 'preview' && preview !== undefined ? <SyncPreviewTree preview={preview} onRun={begin} /> : null}
      {open === 'files' ? <SyncFiles pair={pair.id} busy={busy} counts={counts} /> : null}
      {open === 'history' ? <SyncHistory pair={pair.id} /> : null}
    </li>
  );
}

/** How far the copying is; the list of transfers tells more. */
function Copying({ transfer, name }: { readonly transfer: TransferId; readonly name: string }): ReactNode {
  const view = useHost((state) => state.transfers.transfers.find((one) => one.id === transfer));
  if (view === undefined) return null;
  const { percent, unmeasured, amount, timeLeft } = transferLine(view);
  return (
    <span className="sync-copying">
      <Progress label={windowWords.transfer.copyingOf({ name })} value={percent} unmeasured={unmeasured} />
      <span className="quiet">
        {amount}
        {timeLeft === undefined ? '' : `, ${timeLeft}`}
      </span>
    </span>
  );
}

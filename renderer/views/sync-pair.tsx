import { ArrowDownToLine, ArrowUpFromLine } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { PairId, SyncAction, SyncFile, SyncPairView, SyncPreview, SyncRun } from '../../shared/sync.ts';
import { Button } from '../parts/button.tsx';
import { bridge } from '../bridge/current.ts';
import { run } from '../stores/host.ts';
import { actionWords, groupActions, heldWords, pairStatus, previewWords, runStatus } from '../view-models/sync.ts';
import { bytes } from '../view-models/words.ts';

/** Lines of a preview or of a search that are shown at once. */
const SHOWN = 500;

type Open = 'preview' | 'files' | 'history' | undefined;

export function SyncPairCard({ view }: { readonly view: SyncPairView }): ReactNode {
  const { pair, activity, counts, ready } = view;
  const [open, setOpen] = useState<Open>();
  const [preview, setPreview] = useState<{ readonly preview: SyncPreview; readonly actions: readonly SyncAction[] }>();
  const busy = activity.kind !== 'idle';
  const status = pairStatus(view, Date.now());
  const Sign = pair.direction === 'to-phone' ? ArrowUpFromLine : ArrowDownToLine;
  const phone = `${pair.deviceName}, ${pair.storageName}, ${pair.phone}`;

  const look = async (): Promise<void> => {
    const reply = await run('syncPreview', { pair: pair.id });
    if (!reply.ok) return;
    const lines = await run('syncActions', { pair: pair.id, offset: 0, limit: SHOWN });
    setPreview({ preview: reply.value, actions: lines.ok ? lines.value.actions : [] });
    setOpen('preview');
  };
  const begin = async (confirmDeletions: boolean): Promise<void> => {
    const reply = await run('syncRun', { pair: pair.id, confirmDeletions });
    if (reply.ok) setOpen(undefined);
  };
  const toggle = (what: Exclude<Open, undefined>): void => setOpen(open === what ? undefined : what);

  return (
    <li className="sync-pair" aria-label={pair.name}>
      <div className="sync-head">
        <Sign
          size={16}
          strokeWidth={1.75}
          aria-label={pair.direction === 'to-phone' ? 'To the phone' : 'To this computer'}
        />
        <div className="sync-what">
          <strong className="ends" dir="auto">
            {pair.name}
          </strong>
          <span className="quiet ends" title={`${phone} – ${pair.local}`}>
            {pair.direction === 'to-phone' ? `${pair.local} → ${phone}` : `${phone} → ${pair.local}`}
          </span>
          <span className="tone" data-tone={status.tone} role="status">
            {status.text}
          </span>
          <span className="quiet">
            {counts.synced} in step
            {counts.pending > 0 ? `, ${counts.pending} pending` : ''}
            {counts.failed > 0 ? `, ${counts.failed} failed` : ''}
            {counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}
          </span>
        </div>
        <div className="sync-actions">
          {busy ? (
            <Button size="small" onClick={() => void run('syncStop', { pair: pair.id })}>
              {activity.kind === 'soon' ? 'Not now' : 'Stop'}
            </Button>
          ) : (
            <>
              <Button size="small" look="main" disabled={!ready} onClick={() => void begin(false)}>
                Run now
              </Button>
              <Button size="small" disabled={!ready} onClick={() => void look()}>
                Preview
              </Button>
            </>
          )}
        </div>
      </div>
      <div className="sync-more">
        <label>
          <input
            type="checkbox"
            checked={pair.automatic}
            disabled={busy}
            onChange={(event) => void run('syncChange', { pair: pair.id, automatic: event.target.checked })}
          />
          When plugged in
        </label>
        <Button size="small" look="plain" aria-expanded={open === 'files'} onClick={() => toggle('files')}>
          Files
        </Button>
        <Button size="small" look="plain" aria-expanded={open === 'history'} onClick={() => toggle('history')}>
          History
        </Button>
        <Button size="small" look="plain" disabled={busy} onClick={() => void run('syncRemove', { pair: pair.id })}>
          Remove the pair
        </Button>
      </div>
      {open === 'preview' && preview !== undefined ? <Preview {...preview} onRun={begin} /> : null}
      {open === 'files' ? <Files pair={pair.id} /> : null}
      {open === 'history' ? <Runs pair={pair.id} /> : null}
    </li>
  );
}

interface PreviewProps {
  readonly preview: SyncPreview;
  readonly actions: readonly SyncAction[];
  readonly onRun: (confirmDeletions: boolean) => Promise<void>;
}

function Preview({ preview, actions, onRun }: PreviewProps): ReactNode {
  const held = heldWords(preview);
  const all = preview.copy.files + preview.skip + preview.rename + preview.delete.files;
  return (
    <section className="sync-detail" aria-label="What a run would do">
      <p>{previewWords(preview)}</p>
      {held === undefined ? null : (
        <p className="tone" data-tone="attention">
          {held}{' '}
          {preview.delete.hold.kind === 'ask' ? (
            <Button size="small" look="danger" onClick={() => void onRun(true)}>
              Run and delete them
            </Button>
          ) : null}
        </p>
      )}
      {groupActions(actions).map(({ folder, actions: members }) => (
        <div key={folder} className="sync-group">
          <h3 dir="auto">{folder === '' ? 'In the folder itself' : folder}</h3>
          <ul>
            {members.map((action) => (
              <li key={`${action.kind} ${action.path}`} data-kind={action.kind}>
                <span className="ends" dir="auto">
                  {action.path.slice(action.path.lastIndexOf('/') + 1)}
                </span>
                <span className="quiet">{actionWords(action)}</span>
                <span className="number quiet">{bytes(action.size)}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {all > actions.length ? <p className="quiet">… and {all - actions.length} more.</p> : null}
    </section>
  );
}

function Files({ pair }: { readonly pair: PairId }): ReactNode {
  const [search, setSearch] = useState('');
  const [found, setFound] = useState<{ readonly total: number; readonly files: readonly SyncFile[] }>();
  useEffect(() => {
    let current = true;
    const typing = setTimeout(
      () =>
        void bridge
          .command('syncFiles', { pair, search: search === '' ? undefined : search, offset: 0, limit: SHOWN })
          .then((reply) => {
            if (current && reply.ok) setFound(reply.value);
          }),
      search === '' ? 0 : 150,
    );
    return () => {
      current = false;
      clearTimeout(typing);
    };
  }, [pair, search]);
  return (
    <section className="sync-detail" aria-label="Files of the pair">
      <input
        className="field"
        type="search"
        placeholder="Search by name"
        aria-label="Search the files of the pair"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {found?.files.length === 0 ? <p className="quiet">No such file.</p> : null}
      <ul className="sync-group">
        {found?.files.map((file) => (
          <li key={file.path} data-kind={file.status}>
            <span className="ends" dir="auto" title={file.path}>
              {file.path}
            </span>
            <span className="quiet">{file.goneAt === undefined ? file.status : `${file.status}, source gone`}</span>
            <span className="number quiet">{bytes(file.size)}</span>
          </li>
        ))}
      </ul>
      {found !== undefined && found.total > found.files.length ? (
        <p className="quiet">… and {found.total - found.files.length} more. A search narrows it down.</p>
      ) : null}
    </section>
  );
}

function Runs({ pair }: { readonly pair: PairId }): ReactNode {
  const [runs, setRuns] = useState<readonly SyncRun[]>([]);
  useEffect(() => {
    let current = true;
    void run('syncHistory', { pair, offset: 0, limit: 50 }).then((reply) => {
      if (current && reply.ok) setRuns(reply.value);
    });
    return () => {
      current = false;
    };
  }, [pair]);
  const now = Date.now();
  return (
    <section className="sync-detail" aria-label="Runs of the pair">
      {runs.length === 0 ? <p className="quiet">Never run yet.</p> : null}
      <ul>
        {runs.map((one) => {
          const said = runStatus(one, now);
          return (
            <li key={one.id} className="tone" data-tone={said.tone}>
              {said.text}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

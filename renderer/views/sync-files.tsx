import { useEffect, useState, type ReactNode } from 'react';
import { SYNC_STATUSES, type PairId, type SyncCounts, type SyncFile, type SyncStatus } from '../../shared/sync.ts';
import { bridge } from '../bridge/current.ts';
import { Button } from '../parts/button.tsx';
import { Select } from '../parts/select.tsx';
import { run } from '../stores/host.ts';
import { fileWords } from '../view-models/sync.ts';
import { bytes } from '../view-models/words.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Files that are shown at once. */
const SHOWN = 500;
const TYPING_MS = 150;

interface FilesProps {
  readonly pair: PairId;
  readonly busy: boolean;
  /** As they change, the files are asked for again. */
  readonly counts: SyncCounts;
}

/** Each file of a pair and how it stands, by name and by status. */
export function SyncFiles({ pair, busy, counts }: FilesProps): ReactNode {
  const [search, setSearch] = useState('');
  const [status, setStatus] = useState<SyncStatus>();
  const [found, setFound] = useState<{ readonly total: number; readonly files: readonly SyncFile[] }>();
  const words = windowWords.sync;
  const stand = SYNC_STATUSES.map((one) => counts[one]).join(' ');
  useEffect(() => {
    let current = true;
    const typing = setTimeout(
      () =>
        void bridge
          .command('syncFiles', { pair, search: search === '' ? undefined : search, status, offset: 0, limit: SHOWN })
          .then((reply) => {
            if (current && reply.ok) setFound(reply.value);
          }),
      search === '' ? 0 : TYPING_MS,
    );
    return () => {
      current = false;
      clearTimeout(typing);
    };
  }, [pair, search, status, stand]);
  return (
    <section className="sync-detail" aria-label={windowWords.sync.filesLabel}>
      <div className="sync-search">
        <input
          className="field"
          type="search"
          placeholder={windowWords.sync.filesSearch}
          aria-label={windowWords.sync.filesSearchLabel}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Select
          aria-label={windowWords.sync.filesWhich}
          value={status ?? ''}
          options={[
            ['', windowWords.sync.filesAll],
            ...SYNC_STATUSES.map(
              (one) => [one, words.statusCount({ status: words.status[one], count: counts[one] })] as const,
            ),
          ]}
          onChange={(chosen) => setStatus(chosen === '' ? undefined : chosen)}
        />
      </div>
      {found?.files.length === 0 ? <p className="quiet">{windowWords.sync.filesNone}</p> : null}
      <ul className="sync-lines sync-files">
        {found?.files.map((file) => (
          <li key={file.path} data-kind={file.status}>
            <span className="ends" dir="auto" title={file.path}>
              {file.path}
            </span>
            <span className="quiet ends" title={fileWords(file)}>
              {fileWords(file)}
            </span>
            <span className="number quiet">{bytes(file.size)}</span>
            <Mark pair={pair} file={file} busy={busy} />
          </li>
        ))}
      </ul>
      {found !== undefined && found.total > found.files.length ? (
        <p className="quiet">{windowWords.sync.filesMore({ count: found.total - found.files.length })}</p>
      ) : null}
    </section>
  );
}

/** A file that waits or failed can be left out, one that was left out can be taken after all. */
function Mark({
  pair,
  file,
  busy,
}: {
  readonly pair: PairId;
  readonly file: SyncFile;
  readonly busy: boolean;
}): ReactNode {
  if (file.status === 'synced') return <span />;
  const leftOut = file.status === 'skipped';
  return (
    <Button
      look="link"
      disabled={busy}
      aria-label={
        leftOut ? windowWords.sync.includeFile({ file: file.path }) : windowWords.sync.excludeFile({ file: file.path })
      }
      onClick={() => void run('syncMark', { pair, status: leftOut ? 'pending' : 'skipped', paths: [file.path] })}
    >
      {leftOut ? windowWords.sync.include : windowWords.sync.exclude}
    </Button>
  );
}

import { RotateCw } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { ItemView, ItemsSnapshot, TransferView } from '../../shared/snapshots.ts';
import { percent } from '../../shared/format.ts';
import { describeProblem } from '../../shared/errors.ts';
import { bridge } from '../bridge/current.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { FileIcon } from '../parts/file-icon.tsx';
import { Progress } from '../parts/progress.tsx';
import { Select } from '../parts/select.tsx';
import { run, useDevice } from '../stores/host.ts';
import { tell } from '../stores/notices.ts';
import { kindOf } from '../view-models/entry-kind.ts';
import { itemStatus } from '../view-models/transfers.ts';
import { bytes } from '../view-models/words.ts';
import { windowWords } from '../../shared/words/made/window.ts';

const PAGE = 100;
type Only = 'all' | 'failed' | 'unfinished';
const CHOICES: readonly Only[] = ['all', 'unfinished', 'failed'];

/** The files of one transfer, page by page, since there may be hundreds of thousands. */
export function Items({ transfer }: { readonly transfer: TransferView }): ReactNode {
  const [offset, setOffset] = useState(0);
  const [only, setOnly] = useState<Only>('all');
  const [snapshot, setSnapshot] = useState<ItemsSnapshot>();

  useEffect(
    () =>
      bridge.subscribe(
        'items',
        { transfer: transfer.id, offset, limit: PAGE, only },
        ({ snapshot: next }) => setSnapshot(next),
        tell,
      ),
    [transfer.id, offset, only],
  );

  if (snapshot === undefined) return <p className="items-more">{windowWords.transfer.reportLoading}</p>;
  const last = Math.min(snapshot.total, offset + PAGE);
  return (
    <div
      className="items"
      tabIndex={0}
      role="region"
      aria-label={windowWords.transfer.filesOf({ title: transfer.title })}
    >
      <ul>
        {snapshot.items.map((item) => (
          <Item key={item.id} item={item} transfer={transfer} />
        ))}
      </ul>
      {snapshot.items.length === 0 ? <p className="items-more">{windowWords.transfer.nothingToShow}</p> : null}
      <div className="items-more">
        <label className="check">
          {windowWords.transfer.filter}
          <Select
            value={only}
            options={CHOICES.map((one) => [one, windowWords.transfer.only[one]])}
            onChange={(chosen) => {
              setOffset(0);
              setOnly(chosen);
            }}
          />
        </label>
        <span className="grow" />
        <span>
          {snapshot.total === 0 ? '' : windowWords.transfer.range({ first: offset + 1, last, all: snapshot.total })}
        </span>
        {snapshot.total > PAGE ? (
          <>
            <Button size="small" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
              {windowWords.transfer.previous}
            </Button>
            <Button size="small" disabled={last >= snapshot.total} onClick={() => setOffset(offset + PAGE)}>
              {windowWords.transfer.next}
            </Button>
          </>
        ) : null}
      </div>
    </div>
  );
}

function Item({ item, transfer }: { readonly item: ItemView; readonly transfer: TransferView }): ReactNode {
  const device = useDevice(transfer.device);
  const { text, tone } = itemStatus(item, transfer.deviceName, device);
  const more = item.problem === undefined ? undefined : describeProblem(item.problem).remedy;
  return (
    <li className="item">
      <FileIcon kind={kindOf(item)} />
      <span className="ends" dir="auto" title={item.name}>
        {item.name}
      </span>
      <span className="number">{item.kind === 'folder' ? '' : bytes(item.size)}</span>
      {item.state === 'moving' ? (
        <span className="item-moving">
          <Progress
            label={windowWords.transfer.progressOf({ title: item.name })}
            value={percent(item.confirmed, item.size)}
          />
          <span className="tone">{text}</span>
        </span>
      ) : (
        <span className="tone ends" data-tone={tone} title={more === undefined ? text : `${text} ${more}`}>
          {text}
        </span>
      )}
      {item.state === 'failed' ? (
        <IconButton
          label={windowWords.transfer.retryOne({ name: item.name })}
          icon={RotateCw}
          size="small"
          onClick={() => void run('retry', { transfer: transfer.id, item: item.id })}
        />
      ) : (
        <span />
      )}
    </li>
  );
}

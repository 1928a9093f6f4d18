import {
  ArrowDownToLine,
  ArrowUpFromLine,
  Check,
  ChevronRight,
  CircleAlert,
  FolderSearch,
  Pause,
  Play,
  TriangleAlert,
  X,
} from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { localPath } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Progress } from '../parts/progress.tsx';
import { exportReport, locate } from '../stores/actions.ts';
import { run, useDevice, useHost } from '../stores/host.ts';
import { openDialog } from '../stores/window.ts';
import { isOver, transferLine, type Tone, type TransferAction } from '../view-models/transfers.ts';
import { Items } from './items.tsx';
import type { Reorder } from './reorder.ts';
import { windowWords } from '../../shared/words/made/window.ts';

interface TransferProps {
  readonly transfer: TransferView;
  readonly reorder: Reorder;
}

/** One transfer of the queue; opens to show its items. */
export function Transfer({ transfer, reorder }: TransferProps): ReactNode {
  const [open, setOpen] = useState(false);
  const device = useDevice(transfer.device);
  const line = transferLine(transfer, device);
  const Sign = sign(transfer, line.tone);
  const over = isOver(transfer);
  return (
    <li
      className="transfer"
      data-transfer={transfer.id}
      data-state={transfer.state}
      {...(reorder.held === transfer.id ? { 'data-held': '' } : {})}
      {...(reorder.before === transfer.id && reorder.held !== transfer.id ? { 'data-before': '' } : {})}
      onPointerDown={(event) => (over ? undefined : reorder.start(event, transfer.id))}
      onKeyDown={(event) => {
        if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
        event.preventDefault();
        event.stopPropagation();
        reorder.step(transfer.id, event.key === 'ArrowUp' ? -1 : 1);
      }}
    >
      <div className="transfer-line">
        <button
          type="button"
          className="icon-button open-items"
          data-size="small"
          aria-expanded={open}
          aria-label={windowWords.transfer.filesOf({ title: line.title })}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight size={16} strokeWidth={1.75} aria-hidden />
        </button>
        <Sign className="transfer-sign" data-tone={line.tone} size={16} strokeWidth={1.75} aria-hidden />
        <div className="transfer-what">
          <p className="transfer-title">
            <strong className="ends" dir="auto" title={line.title}>
              {line.title}
            </strong>
            <span className="quiet ends" title={line.route}>
              {line.route}
            </span>
          </p>
          <p className="transfer-status tone ends" data-tone={line.tone} dir="auto" title={line.status}>
            {line.status}
          </p>
        </div>
        {over ? null : (
          <div className="transfer-measure">
            <div className="transfer-numbers">
              <span className="ends" title={line.amount}>
                {line.amount}
              </span>
              <span>{[line.speed, line.timeLeft].filter((part) => part !== undefined).join(' · ')}</span>
            </div>
            <Progress
              label={windowWords.transfer.progressOf({ title: line.title })}
              value={line.percent}
              tone={line.tone}
              unmeasured={line.unmeasured}
            />
          </div>
        )}
        <div className="transfer-actions">
          {line.actions.map((action) => (
            <Action key={action} action={action} transfer={transfer} />
          ))}
        </div>
      </div>
      {open ? <Items transfer={transfer} /> : null}
    </li>
  );
}

function sign(transfer: TransferView, tone: Tone) {
  switch (tone) {
    case 'good':
      return Check;
    case 'bad':
      return CircleAlert;
    case 'attention':
      return TriangleAlert;
    case 'moving':
    case 'quiet':
      return transfer.direction === 'upload' ? ArrowUpFromLine : ArrowDownToLine;
  }
}

function Action({ action, transfer }: { readonly action: TransferAction; readonly transfer: TransferView }): ReactNode {
  const canReveal = useHost((state) => state.info?.canReveal ?? false);
  const { id, title } = transfer;
  const words = windowWords.transfer;
  switch (action) {
    case 'pause':
      return (
        <IconButton label={words.pause({ title })} icon={Pause} onClick={() => void run('pause', { transfer: id })} />
      );
    case 'resume':
      return (
        <IconButton label={words.resume({ title })} icon={Play} onClick={() => void run('resume', { transfer: id })} />
      );
    case 'cancel':
      return (
        <IconButton label={words.cancel({ title })} icon={X} onClick={() => void run('cancel', { transfer: id })} />
      );
    case 'retry':
      return (
        <Button size="small" onClick={() => void run('retry', { transfer: id, item: undefined })}>
          {transfer.counts.failed > 1 ? words.retryFailed : words.retry}
        </Button>
      );
    case 'answer':
      return (
        <Button size="small" look="main" onClick={() => openDialog({ kind: 'question', transfer: id })}>
          {words.answer}
        </Button>
      );
    case 'locate':
      return (
        <Button size="small" icon={FolderSearch} onClick={() => locate(id)}>
          {words.locate}
        </Button>
      );
    case 'reveal':
      return canReveal ? (
        <Button size="small" look="plain" onClick={() => void run('reveal', { path: localPath(transfer.destination) })}>
          {words.show}
        </Button>
      ) : null;
    case 'report':
      return (
        <Button size="small" look="plain" onClick={() => openDialog({ kind: 'report', transfer: id, title })}>
          {words.showReport}
        </Button>
      );
    case 'export':
      return (
        <Button size="small" look="plain" onClick={() => void exportReport(id, title, 'csv')}>
          {windowWords.act.export}
        </Button>
      );
    case 'remove':
      return (
        <IconButton label={words.remove({ title })} icon={X} onClick={() => void run('remove', { transfer: id })} />
      );
  }
}

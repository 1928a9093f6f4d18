import { useEffect, useState, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { TransferId } from '../../../shared/domain.ts';
import type { Problem } from '../../../shared/errors.ts';
import { describeProblem } from '../../../shared/errors.ts';
import type { ReportLine } from '../../../shared/snapshots.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { exportReport } from '../../stores/actions.ts';
import { run } from '../../stores/host.ts';
import { closeDialog } from '../../stores/window.ts';
import { resultWords, tally } from '../../view-models/report.ts';
import { bytes } from '../../view-models/words.ts';
import { windowWords } from '../../../shared/words/made/window.ts';

interface ReportProps {
  readonly transfer: TransferId;
  readonly title: string;
}

/** The result for each file of one transfer. */
export function ReportDialog({ transfer, title }: ReportProps): ReactNode {
  const [lines, setLines] = useState<readonly ReportLine[]>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    void bridge.command('report', { transfer, format: 'lines' }).then((reply) => {
      if (reply.ok) setLines(reply.value.lines);
      else setProblem(reply.error);
    });
  }, [transfer]);
  const failed = lines?.some((line) => line.result === 'failed') ?? false;
  return (
    <Dialog
      wide
      title={title}
      description={lines === undefined ? undefined : tally(lines)}
      onClose={closeDialog}
      foot={
        <>
          {failed ? (
            <Button
              onClick={() => {
                closeDialog();
                void run('retry', { transfer, item: undefined });
              }}
            >
              {windowWords.transfer.retryFailed}
            </Button>
          ) : null}
          <span className="grow" />
          <Button onClick={() => void exportReport(transfer, title, 'csv')}>{windowWords.report.csv}</Button>
          <Button onClick={() => void exportReport(transfer, title, 'json')}>{windowWords.report.json}</Button>
        </>
      }
    >
      {problem === undefined ? null : <p role="alert">{describeProblem(problem).what}</p>}
      {lines === undefined ? (
        problem === undefined ? (
          <p>{windowWords.transfer.reportLoading}</p>
        ) : null
      ) : (
        <Lines lines={lines} />
      )}
    </Dialog>
  );
}

function Lines({ lines }: { readonly lines: readonly ReportLine[] }): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 10,
    useFlushSync: false,
  });
  return (
    <div className="report" ref={scroller} tabIndex={0} role="region" aria-label={windowWords.transfer.files}>
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (line === undefined) return null;
          const { text, tone } = resultWords(line);
          return (
            <li key={item.key} style={{ transform: `translateY(${item.start}px)` }}>
              <span className="ends" dir="auto" title={line.name}>
                {line.name}
              </span>
              <span className="number quiet">{line.kind === 'folder' ? '' : bytes(line.size)}</span>
              <span
                className="tone ends"
                data-tone={tone}
                title={line.sha256 === undefined ? text : `${text}\nSHA-256 ${line.sha256}`}
              >
                {text}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

import { Check, Copy } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { CommandReply } from '../../../shared/contract.ts';
import type { DeviceKey } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { windowWords } from '../../../shared/words/made/window.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { saveText } from '../../stores/actions.ts';
import { say } from '../../stores/notices.ts';
import { closeDialog } from '../../stores/window.ts';

/** The report of a phone, or of this computer alone: shown whole before it is saved. */
export function PhoneReportDialog({ device }: { readonly device: DeviceKey | undefined }): ReactNode {
  const [turn, setTurn] = useState(0);
  const [report, setReport] = useState<CommandReply<'phoneReport'>>();
  const [trouble, setTrouble] = useState<string>();
  const [copied, setCopied] = useState(false);
  const words = windowWords.phoneReport;
  useEffect(() => {
    let isOpen = true;
    void bridge.command('phoneReport', { device }).then((reply) => {
      if (!isOpen) return;
      if (reply.ok) {
        setReport(reply.value);
        return;
      }
      const { what, remedy } = describeProblem(reply.error);
      setTrouble(`${what} ${remedy}`);
    });
    return () => {
      isOpen = false;
    };
  }, [device, turn]);
  const again = (): void => {
    setReport(undefined);
    setTrouble(undefined);
    setCopied(false);
    setTurn(turn + 1);
  };
  const asking = report === undefined && trouble === undefined;
  return (
    <Dialog
      wide
      title={words.title}
      description={words.about}
      onClose={closeDialog}
      foot={
        <>
          <Button disabled={asking} onClick={again}>
            {words.again}
          </Button>
          <span className="grow" />
          {report === undefined ? (
            <Button onClick={closeDialog}>{windowWords.act.close}</Button>
          ) : (
            <>
              <Button
                icon={copied ? Check : Copy}
                onClick={() =>
                  void navigator.clipboard.writeText(report.text).then(
                    () => setCopied(true),
                    () => say(windowWords.lesson.copyFailed),
                  )
                }
              >
                {copied ? windowWords.act.copied : windowWords.act.copy}
              </Button>
              <Button look="main" onClick={() => saveText(report.name, 'application/json', report.text)}>
                {windowWords.act.save}
              </Button>
            </>
          )}
        </>
      }
    >
      {asking ? <p role="status">{words.asking}</p> : null}
      {trouble === undefined ? null : <p role="alert">{trouble}</p>}
      {report === undefined ? null : (
        <>
          {device === undefined ? <p role="status">{words.none}</p> : null}
          {report.complete ? null : <p role="status">{words.incomplete}</p>}
          <pre className="phone-report selectable" tabIndex={0} dir="ltr" role="region" aria-label={words.text}>
            {report.text}
          </pre>
        </>
      )}
    </Dialog>
  );
}

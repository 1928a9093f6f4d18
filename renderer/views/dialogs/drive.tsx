import { Check, Copy } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { windowWords } from '../../../shared/words/made/window.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { say } from '../../stores/notices.ts';
import { closeDialog } from '../../stores/window.ts';

/** The address of the phone as a drive, where the system has not mounted it. */
export function DriveDialog({ device, url }: { readonly device: string; readonly url: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <Dialog
      title={windowWords.drive.title({ device })}
      description={windowWords.drive.how}
      onClose={closeDialog}
      foot={
        <>
          <Button onClick={closeDialog}>{windowWords.act.close}</Button>
          <Button
            data-first
            look="main"
            icon={copied ? Check : Copy}
            onClick={() =>
              void navigator.clipboard.writeText(url).then(
                () => setCopied(true),
                () => say(windowWords.lesson.copyFailed),
              )
            }
          >
            {copied ? windowWords.act.copied : windowWords.act.copy}
          </Button>
        </>
      }
    >
      <pre className="lesson-fix selectable" tabIndex={0} dir="ltr" aria-label={windowWords.drive.address}>
        {url}
      </pre>
      <p className="quiet">{windowWords.drive.secret}</p>
    </Dialog>
  );
}

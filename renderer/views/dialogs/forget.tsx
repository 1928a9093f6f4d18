import type { ReactNode } from 'react';
import type { DeviceKey } from '../../../shared/domain.ts';
import { windowWords } from '../../../shared/words/made/window.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { run } from '../../stores/host.ts';
import { say } from '../../stores/notices.ts';
import { closeDialog } from '../../stores/window.ts';

/** Deletes what is remembered of a phone, or nothing. */
export function ForgetDialog({ device, name }: { readonly device: DeviceKey; readonly name: string }): ReactNode {
  const words = windowWords.catalogue;
  const forget = async (): Promise<void> => {
    closeDialog();
    const reply = await run('catalogueForget', { device });
    if (reply.ok) say(words.forgotten({ device: name }));
  };
  return (
    <Dialog
      title={words.forgetTitle({ device: name })}
      description={words.forgetBody}
      onClose={closeDialog}
      foot={
        <>
          <Button data-first onClick={closeDialog}>
            {windowWords.act.cancel}
          </Button>
          <Button look="danger" onClick={() => void forget()}>
            {words.forgetNow}
          </Button>
        </>
      }
    />
  );
}

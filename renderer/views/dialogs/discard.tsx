import type { ReactNode } from 'react';
import type { CopyId } from '../../../shared/opening.ts';
import { windowWords } from '../../../shared/words/made/window.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { discardCopy } from '../../stores/opened.ts';
import { closeDialog } from '../../stores/window.ts';

/** Asks before the changes to a copy are given up: they are nowhere else. */
export function DiscardDialog({ copy, name }: { readonly copy: CopyId; readonly name: string }): ReactNode {
  return (
    <Dialog
      title={windowWords.open.discardTitle({ name })}
      description={windowWords.open.discardBody}
      onClose={closeDialog}
      foot={
        <>
          <Button data-first onClick={closeDialog}>
            {windowWords.act.cancel}
          </Button>
          <Button look="danger" onClick={() => void discardCopy({ id: copy, name })}>
            {windowWords.open.discardNow}
          </Button>
        </>
      }
    />
  );
}

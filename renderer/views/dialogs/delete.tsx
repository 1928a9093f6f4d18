import { useEffect, useState, type ReactNode } from 'react';
import type { PhonePlace } from '../../../shared/domain.ts';
import type { CommandReply } from '../../../shared/contract.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { deleteNow, itemsWords } from '../../stores/actions.ts';
import { useCatalogue } from '../../stores/catalogue.ts';
import { closeDialog } from '../../stores/window.ts';
import { provenWords } from '../../view-models/freshness.ts';
import { bytes, contentsWords } from '../../view-models/words.ts';
import { windowWords } from '../../../shared/words/made/window.ts';

/** Phones have no trash, so the dialog says how much will be deleted, and that it cannot be undone. */
export function DeleteDialog({ places }: { readonly places: readonly PhonePlace[] }): ReactNode {
  const [size, setSize] = useState<CommandReply<'measure'>>();
  const [unknown, setUnknown] = useState(false);
  const proven = useProven(places);

  useEffect(() => {
    let current = true;
    void bridge.command('measure', { sources: places }).then((reply) => {
      if (!current) return;
      if (reply.ok) setSize(reply.value);
      else setUnknown(true);
    });
    return () => {
      current = false;
    };
  }, [places]);

  const contents =
    size === undefined
      ? unknown
        ? windowWords.delete.unknown
        : windowWords.delete.counting
      : windowWords.delete.contents({
          contents: contentsWords(size.files, size.folders),
          size: bytes(size.bytes),
        });
  return (
    <Dialog
      title={windowWords.delete.title({ what: itemsWords(places) })}
      onClose={closeDialog}
      foot={
        <>
          <Button data-first onClick={closeDialog}>
            {windowWords.act.cancel}
          </Button>
          {/* what goes is what was counted, not what lies there by then */}
          <Button
            look="danger"
            disabled={size === undefined && !unknown}
            onClick={() => void deleteNow(places, size?.agreement)}
          >
            {windowWords.act.delete}
          </Button>
        </>
      }
    >
      <p role="status">{contents}</p>
      {proven.map((sentence) => (
        <p key={sentence} role="status">
          {sentence}
        </p>
      ))}
      <p className="quiet">{windowWords.delete.warning}</p>
    </Dialog>
  );
}

/** What of it is proven to be on this computer; nothing where there is no catalogue. */
function useProven(places: readonly PhonePlace[]): readonly string[] {
  const [told, setTold] = useState<CommandReply<'catalogueProven'>>();
  const enabled = useCatalogue((state) => state.enabled);
  useEffect(() => {
    if (!enabled) return;
    let current = true;
    // without an answer nothing is said of it, which promises nothing
    void bridge.command('catalogueProven', { sources: places }).then((reply) => {
      if (current && reply.ok) setTold(reply.value);
    });
    return () => {
      current = false;
    };
  }, [enabled, places]);
  return told === undefined ? [] : provenWords(told);
}

import { useEffect, useState, type ReactNode } from 'react';
import type { PhonePlace } from '../../../shared/domain.ts';
import type { CommandReply } from '../../../shared/contract.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { deleteNow, itemsWords } from '../../stores/actions.ts';
import { useFolder } from '../../stores/folder.ts';
import { closeDialog } from '../../stores/window.ts';
import { bytes, counted } from '../../view-models/words.ts';

/** Phones have no trash, so the dialog says how much will be deleted, and that it cannot be undone. */
export function DeleteDialog({ places }: { readonly places: readonly PhonePlace[] }): ReactNode {
  const [size, setSize] = useState<CommandReply<'measure'>>();
  const [unknown, setUnknown] = useState(false);
  const listing = useFolder((state) => state.listing);
  const [first] = places;
  const firstName = first?.path.split('/').at(-1);
  const single = places.length === 1 && firstName !== undefined ? listing.at(listing.indexOf(firstName)) : undefined;

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
        ? 'How much is in it could not be counted.'
        : 'Counting what is in it…'
      : `${counted(size.files, 'file')}${size.folders > 0 ? ` in ${counted(size.folders, 'folder')}` : ''}, ${bytes(size.bytes)}.`;
  return (
    <Dialog
      title={`Delete ${single === undefined ? itemsWords(places) : `“${single.name}”`} from the phone?`}
      onClose={closeDialog}
      foot={
        <>
          <Button data-first onClick={closeDialog}>
            Keep
          </Button>
          <Button look="danger" onClick={() => void deleteNow(places, size?.agreement)}>
            Delete
          </Button>
        </>
      }
    >
      <p role="status">{contents}</p>
      <p className="quiet">Phones have no trash: this cannot be undone.</p>
    </Dialog>
  );
}

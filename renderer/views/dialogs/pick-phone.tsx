import { ChevronUp } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { ROOT, type Entry, type PhonePath, type PhonePlace } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { bridge } from '../../bridge/current.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { FileIcon } from '../../parts/file-icon.tsx';
import { at, child, parent } from '../../view-models/places.ts';
import { windowWords } from '../../../shared/words/made/window.ts';
import { compareNames } from '../../view-models/words.ts';

interface PickPhoneProps {
  /** Folder to open first; the root if it does not exist. */
  readonly start: PhonePlace;
  readonly onClose: () => void;
  readonly picked: (path: PhonePath) => void;
}

interface Shown {
  readonly folders: readonly Entry[];
  readonly state: 'listing' | 'complete' | 'failed';
  readonly trouble: string | undefined;
}
const LISTING: Shown = { folders: [], state: 'listing', trouble: undefined };

/** Picks a folder of the phone. */
export function PickPhoneDialog({ start, onClose, picked }: PickPhoneProps): ReactNode {
  const [place, setPlace] = useState(start);
  const [shown, setShown] = useState(LISTING);
  const above = parent(place);

  useEffect(() => {
    setShown(LISTING);
    return bridge.subscribe(
      'folder',
      { place },
      ({ snapshot }) =>
        setShown((before) => ({
          folders: [
            ...(snapshot.reset ? [] : before.folders),
            ...snapshot.entries.filter((entry) => entry.kind === 'folder'),
          ],
          state: snapshot.state,
          trouble: snapshot.problem === undefined ? undefined : describeProblem(snapshot.problem).what,
        })),
      (problem) => setShown({ folders: [], state: 'failed', trouble: describeProblem(problem).what }),
    );
  }, [place]);

  const sorted = [...shown.folders].sort((one, other) => compareNames(one.name, other.name));
  return (
    <Dialog
      wide
      title={windowWords.pick.phone}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{windowWords.act.cancel}</Button>
          <Button look="main" disabled={shown.state === 'failed'} onClick={() => picked(place.path)}>
            {windowWords.act.useFolder}
          </Button>
        </>
      }
    >
      <div className="pick-path">
        <IconButton
          label={windowWords.act.parentFolder}
          icon={ChevronUp}
          disabled={above === undefined}
          onClick={() => above !== undefined && setPlace(above)}
        />
        <p className="field grow pick-here ends" aria-live="polite" dir="auto" title={place.path}>
          {place.path}
        </p>
      </div>
      {shown.trouble === undefined ? null : (
        <p className="pick-trouble" role="alert">
          {shown.trouble}{' '}
          {place.path === ROOT ? null : (
            <Button look="link" onClick={() => setPlace(at(place, ROOT))}>
              {windowWords.pick.root}
            </Button>
          )}
        </p>
      )}
      <ul className="pick-list" aria-label={windowWords.pick.list} aria-busy={shown.state === 'listing'}>
        {sorted.map((entry) => (
          <li key={entry.name}>
            <button type="button" onClick={() => setPlace(child(place, entry.name))}>
              <FileIcon kind="folder" />
              <span className="ends" dir="auto" title={entry.name}>
                {entry.name}
              </span>
            </button>
          </li>
        ))}
        {sorted.length > 0 ? null : (
          <li className="quiet pick-none">
            {shown.state === 'listing' ? windowWords.folder.listingPlain : windowWords.pick.none}
          </li>
        )}
      </ul>
    </Dialog>
  );
}

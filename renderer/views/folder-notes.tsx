import type { ReactNode } from 'react';
import { describeProblem } from '../../shared/errors.ts';
import { Button } from '../parts/button.tsx';
import { useFolder } from '../stores/folder.ts';
import { run } from '../stores/host.ts';
import { useWindow } from '../stores/window.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Notes about the listing as a whole, shown above it. */
export function FolderNotes(): ReactNode {
  const { place, problem, unreadable, state } = useFolder();
  if (problem !== undefined && place !== undefined) {
    const words = describeProblem(problem);
    return (
      <div className="files-note" role="alert">
        <p>
          {words.what} {words.remedy}
        </p>
        <Button size="small" onClick={() => void run('refresh', { place })}>
          {windowWords.act.refresh}
        </Button>
      </div>
    );
  }
  if (unreadable > 0 && state === 'complete')
    return (
      <div className="files-note" role="status">
        <p>{windowWords.folder.undescribed({ count: unreadable })}</p>
      </div>
    );
  return null;
}

/** Shown if the list is empty. */
export function Empty(): ReactNode {
  const { listing, state, filter } = useFolder();
  useFolder((folder) => folder.version);
  const making = useWindow((window) => window.making);
  if (listing.length > 0 || making) return null;
  const words =
    state === 'listing'
      ? windowWords.folder.listingPlain
      : state === 'stopped'
        ? windowWords.folder.stopped
        : filter !== ''
          ? windowWords.folder.noMatch({ filter })
          : state === 'complete'
            ? listing.entries.length > 0
              ? windowWords.folder.onlyHidden
              : windowWords.folder.empty
            : '';
  return <p className="files-empty">{words}</p>;
}

import type { ReactNode } from 'react';
import { Button } from '../parts/button.tsx';
import { stopListing, useFolder } from '../stores/folder.ts';
import { useWindow } from '../stores/window.ts';
import { folderWords, selectionWords } from '../view-models/status.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** How many entries are listed and selected; offers to stop a listing under way. */
export function StatusBar(): ReactNode {
  const { listing, state, expected, filter, remembered } = useFolder();
  useFolder((folder) => folder.version);
  const chosen = useWindow((window) => window.selection.chosen);
  const words = folderWords({
    shown: listing.length,
    all: listing.entries.length,
    state,
    expected,
    filter,
    remembered,
  });
  return (
    <footer className="status-bar">
      <span role="status" aria-live="polite">
        {words}
      </span>
      {state === 'listing' ? (
        <Button look="link" size="small" onClick={stopListing}>
          {windowWords.act.stop}
        </Button>
      ) : null}
      <span className="grow" />
      {chosen.size === 0 ? null : <span>{selectionWords(chosen, listing)}</span>}
    </footer>
  );
}

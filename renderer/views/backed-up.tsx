import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Entry } from '../../shared/domain.ts';
import { isBackedUp, useBackedUp } from '../stores/backed-up.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Badge for a file that is backed up on this computer. */
export function BackedUpSign({ entry }: { readonly entry: Entry }): ReactNode {
  const shown = useBackedUp(({ names }) => names.size > 0 && isBackedUp(names, entry));
  if (!shown) return null;
  return (
    <span
      className="backed-up"
      role="img"
      aria-label={windowWords.folder.backedUp}
      title={windowWords.folder.backedUpHere}
    >
      <CircleCheck size={14} strokeWidth={1.75} aria-hidden />
    </span>
  );
}

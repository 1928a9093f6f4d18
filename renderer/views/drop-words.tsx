import type { ReactNode } from 'react';
import { useDropping } from '../stores/dropping.ts';
import { dropWords } from '../view-models/drop.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Says what dropping here would do, during a drag. */
export function DropWords(): ReactNode {
  const { over, items, kind, at, label } = useDropping();
  return (
    <>
      {kind === undefined || over === undefined ? null : (
        <p className="drop-words ends" role="status">
          {kind === 'upload'
            ? dropWords(items, over.name)
            : windowWords.drop.moveItemsTo({ count: items, target: over.name })}
        </p>
      )}
      {at === undefined ? null : (
        <div className="drag-ghost ends" aria-hidden style={{ transform: `translate(${at.x + 12}px, ${at.y + 8}px)` }}>
          {label}
        </div>
      )}
    </>
  );
}

import type { ReactNode } from 'react';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { saveBack, useOpened } from '../stores/opened.ts';
import { openDialog } from '../stores/window.ts';

/** Copies that a program has saved: each stays here until it is saved back to the phone or given up. */
export function EditedCopies(): ReactNode {
  const changed = useOpened((state) => state.changed);
  if (changed.length === 0) return null;
  return (
    <section className="identity" role="region" aria-label={windowWords.open.changedLabel}>
      {changed.map(({ id, name }) => (
        <div key={id} className="identity-one">
          <p className="identity-words">{windowWords.open.changed({ name })}</p>
          <Button size="small" onClick={() => void saveBack(id)}>
            {windowWords.open.saveBack}
          </Button>
          <Button size="small" look="plain" onClick={() => openDialog({ kind: 'discard', copy: id, name })}>
            {windowWords.open.discard}
          </Button>
        </div>
      ))}
    </section>
  );
}

import type { ReactNode } from 'react';
import { windowWords } from '../../shared/words/made/window.ts';

/** Technical details of a problem, collapsed by default. */
export function Details({ text }: { readonly text: string }): ReactNode {
  return (
    <details className="details">
      <summary>{windowWords.act.details}</summary>
      <pre className="selectable">{text}</pre>
    </details>
  );
}

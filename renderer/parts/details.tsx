import type { ReactNode } from 'react';

/** The technical side of a problem: there for those who ask, never shown unasked. */
export function Details({ text }: { readonly text: string }): ReactNode {
  return (
    <details className="details">
      <summary>Details</summary>
      <pre className="selectable">{text}</pre>
    </details>
  );
}

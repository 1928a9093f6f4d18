import type { ReactNode } from 'react';

/** Technical details of a problem, collapsed by default. */
export function Details({ text }: { readonly text: string }): ReactNode {
  return (
    <details className="details">
      <summary>Details</summary>
      <pre className="selectable">{text}</pre>
    </details>
  );
}

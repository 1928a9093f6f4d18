import type { ReactNode } from 'react';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { useWindow } from '../stores/window.ts';

interface PageProps {
  /** Class of its own styles. */
  readonly name: string;
  /** Accessible name. */
  readonly label: string;
  /** The heading, where it says more than the name. */
  readonly title?: string | undefined;
  /** Controls between the heading and the way back to the files. */
  readonly head?: ReactNode;
  readonly children: ReactNode;
}

/** A page in place of the files: its heading, its controls, and the button that goes back. */
export function Page({ name, label, title = label, head, children }: PageProps): ReactNode {
  return (
    <section className={`page ${name}`} aria-label={label}>
      <header>
        <h1>{title}</h1>
        {head}
        <Button onClick={() => useWindow.setState({ page: 'browse' })}>{windowWords.act.backToFiles}</Button>
      </header>
      {children}
    </section>
  );
}

import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PhonePlace } from '../../shared/domain.ts';
import type { CopyView } from '../../shared/opening.ts';
import { percent } from '../../shared/format.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { IconButton } from '../parts/button.tsx';
import { Progress } from '../parts/progress.tsx';
import { stopOpening, useOpened } from '../stores/opened.ts';
import { child, placeKey } from '../view-models/places.ts';

interface FetchingProps {
  /** The open folder. */
  readonly place: PhonePlace;
  readonly name: string;
  /** A tile holds no buttons: there, its menu stops it. */
  readonly stoppable?: boolean;
}

/** Progress of a file that is fetched to be opened, in its row. */
export function Fetching({ place, name, stoppable = false }: FetchingProps): ReactNode {
  const copy = useOpened(({ fetching }) =>
    fetching.size === 0 ? undefined : fetching.get(placeKey(child(place, name))),
  );
  if (copy === undefined) return null;
  return (
    <span className="fetching" title={titleOf(copy)} onDoubleClick={(event) => event.stopPropagation()}>
      <Progress
        label={`${windowWords.open.fetching({ name })}${copy.state === 'fetching' ? '' : ` · ${titleOf(copy) ?? ''}`}`}
        value={percent(copy.fetched, copy.size)}
        tone={copy.state === 'away' ? 'attention' : 'moving'}
        unmeasured={copy.state === 'checking' || copy.size === 0}
      />
      {stoppable ? (
        <IconButton
          label={windowWords.open.stop({ name })}
          icon={X}
          size="small"
          tabIndex={-1}
          onClick={() => stopOpening(copy.id)}
        />
      ) : null}
    </span>
  );
}

function titleOf({ state }: CopyView): string | undefined {
  switch (state) {
    case 'away':
      return windowWords.open.away;
    case 'checking':
      return windowWords.open.checking;
    default:
      return undefined;
  }
}

import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { useCatalogue } from '../stores/catalogue.ts';
import { useFolder } from '../stores/folder.ts';
import { isMac } from '../stores/host.ts';
import { keys } from '../view-models/keys.ts';
import { focusSearch } from './search-field.tsx';
import './find.css';

/** Above a filtered folder: the same words can be searched for on the whole phone. */
export function FindOffer(): ReactNode {
  const filter = useFolder((state) => state.filter);
  const enabled = useCatalogue((state) => state.enabled && state.phones.length > 0);
  if (filter.trim() === '' || !enabled) return null;
  return (
    <div className="find-offer">
      <Button
        size="small"
        look="plain"
        icon={Search}
        title={keys(isMac(), 'Mod', 'Shift', 'F')}
        onClick={() => focusSearch(true)}
      >
        {windowWords.find.offer({ words: filter.trim() })}
      </Button>
    </div>
  );
}

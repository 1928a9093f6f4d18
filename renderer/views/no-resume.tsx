import { RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import { create } from 'zustand';
import type { Device } from '../../shared/domain.ts';
import { Button } from '../parts/button.tsx';
import { noResumeWords } from '../view-models/devices.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Phones by key, with the words that were read. */
const useSeen = create<{ readonly read: ReadonlyMap<string, string> }>()(() => ({ read: new Map() }));

/** Says before anything is copied that an interruption costs a large file its beginning; shown until it was read. */
export function NoResume({ device }: { readonly device: Device }): ReactNode {
  const read = useSeen((state) => state.read);
  const words = noResumeWords(device);
  if (words === undefined || read.get(device.key) === words) return null;
  return (
    <div className="slow-cable" role="status">
      <RotateCcw size={20} strokeWidth={1.75} aria-hidden />
      <p>{words}</p>
      <Button
        size="small"
        look="plain"
        onClick={() => useSeen.setState({ read: new Map([...read, [device.key, words]]) })}
      >
        {windowWords.lesson.gotIt}
      </Button>
    </div>
  );
}

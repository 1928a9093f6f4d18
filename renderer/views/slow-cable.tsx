import type { ReactNode } from 'react';
import { create } from 'zustand';
import type { Device } from '../../shared/domain.ts';
import { SlowCableDrawing } from '../drawings/drawings.tsx';
import { Button } from '../parts/button.tsx';
import { isSlow, linkName } from '../view-models/devices.ts';
import { windowWords } from '../../shared/words/made/window.ts';

const useSeen = create<{ readonly keys: readonly string[] }>()(() => ({ keys: [] }));

/** Warns about a slow link, once per phone. Its files are shown as usual. */
export function SlowCable({ device }: { readonly device: Device }): ReactNode {
  const seen = useSeen((state) => state.keys);
  if (!isSlow(device) || device.linkSpeed === undefined || seen.includes(device.key)) return null;
  return (
    <div className="slow-cable" role="status">
      <SlowCableDrawing />
      <p>
        {device.bestLinkSpeed === undefined
          ? windowWords.lesson.slow({ device: device.name, link: linkName(device.linkSpeed) })
          : windowWords.lesson.slowBest({
              device: device.name,
              link: linkName(device.linkSpeed),
              best: linkName(device.bestLinkSpeed),
            })}
      </p>
      <Button size="small" look="plain" onClick={() => useSeen.setState({ keys: [...seen, device.key] })}>
        {windowWords.lesson.gotIt}
      </Button>
    </div>
  );
}

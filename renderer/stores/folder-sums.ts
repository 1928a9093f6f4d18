import { useEffect } from 'react';
import { create } from 'zustand';
import type { FolderSum } from '../../shared/catalogue.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { bridge } from '../bridge/current.ts';
import { useCatalogue } from './catalogue.ts';

/** What the folders in the shown folder hold, as far as the catalogue knows all of it. */
export const useFolderSums = create<{ readonly sums: ReadonlyMap<string, FolderSum> }>()(() => ({ sums: new Map() }));

/** Milliseconds between two questions for the same folder; while a phone is being read there is always something new. */
const AGAIN_MS = 2000;

let asked: { readonly place: PhonePlace; readonly at: number } | undefined;

/** Requested for each folder that is opened, and again when the catalogue has changed. */
export function useFolderSumsOf(place: PhonePlace): void {
  const enabled = useCatalogue((state) => state.enabled);
  const revision = useCatalogue((state) => state.revision);
  useEffect(() => {
    let current = true;
    const tell = (found: readonly FolderSum[]): void => {
      if (current && (found.length > 0 || useFolderSums.getState().sums.size > 0))
        useFolderSums.setState({
          sums: new Map(found.filter((one) => one.complete).map((one) => [one.name, one])),
        });
    };
    if (!enabled) {
      tell([]);
      return;
    }
    const isSame = asked?.place === place;
    if (!isSame) tell([]);
    const wait = isSame ? Math.max(0, (asked?.at ?? 0) + AGAIN_MS - Date.now()) : 0;
    const ask = setTimeout(() => {
      asked = { place, at: Date.now() };
      // If the request fails the sums are simply missing; that is not worth a message.
      void bridge.command('catalogueSums', { place }).then((reply) => tell(reply.ok ? reply.value : []));
    }, wait);
    return () => {
      current = false;
      clearTimeout(ask);
    };
  }, [place, enabled, revision]);
}

import { useEffect } from 'react';
import { create } from 'zustand';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import type { BackedUp } from '../../shared/sync-contract.ts';
import { bridge } from '../bridge/current.ts';
import { isOver } from '../view-models/transfers.ts';
import { useHost } from './host.ts';

/** What of the shown folder is backed up on this computer by a folder pair. */
export const useBackedUp = create<{ readonly names: ReadonlyMap<string, BackedUp> }>()(() => ({ names: new Map() }));

/** Backed up as it is now: one that has changed since is not. */
export const isBackedUp = (names: ReadonlyMap<string, BackedUp>, entry: Entry): boolean => {
  const found = names.get(entry.name);
  return found !== undefined && entry.kind === 'file' && found.size === entry.size && found.modified === entry.modified;
};

/** Asked anew for each folder, and when a transfer has ended. */
export function useBackedUpOf(place: PhonePlace): void {
  const ended = useHost((state) => state.transfers.transfers.filter(isOver).length);
  useEffect(() => {
    let current = true;
    // a sign beside the names is worth no message when it cannot be had
    void bridge.command('syncBackedUp', { place }).then((reply) => {
      if (!current) return;
      const found = reply.ok ? reply.value : [];
      if (found.length > 0 || useBackedUp.getState().names.size > 0)
        useBackedUp.setState({ names: new Map(found.map((one) => [one.name, one])) });
    });
    return () => {
      current = false;
    };
  }, [place, ended]);
}

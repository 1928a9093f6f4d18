import { useEffect } from 'react';
import { create } from 'zustand';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import type { BackedUp } from '../../shared/sync-contract.ts';
import { bridge } from '../bridge/current.ts';
import { isOver } from '../view-models/transfers.ts';
import { useHost } from './host.ts';

/** Entries of the shown folder that a folder pair has backed up on this computer. */
export const useBackedUp = create<{ readonly names: ReadonlyMap<string, BackedUp> }>()(() => ({ names: new Map() }));

/** True if the current version is backed up; false if the file has changed since. */
export const isBackedUp = (names: ReadonlyMap<string, BackedUp>, entry: Entry): boolean => {
  const found = names.get(entry.name);
  return found !== undefined && entry.kind === 'file' && found.size === entry.size && found.modified === entry.modified;
};

/** Requested for each folder that is opened, and again when a transfer ends. */
export function useBackedUpOf(place: PhonePlace): void {
  const ended = useHost((state) => state.transfers.transfers.filter(isOver).length);
  useEffect(() => {
    let current = true;
    // If the request fails the badges are simply missing; that is not worth a message.
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

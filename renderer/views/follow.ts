import { useEffect, useRef } from 'react';
import { ROOT, type Device } from '../../shared/domain.ts';
import { useHost } from '../stores/host.ts';
import { go, openDialog, reopen, useWindow } from '../stores/window.ts';
import { storageOf } from '../view-models/places.ts';

/** What the window does by itself: opens a phone that was plugged in, reloads one that came back, opens questions. */
export function useFollow(): void {
  const devices = useHost((state) => state.devices?.devices);
  const transfers = useHost((state) => state.transfers.transfers);
  const states = useRef<ReadonlyMap<string, Device['state']['kind']>>(new Map());
  const asked = useRef<Set<string>>(new Set());

  useEffect(() => {
    if (devices === undefined) return;
    const before = states.current;
    states.current = new Map(devices.map((one) => [one.key, one.state.kind]));
    const { place } = useWindow.getState();
    const became = devices.filter((one) => one.state.kind === 'ready' && before.get(one.key) !== 'ready');

    if (place === undefined) {
      // The first phone that became ready is the one just plugged in.
      const [first] = became;
      const [storage] = first?.storages ?? [];
      if (
        first !== undefined &&
        storage !== undefined &&
        devices.filter((one) => one.state.kind === 'ready').length === 1
      )
        go({ device: first.key, storage: storage.key, path: ROOT });
      return;
    }
    const shown = became.find((one) => one.key === place.device);
    if (shown === undefined) return;
    // An SD card may have been removed meanwhile.
    const [storage] = shown.storages;
    if (storageOf(place, devices) !== undefined) reopen();
    else if (storage !== undefined) go({ device: shown.key, storage: storage.key, path: ROOT });
  }, [devices]);

  useEffect(() => {
    // A transfer's question opens automatically once. After it is closed, the transfer's button opens it again.
    const transfer = transfers.find((one) => one.questions.length > 0 && !asked.current.has(one.id));
    if (transfer === undefined || useWindow.getState().dialog !== undefined) return;
    asked.current.add(transfer.id);
    openDialog({ kind: 'question', transfer: transfer.id });
  }, [transfers]);
}

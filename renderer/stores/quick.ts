import { create } from 'zustand';
import type { Device, Entry, PhonePath } from '../../shared/domain.ts';
import { bridge } from '../bridge/current.ts';
import { foldersToAsk, quickPlaces, type QuickPlace } from '../view-models/places.ts';
import { useHost } from './host.ts';

/** The quick places (Camera, Download, …) of each phone's first storage, looked up once when it is ready. */
interface Quick {
  readonly byStorage: ReadonlyMap<string, readonly QuickPlace[]>;
}
/** Quick places by `quickKey`; a storage that has not been looked at is missing. */
export const useQuick = create<Quick>()(() => ({ byStorage: new Map() }));

/** Key of a storage of one phone: storage keys alone can be equal on two phones. */
export const quickKey = (device: string, storage: string): string => `${device}\n${storage}`;

const asked = new Set<string>();

/** Looks for quick places whenever the list of phones changes; called once, when the window starts. */
export function startQuickPlaces(): void {
  useHost.subscribe(({ devices }) => {
    for (const device of devices?.devices ?? []) look(device);
  });
}

function look(device: Device): void {
  const storage = device.storages[0];
  if (storage === undefined) return;
  const key = quickKey(device.key, storage.key);
  if (device.state.kind !== 'ready') {
    // The phone may come back with different folders, so they are looked up again.
    asked.delete(key);
    return;
  }
  if (asked.has(key)) return;
  asked.add(key);

  const known = new Map<string, readonly Entry[]>();
  const step = async (): Promise<void> => {
    const [path] = foldersToAsk(known);
    if (path === undefined) return;
    known.set(path, await foldersOf({ device: device.key, storage: storage.key, path }));
    useQuick.setState((state) => ({ byStorage: new Map(state.byStorage).set(key, quickPlaces(known)) }));
    await step();
  };
  void step();
}

/** Lists a folder completely and returns its subfolders. A listing that fails counts as empty. */
function foldersOf(place: {
  device: Device['key'];
  storage: Device['storages'][number]['key'];
  path: PhonePath;
}): Promise<readonly Entry[]> {
  return new Promise((found) => {
    let folders: Entry[] = [];
    let over = false;
    const finish = (entries: readonly Entry[]): void => {
      over = true;
      end();
      found(entries);
    };
    // A bridge never calls back synchronously, so `end` is assigned by the time it is used.
    const end = bridge.subscribe(
      'folder',
      { place },
      ({ snapshot }) => {
        if (over) return;
        if (snapshot.reset) folders = [];
        folders.push(...snapshot.entries.filter((entry) => entry.kind === 'folder'));
        if (snapshot.state !== 'listing') finish(folders);
      },
      () => finish([]),
    );
  });
}

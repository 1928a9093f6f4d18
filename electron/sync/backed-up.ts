import { isInside, type Device, type PhonePlace } from '../../shared/domain.ts';
import { isSameStorage } from '../../shared/storages.ts';
import type { BackedUp } from '../../shared/sync-contract.ts';
import type { SyncStore } from './sync-store.ts';

/**
 * Files of a phone's folder that are backed up, with size and date as they were then; the caller compares them. A pair
 * made while its storage had another name or size counts. `devices`: those there are now.
 */
export function backedUpIn(
  store: Pick<SyncStore, 'pairsOn' | 'syncedIn'>,
  place: PhonePlace,
  devices: readonly Device[],
): readonly BackedUp[] {
  const storages = devices.find(({ key }) => key === place.device)?.storages ?? [];
  const found = new Map<string, BackedUp>();
  for (const pair of store.pairsOn(place.device)) {
    if (!isSameStorage(pair.storage, place.storage, storages)) continue;
    if (pair.direction !== 'to-computer' || !isInside(place.path, pair.phone)) continue;
    const folder = place.path === pair.phone ? '' : place.path.slice(pair.phone === '/' ? 1 : pair.phone.length + 1);
    for (const { path, size, modified } of store.syncedIn(pair.id, folder)) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      found.set(name, { name, size, modified });
    }
  }
  return [...found.values()];
}

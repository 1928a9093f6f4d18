import path from 'node:path';
import { isInside, localPath, type Device, type LocalPath, type PhonePlace } from '../../shared/domain.ts';
import { isSameStorage } from '../../shared/storages.ts';
import type { BackedUp } from '../../shared/sync-contract.ts';
import type { SyncStore } from './sync-store.ts';
import { isAssumed } from './untouched.ts';

/**
 * Files of a phone's folder that are backed up, with size and date as they were then; the caller compares them. A pair
 * made while its storage had another name or size counts. `devices`: those there are now.
 */
export function backedUpIn(
  store: Pick<SyncStore, 'pairsOn' | 'syncedIn'>,
  place: PhonePlace,
  devices: readonly Device[],
): readonly BackedUp[] {
  const found = copiesIn(store, place, devices).map(({ name, size, modified }) => ({ name, size, modified }));
  // of several pairs the last one counts
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

/** A backed-up file with its copy as it was when it was published. */
export interface BackedUpCopy extends BackedUp {
  readonly local: LocalPath;
  readonly localModified: number | undefined;
  /** When it was recorded. */
  readonly copiedAt: number;
  /** The pair deletes it when the phone's file goes. */
  readonly isMirrored: boolean;
  /** It lay there before, and was told by its size and date alone: nobody has compared it. */
  readonly isAssumed: boolean;
}

/** As `backedUpIn`, with where each copy was put; one for each pair. Whether it is still there is not looked at. */
export function copiesIn(
  store: Pick<SyncStore, 'pairsOn' | 'syncedIn'>,
  place: PhonePlace,
  devices: readonly Device[],
): readonly BackedUpCopy[] {
  const storages = devices.find(({ key }) => key === place.device)?.storages ?? [];
  const found: BackedUpCopy[] = [];
  for (const pair of store.pairsOn(place.device)) {
    if (!isSameStorage(pair.storage, place.storage, storages)) continue;
    if (pair.direction !== 'to-computer' || !isInside(place.path, pair.phone)) continue;
    const folder = place.path === pair.phone ? '' : place.path.slice(pair.phone === '/' ? 1 : pair.phone.length + 1);
    for (const row of store.syncedIn(pair.id, folder))
      found.push({
        name: row.path.slice(row.path.lastIndexOf('/') + 1),
        size: row.size,
        modified: row.modified,
        local: localPath(path.join(pair.local, ...row.target.split('/'))),
        localModified: row.targetModified,
        copiedAt: row.syncedAt ?? 0,
        isMirrored: pair.deletions === 'mirror' && !row.adopted,
        isAssumed: isAssumed(row),
      });
  }
  return found;
}

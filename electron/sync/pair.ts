import path from 'node:path';
import { foldName, isInside, localPath, type Device, type PhonePath, type PhonePlace } from '../../shared/domain.ts';
import { fail, failRequest } from '../../shared/errors.ts';
import { isSameStorage, matchStorage } from '../../shared/storages.ts';
import { NO_FILTERS, type PairId, type SyncChange, type SyncPair } from '../../shared/sync.ts';

/** Makes and changes pairs, and refuses those that do not go together. */

/** What is asked for a new pair; what is left out has a default. */
export type NewPair = Pick<SyncPair, 'direction' | 'local'> & {
  readonly place: PhonePlace;
} & Partial<Omit<SyncPair, 'id' | 'device' | 'storage' | 'phone' | 'createdAt'>>;

/** What a pair is made with. */
export interface NewPairParts {
  readonly id: PairId;
  readonly now: number;
  readonly devices: readonly Device[];
  /** All pairs there are. */
  readonly others: readonly SyncPair[];
}

/**
 * The pair that was asked for. Throws `disconnected` where the phone or its storage is not there, and `bad-request`
 * where another pair has the same folders or goes the other way between them.
 */
export function pairFrom(wanted: NewPair, { id, now, devices, others }: NewPairParts): SyncPair {
  const { place, direction } = wanted;
  const device = devices.find((one) => one.key === place.device);
  const storage = device === undefined ? undefined : matchStorage(place.storage, device.storages);
  if (device === undefined || storage === undefined)
    throw fail('disconnected', 'sync', 'the phone has to be there when a pair is made');
  const local = localPath(path.resolve(wanted.local));
  const pair: SyncPair = {
    id,
    name: wanted.name ?? `${place.path} ${direction === 'to-computer' ? '→' : '←'} ${path.basename(local)}`,
    device: place.device,
    deviceName: device.name,
    storage: storage.key,
    storageName: storage.name,
    phone: place.path,
    local,
    direction,
    filters: { ...NO_FILTERS, ...wanted.filters },
    deletions: wanted.deletions ?? 'ignore',
    deletionLimit: wanted.deletionLimit ?? 0.25,
    conflicts: wanted.conflicts ?? 'keep-both',
    removed: wanted.removed ?? 'copy-again',
    verify: wanted.verify ?? 'sampled',
    layout: wanted.layout ?? 'as-on-phone',
    automatic: wanted.automatic ?? false,
    createdAt: now,
  };
  refuseOverlap(pair, others, device.storages);
  return pair;
}

/** Checks a change. The local folder may move; the phone's folder cannot, since everything remembered is about it. */
export function changeFor(
  pair: SyncPair,
  change: SyncChange,
  { devices, others }: Pick<NewPairParts, 'devices' | 'others'>,
): SyncChange {
  if (change.local === undefined) return change;
  const local = localPath(path.resolve(change.local));
  const device = devices.find((one) => one.key === pair.device);
  refuseOverlap({ ...pair, local }, others, device?.storages ?? []);
  return { ...change, local };
}

function refuseOverlap(pair: SyncPair, others: readonly SyncPair[], storages: Device['storages']): void {
  for (const other of others) {
    if (other.id === pair.id || other.device !== pair.device) continue;
    if (!isSameStorage(other.storage, pair.storage, storages)) continue;
    const [ours, theirs] = [folded(pair.phone), folded(other.phone)];
    if (theirs === ours && other.local === pair.local && other.direction === pair.direction)
      throw failRequest('sync', { id: 'same-folders', with: { pair: other.name } }, { id: 'change-that-pair' });
    // each would copy back what the other copied, for ever
    if (
      other.direction !== pair.direction &&
      meets(other.local, pair.local) &&
      (isInside(theirs, ours) || isInside(ours, theirs))
    )
      throw failRequest('sync', { id: 'opposite-pair', with: { pair: other.name } }, { id: 'would-copy-back' });
  }
}

/** A phone takes all spellings for one folder. */
const folded = (path: PhonePath): PhonePath => foldName(path) as PhonePath;

const meets = (one: string, other: string): boolean =>
  one === other || one.startsWith(other + path.sep) || other.startsWith(one + path.sep);

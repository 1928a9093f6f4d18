import { setTimeout as sleep } from 'node:timers/promises';
import { isPhoneError, type PhoneErrorKind } from '../../shared/errors.ts';
import { matchStorage } from '../../shared/storages.ts';
import type { SyncActivity, SyncPair } from '../../shared/sync.ts';
import type { Engine } from '../engine/index.ts';

/**
 * What a run asks of the phone itself, between its transfers: listings, mostly. Transfers wait for a storage that is
 * away; so does this.
 */

export interface StoragePatience {
  /** How long the run may wait, milliseconds. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with what is waited for, and with nothing when the wait is over. */
  readonly onWait?: (waiting: Waiting | undefined) => void;
}

type Waiting = Extract<SyncActivity, { readonly kind: 'waiting' }>;

/** A storage that goes and comes (an update of the media index, a lock for a moment) is waited for in any case. */
const LEAST_MS = 5_000;
/** A card that stays away ends the run, which says so. */
const MOST_MS = 60_000;
/** Between two attempts: a phone that shows its storage and refuses it is not asked without a pause. */
const GAP_MS = 250;
const MOST_ATTEMPTS = 5;

/** What a phone answers or is while its storage is away. */
const MAY_RETURN: ReadonlySet<PhoneErrorKind> = new Set(['stale', 'storage-missing', 'locked', 'disconnected']);

/**
 * Does `work` once the storage of the pair is there, and again where the storage went meanwhile, so `work` must stand
 * being done twice. Rejects as `work` does where the storage stays away, or the phone was not there to begin with.
 */
export async function withStorage<T>(
  engine: Pick<Engine, 'devices'>,
  pair: Place,
  { waitMs, signal, onWait }: StoragePatience,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + Math.max(LEAST_MS, Math.min(waitMs, MOST_MS));
  const wasThere = isAttached(engine, pair);
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work();
    } catch (error) {
      if (!isPhoneError(error) || !MAY_RETURN.has(error.kind) || !wasThere || attempt === MOST_ATTEMPTS) throw error;
      do {
        if (performance.now() >= deadline || signal?.aborted === true) throw error;
        onWait?.(waitingFor(engine, pair));
        await sleep(GAP_MS, undefined, { signal }).catch(() => undefined);
      } while (!isThere(engine, pair));
      onWait?.(undefined);
    }
}

type Place = Pick<SyncPair, 'device' | 'deviceName' | 'storage' | 'storageName'>;

const deviceOf = ({ devices }: Pick<Engine, 'devices'>, pair: Place): Engine['devices'][number] | undefined =>
  devices.find((device) => device.key === pair.device);

function isAttached(engine: Pick<Engine, 'devices'>, pair: Place): boolean {
  const device = deviceOf(engine, pair);
  return device !== undefined && device.state.kind !== 'gone';
}

function waitingFor(engine: Pick<Engine, 'devices'>, pair: Place): Waiting {
  switch (deviceOf(engine, pair)?.state.kind) {
    case 'ready':
      return { kind: 'waiting', for: 'storage', name: pair.storageName };
    case 'locked':
      return { kind: 'waiting', for: 'unlock', name: pair.deviceName };
    default:
      return { kind: 'waiting', for: 'plug', name: pair.deviceName };
  }
}

function isThere(engine: Pick<Engine, 'devices'>, pair: Place): boolean {
  const device = deviceOf(engine, pair);
  return device?.state.kind === 'ready' && matchStorage(pair.storage, device.storages) !== undefined;
}

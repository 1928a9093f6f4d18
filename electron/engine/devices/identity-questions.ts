import { isAnonymous, isBusKey, type Device, type DeviceKey, type StorageKey } from '../../../shared/domain.ts';
import { failRequest } from '../../../shared/errors.ts';
import type { IdentityCandidate, IdentityQuestion } from '../../../shared/snapshots.ts';
import type { SyncPair } from '../../../shared/sync.ts';
import type { TransferRow, TransferStore } from '../model/transfer-store.ts';
import type { DeviceRegistry } from './device-registry.ts';

/** Transfers and pairs named for one candidate; more helps nobody who decides. */
export const MOST_NAMES = 20;

/** What the questions are made from: attached phones, and the transfers, leftovers and pairs that wait for one. */
export interface IdentityParts {
  readonly registry: DeviceRegistry;
  readonly store: Pick<TransferStore, 'transfers' | 'adoptDevice' | 'leftovers'>;
  /** Folder pairs wait for their phone as transfers do. */
  readonly pairs: () => readonly SyncPair[];
}

/**
 * "Is this the phone …?", asked where nothing but a person can tell: the attached phone has no serial number of its
 * own, and something waits for such a phone. Nothing is resumed, synced or deleted on it before.
 */
export class IdentityQuestions {
  readonly #parts: IdentityParts;
  /** Which phones one is not, as a person has said; its key lives for one plug. */
  readonly #isNot = new Map<DeviceKey, Set<DeviceKey>>();

  constructor(parts: IdentityParts) {
    this.#parts = parts;
  }

  /** What is open now. */
  open(): readonly IdentityQuestion[] {
    const asked = this.#parts.registry.devices.filter(
      ({ key, state }) => state.kind === 'ready' && this.#isDoubtful(key),
    );
    if (asked.length === 0) return [];
    const candidates = this.#candidates();
    return asked.flatMap((device) => {
      const fitting = candidates
        .filter(({ maker }) => maker === '' || maker === makerIn(device.key) || maker === device.maker.toLowerCase())
        // what waits since that was answered may be for this one all the same
        .filter(({ key }) => this.#isNot.get(device.key)?.has(key) !== true)
        .sort((one, other) => likeness(other, device) - likeness(one, device) || other.lastSeen - one.lastSeen);
      return fitting.length === 0 ? [] : [{ device: device.key, name: device.name, candidates: fitting }];
    });
  }

  /** A phone that nothing identifies, or only a USB descriptor under which nothing is kept. */
  #isDoubtful(key: DeviceKey): boolean {
    return isAnonymous(key) || (isBusKey(key) && !this.awaits(key));
  }

  /** Whether something is kept for a phone that goes on when it comes back. */
  awaits(key: DeviceKey): boolean {
    const { store, pairs } = this.#parts;
    return (
      store.transfers().some((row) => row.device === key && row.finishedAt === undefined) ||
      pairs().some((pair) => pair.device === key) ||
      store.leftovers(key).length > 0
    );
  }

  /** Keys of the storages of a phone that transfers and pairs are kept for. */
  storagesOf(device: DeviceKey): readonly StorageKey[] {
    const { store, pairs } = this.#parts;
    return [...store.transfers(), ...pairs()].filter((one) => one.device === device).map(({ storage }) => storage);
  }

  /**
   * The person's answer. What was kept of `as` is `device`'s from now on; without `as` the question is closed for this
   * plug, and is asked again where something waits for a phone that was not among its candidates. Rejects with `bad-request` when there is no such question: a phone that is known is never made another.
   */
  answer(device: DeviceKey, as: DeviceKey | undefined): void {
    const question = this.open().find((one) => one.device === device);
    if (question === undefined) throw failRequest('identify', { id: 'phone-known' });
    if (as === undefined) {
      const isNot = this.#isNot.get(device) ?? new Set();
      for (const { key } of question.candidates) isNot.add(key);
      this.#isNot.set(device, isNot);
      return;
    }
    if (!question.candidates.some(({ key }) => key === as)) throw failRequest('identify', { id: 'nothing-waits' });
    this.#parts.store.adoptDevice(as, device);
    this.#parts.registry.forget(as);
  }

  #candidates(): readonly IdentityCandidate[] {
    const { registry, store, pairs } = this.#parts;
    const present = new Set(registry.devices.filter(({ state }) => state.kind !== 'gone').map(({ key }) => key));
    const mayBeAsked = (key: DeviceKey): boolean =>
      !present.has(key) && (isAnonymous(key) || isBusKey(key) || registry.isShared(key));
    const found = new Map<DeviceKey, { transfers: TransferRow[]; pairs: SyncPair[] }>();
    const of = (key: DeviceKey): { transfers: TransferRow[]; pairs: SyncPair[] } => {
      const known = found.get(key) ?? { transfers: [], pairs: [] };
      found.set(key, known);
      return known;
    };
    for (const row of store.transfers())
      if (mayBeAsked(row.device) && isAwaiting(row, store)) of(row.device).transfers.push(row);
    for (const pair of pairs()) if (mayBeAsked(pair.device)) of(pair.device).pairs.push(pair);
    const gone = new Map(registry.devices.map((one) => [one.key, one.state]));
    return [...found].map(([key, waiting]) => {
      const all = [...waiting.transfers, ...waiting.pairs];
      const state = gone.get(key);
      return {
        key,
        name: all[0]?.deviceName ?? 'Phone',
        maker: makerIn(key),
        storages: [...new Set(all.map(({ storageName }) => storageName))],
        lastSeen: state?.kind === 'gone' ? state.since : Math.max(...all.map(({ createdAt }) => createdAt)),
        transfers: waiting.transfers.slice(0, MOST_NAMES).map(({ title }) => title),
        pairs: waiting.pairs.slice(0, MOST_NAMES).map(({ name }) => name),
      };
    });
  }
}

/** Whether a transfer goes on when its phone is there, if only to remove what was begun of it before it was cancelled. */
export const isAwaiting = (row: TransferRow, store: Pick<TransferStore, 'leftovers'>): boolean =>
  row.finishedAt === undefined || store.leftovers(row.device).some(({ transfer }) => transfer === row.id);

const makerIn = (key: DeviceKey): string => key.slice(0, Math.max(0, key.indexOf('#')));

const likeness = (candidate: IdentityCandidate, device: Device): number =>
  (candidate.name === device.name ? 2 : 0) +
  (candidate.storages.some((name) => device.storages.some((storage) => storage.name === name)) ? 1 : 0);

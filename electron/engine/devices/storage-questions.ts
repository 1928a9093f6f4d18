import type { Device, DeviceKey, StorageInfo, StorageKey } from '../../../shared/domain.ts';
import { failRequest } from '../../../shared/errors.ts';
import type { StorageQuestion } from '../../../shared/snapshots.ts';
import { isAlike, isUnknown, matchStorage } from '../../../shared/storages.ts';
import type { SyncPair } from '../../../shared/sync.ts';
import type { TransferRow, TransferStore } from '../model/transfer-store.ts';
import type { DeviceRegistry } from './device-registry.ts';
import { isAwaiting, MOST_NAMES } from './identity-questions.ts';

/** What the questions are made from: attached phones, and the transfers and pairs that wait for one of their storages. */
export interface StorageQuestionParts {
  readonly registry: Pick<DeviceRegistry, 'devices'>;
  readonly store: Pick<TransferStore, 'transfers' | 'adoptStorage' | 'leftovers'>;
  readonly pairs: () => readonly SyncPair[];
}

/**
 * "Which of these is the storage …?", asked where a phone has storages that are alike (equal cards, dual apps), nothing
 * on them tells which is which, and something waits for one of them. Nothing reaches any of them before.
 */
export class StorageQuestions {
  readonly #parts: StorageQuestionParts;
  /** Storages of which a person said that they are not the one: key of the one asked about, and theirs, which lives for one plug. */
  readonly #isNot = new Set<string>();

  constructor(parts: StorageQuestionParts) {
    this.#parts = parts;
  }

  /** What is open now. */
  open(): readonly StorageQuestion[] {
    return this.#parts.registry.devices.flatMap((device) =>
      device.state.kind === 'ready' && device.storages.some(({ key }) => isUnknown(key)) ? this.#about(device) : [],
    );
  }

  /**
   * The person's answer. What was kept of `storage` is the present storage `as`'s from now on; without `as` it is none of
   * those there are, and they are not asked about again. Throws `bad-request` when there is no such question: a storage
   * that is known is never made another.
   */
  answer(device: DeviceKey, storage: StorageKey, as: StorageKey | undefined): void {
    const question = this.open().find((one) => one.device === device && one.storage === storage);
    const named = question?.candidates.filter(({ key }) => as === undefined || key === as) ?? [];
    if (named.length === 0) throw failRequest('identify', { id: 'storage-known' });
    if (as !== undefined) this.#parts.store.adoptStorage(device, storage, as);
    else for (const { key } of named) this.#isNot.add(pairOf(storage, key));
  }

  #about(device: Device): readonly StorageQuestion[] {
    const { store, pairs } = this.#parts;
    const waiting = new Map<StorageKey, { transfers: TransferRow[]; pairs: SyncPair[] }>();
    const of = (key: StorageKey): { transfers: TransferRow[]; pairs: SyncPair[] } => {
      const known = waiting.get(key) ?? { transfers: [], pairs: [] };
      waiting.set(key, known);
      return known;
    };
    for (const row of store.transfers())
      if (row.device === device.key && isAwaiting(row, store)) of(row.storage).transfers.push(row);
    for (const pair of pairs()) if (pair.device === device.key) of(pair.storage).pairs.push(pair);
    return [...waiting].flatMap(([storage, kept]) => {
      const candidates = this.#candidates(storage, device.storages);
      if (candidates.length === 0) return [];
      const question: StorageQuestion = {
        device: device.key,
        name: device.name,
        storage,
        storageName: [...kept.transfers, ...kept.pairs][0]?.storageName ?? '',
        candidates,
        transfers: kept.transfers.slice(0, MOST_NAMES).map(({ title }) => title),
        pairs: kept.pairs.slice(0, MOST_NAMES).map(({ name }) => name),
      };
      return [question];
    });
  }

  #candidates(storage: StorageKey, present: readonly StorageInfo[]): readonly StorageInfo[] {
    if (matchStorage(storage, present) !== undefined) return [];
    return present.filter(
      ({ key }) => isUnknown(key) && isAlike(storage, key) && !this.#isNot.has(pairOf(storage, key)),
    );
  }
}

const pairOf = (storage: StorageKey, present: StorageKey): string => `${storage}\n${present}`;

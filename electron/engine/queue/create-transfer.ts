import { setImmediate as turn } from 'node:timers/promises';
import { defined } from '../../../shared/defined.ts';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { baseNameOf, localPath, transferId, type LocalPath, type TransferOptions } from '../../../shared/domain.ts';
import { failRequest } from '../../../shared/errors.ts';
import { evidenceOf, isSameStorage } from '../../../shared/storages.ts';
import type { Settings } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import { finishPlan } from '../plan/plan-transfer.ts';
import type { EnqueueRequest, ItemsRequest } from '../api.ts';
import type { KnownTarget } from '../local/target-disk.ts';
import type { TransferRow } from '../model/transfer-store.ts';

/** What a transfer is about, before it has an id and a place in the queue. */
type Described = Pick<
  TransferRow,
  'direction' | 'device' | 'deviceName' | 'storage' | 'storageName' | 'destination' | 'sources' | 'title'
>;

const DEFAULT_SETTINGS: Settings = {
  onConflict: 'ask',
  onName: 'ask',
  verify: 'sampled',
  large: 'resumable',
  downloadFolder: localPath(join(homedir(), 'Downloads')),
  showHidden: false,
  notifications: true,
  preventSleep: true,
  appearance: 'system',
  language: 'system',
  catalogue: true,
};
const ITEMS_AT_ONCE = 1_000;

type Present = Parameters<typeof isSameStorage>[2];

/** The sources of a request by the keys that its transfer has: a phone's language or an update gives a storage another one. */
function withKeysOf(
  known: TransferRow['sources'],
  asked: TransferRow['sources'],
  present: Present,
): TransferRow['sources'] {
  if (known.kind !== 'phone' || asked.kind !== 'phone') return asked;
  const places = asked.places.map((place, index) => {
    const storage = known.places[index]?.storage;
    return storage !== undefined && isSameStorage(storage, place.storage, present) ? { ...place, storage } : place;
  });
  return { ...asked, places };
}

/** How a gesture becomes a transfer in the store. */
export class TransferFactory {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get settings(): Settings {
    return { ...DEFAULT_SETTINGS, ...defined(this.#context.store.settings()) };
  }

  /** The same request, still under way and not being cancelled. */
  findUnfinished(request: EnqueueRequest): TransferRow | undefined {
    const described = this.#describe(request);
    const present = this.#context.registry.devices.find(({ key }) => key === described.device)?.storages ?? [];
    return this.#context.store
      .transfers()
      .find(
        (row) =>
          row.finishedAt === undefined &&
          row.intent !== 'cancel' &&
          row.direction === described.direction &&
          row.device === described.device &&
          isSameStorage(row.storage, described.storage, present) &&
          row.destination === described.destination &&
          JSON.stringify(row.sources) === JSON.stringify(withKeysOf(row.sources, described.sources, present)),
      );
  }

  /** What a request asks for: its own options, and the settings for the rest. */
  optionsOf({ options }: { readonly options?: Partial<TransferOptions> | undefined }): TransferOptions {
    const { onConflict, onName, verify, large } = this.settings;
    return { onConflict, onName, verify, large, move: false, ...defined(options ?? {}) };
  }

  add(request: EnqueueRequest, target?: KnownTarget): TransferRow {
    const row = this.#newRow(this.#describe(request), request.options, target);
    this.#context.store.addTransfer(row);
    return row;
  }

  /** The transfer for files chosen one by one; `addItems` follows. */
  begin(request: ItemsRequest, target?: KnownTarget): TransferRow {
    const device = this.#context.registry.devices.find((one) => one.key === request.device);
    const storage = device?.storages.find((one) => one.key === request.storage);
    const row = this.#newRow(
      {
        direction: request.direction,
        device: request.device,
        deviceName: device?.name ?? 'Phone',
        storage: request.storage,
        storageName: storage?.name ?? evidenceOf(request.storage)?.description ?? 'Storage',
        destination: request.destination,
        sources: {
          kind: 'items',
          origin: request.origin,
          ...defined({ second: request.second, twin: request.twin }),
        },
        title: request.title,
      },
      request.options,
      target,
    );
    this.#context.store.addTransfer(row);
    return row;
  }

  async addItems(row: TransferRow, items: ItemsRequest['items']): Promise<void> {
    const { store } = this.#context;
    for (let from = 0; from < items.length; from += ITEMS_AT_ONCE) {
      // cancelled meanwhile: nothing more is added that nobody would cancel
      if (store.transfer(row.id)?.intent === 'cancel') return;
      store.addItems(row.id, items.slice(from, from + ITEMS_AT_ONCE), this.#context.now());
      // others have their turn between two batches of a long list
      await turn();
    }
    await finishPlan(this.#context, row.id);
  }

  #describe(request: EnqueueRequest): Described {
    const place = request.direction === 'upload' ? request.to : request.sources[0];
    if (place === undefined || request.sources.length === 0)
      throw failRequest('transfer', { id: 'nothing-to-transfer' });
    const names =
      request.direction === 'upload'
        ? request.sources.map((path) => basename(path))
        : request.sources.map((source) => baseNameOf(source.path));
    if (request.direction === 'download' && request.sources.some((source) => source.device !== place.device))
      throw failRequest('transfer', { id: 'one-phone' });
    const device = this.#context.registry.devices.find((one) => one.key === place.device);
    const storage = device?.storages.find((one) => one.key === place.storage);
    const common = {
      device: place.device,
      deviceName: device?.name ?? 'Phone',
      storage: place.storage,
      storageName: storage?.name ?? evidenceOf(place.storage)?.description ?? 'Storage',
      title: names.length === 1 ? (names[0] ?? '') : `${names[0] ?? ''} + ${names.length - 1}`,
    };
    if (request.direction === 'upload')
      return {
        ...common,
        direction: 'upload',
        destination: request.to.path,
        sources: { kind: 'local', paths: request.sources },
      };
    const to: LocalPath = localPath(resolve(request.to));
    return { ...common, direction: 'download', destination: to, sources: { kind: 'phone', places: request.sources } };
  }

  #newRow(
    described: Described,
    options: Partial<TransferOptions> | undefined,
    target: KnownTarget | undefined,
  ): TransferRow {
    const last = this.#context.store.transfers().reduce((most, row) => Math.max(most, row.position), 0);
    return {
      ...described,
      id: transferId(randomBytes(6).toString('hex')),
      options: this.optionsOf({ options }),
      position: last + 1,
      createdAt: this.#context.now(),
      planned: false,
      planFailed: false,
      intent: 'run',
      finishedAt: undefined,
      removed: false,
      conflictAnswer: undefined,
      nameAnswer: undefined,
      bytesMoved: 0,
      bytesResent: 0,
      targetMount: target?.mount,
      targetSeen: target?.seen ?? false,
      doubted: false,
    };
  }
}

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceKey, StorageKey } from '../../shared/domain.ts';
import { DEFAULT_PHOTO_SETTINGS, type PhotosSnapshot } from '../../shared/photos.ts';
import type { SyncPair, SyncSnapshot } from '../../shared/sync.ts';
import type { DeviceBus } from '../mtp/index.ts';
import { systemClock, type EngineClock } from './api.ts';
import { commandHandlers, type Handlers } from './commands.ts';
import { DEFAULT_LIMITS, EngineContext, type EngineLimits } from './context.ts';
import { DeviceRegistry } from './devices/device-registry.ts';
import { IdentityQuestions } from './devices/identity-questions.ts';
import { StorageQuestions } from './devices/storage-questions.ts';
import { knownOn } from './devices/known-content.ts';
import { PhoneBrowser } from './devices/phone-browser.ts';
import type { Witness } from './devices/storage-keys.ts';
import { PhoneFiles } from './files/phone-files.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Disk } from './local/disk.ts';
import { DragFolders } from './local/drag-folders.ts';
import { filesFetchedInto } from './queue/dragged-files.ts';
import { nodeDisk } from './local/node-disk.ts';
import type { TransferStore } from './model/transfer-store.ts';
import { Opening } from './opening/opening.ts';
import { PictureCache } from './pictures/cache.ts';
import { Pictures } from './pictures/pictures.ts';
import { CompletionNotifier } from './queue/completion.ts';
import { TransferQueue } from './queue/transfer-queue.ts';
import { Reading } from './reading/reading.ts';
import { Arrivals } from './snapshots/arrivals.ts';
import { SnapshotStreams } from './snapshots/snapshot-streams.ts';
import { itemView } from './snapshots/transfer-view.ts';
import { TransferViews } from './snapshots/transfer-views.ts';

/** What an engine is made with. */
export interface EngineOptions {
  readonly bus: DeviceBus;
  readonly store: TransferStore;
  /** The computer's files; the real ones where none is given. */
  readonly disk?: Disk;
  readonly clock?: EngineClock;
  readonly platform?: NodeJS.Platform;
  readonly log?: (line: string) => void;
  readonly limits?: Partial<EngineLimits>;
  /**
   * Whether transfers of earlier runs go on by themselves. A terminal command works on its own transfer only and
   * leaves the others where they are.
   */
  readonly autoContinue?: boolean;
  /** Makes the suffix of temporary names distinct between runs. */
  readonly seed?: string;
  /** 0 to 1; spreads attempts over time. */
  readonly random?: () => number;
  /** Where thumbnails are kept between runs; without it they are asked of the phone each time. */
  readonly pictureFolder?: string | undefined;
  /** Where copies are kept that programs open; in the system's temporary folder where none is given. */
  readonly copyFolder?: string | undefined;
  /** Bytes of such copies, unless they can be edited; beyond it the least recently used go. 4 GiB by default. */
  readonly copyLimit?: number | undefined;
}

/** What an engine consists of. */
export interface EngineParts {
  readonly context: EngineContext;
  readonly queue: TransferQueue;
  readonly views: TransferViews;
  readonly completion: CompletionNotifier;
  readonly browser: PhoneBrowser;
  readonly reading: Reading;
  readonly files: PhoneFiles;
  readonly arrivals: Arrivals;
  readonly identities: IdentityQuestions;
  readonly storageQuestions: StorageQuestions;
  readonly streams: SnapshotStreams;
  readonly pictures: Pictures;
  readonly handlers: Handlers;
  readonly drags: DragFolders;
  readonly opening: Opening;
  readonly housekeeping: Housekeeping;
}

/**
 * Makes the parts and tells each of those it needs; none of them does anything yet.
 * `sync`: what the sync room shows, `undefined` where there is no such room (yet); `synced`: files of its pairs that are
 * on a storage; `photos`: what the room of photos shows.
 */
export function makeParts(
  options: EngineOptions,
  sync: () => SyncSnapshot | undefined,
  synced: (key: DeviceKey, storage: StorageKey) => readonly Witness[],
  photos: () => PhotosSnapshot | undefined,
): EngineParts {
  const { bus, store, disk = nodeDisk, clock = systemClock, log = () => undefined } = options;
  const registry: DeviceRegistry = new DeviceRegistry({
    bus,
    clock,
    log,
    awaited: (key) => identities.awaits(key),
    shared: { known: () => store.sharedKeys(), note: (key) => store.noteShared(key) },
    keptFor: (key) => identities.storagesOf(key),
    keptOn: (key, storage) => [...knownOn(store, key, storage), ...synced(key, storage)],
  });
  const context = new EngineContext({
    store,
    disk,
    clock,
    registry,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    platform: options.platform ?? process.platform,
    log,
    random: options.random ?? Math.random,
    seed: options.seed ?? randomBytes(3).toString('hex'),
  });
  const pairs = (): readonly SyncPair[] => sync()?.pairs.map(({ pair }) => pair) ?? [];
  const identities: IdentityQuestions = new IdentityQuestions({ registry, store, pairs });
  const storageQuestions = new StorageQuestions({ registry, store, pairs });
  const browser = new PhoneBrowser(registry);
  const reading = new Reading({ registry, browser, clock });
  const arrivals = new Arrivals(context, browser);
  const queue = new TransferQueue(context, options.autoContinue ?? true);
  const views = new TransferViews(context, queue);
  const completion = new CompletionNotifier(context, queue, views);
  const streams: SnapshotStreams = new SnapshotStreams(context, {
    devices: () => ({
      devices: registry.devices,
      questions: identities.open(),
      storageQuestions: storageQuestions.open(),
    }),
    transfers: () => views.snapshot(),
    items: ({ transfer, offset, limit, only }) => {
      const { total, items } = store.items(transfer, { offset, limit, only });
      return { transfer, total, offset, items: items.map(itemView) };
    },
    settings: () => queue.factory.settings,
    copies: () => opening.snapshot(),
    sync: () => sync() ?? { pairs: [] },
    photos: () => photos() ?? { phones: [], settings: DEFAULT_PHOTO_SETTINGS },
  });
  const cache =
    options.pictureFolder === undefined ? undefined : new PictureCache({ disk, folder: options.pictureFolder });
  const pictures = new Pictures({
    find: (place) => browser.find(place),
    reading,
    cache,
    clock,
    busy: (device) => queue.isBusy(device),
  });
  const drags = new DragFolders(disk, (folder) => filesFetchedInto(store, folder));
  const files = new PhoneFiles({ context, browser, reading, spools: drags });
  browser.onMoved((from, to) => {
    queue.folderMoved(from, to);
  });
  const opening: Opening = new Opening({
    context,
    queue,
    browser,
    reading,
    folder: options.copyFolder ?? join(tmpdir(), 'replug-opened'),
    limit: options.copyLimit,
    onChange: () => {
      streams.changed('copies');
    },
  });
  const handlers = commandHandlers({
    context,
    bus,
    queue,
    views,
    completion,
    browser,
    identities,
    storageQuestions,
    pictures,
    cache,
    streams,
    drags,
    opening,
  });
  const housekeeping = new Housekeeping(context, queue, streams, completion);
  return {
    context,
    queue,
    views,
    completion,
    browser,
    reading,
    files,
    arrivals,
    identities,
    storageQuestions,
    streams,
    pictures,
    handlers,
    drags,
    opening,
    housekeeping,
  };
}

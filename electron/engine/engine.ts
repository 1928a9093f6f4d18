import { mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import {
  baseNameOf,
  localPath,
  parentOf,
  transferId,
  type Device,
  type DeviceKey,
  type LocalPath,
  type PhonePlace,
  type TransferId,
  type TransferOptions,
} from '../../shared/domain.ts';
import type { CommandArgument, CommandReply, Snapshots, StreamArgument, StreamName } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import type { SessionState, Settings, TransferView } from '../../shared/snapshots.ts';
import type { SyncSnapshot } from '../../shared/sync.ts';
import type { DeviceBus } from '../mtp/index.ts';
import { Browser } from './browse.ts';
import { systemClock } from './clock.ts';
import { EngineContext, DEFAULT_LIMITS, type EngineLimits } from './context.ts';
import { DeviceRegistry } from './devices.ts';
import type {
  EngineApi,
  EngineClock,
  EngineCommandName,
  EngineNotice,
  EnqueueRequest,
  ItemsRequest,
  SettleOptions,
} from './engine-types.ts';
import { isEnded } from './item.ts';
import { Lane } from './lane.ts';
import { locateSources } from './locate.ts';
import { planTransfer } from './planning.ts';
import { reportCsv, reportLines } from './report.ts';
import { Steering } from './steering.ts';
import { awaitDevice, awaitSettled } from './settle.ts';
import { fingerprintPhone, scanPhone, type ScanOptions, type ScannedFolder } from './scan.ts';
import type { ItemRow, TransferRow, TransferStore } from './store-types.ts';
import { itemView, sessionState, transferView } from './views.ts';
import { Watches } from './watches.ts';

export interface EngineOptions {
  readonly bus: DeviceBus;
  readonly store: TransferStore;
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
}

const DEFAULT_SETTINGS: Settings = {
  onClash: 'ask',
  onName: 'ask',
  verify: 'sampled',
  large: 'resumable',
  downloadFolder: localPath(join(homedir(), 'Downloads')),
  showHidden: false,
  notifications: true,
  preventSleep: true,
  appearance: 'system',
};
const SAVE_TOTALS_MS = 2_000;
/** How long a shown folder waits for more to arrive before it is told. */
const ARRIVALS_MS = 300;
const ITEMS_AT_ONCE = 1_000;
/** For closing sessions once nothing moves any more. */
const CLOSE_LIMIT_MS = 5_000;

/** What a transfer is about, before it has an id and a place in the queue. */
type Described = Pick<
  TransferRow,
  'direction' | 'device' | 'deviceName' | 'storage' | 'storageName' | 'destination' | 'sources' | 'title'
>;

type Handlers = {
  readonly [N in EngineCommandName]: (argument: CommandArgument<N>) => Promise<CommandReply<N>> | CommandReply<N>;
};

export class Engine implements EngineApi {
  readonly #context: EngineContext;
  readonly #bus: DeviceBus;
  readonly #lanes = new Map<DeviceKey, Lane>();
  readonly #browser: Browser;
  readonly #watches: Watches;
  readonly #steering: Steering;
  readonly #notices = new Set<(notice: EngineNotice) => void>();
  readonly #autoContinue: boolean;
  /** With `autoContinue` off: the transfers this run was asked to work on. */
  readonly #wanted = new Set<TransferId>();
  readonly #planning = new Set<TransferId>();
  #sync: (() => SyncSnapshot) | undefined;
  readonly #askedFor = new Map<TransferId, string>();
  readonly #ended = new Set<TransferId>();
  #foreground = true;
  #saving: ReturnType<typeof setInterval> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const clock = options.clock ?? systemClock;
    this.#bus = options.bus;
    const log = options.log ?? (() => undefined);
    this.#autoContinue = options.autoContinue ?? true;
    this.#context = new EngineContext({
      store: options.store,
      clock,
      registry: new DeviceRegistry(options.bus, clock, log),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      platform: options.platform ?? process.platform,
      log,
      random: options.random ?? Math.random,
      seed: options.seed ?? randomBytes(3).toString('hex'),
    });
    this.#browser = new Browser(this.#context.registry);
    this.#watches = new Watches({
      devices: () => ({ devices: this.#context.registry.devices }),
      transfers: () => ({
        session: this.sessionState,
        transfers: this.#views(),
        speedHistory: this.#context.speed.history(this.#context.now(), 60),
      }),
      items: ({ transfer, offset, limit, only }) => {
        const { total, items } = this.#context.store.items(transfer, { offset, limit, only });
        return { transfer, total, offset, items: items.map(itemView) };
      },
      settings: () => this.#settings(),
      sync: () => this.#sync?.() ?? { pairs: [] },
    });
    this.#steering = new Steering(this.#context, (device) => this.#lanes.get(device));
  }

  async start(): Promise<void> {
    const { registry, store } = this.#context;
    this.#context.onTransferChange((id) => {
      this.#guard(() => {
        this.#watches.changed('transfers');
        this.#watches.changed('items');
        this.#lookForEnd(id);
      });
    });
    this.#context.onArrival((row) => this.#guard(() => this.#arrived(row)));
    registry.onChange(() => {
      this.#guard(() => {
        this.#watches.changed('devices');
        this.#watches.changed('transfers');
        this.#lookForNeeds();
      });
    });
    registry.onReady((connection) => {
      this.#lane(connection.key).wake();
    });
    for (const row of store.transfers()) {
      if (row.sources.kind === 'items' && !row.planned) {
        // half a list: whoever chose the files chooses them again
        store.clearItems(row.id);
        store.updateTransfer(row.id, { planned: true, finishedAt: this.#context.now(), removed: true });
        continue;
      }
      this.#steering.restart(row);
      if (row.finishedAt !== undefined) this.#ended.add(row.id);
      if (this.#mayRun(row.id)) this.#beginPlanning(row);
      this.#lane(row.device);
    }
    this.#saving = setInterval(() => {
      this.#guard(() => {
        this.#context.saveTotals();
        // time left and speed change also when nothing else does
        if (this.moving) this.#watches.changed('transfers');
      });
    }, SAVE_TOTALS_MS);
    this.#saving.unref();
    await registry.start();
  }

  /** Shown folders are told of what arrived in them: soon, and once for many small files. */
  readonly #arrivals = new Map<string, ReturnType<typeof setTimeout>>();
  #arrived(row: ItemRow): void {
    const transfer = this.#context.store.transfer(row.transfer);
    if (transfer?.direction !== 'upload') return;
    const folder = parentOf(row.phone);
    const key = `${transfer.device}\n${folder}`;
    if (this.#arrivals.has(key)) return;
    const timer = setTimeout(() => {
      this.#arrivals.delete(key);
      this.#guard(() => this.#browser.changed(transfer.device, folder));
    }, ARRIVALS_MS);
    timer.unref();
    this.#arrivals.set(key, timer);
  }

  /** Whoever reports a change must not be stopped by what looking at it runs into, a full disk under the database say. */
  #guard(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#context.log(`look: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  stop(limitMs = 30_000): Promise<void> {
    this.#stopping ??= this.#stop(limitMs);
    return this.#stopping;
  }

  async #stop(limitMs: number): Promise<void> {
    clearInterval(this.#saving);
    await this.#within(limitMs, Promise.all([...this.#lanes.values()].map((lane) => lane.halt())));
    await this.#within(CLOSE_LIMIT_MS, this.#context.registry.stop());
    await this.#bus.close();
    this.#guard(() => this.#context.saveTotals());
    this.#watches.close();
  }

  async #within(ms: number, work: Promise<unknown>): Promise<void> {
    const ended = new AbortController();
    await Promise.race([work, this.#context.clock.sleep(ms, ended.signal)]);
    ended.abort();
  }

  execute<N extends EngineCommandName>(name: N, argument: CommandArgument<N>): Promise<CommandReply<N>> {
    const handler = this.#handlers[name] as (
      argument: CommandArgument<N>,
    ) => Promise<CommandReply<N>> | CommandReply<N>;
    return Promise.resolve().then(() => handler(argument));
  }

  watch<N extends StreamName>(
    name: N,
    argument: StreamArgument<N>,
    listener: (snapshot: Snapshots[N]) => void,
  ): () => void {
    if (name === 'folder') {
      const { place } = argument as StreamArgument<'folder'>;
      return this.#browser.watch(place, listener as (snapshot: Snapshots['folder']) => void);
    }
    return this.#watches.add(name, argument as never, listener as never);
  }

  onNotice(listener: (notice: EngineNotice) => void): () => void {
    this.#notices.add(listener);
    return () => this.#notices.delete(listener);
  }

  get sessionState(): SessionState {
    return sessionState(this.#views(), this.#foreground);
  }
  /** Whether a window is open; without one the session runs in the background. */
  set foreground(value: boolean) {
    this.#foreground = value;
    this.#watches.changed('transfers');
  }
  get moving(): boolean {
    for (const lane of this.#lanes.values()) for (const run of lane.runs) if (!isEnded(run.row.state.kind)) return true;
    return false;
  }

  async enqueue(request: EnqueueRequest): Promise<{ readonly transfer: TransferId; readonly continued: boolean }> {
    const { store } = this.#context;
    const described = this.#described(request);
    const same = store
      .transfers()
      .find(
        (row) =>
          row.finishedAt === undefined &&
          row.direction === described.direction &&
          row.device === described.device &&
          row.storage === described.storage &&
          row.destination === described.destination &&
          JSON.stringify(row.sources) === JSON.stringify(described.sources),
      );
    if (same !== undefined) {
      await this.#resume(same.id);
      return { transfer: same.id, continued: true };
    }
    const row = this.#newRow(described, request.options);
    store.addTransfer(row);
    this.#wanted.add(row.id);
    this.#context.touch(row.id);
    this.#beginPlanning(row);
    this.#lane(row.device).wake();
    return { transfer: row.id, continued: false };
  }

  /** Files chosen one by one, in the order in which they are to go; each may bring its answer to a clash. */
  async enqueueItems(request: ItemsRequest): Promise<TransferId> {
    const { store } = this.#context;
    const device = this.#context.registry.devices.find((one) => one.key === request.device);
    const storage = device?.storages.find((one) => one.key === request.storage);
    const row = this.#newRow(
      {
        direction: request.direction,
        device: request.device,
        deviceName: device?.name ?? 'Phone',
        storage: request.storage,
        storageName: storage?.name ?? 'Storage',
        destination: request.destination,
        sources: { kind: 'items', origin: request.origin },
        title: request.title,
      },
      request.options,
    );
    this.#planning.add(row.id);
    this.#wanted.add(row.id);
    try {
      store.addTransfer(row);
      for (let from = 0; from < request.items.length; from += ITEMS_AT_ONCE) {
        const batch = request.items.slice(from, from + ITEMS_AT_ONCE);
        const ids = store.addItems(
          row.id,
          batch.map(({ answer: _, ...item }) => item),
          this.#context.now(),
        );
        batch.forEach(({ answer }, index) => {
          const id = ids[index];
          if (id !== undefined && answer !== undefined) store.updateItem(id, { answer }, this.#context.now());
        });
        // others have their turn between two batches of a long list
        await new Promise((resolve) => setImmediate(resolve));
      }
      store.updateTransfer(row.id, { planned: true });
    } finally {
      this.#planning.delete(row.id);
    }
    this.#context.touch(row.id);
    this.#lane(row.device).wake();
    return row.id;
  }

  #newRow(described: Described, options: Partial<TransferOptions> | undefined): TransferRow {
    const last = this.#context.store.transfers().reduce((most, row) => Math.max(most, row.position), 0);
    const settings = this.#settings();
    return {
      ...described,
      id: transferId(randomBytes(6).toString('hex')),
      options: {
        onClash: settings.onClash,
        onName: settings.onName,
        verify: settings.verify,
        large: settings.large,
        move: false,
        ...defined(options ?? {}),
      },
      position: last + 1,
      createdAt: this.#context.now(),
      planned: false,
      finishedAt: undefined,
      removed: false,
      clashAnswer: undefined,
      nameAnswer: undefined,
      bytesMoved: 0,
      bytesResent: 0,
    };
  }

  /** The stream `sync`: what it shows comes from the room that knows it, which says when to look again. */
  provideSync(look: () => SyncSnapshot): () => void {
    this.#sync = look;
    this.#watches.changed('sync');
    return () => this.#watches.changed('sync');
  }

  // --- for whoever compares a phone with a record of it

  /** The folder and all below it as the phone has it now. */
  scan(place: PhonePlace, options: ScanOptions = {}): AsyncGenerator<ScannedFolder> {
    return scanPhone(this.#browser.connection(place.device), place.storage, place.path, options);
  }
  /** Sampled identity of a phone's file, comparable with `fingerprintFile` of the same salt. */
  fingerprint(place: PhonePlace, salt: string): Promise<string> {
    return fingerprintPhone(this.#browser.connection(place.device), place.storage, place.path, salt);
  }
  /** Transactions on the phone's present connection so far. */
  transactions(device: DeviceKey): number {
    return this.#context.registry.connection(device)?.phone.transactions ?? 0;
  }
  transferRow(transfer: TransferId): TransferRow | undefined {
    return this.#context.store.transfer(transfer);
  }
  /** Transfers whose files were chosen under this name, oldest first. */
  transfersFrom(origin: string): readonly TransferRow[] {
    return this.#context.store
      .transfers()
      .filter(({ sources }) => sources.kind === 'items' && sources.origin === origin)
      .sort((one, other) => one.createdAt - other.createdAt);
  }
  *itemRows(transfer: TransferId): Generator<ItemRow> {
    for (let offset = 0; ; offset += ITEMS_AT_ONCE) {
      const { items } = this.#context.store.items(transfer, { offset, limit: ITEMS_AT_ONCE });
      yield* items;
      if (items.length < ITEMS_AT_ONCE) return;
    }
  }

  settled(transfer: TransferId, options: SettleOptions): Promise<TransferView> {
    return awaitSettled(this.#context, () => this.#view(transfer), transfer, options);
  }

  waitForDevice(wanted: string | undefined, waitMs: number): Promise<DeviceKey> {
    return awaitDevice(this.#context, wanted, waitMs);
  }

  /** A folder's entries, or the file itself; for the terminal. */
  entries(place: PhonePlace): ReturnType<Browser['entries']> {
    return this.#browser.entries(place);
  }

  get devices(): readonly Device[] {
    return this.#context.registry.devices;
  }
  view(transfer: TransferId): TransferView {
    return this.#view(transfer);
  }
  /** Not removed, in queue order. */
  transfers(): readonly TransferView[] {
    return this.#views();
  }

  // --- commands

  readonly #handlers: Handlers = {
    upload: async ({ sources, to, options }) => {
      const paths = sources.map((source) => localPath(resolve(source)));
      return {
        transfer: (await this.enqueue({ direction: 'upload', sources: paths, to, options: defined(options ?? {}) }))
          .transfer,
      };
    },
    download: async ({ sources, to, options }) => {
      const folder = to ?? this.#settings().downloadFolder;
      return {
        transfer: (await this.enqueue({ direction: 'download', sources, to: folder, options: defined(options ?? {}) }))
          .transfer,
      };
    },
    pause: ({ transfer }) => this.#steering.pause(this.#row(transfer)),
    resume: ({ transfer }) => this.#resume(transfer),
    cancel: ({ transfer }) => this.#steering.cancel(this.#row(transfer)),
    pauseAll: () => {
      for (const row of this.#unfinished()) this.#steering.pause(row);
    },
    resumeAll: async () => {
      for (const row of this.#unfinished()) await this.#resume(row.id);
    },
    retry: ({ transfer, item }) => {
      this.#wanted.add(transfer);
      this.#steering.retry(this.#row(transfer), item);
    },
    remove: ({ transfer }) => {
      const row = this.#row(transfer);
      if (row.finishedAt === undefined)
        throw fail('bad-request', 'remove', 'Cancel the transfer first.', { subject: row.title });
      this.#steering.abandonFailed(row);
      this.#context.store.updateTransfer(transfer, { removed: true });
      this.#context.touch(transfer);
    },
    removeFinished: () => {
      for (const row of this.#context.store.transfers()) {
        if (row.finishedAt === undefined || this.#context.store.counts(row.id).byState.failed > 0) continue;
        this.#context.store.updateTransfer(row.id, { removed: true });
        this.#context.touch(row.id);
      }
    },
    reorder: ({ transfer, before }) => this.#steering.reorder(this.#row(transfer), before),
    answer: ({ transfer, item, choice, applyToAll }) =>
      this.#steering.answer(this.#row(transfer), item, choice, applyToAll),
    locate: async ({ transfer, path }) => {
      const found = await locateSources(this.#context, this.#row(transfer), path);
      this.#lane(this.#row(transfer).device).wake();
      return found;
    },
    makeFolder: ({ place, name }) => this.#browser.makeFolder(place, name),
    rename: ({ place, name }) => this.#browser.rename(place, name),
    moveOnPhone: ({ sources, to }) => this.#browser.transferOnPhone(sources, to, 'move'),
    copyOnPhone: ({ sources, to }) => this.#browser.transferOnPhone(sources, to, 'copy'),
    delete: async ({ sources }) => ({ deleted: await this.#browser.delete(sources) }),
    measure: ({ sources }) => this.#browser.measure(sources),
    thumbnail: async ({ place }) => ({ url: await this.#browser.thumbnail(place) }),
    copies: ({ place }) => ({
      copies: this.#context.store.doneAt(place.device, place.storage, place.path, 3).map(itemView),
    }),
    refresh: ({ place }) => this.#browser.refresh(place),
    retryDevice: ({ device }) => {
      this.#context.registry.retry(device);
    },
    restDevice: ({ device }) => {
      this.#context.registry.rest(device);
    },
    releaseDevice: async ({ device }) => {
      const released = await this.#release(device);
      this.#context.registry.retry(device);
      return { released };
    },
    getSettings: () => this.#settings(),
    setSettings: (change) => {
      this.#context.store.saveSettings(defined(change));
      this.#watches.changed('settings');
      return this.#settings();
    },
    history: ({ search, offset, limit }) => {
      const found = this.#context.store.history({ search, offset: offset ?? 0, limit: limit ?? 100 });
      return { total: found.total, transfers: found.transfers.map((row) => this.#viewOf(row)) };
    },
    report: ({ transfer, format }) => {
      const lines = reportLines(this.#context.store, this.#row(transfer).id);
      const text =
        format === 'csv' ? reportCsv(lines) : format === 'json' ? `${JSON.stringify(lines, undefined, 2)}\n` : '';
      return { text, lines };
    },
    prepareDrag: async ({ sources }) => {
      const folder = localPath(await mkdtemp(join(tmpdir(), 'replug-drag-')));
      const { transfer } = await this.enqueue({
        direction: 'download',
        sources,
        to: folder,
        options: { onClash: 'keep-both' },
      });
      const view = await this.settled(transfer, { waitMs: 0 });
      if (view.state !== 'done') throw fail('disconnected', 'drag', view.state);
      return { paths: sources.map((source) => localPath(join(folder, baseNameOf(source.path)))) };
    },
  };

  async #release(device: DeviceKey): Promise<boolean> {
    const attached = this.#context.registry.attached(device);
    const release = (this.#bus as DeviceBus & { release?: (id: string) => Promise<boolean> }).release;
    return attached === undefined || release === undefined ? false : release.call(this.#bus, attached.id);
  }

  async #resume(id: TransferId): Promise<void> {
    const row = this.#row(id);
    this.#wanted.add(id);
    this.#steering.resume(row);
    this.#beginPlanning(row);
    this.#lane(row.device).wake();
    await Promise.resolve();
  }

  // --- parts

  #described(request: EnqueueRequest): Described {
    const place = request.direction === 'upload' ? request.to : request.sources[0];
    if (place === undefined || request.sources.length === 0)
      throw fail('bad-request', 'transfer', 'Nothing to transfer.');
    const names =
      request.direction === 'upload'
        ? request.sources.map((path) => basename(path))
        : request.sources.map((source) => baseNameOf(source.path));
    if (request.direction === 'download' && request.sources.some((source) => source.device !== place.device))
      throw fail('bad-request', 'transfer', 'All sources must be on one phone.');
    const device = this.#context.registry.devices.find((one) => one.key === place.device);
    const storage = device?.storages.find((one) => one.key === place.storage);
    const common = {
      device: place.device,
      deviceName: device?.name ?? 'Phone',
      storage: place.storage,
      storageName: storage?.name ?? 'Storage',
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

  /** Uploads are planned at once, also while the phone is away; downloads by the lane, which has the phone. */
  #beginPlanning(row: TransferRow): void {
    if (row.planned || row.sources.kind !== 'local' || this.#planning.has(row.id)) return;
    this.#planning.add(row.id);
    void planTransfer(this.#context, row, this.#context.registry.connection(row.device))
      .catch((error: unknown) => {
        this.#context.log(
          `planning failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      })
      .finally(() => {
        this.#planning.delete(row.id);
        this.#lanes.get(row.device)?.wake();
        this.#context.touch(row.id);
      });
  }

  #lane(device: DeviceKey): Lane {
    let lane = this.#lanes.get(device);
    if (lane === undefined) {
      lane = new Lane(device, this.#context, (id) => this.#mayRun(id) && !this.#planning.has(id));
      this.#lanes.set(device, lane);
      lane.start();
    }
    return lane;
  }

  #mayRun(id: TransferId): boolean {
    return this.#autoContinue || this.#wanted.has(id);
  }
  #row(id: TransferId): TransferRow {
    const row = this.#context.store.transfer(id);
    if (row === undefined)
      throw fail('bad-request', 'transfer', `There is no transfer ${id}.`, {
        fix: 'List the transfers and use one of their ids.',
      });
    return row;
  }
  #unfinished(): readonly TransferRow[] {
    return this.#context.store.transfers().filter((row) => row.finishedAt === undefined);
  }

  #views(): readonly TransferView[] {
    const views = this.#context.store.transfers().map((row) => this.#viewOf(row));
    return [
      ...views.filter((view) => view.finishedAt === undefined),
      ...views.filter((view) => view.finishedAt !== undefined),
    ];
  }
  #view(id: TransferId): TransferView {
    return this.#viewOf(this.#row(id));
  }
  #viewOf(row: TransferRow): TransferView {
    let bytes = 0;
    let current: string | undefined;
    for (const run of this.#lanes.get(row.device)?.runs ?? [])
      if (run.row.transfer === row.id) {
        bytes += run.inFlight;
        current = run.row.name;
      }
    const device = this.#context.registry.devices.find((one) => one.key === row.device);
    return transferView(this.#context, row, device, { bytes, current });
  }

  #settings(): Settings {
    return { ...DEFAULT_SETTINGS, ...defined(this.#context.store.settings()) };
  }

  /** Notes the end of a transfer once, and takes the note back when something of it is tried again. */
  #lookForEnd(id: TransferId): void {
    const { store } = this.#context;
    if (this.#planning.has(id)) return;
    const { byState, total } = store.counts(id);
    const ended = byState.done + byState.failed + byState.cancelled === total;
    // called at every step of every item: rows are looked up only at the end and after one
    if (ended || this.#ended.has(id)) this.#noteEnd(id, ended);
    if (byState.asking > 0) this.#noticeQuestion(id);
  }

  #noteEnd(id: TransferId, ended: boolean): void {
    const { store } = this.#context;
    const row = store.transfer(id);
    if (row === undefined || !row.planned) return;
    if (ended) {
      this.#ended.add(id);
      if (row.finishedAt !== undefined) return;
      store.updateTransfer(id, { finishedAt: this.#context.now() });
      this.#context.saveTotals();
      this.#notify({ kind: 'transfer-finished', transfer: this.#view(id) });
    } else {
      this.#ended.delete(id);
      if (row.finishedAt !== undefined) store.updateTransfer(id, { finishedAt: undefined });
    }
  }

  #noticeQuestion(id: TransferId): void {
    const view = this.#view(id);
    const key = view.questions.map((item) => item.id).join(',');
    if (this.#askedFor.get(id) === key) return;
    this.#askedFor.set(id, key);
    this.#notify({ kind: 'question', transfer: view });
  }

  #lookForNeeds(): void {
    for (const view of this.#views()) {
      if (view.state !== 'waiting' || view.waitingFor?.kind !== 'unlock') continue;
      if (this.#askedFor.get(view.id) === 'unlock') continue;
      this.#askedFor.set(view.id, 'unlock');
      this.#notify({ kind: 'phone-needed', transfer: view });
    }
  }

  #notify(notice: EngineNotice): void {
    for (const listener of this.#notices) listener(notice);
  }
}

/** Without the fields that are `undefined`, so that they do not hide a default. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

import { randomBytes } from 'node:crypto';
import { parentOf, type Device, type DeviceKey, type PhonePlace, type TransferId } from '../../shared/domain.ts';
import type { CommandArgument, CommandReply, Snapshots, StreamArgument, StreamName } from '../../shared/contract.ts';
import { fail, problemOf } from '../../shared/errors.ts';
import { isEnded, type IdentityQuestion, type SessionState, type TransferView } from '../../shared/snapshots.ts';
import type { SyncSnapshot } from '../../shared/sync.ts';
import type { DeviceBus } from '../mtp/index.ts';
import { PhoneBrowser } from './devices/phone-browser.ts';
import { commandHandlers, type Handlers } from './commands.ts';
import { EngineContext, DEFAULT_LIMITS, type EngineLimits } from './context.ts';
import { DeviceRegistry } from './devices/device-registry.ts';
import { CompletionNotifier } from './queue/completion.ts';
import {
  systemClock,
  type EngineApi,
  type EngineClock,
  type EngineCommandName,
  type EngineNotice,
  type EnqueueRequest,
  type ItemsRequest,
  type SettleOptions,
} from './api.ts';
import { TransferFactory } from './queue/create-transfer.ts';
import { Lane } from './queue/lane.ts';
import { PictureCache } from './pictures/cache.ts';
import { Pictures } from './pictures/pictures.ts';
import { planFailed, planTransfer } from './plan/plan-transfer.ts';
import { IdentityQuestions } from './devices/identity-questions.ts';
import { fingerprintPhone, scanPhone, type ScanOptions, type ScannedFolder } from './devices/phone-scan.ts';
import { awaitDevice, awaitSettled } from './queue/wait-for.ts';
import { TransferControl } from './queue/transfer-control.ts';
import type { ItemRow, TransferRow, TransferStore } from './model/transfer-store.ts';
import { itemView, sessionState, transferView } from './snapshots/transfer-view.ts';
import { SnapshotStreams } from './snapshots/snapshot-streams.ts';

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
  /** Where thumbnails are kept between runs; without it they are asked of the phone each time. */
  readonly pictureFolder?: string | undefined;
}

const SAVE_TOTALS_MS = 2_000;
/** How long a shown folder waits for more to arrive before it is told. */
const ARRIVALS_MS = 300;
const ROWS_AT_ONCE = 1_000;
/** For closing sessions once nothing moves any more. */
const CLOSE_LIMIT_MS = 5_000;

export class Engine implements EngineApi {
  readonly #context: EngineContext;
  readonly #bus: DeviceBus;
  readonly #lanes = new Map<DeviceKey, Lane>();
  readonly #browser: PhoneBrowser;
  readonly #identities: IdentityQuestions;
  readonly #watches: SnapshotStreams;
  readonly #steering: TransferControl;
  readonly #intake: TransferFactory;
  readonly #endings: CompletionNotifier;
  readonly #handlers: Handlers;
  readonly #notices = new Set<(notice: EngineNotice) => void>();
  readonly #autoContinue: boolean;
  /** With `autoContinue` off: the transfers this run was asked to work on. */
  readonly #wanted = new Set<TransferId>();
  readonly #planning = new Set<TransferId>();
  #sync: (() => SyncSnapshot) | undefined;
  #foreground = true;
  #mayCompact = false;
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
      registry: new DeviceRegistry({
        bus: options.bus,
        clock,
        log,
        awaited: (key) => this.#identities.awaits(key),
      }),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      platform: options.platform ?? process.platform,
      log,
      random: options.random ?? Math.random,
      seed: options.seed ?? randomBytes(3).toString('hex'),
    });
    this.#identities = new IdentityQuestions({
      registry: this.#context.registry,
      store: options.store,
      pairs: () => this.#sync?.().pairs.map(({ pair }) => pair) ?? [],
    });
    this.#browser = new PhoneBrowser(this.#context.registry);
    this.#watches = new SnapshotStreams({
      devices: () => ({ devices: this.#context.registry.devices, questions: this.#identities.open() }),
      transfers: () => ({
        session: this.sessionState,
        transfers: this.#views(),
        speedHistory: this.#context.speed.history(this.#context.clock.monotonic(), 60),
      }),
      items: ({ transfer, offset, limit, only }) => {
        const { total, items } = this.#context.store.items(transfer, { offset, limit, only });
        return { transfer, total, offset, items: items.map(itemView) };
      },
      settings: () => this.#intake.settings,
      sync: () => this.#sync?.() ?? { pairs: [] },
    });
    this.#steering = new TransferControl(this.#context, (device) => this.#lanes.get(device));
    this.#intake = new TransferFactory(this.#context);
    this.#endings = new CompletionNotifier({
      context: this.#context,
      view: (id) => this.#view(id),
      views: () => this.#views(),
      isPlanning: (id) => this.#planning.has(id),
      tell: (notice) => {
        if (notice.kind === 'transfer-finished') {
          this.#mayCompact = true;
          if (notice.transfer.direction === 'upload') this.#context.space.look(notice.transfer.device);
        }
        for (const listener of this.#notices) listener(notice);
      },
    });
    const cache = options.pictureFolder === undefined ? undefined : new PictureCache({ folder: options.pictureFolder });
    this.#handlers = commandHandlers({
      context: this.#context,
      browser: this.#browser,
      pictures: new Pictures({
        find: (place) => this.#browser.find(place),
        cache,
        clock,
        moving: (device) => this.#isMoving(this.#lanes.get(device)),
      }),
      cache,
      steering: this.#steering,
      intake: this.#intake,
      enqueue: (request) => this.enqueue(request),
      settled: (transfer, options) => this.settled(transfer, options),
      row: (id) => this.#row(id),
      viewOf: (row) => this.#viewOf(row),
      resume: (id) => this.#resume(id),
      retry: async (id, item) => {
        const said = this.#steering.retry(this.#row(id), item);
        this.#beginPlanning(this.#row(id));
        await said;
      },
      want: (id) => this.#wanted.add(id),
      wake: (device) => {
        this.#lane(device).wake();
      },
      release: (device) => this.#release(device),
      identify: (device, as) => {
        this.#identify(device, as);
      },
      changed: (stream) => {
        this.#watches.changed(stream);
      },
    });
  }

  async start(): Promise<void> {
    const { registry, store } = this.#context;
    // claims of an engine that died in this process hold nothing any more
    store.releaseAll();
    this.#context.onTransferChange((id) => {
      this.#guard(() => {
        this.#watches.changed('transfers');
        this.#watches.changed('items');
        this.#endings.look(id);
      });
    });
    this.#context.space.onChange(() => {
      this.#guard(() => this.#watches.changed('transfers'));
    });
    this.#context.onArrival((row) => this.#guard(() => this.#arrived(row)));
    registry.onChange(() => {
      this.#guard(() => {
        this.#watches.changed('devices');
        this.#watches.changed('transfers');
        this.#endings.lookForNeeds();
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
      void this.#steering.restart(row).catch((error: unknown) => {
        this.#context.log(`restart: ${error instanceof Error ? error.message : String(error)}`);
      });
      if (row.finishedAt !== undefined) this.#endings.hadEnded(row.id);
      // it may have died between its last file and the note of its end
      else this.#guard(() => this.#endings.look(row.id));
      if (this.#mayRun(row.id)) this.#beginPlanning(row);
      this.#lane(row.device);
    }
    this.#saving = setInterval(() => {
      this.#guard(() => {
        this.#context.saveTotals();
        // time left and speed change also when nothing else does
        if (this.moving) this.#watches.changed('transfers');
        else this.#compact();
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
    this.#guard(() => {
      this.#context.saveTotals();
      this.#compact();
    });
    this.#watches.close();
  }

  /** The chunks of finished files are of no more use; their room is given back once nothing moves. */
  #compact(): void {
    if (!this.#mayCompact) return;
    this.#mayCompact = false;
    this.#context.store.compact();
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
    return [...this.#lanes.values()].some((lane) => this.#isMoving(lane));
  }
  #isMoving(lane: Lane | undefined): boolean {
    return lane !== undefined && [...lane.runs].some((run) => !isEnded(run.row.state.kind));
  }

  async enqueue(request: EnqueueRequest): Promise<{ readonly transfer: TransferId; readonly continued: boolean }> {
    const same = this.#intake.findUnfinished(request);
    if (same !== undefined) {
      await this.#resume(same.id);
      return { transfer: same.id, continued: true };
    }
    const row = this.#intake.add(request);
    this.#wanted.add(row.id);
    this.#context.touch(row.id);
    this.#beginPlanning(row);
    this.#lane(row.device).wake();
    return { transfer: row.id, continued: false };
  }

  /** Files chosen one by one, in the order in which they are to go; each may bring its answer to a clash. */
  async enqueueItems(request: ItemsRequest): Promise<TransferId> {
    const row = this.#intake.begin(request);
    this.#planning.add(row.id);
    this.#wanted.add(row.id);
    try {
      await this.#intake.addItems(row, request.items);
    } finally {
      this.#planning.delete(row.id);
    }
    this.#context.touch(row.id);
    this.#lane(row.device).wake();
    return row.id;
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
    for (let offset = 0; ; offset += ROWS_AT_ONCE) {
      const { items } = this.#context.store.items(transfer, { offset, limit: ROWS_AT_ONCE });
      yield* items;
      if (items.length < ROWS_AT_ONCE) return;
    }
  }

  settled(transfer: TransferId, options: SettleOptions): Promise<TransferView> {
    return awaitSettled(this.#context, () => this.#view(transfer), transfer, options);
  }

  waitForDevice(wanted: string | undefined, waitMs: number): Promise<DeviceKey> {
    return awaitDevice(this.#context, wanted, waitMs);
  }

  /** A folder's entries, or the file itself; for the terminal. */
  entries(place: PhonePlace): ReturnType<PhoneBrowser['entries']> {
    return this.#browser.entries(place);
  }

  /** What a phone that nothing identifies may be; answered with the command `identifyDevice`. */
  get identityQuestions(): readonly IdentityQuestion[] {
    return this.#identities.open();
  }

  #identify(device: DeviceKey, as: DeviceKey | undefined): void {
    this.#identities.answer(device, as);
    this.#watches.changed('devices');
    this.#watches.changed('transfers');
    if (as === undefined) return;
    for (const listener of this.#notices) listener({ kind: 'phone-identified', from: as, to: device });
    this.#lanes.get(as)?.wake();
    const lane = this.#lane(device);
    // what the phone itself is waited with, and what was left on it, are looked at as when it is plugged in
    lane.cleanAgain();
    lane.wake();
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

  async #release(device: DeviceKey): Promise<boolean> {
    const attached = this.#context.registry.attached(device);
    const release = (this.#bus as DeviceBus & { release?: (id: string) => Promise<boolean> }).release;
    return attached === undefined || release === undefined ? false : release.call(this.#bus, attached.id);
  }

  async #resume(id: TransferId): Promise<void> {
    const row = this.#row(id);
    this.#wanted.add(id);
    // what has ended has nothing to resume but what failed
    const ended = row.finishedAt !== undefined && this.#context.store.counts(id).byState.failed > 0;
    const said = ended ? this.#steering.retry(row, undefined) : this.#steering.resume(row);
    this.#beginPlanning(this.#row(id));
    this.#lane(row.device).wake();
    await said;
  }

  // --- parts

  /** Uploads are planned at once, also while the phone is away; downloads by the lane, which has the phone. */
  #beginPlanning(row: TransferRow): void {
    if (row.planned || row.sources.kind !== 'local' || this.#planning.has(row.id)) return;
    this.#planning.add(row.id);
    void planTransfer(this.#context, row, this.#context.registry.connection(row.device))
      .catch((error: unknown) => {
        const problem = problemOf(error, 'plan');
        // without a database there is nowhere to note it: the lane plans again
        if (problem.kind !== 'store') planFailed(this.#context, row, problem);
        else this.#context.log(`planning failed: ${problem.detail}`);
      })
      .catch((error: unknown) => {
        this.#context.log(`planning failed: ${problemOf(error).detail}`);
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
      lane = new Lane(
        device,
        this.#context,
        (row) => row.intent === 'run' && this.#mayRun(row.id) && !this.#planning.has(row.id),
      );
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
}

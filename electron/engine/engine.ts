import type { Instant, Device, DeviceKey, PhonePath, PhonePlace, StorageKey, TransferId } from '../../shared/domain.ts';
import type { CommandArgument, CommandReply, Snapshots, StreamArgument } from '../../shared/contract.ts';
import { failRequest, type Problem } from '../../shared/errors.ts';
import type { IdentityQuestion, QueueState, Settings, StorageQuestion, TransferView } from '../../shared/snapshots.ts';
import type { PhotosSnapshot } from '../../shared/photos.ts';
import type { SyncSnapshot } from '../../shared/sync.ts';
import type { VerifyResult } from '../../shared/verify.ts';
import type { AttachedDevice, DeviceBus } from '../mtp/index.ts';
import type {
  EngineApi,
  EngineCommandName,
  EngineNotice,
  EngineStreamName,
  EnqueueRequest,
  ItemsRequest,
  SettleOptions,
} from './api.ts';
import type { EngineContext } from './context.ts';
import type { PhoneFiles } from './files/phone-files.ts';
import type { PhoneBrowser } from './devices/phone-browser.ts';
import { digestPhone, fingerprintPhone, proofOf, samplePhone } from './transfer/fingerprint.ts';
import { PhoneWalk } from './devices/phone-walk.ts';
import { scanPhone, type ScanOptions, type ScannedFolder } from './devices/phone-scan.ts';
import { connectParts, restoreTransfers } from './engine-start.ts';
import { makeParts, type EngineOptions, type EngineParts } from './engine-parts.ts';
import type { Witness } from './devices/storage-keys.ts';
import type { Disk } from './local/disk.ts';
import { Alarm } from './model/alarm.ts';
import type { ItemRow, TransferRow } from './model/transfer-store.ts';
import type { Opening } from './opening/opening.ts';
import { awaitDevice, awaitSettled } from './queue/wait-for.ts';
import type { OpenOptions, PhoneFile } from './reading/phone-file.ts';
import { verifyCopies, type VerifyOptions, type VerifyRequest } from './verifying/verify-copies.ts';

const ROWS_AT_ONCE = 1_000;
/** For closing sessions once nothing moves any more. */
const CLOSE_LIMIT_MS = 5_000;

/** The façade: starts and stops the parts, and routes to them. */
export class Engine implements EngineApi {
  /** The computer's files, as this engine reaches them. */
  readonly disk: Disk;
  /** Files of phones one by one, for other programs. */
  readonly files: PhoneFiles;
  /** Copies that programs open, and files that are looked at. */
  readonly opening: Opening;
  readonly #context: EngineContext;
  readonly #bus: DeviceBus;
  readonly #parts: EngineParts;
  #sync: (() => SyncSnapshot) | undefined;
  #photos: (() => PhotosSnapshot) | undefined;
  #synced: ((device: DeviceKey, storage: StorageKey) => readonly Witness[]) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const parts = makeParts(
      options,
      () => this.#sync?.(),
      (device, storage) => this.#synced?.(device, storage) ?? [],
      () => this.#photos?.(),
    );
    this.#bus = options.bus;
    this.#parts = parts;
    this.#context = parts.context;
    this.disk = parts.context.disk;
    this.files = parts.files;
    this.opening = parts.opening;
  }

  /** Empty files that a killed program has left where it tried which names the disk of this folder takes: they go. */
  tidyTrials(folder: string, isLost = false): void {
    this.#context.trials.note({ destination: folder, isLost });
    this.#context.trials.look();
  }

  async start(): Promise<void> {
    connectParts(this.#parts);
    restoreTransfers(this.#parts);
    this.#context.trials.look();
    this.#parts.housekeeping.start();
    await this.#parts.drags.removeOrphans(this.#context.now());
    await this.opening.start();
    await this.#context.registry.start();
  }

  stop(limitMs = 30_000): Promise<void> {
    this.#stopping ??= this.#stop(limitMs);
    return this.#stopping;
  }

  async #stop(limitMs: number): Promise<void> {
    this.#parts.housekeeping.stop();
    await this.opening.stop();
    await this.#within(limitMs, this.#parts.queue.halt());
    await this.#within(CLOSE_LIMIT_MS, this.#context.registry.stop());
    await this.#bus.close();
    this.#parts.housekeeping.finish();
    this.#parts.streams.close();
    await this.#parts.drags.removeAll();
  }

  async #within(ms: number, work: Promise<unknown>): Promise<void> {
    const ended = new Alarm();
    await Promise.race([work, this.#context.clock.sleep(ms, ended)]);
    ended.ring();
  }

  execute<N extends EngineCommandName>(name: N, argument: CommandArgument<N>): Promise<CommandReply<N>> {
    const handler = this.#parts.handlers[name] as (
      argument: CommandArgument<N>,
    ) => Promise<CommandReply<N>> | CommandReply<N>;
    return Promise.resolve().then(() => handler(argument));
  }

  watch<N extends EngineStreamName>(
    name: N,
    argument: StreamArgument<N>,
    listener: (snapshot: Snapshots[N]) => void,
  ): () => void {
    if (name === 'folder') {
      const { place } = argument as StreamArgument<'folder'>;
      return this.#parts.browser.watch(place, listener as (snapshot: Snapshots['folder']) => void);
    }
    if (name === 'look') {
      const { place } = argument as StreamArgument<'look'>;
      return this.opening.looks.watch(place, listener as (snapshot: Snapshots['look']) => void);
    }
    return this.#parts.streams.add(name, argument as never, listener as never);
  }

  onNotice(listener: (notice: EngineNotice) => void): () => void {
    return this.#parts.completion.onNotice(listener);
  }

  get queueState(): QueueState {
    return this.#parts.views.queueState;
  }
  /** Whether a window is open; without one the session runs in the background. */
  set foreground(value: boolean) {
    this.#parts.views.foreground = value;
    this.#parts.streams.changed('transfers');
  }
  get moving(): boolean {
    return this.#parts.queue.isMoving();
  }

  enqueue(request: EnqueueRequest): Promise<{ readonly transfer: TransferId; readonly continued: boolean }> {
    return this.#parts.queue.enqueue(request);
  }

  /** Files chosen one by one, in the order in which they are to go; each may bring its answer to a conflict. */
  enqueueItems(request: ItemsRequest): Promise<TransferId> {
    return this.#parts.queue.enqueueItems(request);
  }

  /**
   * The stream `sync`: what it shows comes from the room that knows it, which says when to look again. `synced`: files of
   * pairs that are on a storage, by which it is recognised.
   */
  provideSync(
    look: () => SyncSnapshot,
    synced?: (device: DeviceKey, storage: StorageKey) => readonly Witness[],
  ): () => void {
    this.#sync = look;
    this.#synced = synced;
    this.#parts.streams.changed('sync');
    return () => this.#parts.streams.changed('sync');
  }

  /** Compares a folder or file of this computer with one of a phone; see `verifyCopies`. */
  verifyCopies(request: VerifyRequest, options: VerifyOptions): Promise<VerifyResult> {
    const { disk, clock, registry } = this.#context;
    return verifyCopies({ disk, clock, registry, browser: this.#parts.browser }, request, options);
  }

  /**
   * Lets `work` open a phone itself: it is closed here and taken back afterwards. Rejects with `bad-request` while files are
   * being moved, and as `DeviceRegistry.lend` does.
   */
  async lend<T>(device: DeviceKey, work: (attached: AttachedDevice) => Promise<T>): Promise<T> {
    if (this.isMoving(device)) throw failRequest('lend', { id: 'phone-moving' }, { id: 'pause-first' });
    return this.#context.registry.lend(device, work);
  }

  /** The stream `photos`, as `provideSync` does it. */
  providePhotos(look: () => PhotosSnapshot): () => void {
    this.#photos = look;
    this.#parts.streams.changed('photos');
    return () => this.#parts.streams.changed('photos');
  }

  // --- for whoever compares a phone with a record of it

  /** The folder and all below it as the phone has it now. */
  scan(place: PhonePlace, options: ScanOptions = {}): AsyncGenerator<ScannedFolder> {
    return scanPhone(this.#parts.browser.connection(place.device), place.storage, place.path, options);
  }
  /** A phone that is ready, for whoever walks all of it while nobody needs it; `undefined` for one that is not. */
  walk(device: DeviceKey): PhoneWalk | undefined {
    const connection = this.#context.registry.connection(device);
    return connection === undefined ? undefined : new PhoneWalk(connection);
  }
  /** Calls back with each phone that has become ready; answers how to stop. */
  onReady(listener: (device: DeviceKey) => void): () => void {
    return this.#context.registry.onReady(({ key }) => {
      listener(key);
    });
  }
  /** Calls back with each folder that was changed from here, on whichever storage of a phone; answers how to stop. */
  onFolderChanged(listener: (device: DeviceKey, path: PhonePath) => void): () => void {
    return this.#parts.browser.onChanged(listener);
  }
  /** Whether files are being moved from or to this phone now. */
  isMoving(device: DeviceKey): boolean {
    return this.#parts.queue.isMoving(device);
  }
  /** Whether a transfer from or to this phone moves files now, is about to, or is being planned. */
  isBusy(device: DeviceKey): boolean {
    return this.#parts.queue.isBusy(device);
  }
  /** Pictures of this phone stand back while `work` is done, as they do while files move. Rejects as `work` does. */
  aheadOfPictures<T>(device: DeviceKey, work: () => Promise<T>): Promise<T> {
    return this.#parts.pictures.standBackFor(device, work);
  }
  /** Done items whose place on the phone is this one, newest first; their copies may have changed since. */
  copiesOf({ device, storage, path }: PhonePlace, limit: number): readonly ItemRow[] {
    return this.#context.store.doneAt(device, storage, path, limit);
  }
  get settings(): Settings {
    return this.#parts.queue.factory.settings;
  }
  /** Size and date of a phone's file or folder as the phone tells them now. Rejects with `missing`, and as the phone does. */
  stat(place: PhonePlace): Promise<{ readonly size: number; readonly modified: Instant | undefined }> {
    return this.#parts.browser.stat(place);
  }
  /** Sampled identity of a phone's file, comparable with `fingerprintFile` of the same salt. */
  fingerprint(place: PhonePlace, salt: string): Promise<string> {
    return fingerprintPhone(this.#parts.browser.connection(place.device), place.storage, place.path, salt);
  }
  /**
   * The same of at most 48 KiB, comparable with `sampleFile`. Rejects with `unsupported` where the phone reads no parts of
   * files.
   */
  sample(place: PhonePlace): Promise<string> {
    return samplePhone(this.#parts.browser.connection(place.device), place.storage, place.path);
  }
  /** SHA-256, hex, of all of a phone's file. */
  digest(place: PhonePlace): Promise<string> {
    return digestPhone(this.#parts.browser.connection(place.device), place.storage, place.path);
  }
  /**
   * Deletes a phone's file if it still is what was seen, looked at again right before. Where no date was seen or none is
   * told now, all of it must be what `sha256` says; without that such a file stays.
   */
  deleteSeen(
    place: PhonePlace,
    seen: { readonly size: number; readonly modified: Instant | undefined; readonly sha256?: string | undefined },
  ): ReturnType<PhoneBrowser['deleteSeen']> {
    const { phone } = this.#parts.browser.connection(place.device);
    return this.#parts.browser.deleteSeen(place, { ...seen, content: proofOf(phone, { sha256: seen.sha256 }) });
  }
  /** Transactions on the phone's present connection so far. */
  transactions(device: DeviceKey): number {
    return this.#context.registry.connection(device)?.phone.transactions ?? 0;
  }
  transferRow(transfer: TransferId): TransferRow | undefined {
    return this.#context.store.transfer(transfer);
  }
  /** The transfer that saves the same files in the second place is made: a restart makes no other. Throws `store`. */
  secondMade(transfer: TransferId): void {
    const sources = this.transferRow(transfer)?.sources;
    if (sources?.kind !== 'items' || sources.second === undefined) return;
    this.#context.store.updateTransfer(transfer, {
      sources: { kind: 'items', origin: sources.origin, hasSecond: true },
    });
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
    return awaitSettled(this.#context, () => this.#parts.views.view(transfer), transfer, options);
  }

  waitForDevice(wanted: string | undefined, waitMs: number): Promise<DeviceKey> {
    return awaitDevice(this.#context, wanted, waitMs);
  }

  /** A folder's entries, or the file itself; for the terminal. */
  entries(place: PhonePlace): ReturnType<PhoneBrowser['entries']> {
    return this.#parts.browser.entries(place);
  }

  /** Opens a phone's file for reading at any place; see `Reading.openFile`. To be closed by whoever opened it. */
  openFile(place: PhonePlace, options?: OpenOptions): Promise<PhoneFile> {
    return this.#parts.reading.openFile(place, options);
  }
  /** Files of phones that are open now. */
  get openFiles(): number {
    return this.#parts.reading.open;
  }

  /** What a phone that nothing identifies may be; answered with the command `identifyDevice`. */
  get identityQuestions(): readonly IdentityQuestion[] {
    return this.#parts.identities.open();
  }
  /** Which storage of a phone is meant, where only a person knows; answered with the command `identifyStorage`. */
  get storageQuestions(): readonly StorageQuestion[] {
    return this.#parts.storageQuestions.open();
  }

  /** Why the database cannot be read or written now. */
  get storeProblem(): Problem | undefined {
    return this.#context.health.problem;
  }

  get devices(): readonly Device[] {
    return this.#context.registry.devices;
  }
  /** Throws `bad-request` where there is no such transfer. */
  view(transfer: TransferId): TransferView {
    return this.#parts.views.view(transfer);
  }
  /** Not removed, in queue order. */
  transfers(): readonly TransferView[] {
    return this.#parts.views.all();
  }
}

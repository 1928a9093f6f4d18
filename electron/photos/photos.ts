import { homedir } from 'node:os';
import path from 'node:path';
import { defined } from '../../shared/defined.ts';
import {
  isAnonymous,
  localPath,
  type Device,
  type DeviceKey,
  type LocalPath,
  type TransferId,
} from '../../shared/domain.ts';
import { fail, failRequest, problemOf } from '../../shared/errors.ts';
import {
  DEFAULT_PHOTO_SETTINGS,
  type Freeable,
  type FreeReport,
  type PhotoFilter,
  type PhotoNotice,
  type PhotoPart,
  type PhotoSettings,
  type PhotoShot,
  type PhotosSnapshot,
  type ShotId,
} from '../../shared/photos.ts';
import { diskFor, OneAtATime, type Engine } from '../engine/index.ts';
import { AutoImport } from './auto-import.ts';
import { freeShots } from './free.ts';
import { findFreeable } from './freeable.ts';
import { countsOf as countsOfFiles, enqueueImport, planImport } from './import.ts';
import { importsFrom, keyOf } from './known.ts';
import { Library, isWithin } from './library.ts';
import { PhoneSession } from './phone-session.ts';
import type { PhotoStore } from './photo-store.ts';
import { takeLook } from './take-look.ts';
import { SecondCopies } from './second.ts';
import { ORIGIN, recordAll, recordImports, underWayOf } from './record.ts';
import { passes } from './shots.ts';
import { checkTemplate } from './template.ts';
import type { FreeLimits, ImportPlan, ImportWish, LookWish } from './wishes.ts';

/** What photos work with; everything but the engine and the store has a default. */
export interface PhotosOptions {
  readonly engine: Engine;
  readonly store: PhotoStore;
  readonly platform?: NodeJS.Platform;
  readonly home?: string;
  /** How long an import at the plug is announced before it begins, milliseconds; 5 s by default. */
  readonly noticeMs?: number;
  readonly log?: (line: string) => void;
}

/** An import, and the transfers that it has become. */
type Imported = ImportPlan & {
  readonly transfer: TransferId | undefined;
  readonly secondTransfer: TransferId | undefined;
};

const NOTICE_MS = 5_000;

/** The façade: looks, imports, freeing. Calls reject with `PhoneError`. */
export class Photos {
  readonly #engine: Engine;
  readonly #store: PhotoStore;
  readonly #platform: NodeJS.Platform;
  readonly #home: string;
  readonly #log: (line: string) => void;
  readonly #library: Library;
  readonly #seconds: SecondCopies;
  readonly #sessions = new Map<DeviceKey, PhoneSession>();
  readonly #looking = new Map<DeviceKey, Promise<void>>();
  /** Imports of a phone are planned one after the other: of two at once each would take the same files for new ones. */
  readonly #planning = new OneAtATime<DeviceKey>();
  readonly #changed = new Set<() => void>();
  readonly #hearers = new Set<(notice: PhotoNotice) => void>();
  readonly #automatic: AutoImport;
  #unwatch: (() => void) | undefined;
  /** One recording after the other: two at once would read the same copies. */
  #recording: Promise<void> = Promise.resolve();

  constructor(options: PhotosOptions) {
    this.#engine = options.engine;
    this.#store = options.store;
    this.#platform = options.platform ?? process.platform;
    this.#home = options.home ?? homedir();
    this.#log = options.log ?? ((): void => undefined);
    this.#library = new Library(this.#engine.disk, this.#store);
    this.#seconds = new SecondCopies(this.#engine, this.#store, this.#platform);
    this.#automatic = new AutoImport({
      engine: this.#engine,
      isWanted: (device) => this.settings.automatic.includes(device),
      look: async (device) => {
        await this.look(device);
        return this.#sessionOf(device).view().new;
      },
      importNew: async (device) => (await this.import(device)).counts,
      changed: () => this.#tell(),
      noticeMs: options.noticeMs ?? NOTICE_MS,
      notify: (notice) => {
        for (const listener of this.#hearers) listener(notice);
      },
      log: this.#log,
    });
    this.#engine.onNotice((notice) => {
      if (notice.kind === 'phone-identified') this.#store.adoptDevice(notice.from, notice.to);
      else if (notice.kind === 'storage-identified') this.#store.adoptStorage(notice.device, notice.from, notice.to);
      else if (notice.kind === 'transfer-finished') {
        const { id, device } = notice.transfer;
        const sources = this.#engine.transferRow(id)?.sources;
        if (sources?.kind === 'items' && sources.origin === ORIGIN)
          void this.#record(async () => {
            await this.#engine.aheadOfPictures(device, () => recordImports(this.#parts, device));
            this.#retell(device);
          });
      }
    });
  }

  get #parts(): { readonly engine: Engine; readonly store: PhotoStore } {
    return { engine: this.#engine, store: this.#store };
  }

  /**
   * Records what earlier runs have imported, and imports by itself from now on where that was chosen. Never rejects: the next
   * look does it again.
   */
  start(): Promise<void> {
    this.#unwatch ??= this.#automatic.start();
    // it may have been killed while an import tried what names its folder takes
    const imported = [
      ...this.#engine.transfersFrom(ORIGIN).map(({ destination }) => destination),
      ...this.#store.folders().map((folder) => folder.path),
    ];
    for (const folder of new Set([this.settings.to ?? path.join(this.#home, 'Pictures'), ...imported]))
      this.#engine.tidyTrials(folder);
    return this.#record(async () => {
      await recordAll(this.#parts);
      await this.#seconds.makeAll();
    });
  }

  /** Ends what is being read of phones, and waits for what is being recorded. */
  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#automatic.end();
    await Promise.all([...this.#sessions.values()].map((session) => session.stop()));
    await this.#recording;
  }

  #record(work: () => Promise<void>): Promise<void> {
    this.#recording = this.#recording.then(work).catch((error: unknown) => {
      this.#log(`photos: ${problemOf(error, 'photos').detail}`);
    });
    return this.#recording;
  }

  // --- settings

  get settings(): PhotoSettings {
    return { ...DEFAULT_PHOTO_SETTINGS, ...this.#store.settings() };
  }

  /** Throws `bad-request` for a template with an unknown word or a folder without its whole path. */
  saveSettings(change: Partial<PhotoSettings>): PhotoSettings {
    for (const template of [change.folders, change.names]) if (template !== undefined) checkTemplate(template);
    for (const folder of [change.to, ...(change.library ?? [])])
      if (folder !== undefined && !path.isAbsolute(folder))
        throw failRequest('photos', { id: 'whole-path' }, undefined, { subject: folder });
    this.#store.saveSettings(change);
    this.#tell();
    return this.settings;
  }

  /** Whether new photos of a phone are imported whenever it is plugged in. `bad-request` for a phone that nothing identifies. */
  setAutomatic(device: DeviceKey, isOn: boolean): void {
    if (isOn && isAnonymous(device)) throw fail('bad-request', 'photos', 'Nothing tells this phone from others.');
    const others = this.settings.automatic.filter((key) => key !== device);
    this.#store.saveSettings({ automatic: isOn ? [...others, device] : others });
    if (!isOn) this.#automatic.notNow(device);
    this.#tell();
  }

  /** Where second copies go from now on, a folder that is there; `undefined`: there are none. Rejects as `SecondCopies.save`. */
  async saveSecond(folder: LocalPath | undefined): Promise<void> {
    await this.#seconds.save(folder);
    this.#tell();
  }

  /** Where copies of this phone go unless something else is said. */
  destination(device: Device): LocalPath {
    // a name a person chose may hold anything
    const folder = device.name.replace(/[/\\:*?"<>|\u0000-\u001f]/g, '_').replace(/^\.+|[. ]+$/g, '') || 'Phone';
    return this.settings.to ?? localPath(path.join(this.#home, 'Pictures', folder));
  }

  // --- looking

  /** Looks at a phone; a second call meanwhile waits for the first. Rejects with `disconnected`, `cancelled` and as a scan does. */
  look(device: DeviceKey, wish: LookWish = {}): Promise<void> {
    const known = this.#looking.get(device);
    if (known !== undefined) return known;
    const looking = this.#look(this.#deviceOf(device), wish).finally(() => this.#looking.delete(device));
    this.#looking.set(device, looking);
    return looking;
  }

  async #look(device: Device, wish: LookWish): Promise<void> {
    const session = this.#sessionOf(device.key);
    await session.stop();
    try {
      session.look = { kind: 'listing', folders: 0, files: 0 };
      await this.#recorded(device.key);
      await takeLook({ ...this.#parts, library: this.#library }, session, {
        ...this.settings,
        to: this.destination(device),
        ...defined(wish),
      });
      session.look = { kind: 'ready' };
    } catch (error) {
      session.look = { kind: 'failed', problem: problemOf(error, 'photos') };
      throw error;
    }
  }

  /** As `#record`, for who needs the record: rejects as the store does. */
  async #recorded(device: DeviceKey): Promise<void> {
    await this.#recording;
    await this.#seconds.make(device);
    await recordImports(this.#parts, device);
  }

  /** Reads the dates of new shots while nothing moves; the shots change as they become known. */
  date(device: DeviceKey): void {
    this.#sessionOf(device).date();
  }

  /** Newest first. Empty before the first look. */
  shots(device: DeviceKey, filter: PhotoFilter = {}): readonly PhotoShot[] {
    return this.#sessionOf(device).shots.filter((shot) => passes(shot, filter));
  }

  /** What an import was done with shows in the shots that were looked at. */
  #retell(device: DeviceKey): void {
    const session = this.#sessions.get(device);
    if (session === undefined) return;
    const imports = Map.groupBy(importsFrom(this.#engine, this.#store, device), keyOf);
    const underWay = underWayOf(this.#parts, device).keys;
    session.retell((part) => {
      if (underWay.has(keyOf(part))) return 'under-way';
      // a file that was edited was imported more than once
      const isImported = (imports.get(keyOf(part)) ?? []).some(
        (row) => row.size === part.size && row.modified === part.modified,
      );
      if (isImported) return 'imported';
      return part.state === 'under-way' ? 'new' : part.state;
    });
  }

  // --- importing

  /** What an import would do. Looks into new pictures for their dates; changes nothing but a note of the folder. Rejects with `bad-request`, `cancelled`. */
  async plan(device: DeviceKey, wish: ImportWish = {}): Promise<ImportPlan> {
    const session = this.#sessionOf(device);
    const settings = this.settings;
    const known = this.#deviceOf(device);
    const to = wish.to ?? this.destination(known);
    if (!path.isAbsolute(to)) throw failRequest('photos', { id: 'whole-path' }, undefined, { subject: to });
    // its disk may go while names are tried: below its mount point nothing is made
    const mount = await diskFor(this.#engine.disk, to).catch(() => undefined);
    // an import that is killed while it tries names has stored nothing else by which they could be found at the next start
    if (!this.#store.folders().some((folder) => folder.path === to))
      this.#store.putFolder({ path: to, disk: undefined });
    this.#engine.tidyTrials(to);
    const second = await this.#seconds.placeFor(to, wish.also);
    const { keys, targets } = underWayOf(this.#parts, device);
    const takes = (part: PhotoPart): boolean =>
      !keys.has(keyOf(part)) && (part.state === 'new' || (wish.again === true && part.state !== 'under-way'));
    const chosen = (wish.shots === undefined ? session.shots : session.withIds(wish.shots)).filter(({ parts }) =>
      parts.some(takes),
    );
    const imports = Map.groupBy(importsFrom(this.#engine, this.#store, device), keyOf);
    const away = await this.#library.awayBelow(to);
    const planned = await planImport({
      engine: this.#engine,
      platform: this.#platform,
      device: known,
      to,
      folders: wish.folders ?? settings.folders,
      names: wish.names ?? settings.names,
      shots: await session.originsOf(chosen, { signal: wish.signal }),
      takes,
      copiesOf: (part) =>
        (imports.get(keyOf(part)) ?? [])
          .filter((row) => row.size === part.size && row.modified === part.modified)
          .flatMap(({ copies }) => copies.map((copy) => copy.path)),
      reserved: targets,
    });
    // what would go to a disk that is away stays new, until the disk is back
    const files = planned.filter(({ target }) => !away.some((one) => isWithin(path.join(to, target), one)));
    return { to, mount, second, files, counts: countsOfFiles(files) };
  }

  /**
   * Queues an import, and where there is a second place the transfer that saves the same there. Both are `undefined` where
   * nothing is to be imported. Rejects as `plan` and `enqueueItems` do.
   */
  import(device: DeviceKey, wish: ImportWish = {}): Promise<Imported> {
    return this.#planning.run(device, () => this.#import(device, wish));
  }

  #import(device: DeviceKey, wish: ImportWish): Promise<Imported> {
    return this.#engine.aheadOfPictures(device, async () => {
      const plan = await this.plan(device, wish);
      const { to, mount, second } = plan;
      const transfer = await enqueueImport(
        { engine: this.#engine, device: this.#deviceOf(device), to, mount, second },
        plan.files,
      );
      const made = await this.#seconds.make(device);
      this.#retell(device);
      return { ...plan, transfer, secondTransfer: transfer === undefined ? undefined : made.get(transfer) };
    });
  }

  /** Imports of a phone that have not ended. */
  unfinished(device: DeviceKey): readonly TransferId[] {
    return this.#engine
      .transfersFrom(ORIGIN)
      .filter((row) => row.device === device && row.finishedAt === undefined)
      .map(({ id }) => id);
  }

  /** Resolves once all that imports of the phone have saved is recorded. Rejects as the store does. */
  async settled(device: DeviceKey): Promise<void> {
    await this.#recorded(device);
    this.#retell(device);
  }

  // --- freeing

  /** Shots whose parts all have a copy that is there with its size, date and samples; reads nothing of the phone. */
  async freeable(device: DeviceKey, limits: FreeLimits): Promise<readonly Freeable[]> {
    return findFreeable({ ...this.#parts, device }, this.#sessionOf(device).shots, limits);
  }

  /** Deletes these shots on the phone, each only with proof. Rejects with `bad-request` while it frees already. */
  async free(device: DeviceKey, ids: readonly ShotId[], signal?: AbortSignal): Promise<FreeReport> {
    const session = this.#sessionOf(device);
    if (session.view().freeing !== undefined) throw fail('bad-request', 'free', 'it is being freed already');
    await this.#recorded(device);
    const shots = session.withIds(ids);
    session.freeing = { done: 0, all: shots.length };
    try {
      const report = await freeShots(
        {
          ...this.#parts,
          device,
          signal,
          onProgress: (done, all) => (session.freeing = { done, all }),
        },
        shots,
      );
      session.drop(new Set(report.shots.flatMap(({ deleted, gone }) => [...deleted, ...gone].map(keyOf))));
      return report;
    } finally {
      session.freeing = undefined;
    }
  }

  // --- snapshots

  snapshot(): PhotosSnapshot {
    const phones = [...this.#sessions.values()].map((session) => ({
      ...session.view(),
      soon: this.#automatic.soon(session.device),
    }));
    return { phones, settings: this.settings };
  }

  /** An import at the plug that was announced does not begin. */
  notNow(device: DeviceKey): void {
    this.#automatic.notNow(device);
  }

  /** Calls back when an import will begin by itself in a moment, and when it begins; answers how to stop. */
  onNotice(listener: (notice: PhotoNotice) => void): () => void {
    this.#hearers.add(listener);
    return () => this.#hearers.delete(listener);
  }

  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#changed) listener();
  }

  #sessionOf(device: DeviceKey): PhoneSession {
    let session = this.#sessions.get(device);
    if (session === undefined) {
      session = new PhoneSession(device, this.#engine, () => this.#tell());
      this.#sessions.set(device, session);
    }
    return session;
  }

  #deviceOf(key: DeviceKey): Device {
    const device = this.#engine.devices.find((one) => one.key === key);
    if (device === undefined) throw fail('disconnected', 'photos', '');
    return device;
  }
}

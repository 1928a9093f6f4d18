import type { CatalogueSnapshot, Freshness, PhoneCatalogue } from '../../shared/catalogue.ts';
import { isAnonymous, type DeviceKey } from '../../shared/domain.ts';
import { problemOf } from '../../shared/errors.ts';
import { systemClock, type Engine, type EngineClock } from '../engine/index.ts';
import type { CatalogueReader, CatalogueShelf, CatalogueStore } from './catalogue-store.ts';
import { Keeper, type KeeperTimes } from './keeper.ts';
import { LiveNames } from './live-names.ts';

/** At most so often, in milliseconds, somebody is told that something has changed. */
const TELL_MS = 250;
/** Milliseconds after which names that nobody searches any more are given back. */
const NAMES_MS = 30_000;

/** What the catalogue asks of the engine. */
export type CatalogueEngine = Pick<
  Engine,
  | 'walk'
  | 'scan'
  | 'stat'
  | 'isBusy'
  | 'devices'
  | 'settings'
  | 'onReady'
  | 'onFolderChanged'
  | 'watch'
  | 'openFile'
  | 'copiesOf'
  | 'itemRows'
  | 'disk'
>;

/** The catalogue of one phone while the program runs. */
export interface OpenCatalogue {
  readonly device: DeviceKey;
  readonly store: CatalogueReader;
  readonly names: LiveNames;
  readonly keeper: Keeper | undefined;
}

/** What a `Catalogue` is made with. */
export interface CatalogueOptions {
  readonly engine: CatalogueEngine;
  readonly shelf: CatalogueShelf;
  readonly clock?: EngineClock;
  readonly log?: (line: string) => void;
  readonly times?: KeeperTimes | undefined;
}

/** Catalogues of all phones: kept for those that are here, read for those that are away. */
export class Catalogue {
  readonly engine: CatalogueEngine;
  readonly clock: EngineClock;
  readonly #shelf: CatalogueShelf;
  readonly #log: (line: string) => void;
  readonly #times: KeeperTimes | undefined;
  readonly #open = new Map<DeviceKey, OpenCatalogue>();
  readonly #listeners = new Set<() => void>();
  readonly #users = new Map<DeviceKey, number>();
  #revision = 1;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #ends: (() => void)[] = [];
  /** The setting, and what holds by now; `undefined` before the setting is known. */
  #wanted: boolean | undefined;
  #isOn: boolean | undefined;
  /** Everything is being closed and deleted. */
  #closing: Promise<void> | undefined;
  readonly #leaving = new Map<DeviceKey, Promise<void>>();
  /** Forgotten by a person while they were plugged in: not remembered before they are plugged in again. */
  readonly #forgotten = new Set<DeviceKey>();
  #stopped = false;

  constructor({ engine, shelf, clock = systemClock, log = () => undefined, times }: CatalogueOptions) {
    this.engine = engine;
    this.clock = clock;
    this.#shelf = shelf;
    this.#log = log;
    this.#times = times;
  }

  /** Begins to keep; the engine may be started before or after. */
  start(): void {
    this.#ends.push(
      this.engine.onReady((device) => {
        this.#guard(() => {
          this.#forgotten.delete(device);
          this.#meet(device);
        });
      }),
      this.engine.onFolderChanged((device, path) => {
        this.#guard(() => {
          this.#open.get(device)?.keeper?.folderChanged(path);
        });
      }),
      this.engine.watch('settings', undefined, ({ catalogue }) => {
        this.#guard(() => {
          this.#wanted = catalogue;
          this.#turn();
        });
      }),
      this.engine.watch('devices', undefined, () => {
        for (const { device } of this.all())
          if (isAnonymous(device) && !this.#isPlugged(device))
            void this.forget(device).catch((error: unknown) => {
              this.#complain(error);
            });
        this.#tell();
      }),
    );
  }

  /** Resolves when every store is closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#ends) end();
    this.#ends = [];
    clearTimeout(this.#telling);
    await this.#closing;
    await Promise.allSettled(this.#leaving.values());
    const lost = [...this.#open.keys()].filter((device) => isAnonymous(device));
    await this.#closeAll();
    for (const device of lost)
      this.#guard(() => {
        this.#shelf.forget(device);
      });
  }

  async #closeAll(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(
      all.map(async ({ keeper, store, names }) => {
        names.forget();
        await keeper?.leave();
        store.close();
      }),
    );
  }

  /** What a timer or a listener runs into ends nothing: the catalogue is a convenience. */
  #guard(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.#complain(error);
    }
  }
  #complain(error: unknown): void {
    const { kind, operation, detail } = problemOf(error, 'catalogue');
    this.#log(`catalogue: ${kind} in ${operation}: ${detail}`);
  }

  /** Does what the setting says. What was switched off is deleted. */
  #turn(): void {
    if (this.#closing !== undefined || this.#stopped || this.#wanted === this.#isOn) return;
    this.#isOn = this.#wanted;
    if (this.#isOn === true) {
      for (const { device } of this.#shelf.known()) {
        // of a program that was killed: nobody can tell whose it was
        if (isAnonymous(device)) this.#shelf.forget(device);
        else this.#openToRead(device);
      }
      for (const { key } of this.engine.devices) if (this.#isReady(key)) this.#meet(key);
      this.#tell();
      return;
    }
    this.#closing = this.#closeAll()
      .then(() => {
        this.#shelf.clear();
      })
      .catch((error: unknown) => {
        this.#complain(error);
      })
      .finally(() => {
        this.#closing = undefined;
        this.#tell();
        this.#guard(() => {
          this.#turn();
        });
      });
  }

  #isReady(device: DeviceKey): boolean {
    return this.engine.devices.some(({ key, state }) => key === device && state.kind === 'ready');
  }

  /** Also while it is locked, or does not answer. */
  #isPlugged(device: DeviceKey): boolean {
    return this.engine.devices.some(({ key, state }) => key === device && state.kind !== 'gone');
  }

  #openToRead(device: DeviceKey): void {
    if (this.#open.has(device)) return;
    const store = this.#shelf.read(device);
    if (store !== undefined) this.#open.set(device, { device, store, names: new LiveNames(store), keeper: undefined });
  }

  #meet(device: DeviceKey): void {
    if (this.#isOn !== true || this.#stopped || this.#leaving.has(device) || this.#forgotten.has(device)) return;
    const known = this.#open.get(device);
    if (known?.keeper !== undefined) {
      known.keeper.meet();
      this.#tell();
      return;
    }
    const name = this.engine.devices.find(({ key }) => key === device)?.name ?? '';
    let store: CatalogueStore;
    try {
      store = this.#shelf.open({ device, name });
    } catch (error) {
      const { kind, detail } = problemOf(error, 'catalogue');
      this.#log(`catalogue: ${kind}: ${detail}`);
      return;
    }
    known?.store.close();
    const names = new LiveNames(store);
    const keeper = new Keeper({
      device,
      engine: this.engine,
      store,
      clock: this.clock,
      log: this.#log,
      times: this.#times,
      changed: (folder) => {
        names.changed(folder);
        this.#tell();
      },
      told: () => this.#tell(),
    });
    this.#open.set(device, { device, store, names, keeper });
    keeper.meet();
    this.#tell();
  }

  /** Those there are, of phones that are away too. */
  all(): readonly OpenCatalogue[] {
    return [...this.#open.values()];
  }
  of(device: DeviceKey): OpenCatalogue | undefined {
    return this.#open.get(device);
  }

  /** Everything of this phone is looked at again; one that was forgotten is remembered again. */
  rescan(device: DeviceKey): void {
    const isForgotten = this.#forgotten.delete(device);
    if (isForgotten && this.engine.walk(device) !== undefined) this.#meet(device);
    else this.#open.get(device)?.keeper?.again();
  }

  /**
   * Deletes what is remembered of a phone. One that is here is remembered again at its next plug, or on `rescan`. Rejects
   * with `store` where it cannot be deleted.
   */
  forget(device: DeviceKey): Promise<void> {
    const going = this.#leaving.get(device) ?? this.#forget(device);
    this.#leaving.set(device, going);
    return going;
  }

  async #forget(device: DeviceKey): Promise<void> {
    const open = this.#open.get(device);
    if (this.engine.walk(device) !== undefined) this.#forgotten.add(device);
    try {
      await this.#closing;
      this.#open.delete(device);
      open?.names.forget();
      await open?.keeper?.leave();
      open?.store.close();
      this.#shelf.forget(device);
    } finally {
      this.#leaving.delete(device);
      this.#tell();
    }
  }

  /** Keeps a phone's names in memory while `work` uses them, and a moment longer. */
  async withNames<T>({ device, names }: OpenCatalogue, work: () => Promise<T>): Promise<T> {
    this.#users.set(device, (this.#users.get(device) ?? 0) + 1);
    try {
      return await work();
    } finally {
      this.#users.set(device, (this.#users.get(device) ?? 1) - 1);
      if (this.#users.get(device) === 0)
        setTimeout(() => {
          if ((this.#users.get(device) ?? 0) === 0) names.forget();
        }, NAMES_MS).unref();
    }
  }

  freshness({ store, keeper }: Pick<OpenCatalogue, 'store' | 'keeper'>): Freshness {
    const { oldest, unlisted, old } = store.totals();
    const isHere = keeper !== undefined && keeper.activity !== 'away';
    return { asOf: oldest, complete: oldest !== undefined && unlisted === 0, stale: isHere && old > 0 };
  }

  snapshot(): CatalogueSnapshot {
    const phones = this.all().map((open): PhoneCatalogue => {
      const { store, keeper, device } = open;
      const { files, folders, bytes, unlisted } = store.totals();
      return {
        device,
        name: this.engine.devices.find(({ key }) => key === device)?.name ?? store.phone.name,
        activity: keeper?.activity ?? 'away',
        storages: store.storages().map(({ key, name }) => ({ key, name })),
        files,
        folders,
        foldersLeft: unlisted,
        bytes,
        ...this.freshness(open),
      };
    });
    return { enabled: this.#isOn === true, phones, revision: this.#revision };
  }

  /** Calls back soon after something has changed, four times a second at most; answers how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    if (this.#telling !== undefined || this.#stopped) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#revision += 1;
      for (const listener of this.#listeners) this.#guard(listener);
    }, TELL_MS);
    this.#telling.unref();
  }
}

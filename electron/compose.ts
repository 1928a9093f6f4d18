/**
 * Assembles one Replug from its rooms: bus, store, engine, and the commands a host answers itself. Used by app, web
 * and cli.
 *
 * May import: every room but those three.
 *
 * Invariant: nothing is loaded that was not asked for (no USB library without USB, no database without a file).
 *
 * Begin reading with `compose`.
 */
import path from 'node:path';
import { failRequest } from '../shared/errors.ts';
import type { HostInfo, TransferView } from '../shared/snapshots.ts';
import { diagnosticsText, examine, type Finding } from './compose/doctor.ts';
import { createHostCommands } from './compose/host-commands.ts';
import { JoinedBus, type ReleasingBus } from './compose/joined-bus.ts';
import { dataFolder } from './compose/paths.ts';
import { VERSION } from './compose/version.ts';
import type { EngineClock } from './engine/api.ts';
import type { HostCommands } from './engine/bridge-host.ts';
import { Engine, storedTransferViews } from './engine/index.ts';
import type { TransferStore } from './engine/model/transfer-store.ts';
import {
  isDatabaseOpen,
  MemorySyncStore,
  MemoryTransferStore,
  openStores,
  openSyncReader,
  openTransferReader,
} from './store/index.ts';
import { Sync, syncCommands, type SyncReader } from './sync/index.ts';
import { parseFault, parseVirtualSpec, VirtualBus, VirtualPhone } from './virtual/index.ts';

export { isDatabaseOpen };
export { defaultDatabase, dataFolder } from './compose/paths.ts';
export { diagnosticsText, type Finding } from './compose/doctor.ts';

/** Which rooms one Replug consists of. */
export interface ComposeOptions {
  /** Path of the database; `undefined` keeps nothing, for commands that transfer nothing. */
  readonly db: string | undefined;
  /** Virtual phones, in the syntax of the CLI's `--virtual`. */
  readonly virtual: readonly string[];
  /** Faults of the first virtual phone, in order, in the syntax of the CLI's `--fault`. */
  readonly faults: readonly string[];
  /** Whether to use the real bus. */
  readonly usb: boolean;
  /**
   * Whether transfers of earlier runs resume automatically (default), as in a window. A terminal command works on its
   * own transfer only.
   */
  readonly autoContinue?: boolean | undefined;
  readonly clock?: EngineClock | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** An assembled Replug. It does nothing before its engine is started. */
export interface Replug {
  readonly version: string;
  readonly engine: Engine;
  /** Folder pairs. */
  readonly sync: Sync;
  readonly bus: JoinedBus;
  readonly store: TransferStore;
  readonly virtualBus: VirtualBus;
  /** Folder of Replug's data: the one that holds the database. */
  readonly folder: string;
  hostCommands(host: Partial<HostInfo> & Pick<HostInfo, 'host' | 'drops'>, own?: Partial<HostCommands>): HostCommands;
  /**
   * Checks everything a transfer needs. `inUse` is the database that another process has open and this one did not
   * open.
   */
  examine(inUse?: string): Promise<readonly Finding[]>;
  /** Stops the engine (within `limitMs`), then closes the database. */
  close(limitMs?: number): Promise<void>;
}

/** Sync state, readable while another process runs a sync; `undefined` if there is none. */
export const readSync = (db: string): Promise<SyncReader | undefined> => openSyncReader(db);

/**
 * The queue of another process that has the database open; `undefined` if no process has, in which case the caller
 * opens the database itself. Throws `store`.
 */
export async function readQueue(db: string): Promise<readonly TransferView[] | undefined> {
  const store = await openTransferReader(db);
  try {
    return store === undefined ? undefined : storedTransferViews(store);
  } finally {
    store?.close();
  }
}

/** Builds everything but does not start the engine; the caller decides when. */
export async function compose(options: ComposeOptions): Promise<Replug> {
  const log = options.log ?? ((): void => undefined);
  // invalid options are reported before anything is opened
  const specs = options.virtual.map(parseVirtualSpec);
  const faults = options.faults.map(parseFault);
  if (faults.length > 0 && specs.length === 0)
    throw failRequest('fault', { id: 'fault-needs-virtual' }, { id: 'add-virtual' });

  const stores =
    options.db === undefined
      ? { transfers: new MemoryTransferStore(), sync: new MemorySyncStore() }
      : await openStores(options.db);
  const store: TransferStore = stores.transfers;
  try {
    if (store.setAside !== undefined) log(`the database was damaged and is set aside as ${store.setAside}`);
    const phones = specs.map((spec) => new VirtualPhone(spec));
    phones[0]?.behave(...faults);
    const virtualBus = new VirtualBus(phones);
    const buses: ReleasingBus[] = [virtualBus];
    if (options.usb) buses.push((await import('./usb/index.ts')).createUsbBus());
    const bus = new JoinedBus(buses, log);
    const folder = options.db === undefined ? dataFolder() : path.dirname(path.resolve(options.db));
    const engine = new Engine({
      bus,
      store,
      log,
      pictureFolder: options.db === undefined ? undefined : path.join(folder, 'thumbnails'),
      autoContinue: options.autoContinue ?? true,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
    const sync = new Sync({ engine, store: stores.sync, log });
    sync.onChange(engine.provideSync(() => sync.snapshot()));
    // a long-running program runs automatic pairs; a terminal command does not
    if (options.autoContinue ?? true) sync.start();

    const look = (inUse?: string): Promise<readonly Finding[]> =>
      examine({
        version: VERSION,
        engine,
        store,
        db: options.db,
        inUse,
        usb: options.usb,
        platform: process.platform,
        busProblems: () => bus.problems,
        list: () => bus.current(),
      });
    return {
      version: VERSION,
      engine,
      sync,
      bus,
      store,
      virtualBus,
      folder,
      hostCommands: (host, own) =>
        createHostCommands(
          { version: VERSION, virtualBus, dataFolder: folder, diagnostics: async () => diagnosticsText(await look()) },
          host,
          { ...syncCommands(sync, engine), ...own },
        ),
      examine: look,
      close: async (limitMs) => {
        try {
          // a run that follows a transfer ends when the engine stops that transfer, so sync is stopped without
          // waiting first
          const ending = sync.stop();
          await engine.stop(limitMs);
          await ending;
        } finally {
          await bus.close();
          store.close();
        }
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

import type { EngineClock } from '../engine/api.ts';
import { Engine } from '../engine/index.ts';
import type { TransferStore } from '../engine/model/transfer-store.ts';
import { MemoryTransferStore } from '../store/memory-transfers.ts';
import type { Finding } from './doctor.ts';
import { JoinedBus, type ReleasingBus } from './joined-bus.ts';
import { VERSION } from './version.ts';
import { VirtualPhones } from './virtual-phones.ts';

/** Which phones there are, and what goes on with them. */
export interface PhoneOptions {
  /** Virtual phones, in the syntax of the CLI's `--virtual`. */
  readonly virtual: readonly string[];
  /** Faults of the first virtual phone, in order, in the syntax of the CLI's `--fault`. */
  readonly faults: readonly string[];
  /** Whether to use the real bus. */
  readonly usb: boolean;
  readonly clock?: EngineClock | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** An engine and its phones. It does nothing before its engine is started. */
export interface Phones {
  readonly version: string;
  readonly engine: Engine;
  readonly bus: JoinedBus;
  readonly store: TransferStore;
  /**
   * Checks everything a transfer needs. `inUse` is the database that another process has open and this one did not
   * open.
   */
  examine(inUse?: string): Promise<readonly Finding[]>;
  /** Stops the engine (within `limitMs`), then closes the database. */
  close(limitMs?: number): Promise<void>;
}

/** Where what the engine does is kept. */
export interface Queue {
  readonly store: TransferStore;
  /** Path of the store's database; `undefined` for one in memory. */
  readonly db: string | undefined;
  /** Folder for thumbnails; without it none are kept. */
  readonly pictureFolder: string | undefined;
  /** Folder for copies that programs open; without it they are in the system's temporary folder. */
  readonly copyFolder?: string | undefined;
  /** Whether transfers of earlier runs resume automatically. */
  readonly autoContinue: boolean;
}

/** For commands that only look at a phone: nothing is stored, and no database is loaded. Throws `bad-request`. */
export async function composePhones(options: PhoneOptions): Promise<Phones> {
  const join = await preparePhones(options);
  return join({ store: new MemoryTransferStore(), db: undefined, pictureFolder: undefined, autoContinue: false });
}

/**
 * Reads the options, and throws `bad-request` for invalid ones before anything is opened. What it resolves with joins
 * these phones with a queue to one engine, which the caller starts.
 */
export async function preparePhones(
  options: PhoneOptions,
): Promise<(queue: Queue) => Promise<Phones & { readonly virtual: VirtualPhones }>> {
  const log = options.log ?? ((): void => undefined);
  const bus = new JoinedBus([], log);
  const virtual = new VirtualPhones(bus);
  const plugIn = await virtual.prepare(options.virtual, options.faults);
  return async ({ store, db, pictureFolder, copyFolder, autoContinue }) => {
    await plugIn();
    if (options.usb) bus.add(await systemBus(process.platform, db));
    const engine = new Engine({
      bus,
      store,
      log,
      pictureFolder,
      copyFolder,
      autoContinue,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
    return {
      version: VERSION,
      engine,
      bus,
      store,
      virtual,
      examine: async (inUse) => {
        const { examine } = await import('./doctor.ts');
        return examine({
          version: VERSION,
          engine,
          store,
          db,
          inUse,
          usb: options.usb,
          platform: process.platform,
          busProblems: () => bus.problems,
          list: () => bus.current(),
          modes: () => bus.modes,
          checks: () => bus.checks(),
        });
      },
      close: async (limitMs) => {
        try {
          await engine.stop(limitMs);
        } finally {
          await bus.close();
          store.close();
        }
      },
    };
  };
}

/** The bus of this system. On Windows phones belong to its own driver, and libusb could not open them. */
async function systemBus(platform: NodeJS.Platform, db: string | undefined): Promise<ReleasingBus> {
  if (platform !== 'win32') {
    const { openedBefore } = await import('./opened-before.ts');
    return (await import('../usb/index.ts')).createUsbBus(db === undefined ? undefined : openedBefore(db));
  }
  const { WpdBus } = await import('../wpd/index.ts');
  return new WpdBus({ version: VERSION });
}

/**
 * Assembles one Replug from its rooms: bus, store, engine, and the commands a host answers itself. Used by app, web
 * and cli.
 *
 * May import: every room but those three.
 *
 * Invariant: nothing is loaded that was not asked for (no USB library without USB, no database without a file).
 *
 * Begin reading with `compose`, and `composePhones` in `compose/phones.ts` for commands that only look at a phone.
 */
import path from 'node:path';
import type { HostInfo, TransferView } from '../shared/snapshots.ts';
import { createHostCommands } from './compose/host-commands.ts';
import { preparePhones, type PhoneOptions, type Phones } from './compose/phones.ts';
import { keepHeapSmall } from './compose/small-heap.ts';
import { VERSION } from './compose/version.ts';
import type { HostCommands, HostStreams } from './engine/bridge-host.ts';
import { Catalogue, catalogueCommands, catalogueStreams, Searches } from './catalogue/index.ts';
import { storedTransferViews, Verifications } from './engine/index.ts';
import { isDatabaseOpen, openCatalogueShelf, openStores, openSyncReader, openTransferReader } from './store/index.ts';
import { Photos, photoCommands } from './photos/index.ts';
import { Sync, syncCommands, type SyncReader } from './sync/index.ts';

export { isDatabaseOpen };
export { defaultDatabase, dataFolder } from './compose/paths.ts';

/** Folder of the catalogues, beside the database. */
const CATALOGUES = 'catalogue';

/** Which rooms one Replug consists of. */
export interface ComposeOptions extends PhoneOptions {
  /** Path of the database. */
  readonly db: string;
  /**
   * Whether transfers of earlier runs resume automatically (default), as in a window. A terminal command works on its
   * own transfer only.
   */
  readonly autoContinue?: boolean | undefined;
}

/** An assembled Replug. It does nothing before its engine is started. */
export interface Replug extends Phones {
  /** Folder pairs. */
  readonly sync: Sync;
  /** Photos of phones. */
  readonly photos: Photos;
  /** What is remembered of phones; kept only by a program that stays (`autoContinue`). */
  readonly catalogue: Catalogue;
  readonly searches: Searches;
  /** Streams for windows besides the engine's. */
  readonly streams: HostStreams;
  /** Comparisons of copies that windows have asked for. */
  readonly verifications: Pick<Verifications, 'isReading' | 'onChange'>;
  /** Folder of Replug's data: the one that holds the database. */
  readonly folder: string;
  hostCommands(
    host: Partial<HostInfo> & Pick<HostInfo, 'host' | 'drops'>,
    own?: (shared: HostCommands) => Partial<HostCommands>,
  ): HostCommands;
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

/**
 * Catalogues as another process keeps them: read, never written, without any phone. `isOff`: that process was told to
 * remember nothing. Throws `store`.
 */
export async function readCatalogues(
  db: string,
): Promise<Pick<Replug, 'catalogue' | 'searches'> & { readonly isOff: boolean; close(): Promise<void> }> {
  const store = await openTransferReader(db);
  const isOff = store?.settings().catalogue === false;
  store?.close();
  const { composePhones } = await import('./compose/phones.ts');
  const phones = await composePhones({ virtual: [], faults: [], usb: false });
  const shelf = await openCatalogueShelf(path.join(path.dirname(path.resolve(db)), CATALOGUES));
  const catalogue = new Catalogue({ engine: phones.engine, shelf });
  const searches = new Searches(catalogue);
  catalogue.start();
  return {
    catalogue,
    searches,
    isOff,
    close: async () => {
      searches.stop();
      await catalogue.stop();
      await phones.close();
    },
  };
}

/**
 * Builds everything but does not start the engine; the caller decides when. Throws `bad-request` for invalid options
 * and `store` where the database cannot be opened.
 */
export async function compose(options: ComposeOptions): Promise<Replug> {
  const log = options.log ?? ((): void => undefined);
  const join = await preparePhones(options);
  const stores = await openStores(options.db);
  const store = stores.transfers;
  try {
    if (store.setAside !== undefined) log(`the database was damaged and is set aside as ${store.setAside}`);
    const folder = path.dirname(path.resolve(options.db));
    const autoContinue = options.autoContinue ?? true;
    const pictureFolder = path.join(folder, 'thumbnails');
    // a terminal command opens nothing, and leaves alone what a window has open
    const copyFolder = autoContinue ? path.join(folder, 'opened') : undefined;
    const { virtual, ...phones } = await join({ store, db: options.db, pictureFolder, copyFolder, autoContinue });
    const { engine } = phones;
    const sync = new Sync({ engine, store: stores.sync, log });
    sync.onChange(
      engine.provideSync(
        () => sync.snapshot(),
        (device, storage) => sync.knownOn(device, storage),
      ),
    );
    const photos = new Photos({ engine, store: stores.photos, log });
    photos.onChange(engine.providePhotos(() => photos.snapshot()));
    // a long-running program runs automatic pairs; a terminal command does not
    if (autoContinue) {
      sync.start();
      void photos.start();
    }
    const shelf = await openCatalogueShelf(path.join(folder, CATALOGUES));
    // a command that begins to keep it is waited for; a phone in a window is its person's first
    const times = autoContinue ? undefined : { startMs: 0, quietMs: 50 };
    const catalogue = new Catalogue({ engine, shelf, log, times });
    const searches = new Searches(catalogue);
    if (autoContinue) {
      catalogue.start();
      keepHeapSmall();
    }
    const verifications = new Verifications((request, verifying) => engine.verifyCopies(request, verifying));
    const diagnostics = async (): Promise<string> => {
      const { diagnosticsText } = await import('./compose/doctor.ts');
      return diagnosticsText(await phones.examine());
    };
    return {
      ...phones,
      sync,
      photos,
      catalogue,
      searches,
      verifications,
      streams: {
        ...catalogueStreams(catalogue, searches),
        verification: (argument, listener) => verifications.watch(argument, listener),
      },
      folder,
      hostCommands: (host, own) =>
        createHostCommands(
          {
            version: VERSION,
            virtual,
            bus: phones.bus,
            dataFolder: folder,
            diagnostics,
            verifications,
            phoneReport: async ({ device }) => {
              const { reportOfPhone } = await import('./compose/report-of-phone.ts');
              return reportOfPhone({ ...phones, store }, device);
            },
            copy: (id) => engine.opening.openable(id),
          },
          host,
          (shared) => ({
            ...syncCommands(sync, engine),
            ...photoCommands(photos),
            ...catalogueCommands(catalogue, (place) => sync.copiesIn(place)),
            ...own?.(shared),
          }),
        ),
      close: async (limitMs) => {
        try {
          // a run that follows a transfer ends when the engine stops that transfer, so sync is stopped without
          // waiting first
          const ending = sync.stop();
          searches.stop();
          verifications.close();
          await catalogue.stop();
          await engine.stop(limitMs);
          await ending;
          await photos.stop();
        } finally {
          await phones.close(limitMs);
        }
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

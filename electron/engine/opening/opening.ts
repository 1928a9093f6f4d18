import type { PhonePlace } from '../../../shared/domain.ts';
import type { CopiesSnapshot, CopyId } from '../../../shared/opening.ts';
import type { EngineContext } from '../context.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { Looks } from '../looking/looks.ts';
import type { ServedFile } from '../looking/served-file.ts';
import type { TransferQueue } from '../queue/transfer-queue.ts';
import type { Reading } from '../reading/reading.ts';
import { Copies, type OpenableCopy } from './copies.ts';
import { EditedCopies } from './edited-copies.ts';
import { untilReady } from './until-ready.ts';

/** What opening and looking are made of. */
export interface OpeningOptions {
  readonly context: EngineContext;
  readonly queue: TransferQueue;
  readonly browser: PhoneBrowser;
  readonly reading: Reading;
  /** Where copies are kept. */
  readonly folder: string;
  /** Bytes of copies that are only read. */
  readonly limit?: number | undefined;
  /** Called when `snapshot` would answer something else. */
  readonly onChange: () => void;
}

/** Files of phones that are opened with programs, or looked at in a window. */
export class Opening {
  readonly copies: Copies;
  readonly edited: EditedCopies;
  readonly looks: Looks;
  readonly #context: EngineContext;

  constructor({ context, queue, browser, reading, folder, limit, onChange }: OpeningOptions) {
    const { disk, store } = context;
    this.#context = context;
    const find = browser.find.bind(browser);
    this.looks = new Looks((place) => reading.openFile(place));
    this.copies = new Copies({
      disk,
      folder,
      limit,
      platform: context.platform,
      now: () => context.now(),
      log: context.log,
      present: (device) => context.registry.devices.find(({ key }) => key === device)?.storages ?? [],
      onChange: () => {
        this.edited.watch();
        onChange();
      },
      find,
      open: (place, options) => reading.openFile(place, options),
      asItIs: ({ device }, work) => browser.asItIs(device, work),
      untilReady: ({ device }, refused, signal) => untilReady(context, device, refused, signal),
    });
    this.edited = new EditedCopies({
      disk,
      find,
      copies: this.copies,
      enqueue: (request) => queue.enqueueItems(request),
      transfer: (id) => store.transfer(id),
      newestFrom: (origin) =>
        store
          .transfers()
          .filter(({ sources }) => sources.kind === 'items' && sources.origin === origin)
          .sort((one, other) => one.createdAt - other.createdAt)
          .at(-1)?.id,
      item: (id) => store.items(id, { offset: 0, limit: 1 }).items[0],
      guard: (what, work) => {
        work().catch((error: unknown) => {
          context.guard(what, () => {
            throw error;
          });
        });
      },
      onChange,
    });
  }

  /** Takes up what an earlier run has left. Never rejects. */
  async start(): Promise<void> {
    try {
      await this.copies.load();
      await this.edited.takeUp();
    } catch (error) {
      this.#context.log(`copies: ${String(error)}`);
    }
    this.edited.watch();
  }

  async stop(): Promise<void> {
    this.edited.close();
    await this.copies.close();
  }

  /** What windows see of the copies. */
  snapshot(): CopiesSnapshot {
    return { copies: [...this.copies.fetching(), ...this.edited.views()] };
  }

  /** Fetches a copy, or answers the one that is here; see `Copies.fetch`. */
  fetch(place: PhonePlace, editable: boolean): Promise<OpenableCopy> {
    return this.copies.fetch(place, editable);
  }

  /** A copy as a host opens it. Rejects with `missing`. */
  openable(id: CopyId): OpenableCopy {
    return this.copies.openable(id);
  }

  /** A file that is looked at now, by the path of its address; `undefined` where there is none. */
  lookedAt(pathname: string): ServedFile | undefined {
    return this.looks.served(pathname);
  }
}

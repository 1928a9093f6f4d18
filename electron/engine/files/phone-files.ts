import { baseNameOf, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { lookAgain } from '../devices/look-again.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import type { DragFolders } from '../local/drag-folders.ts';
import type { OpenOptions, PhoneFile } from '../reading/phone-file.ts';
import type { Reading } from '../reading/reading.ts';
import { entryOf, type PhoneEntry } from './entry.ts';
import { NewFile, type NewFilePlan } from './new-file.ts';
import { Rearrangement } from './rearrange.ts';
import type { Shown } from './shown.ts';
import { Strays } from './strays.ts';
import { requireWritable } from './target.ts';

/**
 * A phone's files as other programs use them: listed, read at any place, written, moved, deleted, at once and one by one.
 * Each call waits 10 s for a phone that is away, then rejects with why it cannot be asked.
 */

/** How old a listing may be before the phone is asked whether it still holds, milliseconds. Its events are hints only. */
const FRESH_MS = 5_000;

const BROWSE = { priority: 'browse' } as const;

/** Opened by `engine.files`. */
export class PhoneFiles {
  readonly #context: EngineContext;
  readonly #browser: PhoneBrowser;
  readonly #reading: Reading;
  readonly #spools: DragFolders;
  readonly #strays: Strays;
  readonly #rearrangement: Rearrangement;
  /** When a listing was last known to hold, by the monotonic clock. */
  readonly #checked = new WeakMap<ListedFolder, number>();
  /** When sizes and dates of a listing were told. */
  readonly #told = new WeakMap<ListedFolder, number>();

  constructor(parts: {
    readonly context: EngineContext;
    readonly browser: PhoneBrowser;
    readonly reading: Reading;
    readonly spools: DragFolders;
  }) {
    this.#context = parts.context;
    this.#browser = parts.browser;
    this.#reading = parts.reading;
    this.#spools = parts.spools;
    this.#strays = new Strays(parts.context);
    const write = (place: PhonePlace, plan: NewFilePlan): Promise<NewFile> => this.write(place, plan);
    this.#rearrangement = new Rearrangement({ ...parts, strays: this.#strays, write });
  }

  /** What is in a folder, without files that Replug is writing. `waits`: for a phone that is away; else it is told at once. Rejects with `missing` and `not-a-folder`. */
  async list(place: PhonePlace, waits = true): Promise<readonly PhoneEntry[]> {
    // a folder may get its own name while it is being listed under the other one
    const written = new Set(this.#context.beingWritten);
    return this.#do(place, waits, async (connection) => {
      const folder = await this.#listed(connection, place);
      const entries = Array.from(folder.objects, (object) => entryOf(connection, object));
      return entries.filter((entry) => !written.has(entry.name) && !this.#isBeingWritten(entry));
    });
  }

  /** One object; not the root of a storage. Rejects with `missing`. */
  async find(place: PhonePlace, waits = true): Promise<PhoneEntry> {
    return this.#do(place, waits, async (connection) => {
      const above = { ...place, path: parentOf(place.path) };
      const folder = await this.#listed(connection, above);
      const listed = folder.find(baseNameOf(place.path));
      const object = listed && (await this.#upToDate(connection, folder, listed));
      if (object === undefined || this.#isBeingWritten(object))
        throw fail('missing', 'find', '', { subject: place.path });
      return entryOf(connection, object);
    });
  }

  /** See `Reading.openFile`. */
  open(place: PhonePlace, options?: OpenOptions): Promise<PhoneFile> {
    return this.#reading.openFile(place, options);
  }

  /** Begins a file, which replaces one that is there when it is finished. See `NewFile`. */
  write(place: PhonePlace, plan: NewFilePlan): Promise<NewFile> {
    return NewFile.begin(
      {
        context: this.#context,
        reading: this.#reading,
        strays: this.#strays,
        spools: this.#spools,
        connection: ({ device }) => this.#browser.connection(device),
        changed: ({ device, path }) => this.#browser.changed(device, parentOf(path)),
      },
      place,
      plan,
    );
  }

  /** Makes one folder. Rejects with `exists`, `missing` (the folder above), `bad-name` and `read-only`. */
  async makeFolder(place: PhonePlace): Promise<PhoneEntry> {
    return this.#do(place, true, async (connection) => {
      const { tree } = connection;
      const parent = await tree.folder(place.storage, parentOf(place.path), BROWSE);
      requireWritable(connection, parent);
      const name = baseNameOf(place.path);
      // it may have gone since it was listed
      const isTaken =
        parent.find(name) !== undefined && (await lookAgain(connection, parent, name, undefined, BROWSE)) !== undefined;
      if (isTaken) throw fail('exists', 'make folder', '', { subject: name });
      const object = await tree.makeFolder(parent, name, BROWSE);
      this.#browser.changed(place.device, parent.path);
      return entryOf(connection, object);
    });
  }

  /** See `Rearrangement.remove`. */
  async remove(place: PhonePlace, shown?: Shown): Promise<void> {
    await this.#rearrangement.remove(place, shown);
    this.#context.space.look(place.device);
  }
  /** See `Rearrangement.move`. */
  move(from: PhonePlace, to: PhonePlace, shown?: Shown): Promise<void> {
    return this.#rearrangement.move(from, to, shown);
  }
  /** See `Rearrangement.copy`. */
  copy(
    from: PhonePlace,
    to: PhonePlace,
    options?: { readonly shallow?: boolean; readonly shown?: Shown },
  ): Promise<void> {
    return this.#rearrangement.copy(from, to, options);
  }

  /** What is not whole yet is nobody's but Replug's. */
  #isBeingWritten({ kind, name }: Pick<PhoneEntry, 'kind' | 'name'>): boolean {
    return isTemporaryName(name) && (kind === 'file' || this.#context.beingWritten.has(name));
  }

  #do<T>(place: PhonePlace, waits: boolean, work: (connection: Connection) => Promise<T>): Promise<T> {
    const until = waits ? undefined : this.#context.clock.monotonic();
    return this.#reading.whenThere(place, () => work(this.#browser.connection(place.device)), { until });
  }

  /**
   * A file as it is now, where its listing is a few seconds old: it may have been written to, which its handle does not show,
   * and whoever asked would be told of the old one for ever, and refused whatever it saves.
   */
  async #upToDate({ phone }: Connection, folder: ListedFolder, object: PhoneObject): Promise<PhoneObject> {
    const told = this.#told.get(folder) ?? -Infinity;
    if (object.kind === 'folder' || this.#context.clock.monotonic() - told <= FRESH_MS) return object;
    const { size, modified } = await phone.stat(object.handle, BROWSE);
    if (size === object.size && modified === object.modified) return object;
    const now = { ...object, size, modified };
    folder.remove(object.name);
    folder.add(now);
    return now;
  }

  /** A listing that is a few seconds old is compared with the phone's handles, which is one transaction. */
  async #listed(
    connection: Connection,
    { storage, path }: Pick<PhonePlace, 'storage' | 'path'>,
  ): Promise<ListedFolder> {
    const { tree } = connection;
    const now = this.#context.clock.monotonic();
    const kept = tree.kept(storage, path);
    if (kept !== undefined && now - (this.#checked.get(kept) ?? -Infinity) > FRESH_MS) {
      const handles = await handlesIn(connection, kept);
      const isSame =
        handles !== 'stale' &&
        (handles === undefined || (handles.length === kept.size && handles.every((one) => kept.has(one))));
      if (isSame) this.#checked.set(kept, now);
      // a folder that was made anew is found by those above it
      else if (handles === 'stale') tree.forget();
      else tree.forget(storage, path);
    }
    const folder = await tree.folder(storage, path, BROWSE);
    if (folder !== kept) {
      this.#checked.set(folder, now);
      this.#told.set(folder, now);
    }
    return folder;
  }
}

/** What the phone says is in a folder; `stale` where it does not know the folder any more. */
async function handlesIn(
  { phone }: Connection,
  { storage, ref }: ListedFolder,
): Promise<Awaited<ReturnType<Connection['phone']['handles']>> | 'stale'> {
  try {
    return await phone.handles(storage.id, ref, BROWSE);
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'stale') return 'stale';
    throw error;
  }
}

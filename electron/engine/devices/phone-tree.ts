import {
  ROOT,
  baseNameOf,
  foldName,
  isInside,
  joinPhonePath,
  parentOf,
  segmentOf,
  segmentsOf,
  type PhonePath,
  type StorageKey,
  type TransferId,
} from '../../../shared/domain.ts';
import { endsConnection, fail, problemOf } from '../../../shared/errors.ts';
import { evidenceOf, matchStorage } from '../../../shared/storages.ts';
import type {
  CallOptions,
  FolderRef,
  ListOptions,
  ObjectHandle,
  Phone,
  PhoneObject,
  PhoneStorage,
} from '../../mtp/index.ts';
import { ListedFolder, type MakeOptions } from './listed-folder.ts';

/** Folders below this depth are refused: deeper than any path of any system, so a cycle or an attack. */
export const MAX_DEPTH = 256;

/**
 * Folders kept at once, and objects in them (some 300 bytes each). A download lists its whole tree before the first file
 * goes, and comes to each folder again: what was dropped by then is listed twice.
 */
const KEPT_FOLDERS = 4_096;
/** When others add more than this between two looks, all listings are old: listing again costs less than asking for each. */
const MOST_STRANGERS = 128;
const KEPT_OBJECTS = 200_000;

/**
 * The phone's folders by path, for one connection. Listings are kept for the folders in use, so that sending a
 * thousand files into one folder lists it once; handles never leave this connection. Calls that ask the phone reject
 * with what it answers, and with `storage-missing`, `missing` or `not-a-folder` where a path leads nowhere.
 */
export class PhoneTree {
  readonly #phone: Phone;
  #storages: readonly PhoneStorage[];
  /** Least recently used first. */
  readonly #folders = new Map<string, ListedFolder>();
  /** By handle, and in which transfer. */
  readonly #ours = new Map<ObjectHandle, TransferId | undefined>();
  readonly #renamed = new Map<ObjectHandle, string>();
  readonly #naming = new Map<string, Promise<unknown>>();
  /** Objects that others have made, or whose echo came before our own answer: where they are is not known yet. */
  readonly #added = new Set<ObjectHandle>();
  /** Names taken, by folder. They outlive a listing: two items may hold two of one folder, if one was dropped in between. */
  readonly #claims = new Set<string>();
  /** Listings under way: whoever wants the same folder waits for the same listing. */
  readonly #listing = new Map<string, Promise<ListedFolder>>();
  /** How often something was forgotten. */
  #forgotten = 0;
  /** What the phone is listing, and folders made there meanwhile: their events are echoes and drop no listing. */
  readonly #underWay = new Set<{ readonly id: string; readonly made: PhoneObject[] }>();
  /** How often the phone said of an object that it changed. */
  readonly #changes = new Map<ObjectHandle, number>();
  readonly #listed = new Set<(folder: ListedFolder) => void>();
  readonly #storagesChanged = new Set<() => void>();
  #making: Promise<unknown> = Promise.resolve();
  readonly #monotonic: () => number;

  /** `monotonic`: milliseconds of a clock that is never set. */
  constructor(phone: Phone, storages: readonly PhoneStorage[], monotonic: () => number = () => performance.now()) {
    this.#phone = phone;
    this.#storages = storages;
    this.#monotonic = monotonic;
    phone.onEvent((event) => {
      switch (event.kind) {
        case 'object-added':
          this.#added.add(event.handle);
          return;
        case 'object-removed':
          this.#vanished(event.handle);
          return;
        case 'object-changed':
          this.#changes.set(event.handle, (this.#changes.get(event.handle) ?? 0) + 1);
          // of what is being written here every size is old in a moment, and known
          if (!this.#ours.has(event.handle)) this.#dropListingOf(event.handle);
          return;
        case 'storages-changed':
        case 'battery-changed':
          return;
      }
    });
  }

  /** Only the listing that shows the object is old, and what was listed below it. */
  #vanished(handle: ObjectHandle): void {
    this.#added.delete(handle);
    this.#dropListingOf(handle);
    const below = [...this.#folders.values()].find(({ ref }) => ref === handle);
    if (below === undefined) return;
    for (const [id, { storage, path }] of this.#folders)
      if (storage.id === below.storage.id && isInside(path, below.path)) this.#folders.delete(id);
  }

  #dropListingOf(handle: ObjectHandle): void {
    for (const [id, folder] of this.#folders) if (folder.has(handle)) this.#folders.delete(id);
  }

  /**
   * Forgets the listings that lack what others have added (field notes §4.3: the event tells the handle alone). Asked when
   * a listing is used, so that a phone on which much happens elsewhere is asked nothing while nobody looks.
   */
  async #placeAdded(): Promise<void> {
    if (this.#added.size === 0) return;
    const strangers = [...this.#added].filter((handle) => !this.#ours.has(handle));
    this.#added.clear();
    if (strangers.length > MOST_STRANGERS) {
      this.#folders.clear();
      return;
    }
    for (const handle of strangers) {
      if (this.#folders.size === 0) return;
      try {
        const { parent } = await this.#phone.stat(handle, { priority: 'browse' });
        for (const [id, { ref }] of this.#folders) if (ref === parent) this.#folders.delete(id);
      } catch (error) {
        const { kind } = problemOf(error);
        // gone again
        if (kind === 'stale' || kind === 'missing') continue;
        this.#folders.clear();
        if (endsConnection(kind)) throw error;
      }
    }
  }

  /** Calls back with each folder that was listed with sizes and dates, whoever asked; answers how to stop. */
  onListed(listener: (folder: ListedFolder) => void): () => void {
    this.#listed.add(listener);
    return () => this.#listed.delete(listener);
  }

  get storages(): readonly PhoneStorage[] {
    return this.#storages;
  }
  /** The storages were looked at again: what was listed on one that went, or came back under another id, is no more. */
  setStorages(storages: readonly PhoneStorage[]): void {
    const before = this.#storages;
    this.#storages = storages;
    const ids = new Set(storages.map(({ id }) => id));
    const isSame = before.length === storages.length && before.every(({ id }) => ids.has(id));
    for (const [id, { storage }] of this.#folders) if (!ids.has(storage.id)) this.#folders.delete(id);
    if (isSame) return;
    // a listing that is under way may be of a storage that has just gone, and is empty then
    this.#forgotten += 1;
    this.#listing.clear();
    for (const listener of this.#storagesChanged) listener();
  }
  /** Calls back once storages that came, went or have another id are known; answers how to stop. */
  onStorages(listener: () => void): () => void {
    this.#storagesChanged.add(listener);
    return () => this.#storagesChanged.delete(listener);
  }

  /** Whether the storage that this key means is there now. */
  has(key: StorageKey): boolean {
    return matchStorage(key, this.#storages) !== undefined;
  }

  /** The storage that a key means, also one stored before its name or size changed. Throws `storage-missing`. */
  storage(key: StorageKey): PhoneStorage {
    const found = matchStorage(key, this.#storages);
    if (found === undefined)
      throw fail('storage-missing', 'find storage', `no storage ${key}`, {
        subject: evidenceOf(key)?.description ?? key,
      });
    return found;
  }

  /** How a folder is called here: one name, whichever of its storage's keys was given. */
  #id(key: StorageKey, path: PhonePath): string {
    return `${matchStorage(key, this.#storages)?.key ?? key}:${path}`;
  }

  /** The listing kept of a folder; nothing is asked of the phone. */
  kept(storage: StorageKey, path: PhonePath): ListedFolder | undefined {
    return this.#folders.get(this.#id(storage, path));
  }

  /** Forgets one listing, or all. One that is under way shows how it was before: whoever waits for it gets it, and nobody else. */
  forget(storage?: StorageKey, path?: PhonePath): void {
    this.#forgotten += 1;
    this.#listing.clear();
    if (storage === undefined || path === undefined) this.#folders.clear();
    else this.#folders.delete(this.#id(storage, path));
  }

  /** Marks an object as made by us: its events are echoes, and its own transfer takes it for no stranger. */
  own(handle: ObjectHandle, transfer?: TransferId): void {
    if (this.#ours.size > 100_000) this.#ours.clear();
    this.#ours.set(handle, transfer);
  }
  /** The transfer that has made this object on this connection, as far as is remembered. */
  madeBy(handle: ObjectHandle): TransferId | undefined {
    return this.#ours.get(handle);
  }

  /** An object has got another name from here: listings that somebody still holds show the old one under the same handle. */
  renamed(handle: ObjectHandle, name: string): void {
    if (this.#renamed.size > 100_000) this.#renamed.clear();
    this.#renamed.set(handle, name);
  }
  /** The name that an object has got from here on this connection, where it has. */
  nameOf(handle: ObjectHandle): string | undefined {
    return this.#renamed.get(handle);
  }

  /**
   * Does `work` alone among all that put something at one name of one folder, whatever its spelling; it is told whether another
   * one did so until now. Rejects as it does.
   */
  async alone<T>({ storage, path }: ListedFolder, name: string, work: (hasWaited: boolean) => Promise<T>): Promise<T> {
    const key = `${storage.key}:${path}\n${foldName(segmentOf(name))}`;
    const before = this.#naming.get(key);
    const mine = (async () => {
      await before?.catch(() => undefined);
      return work(before !== undefined);
    })();
    this.#naming.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#naming.get(key) === mine) this.#naming.delete(key);
    }
  }

  /** Milliseconds of the clock by which listings are dated (`ListedFolder.lookedAt`). */
  get time(): number {
    return this.#monotonic();
  }

  /** How often the phone has said on this connection that an object changed. */
  changesOf(handle: ObjectHandle): number {
    return this.#changes.get(handle) ?? 0;
  }

  /**
   * Lists `path`, or answers the listing kept. `fresh`: it is listed anew, and so are those above it, unless `here` says that they
   * are known to be as they were listed. Rejects with `missing` and `not-a-folder`.
   */
  async folder(
    key: StorageKey,
    path: PhonePath,
    { fresh = false, ...options }: ListOptions & { readonly fresh?: boolean | 'here' } = {},
  ): Promise<ListedFolder> {
    await this.#placeAdded();
    const id = this.#id(key, path);
    const kept = this.#folders.get(id);
    if (kept !== undefined && fresh === false) {
      this.#folders.delete(id);
      this.#folders.set(id, kept);
      return kept;
    }
    // one that is watched or may be cancelled is its caller's own
    if (options.onBatch !== undefined || options.signal !== undefined || fresh !== false)
      return this.#list(key, path, options, fresh === true);
    const underWay = this.#listing.get(id);
    if (underWay !== undefined) return underWay;
    const listing = this.#list(key, path, options, false).finally(() => {
      if (this.#listing.get(id) === listing) this.#listing.delete(id);
    });
    this.#listing.set(id, listing);
    return listing;
  }

  async #list(key: StorageKey, path: PhonePath, options: ListOptions, isWayFresh: boolean): Promise<ListedFolder> {
    const id = this.#id(key, path);
    const storage = this.storage(key);
    // the folders above are only looked up: what is in them is not what the caller wants to be told
    const { onBatch: _batch, onSkipped: _skipped, ...lookUp } = options;
    const forgotten = this.#forgotten;
    const ref = await this.#ref(key, path, { ...lookUp, fresh: isWayFresh });
    const at = this.#monotonic();
    const underWay = { id, made: new Array<PhoneObject>() };
    this.#underWay.add(underWay);
    const listed = this.#phone.list(storage.id, ref, options);
    const objects = await listed.finally(() => this.#underWay.delete(underWay));
    const { made } = underWay;
    const folder = new ListedFolder(storage, path, ref, objects, this.#claims);
    folder.lookedAt = at;
    for (const object of made) if (!folder.has(object.handle)) folder.add(object);
    if (forgotten === this.#forgotten && made.length === 0) this.#keep(id, folder);
    if (options.namesOnly !== true) for (const listener of this.#listed) listener(folder);
    return folder;
  }

  #keep(id: string, folder: ListedFolder): void {
    this.#folders.delete(id);
    this.#folders.set(id, folder);
    let objects = 0;
    for (const one of this.#folders.values()) objects += one.size;
    for (const [oldest, { size }] of this.#folders) {
      if (oldest === id || (this.#folders.size <= KEPT_FOLDERS && objects <= KEPT_OBJECTS)) break;
      this.#folders.delete(oldest);
      objects -= size;
    }
  }

  async #ref(key: StorageKey, path: PhonePath, options: CallOptions & { readonly fresh: boolean }): Promise<FolderRef> {
    if (path === ROOT) return 'root';
    const object = await this.object(key, path, options);
    if (object.kind !== 'folder') throw fail('not-a-folder', 'open folder', '', { subject: path });
    return object.handle;
  }

  /** The object at `path`, by the kept listing of its parent. Rejects with `missing`. */
  async object(
    key: StorageKey,
    path: PhonePath,
    options: CallOptions & { readonly fresh?: boolean } = {},
  ): Promise<PhoneObject> {
    const found = (await this.folder(key, parentOf(path), options)).find(baseNameOf(path));
    if (found === undefined) throw fail('missing', 'find', '', { subject: path });
    return found;
  }

  /** The folder at `path`; it and what is missing above it are made, and `onMade` is told of each. */
  async makeFolders(key: StorageKey, path: PhonePath, options: MakeOptions = {}): Promise<ListedFolder> {
    await this.#placeAdded();
    const kept = this.kept(key, path);
    if (kept !== undefined) return kept;
    // one at a time: two that miss the same folder would both make it
    const making = this.#making.then(() => this.#makeFolders(key, path, options));
    this.#making = making.catch(() => undefined);
    return making;
  }

  async #makeFolders(key: StorageKey, path: PhonePath, { onMade, ...options }: MakeOptions): Promise<ListedFolder> {
    let at: PhonePath = ROOT;
    let folder = await this.folder(key, at, options);
    for (const segment of segmentsOf(path)) {
      const there = folder.find(segment);
      if (there !== undefined && there.kind !== 'folder')
        throw fail('not-a-folder', 'make folder', 'a file is in the way', { subject: joinPhonePath(at, segment) });
      if (there === undefined) {
        const { handle } = await this.makeFolder(folder, segment, options);
        onMade?.({ storage: key, folder: at, name: segment, handle, parent: folder.ref });
      }
      at = joinPhonePath(at, there?.name ?? segment);
      folder = await this.folder(key, at, options);
    }
    return folder;
  }

  /** Makes one folder and notes it, with its empty listing, without asking the phone again. */
  async makeFolder(parent: ListedFolder, name: string, options: CallOptions = {}): Promise<PhoneObject> {
    const handle = await this.#phone.makeFolder(parent.storage.id, parent.ref, name, options);
    this.own(handle);
    const object: PhoneObject = {
      handle,
      name,
      kind: 'folder',
      size: 0,
      modified: undefined,
      parent: parent.ref,
      format: 0x3001,
    };
    parent.add(object);
    // other listings of its parent were begun before it was made
    const parentId = this.#id(parent.storage.key, parent.path);
    this.#folders.get(parentId)?.add(object);
    for (const { id, made } of this.#underWay) if (id === parentId) made.push(object);
    const path = joinPhonePath(parent.path, name);
    const folder = new ListedFolder(parent.storage, path, handle, [], this.#claims);
    folder.lookedAt = this.#monotonic();
    this.#folders.set(`${parent.storage.key}:${path}`, folder);
    return object;
  }
}

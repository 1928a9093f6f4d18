import { isPhoneError } from '../../shared/errors.ts';
import { joinPhonePath, parentOf, ROOT, segmentOf, type PhonePlace } from '../../shared/domain.ts';
import type { Engine, PhoneEntry } from '../engine/index.ts';
import { foldedKeyOf, type Segments } from './address.ts';
import { DeadProperties } from './dead-properties.ts';
import { Etags } from './etags.ts';
import { Locks } from './locks.ts';
import { isLitter, MemoryFiles, type MemoryFile } from './memory-files.ts';
import { DavError, isAway } from './status.ts';
import { SHOWN_AWAY_MS, Volumes, type Volume } from './volumes.ts';

/** Which address is which file: the drive, its phones, their storages, and what is on them or in memory. */

/** What lies at an address. */
export interface Resource {
  readonly segments: Segments;
  readonly name: string;
  readonly folder: boolean;
  /** Bytes; 0 of a folder. */
  readonly size: number;
  readonly modified: number | undefined;
  /** Of files. */
  readonly etag: string | undefined;
  /** On a phone: a storage or what is in it. */
  readonly place: PhonePlace | undefined;
  readonly entry: PhoneEntry | undefined;
  readonly memory: MemoryFile | undefined;
  /** The storage that it is or lies in. */
  readonly volume: Volume | undefined;
}

/** Listings of folders remembered for a phone that is away. */
const MOST_LISTINGS = 256;

/** The drive of one run. */
export class Drive {
  readonly engine: Engine;
  readonly volumes: Volumes;
  readonly memory = new MemoryFiles();
  readonly properties = new DeadProperties();
  readonly locks: Locks;
  readonly etags = new Etags();
  /** Names of files that are being written now. */
  readonly writing = new Map<number, string>();
  readonly #now: () => number;
  readonly #listings = new Map<string, readonly PhoneEntry[]>();

  constructor(engine: Engine, now: () => number = () => performance.now()) {
    this.engine = engine;
    this.#now = now;
    this.volumes = new Volumes(engine, now);
    this.locks = new Locks(now);
  }

  /** What lies there; `undefined` where nothing does. Rejects with why the phone cannot be asked. */
  async find(segments: Segments): Promise<Resource | undefined> {
    const memory = this.#kept(segments);
    if (memory !== undefined) return this.#inMemory(memory);
    if (segments.length < 2 || isLitter(segments)) return this.#above(segments);
    const place = this.volumes.place(segments);
    if (place === undefined) return undefined;
    const volume = this.#volumeOf(segments);
    if (place.path === ROOT) return this.#storage(segments, place, volume);
    try {
      const entry = await this.#entry(place);
      return entry && this.#onPhone(segments, place, entry, volume);
    } catch (error) {
      if (isPhoneError(error) && ['missing', 'not-a-folder', 'stale'].includes(error.kind)) return undefined;
      throw error;
    }
  }

  /** What is in memory there. A name that was locked into being and never written ends with its lock. */
  #kept(segments: Segments): MemoryFile | undefined {
    const memory = this.memory.get(segments);
    if (memory === undefined || isLitter(segments) || this.locks.on(segments).length > 0) return memory;
    this.memory.remove(segments);
    return undefined;
  }

  /** What lies there. Throws 404. */
  async existing(segments: Segments): Promise<Resource> {
    const found = await this.find(segments);
    if (found === undefined) throw new DavError(404);
    return found;
  }

  /** What lies in a folder. */
  async children(folder: Resource): Promise<Iterable<Resource>> {
    const { segments, place, volume } = folder;
    const kept = this.memory.in(segments).filter(({ path }) => this.#kept(path) !== undefined);
    const inMemory = kept.map((one) => this.#inMemory(one));
    if (segments.length === 0)
      return this.volumes.phones().map(({ name }) => this.#collection([name], undefined, undefined));
    if (place === undefined) {
      const phone = segments.length === 1 ? this.volumes.phone(segments[0] ?? '') : undefined;
      if (phone === undefined) return inMemory;
      return phone.volumes.flatMap((one) => {
        const its = [...segments, one.name];
        const at = this.volumes.place(its);
        return at === undefined ? [] : [this.#storage(its, at, one)];
      });
    }
    const entries = await this.#listed(place);
    return this.#together(segments, place, entries, { volume, inMemory });
  }

  *#together(
    segments: Segments,
    place: PhonePlace,
    entries: readonly PhoneEntry[],
    { volume, inMemory }: { readonly volume: Volume | undefined; readonly inMemory: readonly Resource[] },
  ): Generator<Resource> {
    const hidden = new Set(inMemory.map(({ name }) => name));
    for (const entry of entries) {
      const name = segmentOf(entry.name);
      if (hidden.has(name) || isLitter([name])) continue;
      const path = joinPhonePath(place.path, name);
      yield this.#onPhone([...segments, name], { ...place, path }, entry, volume);
    }
    yield* inMemory;
  }

  /** As the phone tells; from memory where it has been away for less than a minute, else after a wait for it. */
  async #listed(place: PhonePlace): Promise<readonly PhoneEntry[]> {
    const key = `${place.device}\n${place.storage}\n${place.path}`;
    const { files } = this.engine;
    const entries = await files.list(place, false).catch((error: unknown) => {
      if (!isAway(error)) throw error;
      const remembered = this.#listings.get(key);
      const since = this.volumes.awaySince(place.device);
      if (remembered !== undefined && since !== undefined && this.#now() - since <= SHOWN_AWAY_MS) return remembered;
      return files.list(place);
    });
    this.#listings.delete(key);
    this.#listings.set(key, entries);
    const [oldest] = this.#listings.keys();
    if (this.#listings.size > MOST_LISTINGS && oldest !== undefined) this.#listings.delete(oldest);
    return entries;
  }

  async #entry(place: PhonePlace): Promise<PhoneEntry | undefined> {
    try {
      return await this.engine.files.find(place, false);
    } catch (error) {
      if (!isAway(error)) throw error;
      const name = place.path.slice(place.path.lastIndexOf('/') + 1);
      return (await this.#listed({ ...place, path: parentOf(place.path) })).find((one) => segmentOf(one.name) === name);
    }
  }

  /** What was remembered of a folder is old: it was changed through the drive. */
  changed(segments: Segments): void {
    const place = this.volumes.place(segments);
    if (place === undefined) return;
    for (const path of [place.path, parentOf(place.path)])
      this.#listings.delete(`${place.device}\n${place.storage}\n${path}`);
  }

  /** The root and the phones, which are no files of anybody. */
  #above(segments: Segments): Resource | undefined {
    if (segments.length === 0) return this.#collection(segments, undefined, undefined);
    const isPhone = segments.length === 1 && this.volumes.phone(segments[0] ?? '') !== undefined;
    return isPhone ? this.#collection(segments, undefined, undefined) : undefined;
  }

  #volumeOf([phone = '', name]: Segments): Volume | undefined {
    return this.volumes.phone(phone)?.volumes.find((one) => one.name === name);
  }

  #storage(segments: Segments, place: PhonePlace, volume: Volume | undefined): Resource {
    return this.#collection(segments, place, volume);
  }

  #collection(segments: Segments, place: PhonePlace | undefined, volume: Volume | undefined): Resource {
    const name = segments.at(-1) ?? '';
    const nothing = { size: 0, modified: undefined, etag: undefined, entry: undefined, memory: undefined };
    return { segments, name, folder: true, place, volume, ...nothing };
  }

  #inMemory(memory: MemoryFile): Resource {
    const { path, folder, bytes, modified, version } = memory;
    return {
      segments: path,
      name: path.at(-1) ?? '',
      folder,
      size: bytes.byteLength,
      modified,
      etag: folder ? undefined : `"m${version}"`,
      place: undefined,
      entry: undefined,
      memory,
      volume: undefined,
    };
  }

  #onPhone(segments: Segments, place: PhonePlace, entry: PhoneEntry, volume: Volume | undefined): Resource {
    const folder = entry.kind === 'folder';
    return {
      segments,
      name: segments.at(-1) ?? '',
      folder,
      size: folder ? 0 : entry.size,
      modified: entry.modified,
      etag: folder ? undefined : this.etags.of(place, entry),
      place,
      entry,
      memory: undefined,
      volume,
    };
  }

  /** Where something may be made or changed. Throws 403 for the drive itself, phones and storages, 404 for no such storage. */
  writable(segments: Segments): PhonePlace {
    if (segments.length < 3) throw new DavError(403);
    const place = this.volumes.place(segments);
    if (place === undefined) throw new DavError(404);
    return place;
  }

  /** Whether the folder above is there. Throws 409. */
  async requireParent(segments: Segments): Promise<void> {
    const above = await this.find(segments.slice(0, -1));
    if (above?.folder !== true) throw new DavError(409);
  }

  /** A folder in which a file is being written stays where it is. Throws 423. */
  requireNothingWritten(folder: Segments): void {
    const key = foldedKeyOf(folder);
    for (const segments of this.#written.values())
      if (segments.length > folder.length && foldedKeyOf(segments.slice(0, folder.length)) === key)
        throw new DavError(423);
  }

  /** Something is written there now; answers how to say that it ended. */
  noteWriting(segments: Segments): () => void {
    const number = this.#writes;
    this.#writes += 1;
    this.writing.set(number, segments.at(-1) ?? '');
    this.#written.set(number, segments);
    return () => {
      this.#written.delete(number);
      this.writing.delete(number);
    };
  }
  #writes = 0;
  readonly #written = new Map<number, Segments>();

  /** For a resource that went or was replaced: nothing of what was kept for it remains. */
  forget(segments: Segments): void {
    this.memory.remove(segments);
    this.properties.forget(segments);
    this.changed(segments);
  }
}

import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { foldOnPhone } from './case-fold.ts';
import { Format } from '../mtp/wire/index.ts';
import type { StorageDisk } from './storage-disk.ts';

/** An entry that no disk could store, for tests of hostile phones: listed, described and read from memory. */
export interface Planted {
  /** Path of the folder that lists it: `/` or `/DCIM`. */
  readonly folder: string;
  readonly name: string;
  /** The size the phone reports. */
  readonly size: number | bigint;
  /** What reading returns; if missing, zeros up to the claimed size. */
  readonly content?: Uint8Array;
  /** Without content: the number of zeros GetObject returns, if it is not the claimed size. */
  readonly realSize?: number;
  readonly directory?: boolean;
  /** A folder that lists its own parent as a child. */
  readonly cyclic?: boolean;
  /** What is in it, made when it is listed: a volume of any size without a file. Their `folder` means nothing. */
  readonly children?: () => readonly Planted[];
}

/** A file or folder as one connection knows it; its bytes stay on disk. */
export interface Entry {
  readonly handle: number;
  slot: Slot;
  /** `undefined` for the root of a storage. */
  parent: Entry | undefined;
  name: string;
  /** Differs from `name` if a name that differs only in case overwrote another one. */
  diskName: string;
  readonly isFolder: boolean;
  /** Announced by SendObjectInfo without a file on disk: cannot be deleted, blocks its name until a replug. */
  phantom: boolean;
  readonly planted: Planted | undefined;
  readonly children: Map<string, Entry>;
  /** Case-folded name → name on disk. */
  readonly folded: Map<string, string>;
  listed: boolean;
}

/** A storage as one connection knows it. */
export interface Slot {
  readonly id: number;
  readonly disk: StorageDisk;
  readonly root: Entry;
}

/** What the disk reports about a file. */
export interface Facts {
  readonly size: number | bigint;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/**
 * Source of handles: counters per connection (Android 9 and later), or the media database, whose handles are stable
 * (Android 8 and older).
 */
export interface HandleSource {
  /** The handle of what is at a path. */
  give(path: string): number;
  /** What was at a path is at another one from now on, with all that is below it: their handles stay. */
  placed(from: string, to: string): void;
}

const FORMATS: Readonly<Record<string, number>> = {
  '.txt': Format.Text,
  '.wav': Format.WAV,
  '.mp3': Format.MP3,
  '.mpg': Format.MPEG,
  '.mpeg': Format.MPEG,
  '.jpg': Format.EXIF_JPEG,
  '.jpeg': Format.EXIF_JPEG,
  '.png': Format.PNG,
  '.tif': Format.TIFF,
  '.tiff': Format.TIFF,
  '.dng': Format.DNG,
  '.heic': Format.HEIF,
  '.heif': Format.HEIF,
  '.wma': Format.WMA,
  '.ogg': Format.OGG,
  '.aac': Format.AAC,
  '.flac': Format.FLAC,
  '.mp4': Format.MP4,
  '.3gp': Format.ThreeGP,
};
/** AOSP 9 and later derives the format from the extension, whatever the initiator said. */
export const formatOf = (entry: Entry): number =>
  entry.isFolder ? Format.Association : (FORMATS[extname(entry.name).toLowerCase()] ?? Format.Undefined);

/** Number of stats made per turn of the event loop. */
const STATS_PER_TURN = 1000;

/**
 * The object tree of one connection: handles by first listing, names as the phone reports them. File data is read
 * from disk each time; only names and handles are kept.
 */
export class ObjectTable {
  readonly #byHandle = new Map<number, Entry>();
  readonly #handles: HandleSource;
  readonly #planted: () => readonly Planted[];

  /** Paths on the first storage that were announced earlier and never sent. */
  readonly #phantoms: readonly string[];

  constructor(handles: HandleSource, planted: () => readonly Planted[], phantoms: readonly string[] = []) {
    this.#handles = handles;
    this.#planted = planted;
    this.#phantoms = phantoms;
  }

  addStorage(id: number, disk: StorageDisk): Slot {
    const root = this.#blank(0, undefined, '', true, undefined);
    const slot: Slot = { id, disk, root };
    root.slot = slot;
    return slot;
  }

  /** Removes its objects too: their handles are invalid from now on. */
  removeStorage(slot: Slot): void {
    for (const child of [...slot.root.children.values()]) this.forget(child);
  }

  get(handle: number): Entry | undefined {
    return this.#byHandle.get(handle);
  }
  get size(): number {
    return this.#byHandle.size;
  }

  /** Path of the entry's file on the computer. */
  path(entry: Entry): string {
    if (entry.parent === undefined) return entry.slot.disk.root;
    const above = this.path(entry.parent);
    return above.endsWith(sep) ? `${above}${entry.diskName}` : `${above}${sep}${entry.diskName}`;
  }
  /** `/DCIM/Camera/a.jpg` */
  phonePath(entry: Entry): string {
    if (entry.parent === undefined) return '/';
    const above = this.phonePath(entry.parent);
    return above === '/' ? `/${entry.name}` : `${above}/${entry.name}`;
  }

  /** How the source of handles knows what has this name in this folder. */
  #keyOf(folder: Entry, name: string): string {
    const path = folder.parent === undefined ? `/${name}` : `${this.phonePath(folder)}/${name}`;
    return `${folder.slot.disk.root}${path}`;
  }

  /** The current children of a folder; `undefined` if it is not a folder or no longer exists. */
  async list(folder: Entry): Promise<readonly Entry[] | undefined> {
    if (!folder.isFolder) return undefined;
    if (folder.planted === undefined) {
      const found = await readdir(this.path(folder), { withFileTypes: true }).catch(() => undefined);
      if (found === undefined && !folder.phantom) return undefined;
      const names = new Map<string, boolean>();
      // a phone's shared storage has no links or sockets
      for (const each of found ?? []) if (each.isFile() || each.isDirectory()) names.set(each.name, each.isDirectory());
      for (const child of [...folder.children.values()])
        if (child.planted === undefined && !child.phantom && names.get(child.diskName) !== child.isFolder)
          this.forget(child);
      for (const name of [...names.keys()].sort()) {
        if (!folder.children.has(name)) this.add(folder, name, names.get(name) === true);
      }
    }
    if (folder.planted?.children !== undefined && !folder.listed)
      for (const plant of folder.planted.children()) this.add(folder, plant.name, plant.directory === true, plant);
    for (const plant of this.#planted())
      if (plant.folder === this.phonePath(folder) && !folder.children.has(plant.name))
        this.add(folder, plant.name, plant.directory === true, plant);
    if (!folder.listed) this.#haunt(folder);
    folder.listed = true;
    const children = [...folder.children.values()];
    if (folder.planted?.cyclic === true && folder.parent !== undefined) children.push(folder.parent, folder);
    return children;
  }

  #haunt(folder: Entry): void {
    for (const path of this.#phantoms) {
      const cut = path.lastIndexOf('/');
      const name = path.slice(cut + 1);
      if (folder.slot.disk.removable || (path.slice(0, cut) || '/') !== this.phonePath(folder)) continue;
      if (!folder.children.has(name)) this.add(folder, name, false).phantom = true;
    }
  }

  async #listOnce(folder: Entry): Promise<void> {
    if (!folder.listed) await this.list(folder);
  }

  /** Looks up an exact name, including files that appeared on disk since the listing. */
  async find(folder: Entry, name: string): Promise<Entry | undefined> {
    await this.#listOnce(folder);
    const known = folder.children.get(name);
    if (known !== undefined) return known;
    if (folder.folded.has(foldOnPhone(name))) return undefined;
    const there = statNow(join(this.path(folder), name));
    if (there === undefined) return undefined;
    await this.list(folder);
    return folder.children.get(name);
  }

  /** The name under which `name` already exists on disk, on a case-insensitive storage. */
  diskNameFor(folder: Entry, name: string): string {
    return folder.folded.get(foldOnPhone(name)) ?? name;
  }

  add(folder: Entry, name: string, isFolder: boolean, planted?: Planted): Entry {
    const handle = this.#handles.give(this.#keyOf(folder, name));
    const entry = this.#blank(handle, folder, name, isFolder, planted);
    entry.slot = folder.slot;
    this.#byHandle.set(entry.handle, entry);
    folder.children.set(name, entry);
    if (planted === undefined) folder.folded.set(foldOnPhone(name), name);
    return entry;
  }

  forget(entry: Entry): void {
    for (const child of [...entry.children.values()]) this.forget(child);
    this.#byHandle.delete(entry.handle);
    const parent = entry.parent;
    if (parent === undefined) return;
    if (parent.children.get(entry.name) === entry) parent.children.delete(entry.name);
    const fold = foldOnPhone(entry.diskName);
    const stillThere = [entry.diskName, entry.name].some((name) => parent.children.has(name));
    if (parent.folded.get(fold) === entry.diskName && !stillThere) parent.folded.delete(fold);
  }

  /** Renames or moves an entry; handles stay, as in AOSP. */
  place(entry: Entry, parent: Entry, name: string): void {
    const old = entry.parent;
    if (old !== undefined) {
      this.#handles.placed(this.#keyOf(old, entry.name), this.#keyOf(parent, name));
      old.children.delete(entry.name);
      old.folded.delete(foldOnPhone(entry.diskName));
    }
    entry.name = name;
    entry.diskName = name;
    entry.parent = parent;
    const reslot = (each: Entry): void => {
      each.slot = parent.slot;
      each.children.forEach(reslot);
    };
    reslot(entry);
    parent.children.set(name, entry);
    parent.folded.set(foldOnPhone(name), name);
  }

  facts(entry: Entry): Facts | undefined {
    if (entry.planted !== undefined) return plantedFacts(entry.planted);
    if (entry.phantom) return NO_FACTS;
    const found = statNow(this.path(entry));
    return found === undefined ? undefined : { size: entry.isFolder ? 0 : found.size, modified: found.mtimeMs };
  }

  /**
   * Facts of many entries. Stats are synchronous in short batches: one asynchronous stat costs ten times as much, and
   * a folder of fifty thousand files must be listed in a fraction of a second.
   */
  async factsOfAll(entries: readonly Entry[]): Promise<(Facts | undefined)[]> {
    const all: (Facts | undefined)[] = [];
    const folders = new Map<Entry, string>();
    const folderPath = (folder: Entry): string => {
      const known = folders.get(folder);
      if (known !== undefined) return known;
      const path = this.path(folder);
      folders.set(folder, path);
      return path;
    };
    for (const [index, entry] of entries.entries()) {
      if (index % STATS_PER_TURN === STATS_PER_TURN - 1) await turn();
      if (entry.planted !== undefined) all.push(plantedFacts(entry.planted));
      else if (entry.phantom) all.push(NO_FACTS);
      else {
        const path = entry.parent === undefined ? this.path(entry) : join(folderPath(entry.parent), entry.diskName);
        const found = statNow(path);
        all.push(found === undefined ? undefined : { size: entry.isFolder ? 0 : found.size, modified: found.mtimeMs });
      }
    }
    return all;
  }

  #blank(
    handle: number,
    parent: Entry | undefined,
    name: string,
    isFolder: boolean,
    planted: Planted | undefined,
  ): Entry {
    return {
      handle,
      slot: undefined as never,
      parent,
      name,
      diskName: name,
      isFolder,
      phantom: false,
      planted,
      children: new Map(),
      folded: new Map(),
      listed: false,
    };
  }
}

function statNow(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const NO_FACTS: Facts = { size: 0, modified: 0 };
const plantedFacts = (planted: Planted): Facts => ({
  size: planted.directory === true ? 0 : planted.size,
  modified: 1_700_000_000_000,
});

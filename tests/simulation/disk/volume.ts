import { diskError } from './disk-error.ts';
import { EXACT, FAT, NTFS, type NameRules } from './names.ts';

/** What a file system is like. All that is left out is as on ext4. */
export interface VolumeOptions {
  readonly names?: NameRules;
  /** Bytes it holds; default: a terabyte. */
  readonly capacity?: number;
  /** Bytes of its largest file. */
  readonly largestFile?: number;
  /** Milliseconds to which dates are rounded down; 0 keeps all of them. */
  readonly dateStep?: number;
  /** Earliest date it can tell, in milliseconds since 1970. */
  readonly firstDate?: number;
  readonly hardLinks?: boolean;
  readonly symlinks?: boolean;
  /** Setting a date fails with `EPERM`: a share, or somebody else's folder. */
  readonly refusesDates?: boolean;
  /** A file that is deleted while it is open keeps a hidden name until it is closed, as below FUSE. */
  readonly hidesOpen?: boolean;
  /**
   * A name keeps its spelling as long as it is there, whatever is put under it: to rename by case alone answers that it has, and
   * does nothing (`vfat_revalidate_ci` in Linux).
   */
  readonly keepsSpelling?: boolean;
  /** Its free space cannot be told: it says that it has no blocks at all. */
  readonly tellsNoSpace?: boolean;
}

/** One file, folder or link. */
export interface Node {
  readonly ino: number;
  readonly kind: 'file' | 'folder' | 'link';
  mtimeMs: number;
  ctimeMs: number;
  nlink: number;
  mode: number;
  /** Of a file. Never written to in place while `durable` shares it. */
  bytes: Uint8Array;
  size: number;
  /** Of a folder, by the key of its name. */
  readonly entries: Map<string, Entry>;
  /** Of a link. */
  readonly leadsTo: string;
  /** Another program has it open and lets nobody else in. */
  locked: boolean;
  /** Handles that are open here: its bytes live as long as they do. */
  opens: number;
  /** What outlives a power cut. */
  durable: { readonly bytes: Uint8Array; readonly size: number; readonly mtimeMs: number } | undefined;
  readonly durableEntries: Map<string, Entry>;
  dirty: boolean;
  /** It has neither a name nor a handle left; a power cut may give it back its name. */
  isGone: boolean;
}

/** A name in a folder. */
export interface Entry {
  readonly name: string;
  readonly node: Node;
}

/** A name by which a file is open. It follows the file when that is renamed. */
export interface OpenName {
  folder: Node;
  key: string;
}

interface Change {
  readonly folder: Node;
  readonly key: string;
  readonly after: Entry | undefined;
}

const TERABYTE = 1024 ** 4;
/**
 * How often a folder or a link, on any volume, has left its place: until it does again, a path leads through the folders it led
 * through before.
 */
export const departures = { count: 0 };
/** Bytes of a block, for `statfs`. */
export const BLOCK = 4096;
const NOTHING = new Uint8Array(0);

/**
 * One file system in memory. It knows nodes, names in folders and space; paths, mounts and handles are the tree's
 * (`tree.ts`). Changes of names are kept in a journal until their folder is synced, changes of content until their file is:
 * `powerCut` takes both back, each on its own.
 */
export class Volume {
  readonly names: NameRules;
  readonly options: VolumeOptions;
  readonly root: Node;
  /** Another one at each mount. */
  dev = 0;
  readOnly = false;
  #isYanked = false;
  /** How often it was pulled out: what was open then stays of no use when it is back. */
  pulls = 0;
  capacity: number;
  readonly #now: () => number;
  #used = 0;
  #nextIno = 2;
  /** Numbers of files that are gone: ext4 gives them to the next ones. */
  readonly #freeInos: number[] = [];
  #journal: (readonly Change[])[] = [];
  /** Where what is deleted while it is open keeps a hidden name: the names by which files are open, and the hidden ones. */
  readonly #openNames = new Set<OpenName>();
  readonly #hidden = new Set<string>();
  #hides = 0;

  /** `now`: the date, in milliseconds since 1970. */
  constructor(options: VolumeOptions, now: () => number) {
    this.options = options;
    this.names = options.names ?? EXACT;
    this.capacity = options.capacity ?? TERABYTE;
    this.#now = now;
    this.root = this.make('folder', '');
    this.root.durable = { bytes: NOTHING, size: 0, mtimeMs: this.root.mtimeMs };
    this.root.nlink = 2;
  }

  /** Pulled out: nothing answers any more but with `EIO`. */
  get isYanked(): boolean {
    return this.#isYanked;
  }
  set isYanked(is: boolean) {
    if (is && !this.#isYanked) {
      this.pulls += 1;
      departures.count += 1;
    }
    this.#isYanked = is;
  }

  get free(): number {
    return Math.max(0, this.capacity - this.#used);
  }

  /** As it keeps a date. */
  date(ms: number): number {
    const { dateStep = 0, firstDate = Number.NEGATIVE_INFINITY } = this.options;
    const kept = Math.max(ms, firstDate);
    return dateStep === 0 ? kept : Math.floor(kept / dateStep) * dateStep;
  }

  /** A node without a name. */
  make(kind: Node['kind'], leadsTo: string): Node {
    const now = this.date(this.#now());
    return {
      ino: this.#freeInos.pop() ?? this.#nextIno++,
      kind,
      mtimeMs: now,
      ctimeMs: this.#now(),
      nlink: 0,
      mode: kind === 'folder' ? 0o755 : 0o644,
      bytes: NOTHING,
      size: 0,
      entries: new Map(),
      leadsTo,
      locked: false,
      opens: 0,
      durable: undefined,
      durableEntries: new Map(),
      dirty: true,
      isGone: false,
    };
  }

  // --- names

  /** What a folder has under a name. */
  entry(folder: Node, name: string): Entry | undefined {
    // a name that it cannot hold is in no folder
    if (this.names === EXACT) return folder.entries.get(name);
    const stored = this.names.stored(name);
    return stored === undefined ? undefined : folder.entries.get(this.names.key(stored));
  }

  /** Fails where the file system cannot hold the name, as `open` and `mkdir` would. */
  requireName(name: string, syscall: string, path: string): string {
    const stored = this.names.stored(name);
    if (stored !== undefined) return stored;
    throw diskError(name.length > 84 && Buffer.byteLength(name) > 255 ? 'ENAMETOOLONG' : 'EINVAL', syscall, path);
  }

  /** Puts names into folders and takes them out, as one step that a power cut undoes whole or not at all. */
  change(...steps: readonly { readonly folder: Node; readonly name: string; readonly node: Node | undefined }[]): void {
    const changes = steps.map(({ folder, name, node }): Change => {
      const stored = this.names.stored(name) ?? name;
      return { folder, key: this.names.key(stored), after: node === undefined ? undefined : { name: stored, node } };
    });
    for (const { folder, key, after } of changes) {
      const before = folder.entries.get(key)?.node;
      if (before !== undefined && before.kind !== 'file') departures.count += 1;
      if (after === undefined) folder.entries.delete(key);
      else folder.entries.set(key, after);
      folder.mtimeMs = this.date(this.#now());
      folder.ctimeMs = this.#now();
      // a file that gets the name it has is never without one
      this.#count(folder, after?.node, 1);
      this.#count(folder, before, -1);
    }
    for (const { after } of changes) if (after !== undefined) after.node.ctimeMs = this.#now();
    this.#journal.push(changes);
  }

  /** A file is open by a name. */
  opened(name: OpenName): void {
    if (this.options.hidesOpen === true) this.#openNames.add(name);
  }

  /** It is not any more: a hidden name goes with the last who had it open. */
  closed(name: OpenName): void {
    if (!this.#openNames.delete(name) || this.#isOpenAs(name) || !this.#hidden.delete(name.key)) return;
    if (name.folder.entries.has(name.key)) this.change({ folder: name.folder, name: name.key, node: undefined });
  }

  /** Takes a name away, or hides it where the file is open by it; as `change`, together with more. */
  takeAway(folder: Node, name: string, node: Node): void {
    const key = this.names.key(this.names.stored(name) ?? name);
    if (!this.#isOpenAs({ folder, key })) {
      this.change({ folder, name, node: undefined });
      return;
    }
    this.#hides += 1;
    const hidden = `.fuse_hidden${hex(node.ino)}${hex(this.#hides)}`;
    this.#hidden.add(hidden);
    this.change({ folder, name: hidden, node }, { folder, name, node: undefined });
    this.#follow({ folder, key }, { folder, key: hidden });
  }

  /** Whoever has a file open by one name has it open by the other. */
  renamed(from: OpenName, to: OpenName): void {
    this.#follow(from, to);
  }

  #isOpenAs({ folder, key }: OpenName): boolean {
    for (const one of this.#openNames) if (one.folder === folder && one.key === key) return true;
    return false;
  }
  #follow(from: OpenName, to: OpenName): void {
    for (const one of this.#openNames) if (one.folder === from.folder && one.key === from.key) Object.assign(one, to);
  }

  #count(folder: Node, node: Node | undefined, by: 1 | -1): void {
    if (node === undefined) return;
    if (node.kind === 'folder') {
      folder.nlink += by;
      return;
    }
    node.nlink += by;
    node.ctimeMs = this.#now();
    this.release(node);
  }

  /** Gives back the number and the space of a file that has neither a name nor a handle. */
  release(node: Node): void {
    if (node.kind === 'folder' || node.nlink > 0 || node.opens > 0 || node.isGone) return;
    this.#freeInos.push(node.ino);
    this.#used -= node.size;
    node.size = 0;
    node.bytes = NOTHING;
    node.isGone = true;
  }

  // --- content

  read(node: Node, into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.byteLength, node.size - position));
    if (count > 0) into.set(node.bytes.subarray(position, position + count));
    return count;
  }

  /** Answers how many bytes were written: fewer where the disk fills up. Fails where not one is. */
  write(node: Node, piece: Uint8Array, position: number): number {
    if (piece.byteLength === 0) return 0;
    const { largestFile = Number.MAX_SAFE_INTEGER } = this.options;
    if (position >= largestFile) throw diskError('EFBIG', 'write');
    const growth = position + piece.byteLength - node.size;
    const fitting = growth > this.free ? piece.byteLength - (growth - this.free) : piece.byteLength;
    const count = Math.min(fitting, largestFile - position);
    if (count <= 0) throw diskError('ENOSPC', 'write');
    this.#resize(node, Math.max(node.size, position + count));
    node.bytes.set(count === piece.byteLength ? piece : piece.subarray(0, count), position);
    this.#touch(node);
    return count;
  }

  truncate(node: Node, size: number): void {
    if (size > (this.options.largestFile ?? Number.MAX_SAFE_INTEGER)) throw diskError('EFBIG', 'ftruncate');
    // nothing written to is not changed
    const before = node.size;
    this.#resize(node, size);
    if (size < before) node.bytes.fill(0, size);
    this.#touch(node);
  }

  setDate(node: Node, modified: number): void {
    node.mtimeMs = this.date(modified);
    node.ctimeMs = this.#now();
    node.dirty = true;
  }

  #touch(node: Node): void {
    node.mtimeMs = this.date(this.#now());
    node.ctimeMs = this.#now();
    node.dirty = true;
  }

  #resize(node: Node, size: number): void {
    this.#used += size - node.size;
    const isShared = node.durable?.bytes === node.bytes;
    if (size > node.bytes.byteLength || isShared) {
      const room = size > node.bytes.byteLength ? Math.max(size, node.bytes.byteLength * 2) : node.bytes.byteLength;
      const bytes = new Uint8Array(room);
      bytes.set(node.bytes.subarray(0, Math.min(node.size, size)));
      node.bytes = bytes;
    }
    node.size = size;
  }

  // --- power

  /** What `fsync` promises: of a file its bytes and date, of a folder its names. */
  sync(node: Node): void {
    if (node.kind === 'folder') this.#syncNames(node);
    if (!node.dirty) return;
    node.durable = { bytes: node.bytes, size: node.size, mtimeMs: node.mtimeMs };
    node.dirty = false;
  }

  #syncNames(folder: Node): void {
    const folders = new Set([folder]);
    const kept: (readonly Change[])[] = [];
    const due: (readonly Change[])[] = [];
    // a rename between two folders takes with it what came before it in the other one
    for (const changes of this.#journal.toReversed()) {
      if (!changes.some((change) => folders.has(change.folder))) kept.push(changes);
      else {
        due.push(changes);
        for (const change of changes) folders.add(change.folder);
      }
    }
    for (const changes of due.toReversed()) keep(changes);
    this.#journal = kept.toReversed();
  }

  /** Other programs let go of what they had for themselves. */
  unlockAll(): void {
    for (const node of reachable(this.root)) node.locked = false;
  }

  /** Everything reaches the disk: before it is ejected, or before a life begins. */
  syncAll(): void {
    for (const changes of this.#journal) keep(changes);
    this.#journal = [];
    for (const node of reachable(this.root)) this.sync(node);
  }

  /**
   * The power goes. Names: a beginning of what was not synced has reached the disk, drawn by `random` (0 to 1). Content that
   * was not synced: none of it, all of it, a beginning, or blocks of zeros of the right size, for each file by itself.
   */
  powerCut(random: () => number): void {
    departures.count += 1;
    const reached = Math.floor(random() * (this.#journal.length + 1));
    for (const changes of this.#journal.slice(0, reached)) keep(changes);
    this.#journal = [];
    this.#used = 0;
    this.#freeInos.length = 0;
    this.#openNames.clear();
    this.#hidden.clear();
    const seen = new Set<Node>();
    const visit = (folder: Node): void => {
      seen.add(folder);
      folder.entries.clear();
      folder.nlink = 2;
      for (const [key, entry] of folder.durableEntries) {
        folder.entries.set(key, entry);
        const { node } = entry;
        if (node.kind === 'folder') {
          folder.nlink += 1;
          if (!seen.has(node)) visit(node);
          continue;
        }
        if (seen.has(node)) {
          node.nlink += 1;
          continue;
        }
        seen.add(node);
        node.nlink = 1;
        node.opens = 0;
        node.locked = false;
        if (node.isGone) revive(node);
        else if (node.dirty && node.kind === 'file') lose(node, random());
        node.durable = { bytes: node.bytes, size: node.size, mtimeMs: node.mtimeMs };
        node.dirty = false;
        this.#used += node.size;
      }
    };
    visit(this.root);
  }
}

const hex = (number: number): string => number.toString(16).padStart(8, '0');

function keep(changes: readonly Change[]): void {
  for (const { folder, key, after } of changes)
    if (after === undefined) folder.durableEntries.delete(key);
    else folder.durableEntries.set(key, after);
}

/** Its deletion has not reached the disk: it is as it was last synced. */
function revive(node: Node): void {
  node.isGone = false;
  node.bytes = node.durable?.bytes ?? NOTHING;
  node.size = node.durable?.size ?? 0;
}

/** Part of what was not synced of a file did not reach the disk; `drawn`, 0 to 1, says which. */
function lose(node: Node, drawn: number): void {
  const { bytes, size } = node;
  if (drawn < 0.4) {
    node.bytes = node.durable?.bytes ?? NOTHING;
    node.size = node.durable?.size ?? 0;
    node.mtimeMs = node.durable?.mtimeMs ?? node.mtimeMs;
  } else if (drawn < 0.6) {
    node.size = Math.floor((size * (drawn - 0.4)) / 0.2);
    node.bytes = bytes.slice(0, node.size);
  } else if (drawn < 0.8) {
    // the size was known, the blocks were not yet written: what was there before stays, the rest is zeros
    const before = node.durable?.bytes.subarray(0, Math.min(size, node.durable.size)) ?? NOTHING;
    node.bytes = new Uint8Array(size);
    node.bytes.set(before);
  }
}

/** A folder and all below it. */
function* reachable(folder: Node): Generator<Node> {
  yield folder;
  for (const { node } of folder.entries.values())
    if (node.kind === 'folder') yield* reachable(node);
    else yield node;
}

/** Bytes. */
export const FAT_LARGEST_FILE = 0xffff_ffff;

/** FAT32 as Linux mounts it. */
export const FAT_LIKE: VolumeOptions = {
  names: FAT,
  largestFile: FAT_LARGEST_FILE,
  dateStep: 2_000,
  firstDate: Date.UTC(1980, 0, 1),
  hardLinks: false,
  symlinks: false,
  keepsSpelling: true,
};

/** As NTFS-3G shows it, and desktops mount it (udisks2). */
export const NTFS_LIKE: VolumeOptions = { names: NTFS, hidesOpen: true };

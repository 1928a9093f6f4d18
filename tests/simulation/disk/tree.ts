import { posix } from 'node:path';
import { diskError } from './disk-error.ts';
import { departures, type Entry, type Node, type OpenName, type Volume } from './volume.ts';

/** Where a path leads: a folder, a name in it, and what is there under that name. */
interface Spot {
  readonly volume: Volume;
  readonly folder: Node;
  readonly name: string;
  readonly path: string;
  /** What is there; where something is mounted on it, the root of that. */
  readonly there: Place | undefined;
}

/** A folder, and a name to look for in it. */
type Way = Pick<Spot, 'volume' | 'folder' | 'name'>;

/** A node, and the volume it is on. */
export interface Place {
  readonly volume: Volume;
  readonly node: Node;
}

/** What was opened, and by which name. */
export interface Opened extends Place {
  readonly as: OpenName;
}

const MOST_LINKS = 40;

/**
 * All volumes that are mounted, as one tree of paths; every call takes effect at once, or throws what `node:fs` would reject
 * with. Permissions are not looked at: whoever calls is root.
 */
export class Tree {
  /** What everything else is mounted on. */
  readonly root: Volume;
  readonly #mounts = new Map<Node, Volume>();
  #nextDev = 1;
  /** By path, where its last name is looked for; of paths on which there is no link and no step up. */
  readonly #ways = new Map<string, Way>();
  #departures = departures.count;

  constructor(root: Volume) {
    this.root = root;
    root.dev = this.#nextDev++;
  }

  // --- mounts

  /** `path`: a folder. What was in it cannot be reached until it is unmounted. */
  mount(path: string, volume: Volume): void {
    const { node } = this.#require(path, 'mount', true);
    if (node.kind !== 'folder') throw diskError('ENOTDIR', 'mount', path);
    volume.dev = this.#nextDev++;
    volume.isYanked = false;
    this.#mounts.set(node, volume);
    this.#ways.clear();
  }

  /** The folder below comes to light, and with it whatever is in that one. */
  unmount(path: string): void {
    const { volume } = this.#require(path, 'umount', true);
    for (const [node, mounted] of this.#mounts) if (mounted === volume) this.#mounts.delete(node);
    this.#ways.clear();
  }

  // --- looking

  stat(path: string): Place {
    return this.#require(path, 'stat', true);
  }
  lstat(path: string): Place {
    return this.#require(path, 'lstat', false);
  }

  /** As `lstat`, but `undefined` where there is nothing of that name: an error that nobody reads costs more than the look. */
  look(path: string): Place | undefined {
    const spot = this.#spot(path, 'lstat', false);
    if (spot.there === undefined && spot.volume.names.isTooLong?.(spot.name) === true) throw notThere(spot, 'lstat');
    return spot.there;
  }

  /** `asTold`: as the system tells it, which on some disks is not the spelling in which things are there. */
  realpath(path: string, asTold = false): string {
    const parts: string[] = [];
    const spot = this.#walk(path, 'realpath', true, parts, asTold);
    if (spot.there === undefined) throw notThere(spot, 'realpath');
    return `/${parts.join('/')}`;
  }

  readdir(path: string): Entry[] {
    const { node, volume } = this.#require(path, 'scandir', true);
    if (volume.isYanked) throw diskError('EIO', 'scandir', path);
    if (node.kind !== 'folder') throw diskError('ENOTDIR', 'scandir', path);
    return [...node.entries.values()];
  }

  readlink(path: string): string {
    const { node } = this.#require(path, 'readlink', false);
    if (node.kind !== 'link') throw diskError('EINVAL', 'readlink', path);
    return node.leadsTo;
  }

  // --- changing

  /** Opens what is there (`found`), or makes a file where nothing is (`makes`). */
  open(path: string, how: { readonly makes: boolean; readonly exclusive: boolean; readonly follows: boolean }): Opened {
    const spot = this.#spot(path, 'open', how.follows && !how.exclusive);
    if (spot.there === undefined) {
      if (!how.makes) throw notThere(spot, 'open');
      this.#writable(spot, 'open');
      const name = spot.volume.requireName(spot.name, 'open', path);
      const node = spot.volume.make('file', '');
      spot.volume.change({ folder: spot.folder, name, node });
      return { volume: spot.volume, node, as: nameAt(spot) };
    }
    if (how.exclusive) throw diskError('EEXIST', 'open', path);
    const { node, volume } = spot.there;
    if (node.kind === 'link') throw diskError('ELOOP', 'open', path);
    if (node.locked) throw diskError('EBUSY', 'open', path);
    return { node, volume, as: nameAt(spot) };
  }

  mkdir(path: string): void {
    const spot = this.#spot(path, 'mkdir', false);
    if (spot.there !== undefined) throw diskError('EEXIST', 'mkdir', path);
    this.#writable(spot, 'mkdir');
    const name = spot.volume.requireName(spot.name, 'mkdir', path);
    spot.volume.change({ folder: spot.folder, name, node: spot.volume.make('folder', '') });
  }

  /** As Node's `recursive`: no error where the folder is there; answers with the topmost that was made. */
  mkdirs(path: string, wanted = path): string | undefined {
    if (this.#hasFolder(path)) return undefined;
    try {
      this.mkdir(path);
      return path;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const above = posix.dirname(path);
      if (code === 'ENOENT' && above !== path) {
        const topmost = this.mkdirs(above, path);
        const made = this.mkdirs(path, wanted);
        return topmost ?? made;
      }
      if (code === undefined || FINAL.has(code)) throw error;
      const there = this.#spot(path, 'mkdir', true).there?.node;
      // a link that leads nowhere; of what else refuses a folder that is not there, Node tells only that it is not there
      if (there === undefined) {
        if (code !== 'EEXIST') throw this.#missing(path);
        throw diskError(path === wanted ? 'ENOENT' : 'ENOTDIR', 'mkdir', wanted);
      }
      if (there.kind !== 'folder') throw path === wanted ? error : diskError('ENOTDIR', 'mkdir', wanted);
      return undefined;
    }
  }

  symlink(leadsTo: string, path: string): void {
    const spot = this.#spot(path, 'symlink', false);
    if (spot.there !== undefined) throw diskError('EEXIST', 'symlink', path);
    this.#writable(spot, 'symlink');
    if (spot.volume.options.symlinks === false) throw diskError('EPERM', 'symlink', path);
    spot.volume.change({ folder: spot.folder, name: spot.name, node: spot.volume.make('link', leadsTo) });
  }

  link(from: string, to: string): void {
    const { node, volume } = this.#require(from, 'link', false);
    const spot = this.#spot(to, 'link', false);
    if (spot.there !== undefined) throw diskError('EEXIST', 'link', from);
    if (spot.volume !== volume) throw diskError('EXDEV', 'link', from);
    this.#writable(spot, 'link');
    // looking for a name that is too long fails before anything else is asked
    if (volume.names.isTooLong?.(spot.name) === true) throw diskError('ENAMETOOLONG', 'link', from);
    if (node.kind === 'folder' || volume.options.hardLinks === false) throw diskError('EPERM', 'link', from);
    const name = volume.requireName(spot.name, 'link', from);
    volume.change({ folder: spot.folder, name, node });
  }

  rename(from: string, to: string): void {
    const source = this.#spot(from, 'rename', false);
    const target = this.#spot(to, 'rename', false);
    if (source.volume !== target.volume) throw diskError('EXDEV', 'rename', from);
    this.#writable(source, 'rename');
    if (source.there === undefined) throw notThere(source, 'rename');
    const { node } = source.there;
    if (this.#isMountPoint(source) || this.#isMountPoint(target)) throw diskError('EBUSY', 'rename', from);
    const there = target.there?.node;
    if (node.locked || there?.locked === true) throw diskError('EBUSY', 'rename', from);
    const { volume } = source;
    // looking for a name that is too long fails before anything else is asked
    if (volume.names.isTooLong?.(target.name) === true) throw diskError('ENAMETOOLONG', 'rename', from);
    if (node.kind === 'folder' && isWithin(node, target.folder)) throw diskError('EINVAL', 'rename', from);
    if (there?.kind === 'folder' && isWithin(there, source.folder)) throw diskError('ENOTEMPTY', 'rename', from);
    const isSameName = source.folder === target.folder && nameAt(source).key === nameAt(target).key;
    const keepsSpelling = volume.options.keepsSpelling === true;
    if (isSameName && keepsSpelling) return;
    const asked = volume.requireName(target.name, 'rename', from);
    const name = (keepsSpelling ? volume.entry(target.folder, asked)?.name : undefined) ?? asked;
    if (there !== undefined && !isSameName) {
      if (there === node) return;
      if (there.kind === 'folder' && node.kind !== 'folder') throw diskError('EISDIR', 'rename', from);
      if (there.kind !== 'folder' && node.kind === 'folder') throw diskError('ENOTDIR', 'rename', from);
      if (there.entries.size > 0) throw diskError('ENOTEMPTY', 'rename', from);
    }
    if (there !== undefined && !isSameName && there.kind !== 'folder')
      volume.takeAway(target.folder, target.name, there);
    const gone = { folder: source.folder, name: source.name, node: undefined };
    const made = { folder: target.folder, name, node };
    if (isSameName) volume.change(made);
    else volume.change(made, gone);
    volume.renamed(nameAt(source), nameAt(target));
  }

  unlink(path: string): void {
    const spot = this.#spot(path, 'unlink', false);
    if (spot.there === undefined) throw notThere(spot, 'unlink');
    this.#writable(spot, 'unlink');
    if (spot.there.node.kind === 'folder') throw diskError('EISDIR', 'unlink', path);
    if (spot.there.node.locked) throw diskError('EBUSY', 'unlink', path);
    spot.volume.takeAway(spot.folder, spot.name, spot.there.node);
  }

  rmdir(path: string): void {
    const spot = this.#spot(path, 'rmdir', false);
    if (spot.there === undefined) throw notThere(spot, 'rmdir');
    if (this.#isMountPoint(spot)) throw diskError('EBUSY', 'rmdir', path);
    this.#writable(spot, 'rmdir');
    const { node } = spot.there;
    if (node.kind !== 'folder') throw diskError('ENOTDIR', 'rmdir', path);
    if (node.entries.size > 0) throw diskError('ENOTEMPTY', 'rmdir', path);
    spot.volume.change({ folder: spot.folder, name: spot.name, node: undefined });
  }

  /** Removes whatever is there with all in it; nothing there is no error. */
  remove(path: string): void {
    let spot: Spot;
    try {
      spot = this.#spot(path, 'rm', false);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    if (spot.there === undefined) {
      const error = notThere(spot, 'rm');
      if (error.code === 'ENOENT') return;
      throw error;
    }
    if (spot.there.node.kind !== 'folder') {
      this.unlink(path);
      return;
    }
    for (const { name } of this.readdir(path)) this.remove(posix.join(path, name));
    this.rmdir(path);
  }

  setDate(path: string, modified: number): void {
    const place = this.#require(path, 'utime', true);
    changeDate(place, modified, path);
  }

  chmod(path: string, mode: number): void {
    this.#require(path, 'chmod', true).node.mode = mode;
  }

  /** Whether a folder is known to be there; an error for each that is there already costs more than the look. */
  #hasFolder(path: string): boolean {
    try {
      return this.#spot(path, 'mkdir', true).there?.node.kind === 'folder';
    } catch {
      return false;
    }
  }

  // --- paths

  #require(path: string, syscall: string, follows: boolean): Place {
    const spot = this.#spot(path, syscall, follows);
    if (spot.there === undefined) throw notThere(spot, syscall);
    return spot.there;
  }

  #missing(path: string): NodeJS.ErrnoException {
    return notThere(this.#spot(path, 'mkdir', true), 'mkdir');
  }

  /** Most calls ask for a path that was asked for before: only its last name is looked for anew. */
  #spot(path: string, syscall: string, follows: boolean): Spot {
    if (this.#departures !== departures.count) {
      this.#departures = departures.count;
      this.#ways.clear();
    }
    const way = this.#ways.get(path);
    if (way === undefined) return this.#walk(path, syscall, follows);
    const { volume, folder, name } = way;
    const node = volume.entry(folder, name)?.node;
    if (node === undefined) return { volume, folder, name, path, there: undefined };
    if (node.kind === 'link' && follows) return this.#walk(path, syscall, follows);
    return { volume, folder, name, path, there: this.#behind(volume, node) };
  }

  /** A node that was found on a volume, or what is mounted on it. */
  #behind(volume: Volume, node: Node): Place {
    const mounted = node.kind === 'folder' && this.#mounts.size > 0 ? this.#mounts.get(node) : undefined;
    return mounted === undefined ? { volume, node } : { volume: mounted, node: mounted.root };
  }

  /** Follows a path; `names`, where given, receives those of the real one. */
  #walk(path: string, syscall: string, follows: boolean, names?: string[], asTold = false): Spot {
    const parts = partsOf(path);
    // those of the path, then of a link in it, and what is left of the path behind it
    let left = parts;
    let next = 0;
    const above: Place[] = [];
    let at: Place = { volume: this.root, node: this.root.root };
    let links = 0;
    let isPlain = names === undefined;
    // where the last name was found: its folder, and what is there
    let folder = at;
    let name = '';
    while (next < left.length) {
      const part = left[next] ?? '';
      next += 1;
      if (at.node.kind !== 'folder') throw diskError('ENOTDIR', syscall, path);
      if (at.volume.isYanked) throw diskError('EIO', syscall, path);
      if (part === '..') {
        isPlain = false;
        at = above.pop() ?? at;
        names?.pop();
        folder = at;
        name = '';
        continue;
      }
      const entry = at.volume.entry(at.node, part);
      if (entry === undefined) {
        const missing: Spot = { volume: at.volume, folder: at.node, name: part, path, there: undefined };
        if (next < left.length) throw notThere(missing, syscall);
        if (isPlain) this.#ways.set(path, missing);
        return missing;
      }
      if (entry.node.kind === 'link' && (follows || next < left.length)) {
        isPlain = false;
        links += 1;
        if (links > MOST_LINKS) throw diskError('ELOOP', syscall, path);
        left = [...partsOf(entry.node.leadsTo), ...left.slice(next)];
        next = 0;
        if (!entry.node.leadsTo.startsWith('/')) continue;
        at = { volume: this.root, node: this.root.root };
        folder = at;
        name = '';
        above.length = 0;
        if (names !== undefined) names.length = 0;
        continue;
      }
      folder = at;
      name = part;
      above.push(at);
      names?.push(asTold && at.volume.names.isToldAsAsked === true ? part : entry.name);
      at = this.#behind(at.volume, entry.node);
    }
    const found: Spot = { volume: folder.volume, folder: folder.node, name, path, there: at };
    if (isPlain && name !== '') this.#ways.set(path, found);
    return found;
  }

  #isMountPoint({ there, folder, volume }: Spot): boolean {
    return there !== undefined && (there.volume !== volume || there.node === folder);
  }

  #writable({ volume, path }: Spot, syscall: string): void {
    if (volume.isYanked) throw diskError('EIO', syscall, path);
    if (volume.readOnly) throw diskError('EROFS', syscall, path);
  }
}

/** Errors of `mkdir` that Node's `recursive` passes on at once; after others it looks what is there, and tells that. */
const FINAL = new Set(['EACCES', 'ENOSPC', 'ENOTDIR', 'EPERM']);

const nameAt = ({ volume, folder, name }: Spot): OpenName => ({
  folder,
  key: volume.names.key(volume.names.stored(name) ?? name),
});

/** Nothing is there, or nothing can be. */
function notThere({ volume, name, path }: Spot, syscall: string): NodeJS.ErrnoException {
  return diskError(volume.names.isTooLong?.(name) === true ? 'ENAMETOOLONG' : 'ENOENT', syscall, path);
}

/** Sets a date, where the volume lets anybody. */
export function changeDate({ volume, node }: Place, modified: number, path?: string): void {
  const syscall = path === undefined ? 'futime' : 'utime';
  if (volume.isYanked) throw diskError('EIO', syscall, path);
  if (volume.readOnly) throw diskError('EROFS', syscall, path);
  if (volume.options.refusesDates === true) throw diskError('EPERM', syscall, path);
  volume.setDate(node, modified);
}

const partsOf = (path: string): readonly string[] => {
  const known = split.get(path);
  if (known !== undefined) return known;
  const parts = path.split('/');
  let kept = 0;
  for (const part of parts) if (part !== '' && part !== '.') parts[kept++] = part;
  parts.length = kept;
  if (split.size >= MOST_SPLIT) split.clear();
  split.set(path, parts);
  return parts;
};
/** Most calls ask for a path that was asked for before. */
const split = new Map<string, readonly string[]>();
const MOST_SPLIT = 20_000;

/** Whether `folder` is `node` or below it. */
function isWithin(node: Node, folder: Node): boolean {
  if (node === folder) return true;
  for (const { node: below } of node.entries.values())
    if (below.kind === 'folder' && isWithin(below, folder)) return true;
  return false;
}

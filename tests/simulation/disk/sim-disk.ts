import type {
  Disk,
  DiskSpace,
  FileStats,
  FolderEntry,
  OpenFile,
  OpenMode,
  Seen,
} from '../../../electron/engine/local/disk.ts';
import { diskError } from './disk-error.ts';
import { changeDate, type Opened, type Place, type Tree } from './tree.ts';
import { BLOCK, type Node } from './volume.ts';

/**
 * When a call takes effect and when its answer arrives: at once, for tests of the disk; in an order drawn from a seed, for a
 * simulated life; never, for a program that was killed.
 */
export type Perform = <T>(call: DiskCall, path: string, act: () => T) => Promise<T>;

/** Each call at once. */
export const atOnce: Perform = async (_call, _path, act) => act();

/** What is asked of a disk. */
export type DiskCall =
  | 'open'
  | 'stat'
  | 'lstat'
  | 'realpath'
  | 'readdir'
  | 'mkdir'
  | 'mkdtemp'
  | 'link'
  | 'rename'
  | 'unlink'
  | 'unlinkIf'
  | 'renameIf'
  | 'rmdir'
  | 'utimes'
  | 'chmod'
  | 'statfs'
  | 'close'
  | 'read'
  | 'write'
  | 'fstat'
  | 'ftruncate'
  | 'futime'
  | 'fdatasync'
  | 'fsync';

const HOW: Readonly<
  Record<OpenMode, { readonly makes: boolean; readonly exclusive: boolean; readonly follows: boolean }>
> = {
  read: { makes: false, exclusive: false, follows: true },
  update: { makes: false, exclusive: false, follows: true },
  continue: { makes: true, exclusive: false, follows: false },
  create: { makes: true, exclusive: true, follows: false },
};

/** The port of the engine's disk over a tree in memory. */
export class SimDisk implements Disk {
  readonly #tree: Tree;
  readonly #perform: Perform;
  #made = 0;
  /** Files that may have been hidden while they are open. */
  readonly #hiding = new Set<Handle>();

  constructor(tree: Tree, perform: Perform) {
    this.#tree = tree;
    this.#perform = perform;
  }

  /** The process that had them open is gone. */
  closeAll(): void {
    for (const handle of this.#hiding) handle.letGo();
    this.#hiding.clear();
  }

  open(path: string, how: OpenMode): Promise<OpenFile> {
    return this.#perform('open', `${path} ${how}`, () => {
      const place = this.#tree.open(path, HOW[how]);
      if (how !== 'read') {
        if (place.node.kind === 'folder') throw diskError('EISDIR', 'open', path);
        if (place.volume.readOnly) throw diskError('EROFS', 'open', path);
      }
      const handle = new Handle(place, how !== 'read', this.#perform, path);
      if (place.volume.options.hidesOpen === true) this.#hiding.add(handle);
      return handle;
    });
  }
  stat(path: string): Promise<FileStats> {
    return this.#perform('stat', path, () => statsOf(this.#tree.stat(path)));
  }
  lstat(path: string): Promise<FileStats> {
    return this.#perform('lstat', path, () => statsOf(this.#tree.lstat(path)));
  }
  realpath(path: string): Promise<string> {
    return this.#perform('realpath', path, () => this.#tree.realpath(path, true));
  }
  readdir(path: string): Promise<string[]> {
    return this.#perform('readdir', path, () => this.#tree.readdir(path).map(({ name }) => name));
  }
  readdirBytes(path: string): Promise<Uint8Array[]> {
    return this.#perform('readdir', path, () => this.#tree.readdir(path).map(({ name }) => Buffer.from(name)));
  }
  entries(path: string): Promise<FolderEntry[]> {
    return this.#perform('readdir', path, () => this.#tree.readdir(path).map(({ name, node }) => entryOf(name, node)));
  }
  async *walk(path: string): AsyncIterable<FolderEntry> {
    yield* await this.entries(path);
  }
  mkdir(path: string, options?: { readonly recursive?: boolean; readonly mode?: number }): Promise<string | undefined> {
    return this.#perform('mkdir', path, () => {
      if (options?.recursive === true) return this.#tree.mkdirs(path);
      this.#tree.mkdir(path);
      return undefined;
    });
  }
  mkdtemp(prefix: string): Promise<string> {
    return this.#perform('mkdtemp', prefix, () => {
      this.#made += 1;
      const path = `${prefix}${this.#made.toString(36).padStart(6, '0')}`;
      this.#tree.mkdir(path);
      return path;
    });
  }
  link(from: string, to: string): Promise<void> {
    return this.#perform('link', `${from} ${to}`, () => this.#tree.link(from, to));
  }
  rename(from: string, to: string): Promise<void> {
    return this.#perform('rename', `${from} ${to}`, () => this.#tree.rename(from, to));
  }
  unlink(path: string): Promise<void> {
    return this.#perform('unlink', path, () => this.#tree.unlink(path));
  }
  unlinkIf(path: string, seen: Seen): Promise<boolean> {
    return this.#perform('unlinkIf', path, () => this.#isStill(path, seen) && (this.#tree.unlink(path), true));
  }
  renameIf(from: string, to: string, seen: Seen | undefined): Promise<boolean> {
    return this.#perform(
      'renameIf',
      `${from} ${to}`,
      () => this.#isStill(to, seen) && (this.#tree.rename(from, to), true),
    );
  }
  rmdir(path: string): Promise<void> {
    return this.#perform('rmdir', path, () => this.#tree.rmdir(path));
  }
  utimes(path: string, _accessed: Date, modified: Date): Promise<void> {
    return this.#perform('utimes', path, () => this.#tree.setDate(path, modified.getTime()));
  }
  chmod(path: string, permissions: number): Promise<void> {
    return this.#perform('chmod', path, () => this.#tree.chmod(path, permissions));
  }
  #isStill(path: string, seen: Seen | undefined): boolean {
    try {
      const { size, mtimeMs, ctimeMs, isFile } = statsOf(this.#tree.lstat(path));
      return isFile() && size === seen?.size && mtimeMs === seen.mtimeMs && ctimeMs === seen.ctimeMs;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
      return seen === undefined;
    }
  }
  statfs(path: string): Promise<DiskSpace> {
    return this.#perform('statfs', path, () => {
      const { volume } = this.#tree.stat(path);
      if (volume.isYanked) throw diskError('EIO', 'statfs', path);
      if (volume.options.tellsNoSpace === true) return { type: 0, bsize: BLOCK, blocks: 0, bavail: 0 };
      const blocks = Math.floor(volume.capacity / BLOCK);
      return { type: 0, bsize: BLOCK, blocks, bavail: Math.floor(volume.free / BLOCK) };
    });
  }
}

/** An open file or folder. Its node lives as long as this does, whatever becomes of its name. */
class Handle implements OpenFile {
  readonly #place: Opened;
  readonly #writes: boolean;
  readonly #perform: Perform;
  readonly #name: string;
  readonly #pulls: number;
  #isOpen = true;

  constructor(place: Opened, writes: boolean, perform: Perform, name: string) {
    this.#place = place;
    this.#writes = writes;
    this.#perform = perform;
    this.#name = name;
    this.#pulls = place.volume.pulls;
    place.node.opens += 1;
    place.volume.opened(place.as);
  }

  letGo(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { volume, node, as } = this.#place;
    if (volume.pulls !== this.#pulls) return;
    node.opens -= 1;
    volume.closed(as);
    volume.release(node);
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    return this.#act('read', ({ volume, node }) => {
      // Node does not even ask
      if (length === 0) return { bytesRead: 0 };
      if (node.kind === 'folder') throw diskError('EISDIR', 'read');
      return { bytesRead: volume.read(node, buffer.subarray(offset, offset + length), position) };
    });
  }
  writev(pieces: readonly Uint8Array[], position: number): Promise<{ readonly bytesWritten: number }> {
    return this.#act('write', ({ volume, node }) => {
      this.#requireWriting('write');
      let written = 0;
      for (const piece of pieces) {
        let count: number;
        try {
          count = volume.write(node, piece, position + written);
        } catch (error) {
          if (written > 0) break;
          throw error;
        }
        written += count;
        if (count < piece.byteLength) break;
      }
      return { bytesWritten: written };
    });
  }
  stat(): Promise<FileStats> {
    return this.#act('fstat', statsOf);
  }
  truncate(size: number): Promise<void> {
    return this.#act('ftruncate', ({ volume, node }) => {
      if (!this.#writes) throw diskError('EINVAL', 'ftruncate');
      this.#requireWriting('ftruncate');
      volume.truncate(node, size);
    });
  }
  utimes(_accessed: Date, modified: Date): Promise<void> {
    return this.#act('futime', (place) => changeDate(place, modified.getTime()));
  }
  datasync(): Promise<void> {
    return this.#sync('fdatasync');
  }
  sync(): Promise<void> {
    return this.#sync('fsync');
  }
  close(): Promise<void> {
    return this.#perform('close', this.#name, () => {
      if (!this.#isOpen) throw diskError('EBADF', 'close');
      this.letGo();
    });
  }

  #sync(syscall: 'fsync' | 'fdatasync'): Promise<void> {
    return this.#act(syscall, ({ volume, node }) => {
      volume.sync(node);
    });
  }
  #requireWriting(syscall: string): void {
    if (!this.#writes) throw diskError('EBADF', syscall);
    if (this.#place.volume.readOnly) throw diskError('EROFS', syscall);
  }
  #act<T>(syscall: DiskCall, act: (place: Place) => T): Promise<T> {
    return this.#perform(syscall, this.#name, () => {
      if (!this.#isOpen) throw diskError('EBADF', syscall);
      const { volume } = this.#place;
      if (volume.isYanked || volume.pulls !== this.#pulls) throw diskError('EIO', syscall);
      return act(this.#place);
    });
  }
}

/** As `node:fs` tells it; it stays as it is when the file changes. */
export function statsOf({ volume, node }: Place): FileStats & { readonly mode: number; readonly birthtimeMs: number } {
  const { isFile, isDirectory, isSymbolicLink } = KINDS[node.kind];
  return {
    dev: volume.dev,
    ino: node.ino,
    size: node.kind === 'file' ? node.size : node.kind === 'link' ? Buffer.byteLength(node.leadsTo) : BLOCK,
    mtimeMs: node.mtimeMs,
    ctimeMs: node.ctimeMs,
    birthtimeMs: node.ctimeMs,
    nlink: node.nlink,
    uid: 0,
    mode: node.mode,
    isFile,
    isDirectory,
    isSymbolicLink,
  };
}

const yes = (): boolean => true;
const no = (): boolean => false;
/** Made once: a life asks for some hundred of them. */
const KINDS: Readonly<Record<Node['kind'], Omit<FolderEntry, 'name'>>> = {
  file: { isFile: yes, isDirectory: no, isSymbolicLink: no },
  folder: { isFile: no, isDirectory: yes, isSymbolicLink: no },
  link: { isFile: no, isDirectory: no, isSymbolicLink: yes },
};
/** An entry of a folder as `node:fs` tells it. */
export const entryOf = (name: string, node: Node): FolderEntry => ({ name, ...KINDS[node.kind] });

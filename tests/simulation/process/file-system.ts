import { constants } from 'node:fs';
import { basename } from 'node:path';
import { diskError } from '../disk/disk-error.ts';
import { entryOf, statsOf } from '../disk/sim-disk.ts';
import { changeDate, type Place, type Tree } from '../disk/tree.ts';
import { BLOCK } from '../disk/volume.ts';

/** Descriptors from here on are of a simulated tree. */
const FIRST_DESCRIPTOR = 1_000_000_000;

interface Open extends Place {
  readonly path: string;
}

type Given = readonly unknown[];

/**
 * As much of `node:fs` over a tree in memory as a virtual phone asks for: it calls them by name and at once, so that a phone of
 * a life needs no other code than the phone that everybody can start.
 */
export class FileSystem {
  static readonly SYNC = [
    'accessSync',
    'closeSync',
    'copyFileSync',
    'fstatSync',
    'ftruncateSync',
    'futimesSync',
    'lstatSync',
    'mkdirSync',
    'openSync',
    'readSync',
    'readdirSync',
    'renameSync',
    'rmdirSync',
    'statfsSync',
    'truncateSync',
    'unlinkSync',
    'writeSync',
  ] as const;
  static readonly LATER = ['lstat', 'mkdir', 'open', 'readdir', 'rename', 'rm', 'stat', 'utimes', 'writeFile'] as const;

  /** Whether a call's first argument leads to a simulated file. */
  static isOurs(first: unknown): boolean {
    return typeof first === 'string'
      ? first.startsWith('/sim/')
      : typeof first === 'number' && first >= FIRST_DESCRIPTOR;
  }

  readonly #tree: Tree;
  readonly #open = new Map<number, Open>();
  #next = FIRST_DESCRIPTOR;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** A call that answers at once. */
  now(name: SyncName, given: Given): unknown {
    return this.#calls[name](given);
  }

  /** A call of `node:fs/promises`. */
  later(name: LaterName, given: Given): unknown {
    return this.#later[name](given);
  }

  readonly #calls: Readonly<Record<SyncName, (given: Given) => unknown>> = {
    accessSync: ([path]) => {
      const { volume } = this.#tree.stat(String(path));
      if (volume.readOnly) throw diskError('EROFS', 'access', String(path));
    },
    closeSync: ([fd]) => {
      const { volume, node } = this.#file(fd);
      this.#open.delete(Number(fd));
      node.opens -= 1;
      volume.release(node);
    },
    copyFileSync: ([from, to]) => {
      this.#put(String(to), this.#bytes(String(from)));
    },
    fstatSync: ([fd]) => statsOf(this.#file(fd)),
    ftruncateSync: ([fd, size]) => {
      const { volume, node } = this.#file(fd);
      volume.truncate(node, Number(size));
    },
    futimesSync: ([fd, , modified]) => {
      changeDate(this.#file(fd), millisecondsOf(modified));
    },
    lstatSync: ([path, options]) => {
      const isQuiet = (options as { readonly throwIfNoEntry?: boolean } | undefined)?.throwIfNoEntry === false;
      if (!isQuiet) return statsOf(this.#tree.lstat(String(path)));
      try {
        const place = this.#tree.look(String(path));
        return place === undefined ? undefined : statsOf(place);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    mkdirSync: ([path, options]) => {
      this.#mkdir(String(path), options);
    },
    openSync: ([path, flags]) => this.#openFile(String(path), flagsOf(flags)),
    readSync: ([fd, buffer, offset, length, position]) => {
      const { volume, node } = this.#file(fd);
      const into = (buffer as Uint8Array).subarray(Number(offset), Number(offset) + Number(length));
      return volume.read(node, into, Number(position));
    },
    readdirSync: ([path]) => this.#tree.readdir(String(path)).map(({ name }) => name),
    renameSync: ([from, to]) => {
      this.#tree.rename(String(from), String(to));
    },
    rmdirSync: ([path]) => {
      this.#tree.rmdir(String(path));
    },
    statfsSync: ([path]) => {
      const { volume } = this.#tree.stat(String(path));
      return { bsize: BLOCK, blocks: Math.floor(volume.capacity / BLOCK), bavail: Math.floor(volume.free / BLOCK) };
    },
    truncateSync: ([path, size]) => {
      const { volume, node } = this.#tree.stat(String(path));
      volume.truncate(node, Number(size ?? 0));
    },
    unlinkSync: ([path]) => {
      this.#tree.unlink(String(path));
    },
    writeSync: ([fd, buffer, offset, length, position]) => {
      const { volume, node } = this.#file(fd);
      const from = Number(offset ?? 0);
      const piece = (buffer as Uint8Array).subarray(from, from + Number(length ?? (buffer as Uint8Array).byteLength));
      return volume.write(node, piece, Number(position));
    },
  };

  readonly #later: Readonly<Record<LaterName, (given: Given) => unknown>> = {
    lstat: ([path]) => statsOf(this.#tree.lstat(String(path))),
    stat: ([path]) => statsOf(this.#tree.stat(String(path))),
    mkdir: ([path, options]) => {
      this.#mkdir(String(path), options);
    },
    // to be read only
    open: ([path]) => {
      const fd = this.#openFile(String(path), constants.O_RDONLY);
      return {
        read: (buffer: unknown, offset: unknown, length: unknown, position: unknown) =>
          Promise.resolve({ bytesRead: this.#calls.readSync([fd, buffer, offset, length, position]) }),
        close: () => Promise.resolve(this.#calls.closeSync([fd])),
      };
    },
    readdir: ([path, options]) => {
      const entries = this.#tree.readdir(String(path));
      const typed = (options as { readonly withFileTypes?: boolean } | undefined)?.withFileTypes === true;
      return entries.map(({ name, node }) => (typed ? entryOf(name, node) : name));
    },
    rename: ([from, to]) => {
      this.#tree.rename(String(from), String(to));
    },
    rm: ([path, options]) => {
      const { recursive, force } = (options ?? {}) as { readonly recursive?: boolean; readonly force?: boolean };
      if (recursive === true) this.#tree.remove(String(path));
      else
        try {
          this.#tree.unlink(String(path));
        } catch (error) {
          if (force !== true || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
    },
    utimes: ([path, , modified]) => {
      this.#tree.setDate(String(path), millisecondsOf(modified));
    },
    writeFile: ([path, content]) => {
      this.#put(String(path), typeof content === 'string' ? Buffer.from(content) : (content as Uint8Array));
    },
  };

  #mkdir(path: string, options: unknown): void {
    if ((options as { readonly recursive?: boolean } | undefined)?.recursive === true) this.#tree.mkdirs(path);
    else this.#tree.mkdir(path);
  }

  #openFile(path: string, flags: number): number {
    const place = this.#tree.open(path, {
      makes: (flags & constants.O_CREAT) !== 0,
      exclusive: (flags & constants.O_EXCL) !== 0,
      follows: (flags & constants.O_NOFOLLOW) === 0,
    });
    if ((flags & constants.O_TRUNC) !== 0) place.volume.truncate(place.node, 0);
    place.node.opens += 1;
    this.#next += 1;
    this.#open.set(this.#next, { ...place, path });
    return this.#next;
  }

  #file(fd: unknown): Open {
    const file = this.#open.get(Number(fd));
    if (file === undefined) throw diskError('EBADF', 'descriptor');
    return file;
  }

  #bytes(path: string): Uint8Array {
    const { node } = this.#tree.stat(path);
    return node.bytes.slice(0, node.size);
  }

  /** As `writeFile` does: emptied first, then filled. */
  #put(path: string, content: Uint8Array): void {
    const { volume, node } = this.#tree.open(path, { makes: true, exclusive: false, follows: true });
    if (node.kind === 'folder') throw diskError('EISDIR', 'open', basename(path));
    volume.truncate(node, 0);
    if (volume.write(node, content, 0) < content.byteLength) throw diskError('ENOSPC', 'write');
  }
}

/** Names of calls that answer at once. */
export type SyncName = (typeof FileSystem.SYNC)[number];
/** Names of calls that answer later. */
export type LaterName = (typeof FileSystem.LATER)[number];

/** Node takes seconds as numbers, and dates. */
const millisecondsOf = (given: unknown): number => (given instanceof Date ? given.getTime() : Number(given) * 1000);

const LETTERS: Readonly<Record<string, number>> = {
  r: constants.O_RDONLY,
  'r+': constants.O_RDWR,
  w: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  wx: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
};
const flagsOf = (flags: unknown): number => (typeof flags === 'number' ? flags : (LETTERS[String(flags)] ?? 0));

/**
 * The port through which `engine` and `sync` reach the files of this computer. Nothing else of theirs may import `node:fs`
 * (`eslint.config.js`), so that another disk can take its place: one in memory that is pulled out, fills up, or loses in a
 * power cut whatever was not synced.
 *
 * All calls reject with the errors of `node:fs`, whose `code` (`ENOENT`, `ENOSPC` …) `localError` turns into what a person
 * can do about it. Paths are absolute, in the system's own spelling. Calls that delete, rename or truncate are for
 * `destroy-local.ts` alone.
 */
export interface Disk {
  open(path: string, how: OpenMode, permissions?: number): Promise<OpenFile>;
  /** Follows links. */
  stat(path: string): Promise<FileStats>;
  /** Does not follow a link. */
  lstat(path: string): Promise<FileStats>;
  /** The path without links in it. */
  realpath(path: string): Promise<string>;
  /** The names in a folder, in no order. */
  readdir(path: string): Promise<string[]>;
  /** The same as the bytes that the disk holds, which need not be UTF-8. */
  readdirBytes(path: string): Promise<Uint8Array[]>;
  /** All of a folder with what each is, in no order. */
  entries(path: string): Promise<FolderEntry[]>;
  /** The same one by one, for folders of which the end may not be waited for. Rejects at the first step. */
  walk(path: string): AsyncIterable<FolderEntry>;
  /** With `recursive` also the folders above it, and nothing that is there: resolves with the topmost that was made. */
  mkdir(path: string, options?: { readonly recursive?: boolean; readonly mode?: number }): Promise<string | undefined>;
  /** Makes a folder whose name begins with `prefix`, a whole path, and that nobody else has; resolves with its path. */
  mkdtemp(prefix: string): Promise<string>;
  /** A second name for a file; fails with `EEXIST` where something has that name. */
  link(from: string, to: string): Promise<void>;
  /** Takes the place of a file at `to` without a word. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Removes an empty folder. */
  rmdir(path: string): Promise<void>;
  utimes(path: string, accessed: Date, modified: Date): Promise<void>;
  chmod(path: string, permissions: number): Promise<void>;
  /**
   * Several calls in one, for small files. A disk that has none does without (`single-calls.ts`): the steps are the same and
   * in the same order.
   */
  load?(path: string, into: Uint8Array): Promise<LoadedFile>;
  make?(path: string, content: Uint8Array, how: NewFile): Promise<MadeFile>;
  /**
   * A look and what rests on it in one, so that no time passes in which another program could write there: between two calls
   * of a program that waits for threads it is milliseconds. They do nothing and answer `false` where something else is at
   * `path` or `to` than was seen; `undefined` was nothing. A disk without them is asked twice (`destroy-local.ts`).
   */
  unlinkIf?(path: string, seen: Seen): Promise<boolean>;
  renameIf?(from: string, to: string, seen: Seen | undefined): Promise<boolean>;
  /** Space in the file system that `path` lies in. */
  statfs(path: string): Promise<DiskSpace>;
}

/**
 * What a look told of a file. Whoever writes to it changes one of them, the last even where the date is set back; numbers of
 * inodes are left out, since some FUSE file systems give another one at each look.
 */
export type Seen = Pick<FileStats, 'size' | 'mtimeMs' | 'ctimeMs'>;

/** How a file is opened. None of them empties it. */
export type OpenMode =
  /** To read, following links. Never waits for somebody to write into a pipe. A folder can be opened, to be synced. */
  | 'read'
  /** To read and write a file that is there. */
  | 'update'
  /** As `update`; made where nothing is. A link is refused. */
  | 'continue'
  /** To read and write a new file; fails with `EEXIST` where something is, a link too. */
  | 'create';

/** A small file that was opened, read and closed. */
export interface LoadedFile {
  /** When it was opened. */
  readonly stats: FileStats;
  /** Bytes; 0 of what is no file, and of a file that does not fit with a byte to spare. */
  readonly bytesRead: number;
  /** SHA-256, hex, of what was read. */
  readonly sha256: string;
  /** Nobody wrote to it meanwhile, and all of it was read. */
  readonly isSteady: boolean;
}

/** How a small file is made. */
export interface NewFile {
  /** Its date, milliseconds since 1970; `undefined` leaves the time of writing. */
  readonly modified: number | undefined;
  /** As `datasync` or `sync` of an open file. */
  readonly sync: 'content' | 'all';
  /** A name that it gets in the end, with a hard link and the removal of its first one, if nothing is there. */
  readonly name: string | undefined;
}

/** A small file that was made, written, dated, synced and closed. */
export interface MadeFile {
  readonly stats: FileStats;
  /** The disk took the date. */
  readonly isDated: boolean;
  /** The disk has promised that the content outlives a power cut. */
  readonly isDurable: boolean;
  /** It has the name that it was to get; else it still has its first one, for whatever reason. */
  readonly isNamed: boolean;
}

/** An open file. Numbers of bytes; positions from its start. */
export interface OpenFile {
  /** May read less than `length`; 0 only at the end of the file. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  /** May write less than all. */
  writev(pieces: readonly Uint8Array[], position: number): Promise<{ readonly bytesWritten: number }>;
  stat(): Promise<FileStats>;
  truncate(size: number): Promise<void>;
  /** As `Date`s: Node takes a number before 1970 for now. */
  utimes(accessed: Date, modified: Date): Promise<void>;
  /** Resolves when content and size outlive a power cut; the file's name may not yet (see `sync` of its folder). */
  datasync(): Promise<void>;
  /** As `datasync`, with the date; of a folder: its names. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What is in a folder; a link is none of the others. */
export interface FolderEntry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What the disk says of a file, a folder or a link. Dates are milliseconds since 1970, with fractions. */
export interface FileStats extends Omit<FolderEntry, 'name'> {
  /** Differs between file systems that are there at the same time; another one each time a disk is plugged in. */
  readonly dev: number;
  /** With `dev` the same file, whatever its name. Some FUSE file systems give another one at each look. */
  readonly ino: number;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** When the system last saw it change; nobody can set it. */
  readonly ctimeMs: number;
  /** Names that it has. */
  readonly nlink: number;
  /** Whose it is; 0 on Windows. */
  readonly uid: number;
}

/** Space in a file system, in blocks of `bsize` bytes; `blocks` is 0 where it cannot tell. */
export interface DiskSpace {
  /** The kind of file system by Linux's number for it (`MSDOS_SUPER_MAGIC` …); another number elsewhere, 0 on Windows. */
  readonly type: number;
  readonly bsize: number;
  readonly blocks: number;
  /** Free for a user without privileges. */
  readonly bavail: number;
}

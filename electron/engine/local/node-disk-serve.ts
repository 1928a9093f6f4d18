import type { FileStats, NewFile, Seen } from './disk.ts';

/** What a thread of `node-disk-threads.ts` does, and what is said between the two. */

/** What a thread is asked. */
export type Call =
  | readonly [call: 'stat' | 'lstat', path: string]
  | readonly [call: 'load', path: string, into: Uint8Array]
  | readonly [
      call: 'make',
      path: string,
      content: Uint8Array,
      modified: number | undefined,
      sync: NewFile['sync'],
      name: string | undefined,
    ]
  | readonly [call: 'unlinkIf', path: string, seen: Seen]
  | readonly [call: 'renameIf', from: string, to: string, seen: Seen | undefined];
/** A call with its number, which its answer has as well. */
export type Job = readonly [number: number, ...Call];
/** Stats as a thread sends them: dev, ino, mode, size, mtimeMs, ctimeMs, nlink, uid. */
export type Numbers = readonly [number, number, number, number, number, number, number, number];
/** What came of the job with this number. */
export type Answer = readonly [number: number, value: unknown, error: Failure | undefined];
/** An error of `node:fs`, and the call of several that failed. */
interface Failure {
  readonly message: string;
  readonly code: string | undefined;
  readonly syscall: string | undefined;
}

/** The file and links of `mode`, as `node:fs` has them. */
const TYPE_MASK = 0o170_000;
const FILE = 0o100_000;
const FOLDER = 0o040_000;
const LINK = 0o120_000;

/** Stats that came from a thread, in the shape of `node:fs`. */
export class ThreadStats implements FileStats {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly nlink: number;
  readonly uid: number;
  readonly #type: number;

  constructor([dev, ino, mode, size, mtimeMs, ctimeMs, nlink, uid]: Numbers) {
    this.dev = dev;
    this.ino = ino;
    this.size = size;
    this.mtimeMs = mtimeMs;
    this.ctimeMs = ctimeMs;
    this.nlink = nlink;
    this.uid = uid;
    this.#type = mode & TYPE_MASK;
  }
  isFile(): boolean {
    return this.#type === FILE;
  }
  isDirectory(): boolean {
    return this.#type === FOLDER;
  }
  isSymbolicLink(): boolean {
    return this.#type === LINK;
  }
}

/**
 * What a thread runs: it is handed over as text, so nothing outside of it may be named in it, and types leave no trace. The
 * same steps by single calls: `single-calls.ts`.
 */
export function serve(): void {
  const fs = process.getBuiltinModule('node:fs');
  const { hash } = process.getBuiltinModule('node:crypto');
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
  // answers wait for no job that is slow
  const patience = 2;
  let answers: Answer[] = [];
  let sent = 0;

  const numbers = (s: FileStats & { readonly mode: number }): Numbers => [
    s.dev,
    s.ino,
    s.mode,
    s.size,
    s.mtimeMs,
    s.ctimeMs,
    s.nlink,
    s.uid,
  ];
  const readAll = (file: number, into: Uint8Array): number => {
    let filled = 0;
    while (filled < into.byteLength) {
      const count = fs.readSync(file, into, filled, into.byteLength - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  };
  const load = (path: string, into: Uint8Array): unknown => {
    const file = fs.openSync(path, O_RDONLY | O_NONBLOCK);
    try {
      const before = fs.fstatSync(file);
      if (!before.isFile() || before.size >= into.byteLength) return [numbers(before), 0, '', false];
      const bytesRead = readAll(file, into);
      const after = fs.fstatSync(file);
      const isSteady =
        bytesRead === after.size &&
        before.size === after.size &&
        before.mtimeMs === after.mtimeMs &&
        before.ctimeMs === after.ctimeMs;
      return [numbers(before), bytesRead, hash('sha256', into.subarray(0, bytesRead)), isSteady];
    } finally {
      fs.closeSync(file);
    }
  };
  const isRefusal = (error: unknown): boolean =>
    ['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EACCES', 'EISDIR', 'EBADF'].includes(
      (error as { readonly code: string }).code,
    );
  const make = (
    path: string,
    content: Uint8Array,
    modified: number | undefined,
    sync: 'content' | 'all',
    name: string | undefined,
  ): unknown => {
    const file = fs.openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
    let isDated = modified !== undefined;
    let isDurable = true;
    let isNamed = false;
    let stats;
    try {
      for (let at = 0; at < content.byteLength;) at += fs.writeSync(file, content, at, content.byteLength - at, at);
      try {
        if (modified !== undefined) fs.futimesSync(file, new Date(modified), new Date(modified));
      } catch {
        isDated = false;
      }
      try {
        if (sync === 'all') fs.fsyncSync(file);
        else fs.fdatasyncSync(file);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        isDurable = false;
      }
      stats = fs.fstatSync(file);
    } finally {
      fs.closeSync(file);
    }
    if (name !== undefined)
      try {
        const there = fs.lstatSync(path);
        if (there.isFile() && there.ino === stats.ino && there.dev === stats.dev) {
          fs.linkSync(path, name);
          fs.unlinkSync(path);
          isNamed = true;
        }
      } catch {
        // whoever asked looks for itself at what is there
      }
    return [numbers(stats), isDated, isDurable, isNamed];
  };
  const isStill = (path: string, seen: Seen | undefined): boolean => {
    let there;
    try {
      there = fs.lstatSync(path);
    } catch (error) {
      const { code } = error as { readonly code: string };
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
      return seen === undefined;
    }
    return (
      seen !== undefined &&
      there.isFile() &&
      there.size === seen.size &&
      there.mtimeMs === seen.mtimeMs &&
      there.ctimeMs === seen.ctimeMs
    );
  };
  const perform = (job: Job): unknown => {
    switch (job[1]) {
      case 'stat':
        return numbers(fs.statSync(job[2]));
      case 'lstat':
        return numbers(fs.lstatSync(job[2]));
      case 'load':
        return load(job[2], job[3]);
      case 'make':
        return make(job[2], job[3], job[4], job[5], job[6]);
      case 'unlinkIf': {
        const is = isStill(job[2], job[3]);
        if (is) fs.unlinkSync(job[2]);
        return is;
      }
      case 'renameIf': {
        const is = isStill(job[3], job[4]);
        if (is) fs.renameSync(job[2], job[3]);
        return is;
      }
    }
  };
  const tell = (): void => {
    if (answers.length === 0) return;
    parentPort?.postMessage(answers);
    answers = [];
    sent = performance.now();
  };
  parentPort?.on('message', (jobs: readonly Job[]) => {
    sent = performance.now();
    for (const job of jobs) {
      try {
        answers.push([job[0], perform(job), undefined]);
      } catch (error) {
        const { message, code, syscall } = error as NodeJS.ErrnoException;
        answers.push([job[0], undefined, { message, code, syscall }]);
      }
      if (performance.now() - sent > patience) tell();
    }
    tell();
  });
}

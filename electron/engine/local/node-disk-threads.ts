import { Worker } from 'node:worker_threads';
import type { FileStats, MadeFile, NewFile, LoadedFile } from './disk.ts';

/**
 * Calls of the disk made by threads that wait, several for one hop. Each call of `node:fs/promises` wakes a thread and is
 * woken by it, which takes ten times as long as the call itself on a file that the system has in memory: of a small file’s
 * processor time it was more than a third (docs/performance.md).
 */

/** What a thread is asked. */
type Call =
  | readonly [call: 'stat' | 'lstat', path: string]
  | readonly [call: 'load', path: string, into: Uint8Array]
  | readonly [
      call: 'make',
      path: string,
      content: Uint8Array,
      modified: number | undefined,
      sync: NewFile['sync'],
      name: string | undefined,
    ];
/** A call with its number, which its answer has as well. */
type Job = readonly [number: number, ...Call];
/** Stats as a thread sends them: dev, ino, mode, size, mtimeMs, ctimeMs, nlink, uid. */
type Numbers = readonly [number, number, number, number, number, number, number, number];
type Answer = readonly [number: number, value: unknown, error: Failure | undefined];
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

class ThreadStats implements FileStats {
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
function serve(): void {
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

/** A thread could not be started or has died: what it was asked may have been done or not. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
}

interface Asked {
  readonly job: Job;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, with the jobs it was given last. */
class DiskThread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  readonly #onFree: () => void;
  /** When it last was given something or answered; by `performance.now()`. */
  #heard = 0;
  #hasAnswered = false;

  constructor(onFree: () => void, onEnd: (thread: DiskThread) => void) {
    this.#onFree = onFree;
    this.#worker = new Worker(`(${serve.toString()})()`, { eval: true, name: 'disk' });
    const end = (detail: string): void => {
      onEnd(this);
      for (const { reject } of this.#asked.values()) reject(new ThreadLost(detail));
      this.#asked.clear();
    };
    this.#worker.on('message', (answers: readonly Answer[]) => {
      this.#take(answers);
    });
    this.#worker.on('error', (error) => {
      end(String(error));
    });
    this.#worker.on('exit', () => {
      end('the thread ended');
    });
    this.#worker.unref();
  }

  get isFree(): boolean {
    return this.#asked.size === 0;
  }
  get heard(): number {
    return this.#heard;
  }
  /** Whether it has ever worked. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  give(batch: readonly Asked[]): void {
    this.#heard = performance.now();
    this.#worker.ref();
    for (const asked of batch) this.#asked.set(asked.job[0], asked);
    this.#worker.postMessage(batch.map(({ job }) => job));
  }

  #take(answers: readonly Answer[]): void {
    this.#heard = performance.now();
    this.#hasAnswered = true;
    for (const [number, value, failure] of answers) {
      const asked = this.#asked.get(number);
      this.#asked.delete(number);
      if (failure === undefined) asked?.resolve(value);
      else asked?.reject(Object.assign(new Error(failure.message), failure));
    }
    if (this.#asked.size > 0) return;
    this.#worker.unref();
    this.#onFree();
  }
}

/** Threads at most: a call on a share that hangs, or a slow sync, holds up the one that makes it. */
const MOST_THREADS = 4;
/** Milliseconds without an answer after which what waits gets a thread of its own. */
const HELD_UP_MS = 25;
/**
 * The same of a thread that has just been started: a further one costs 30 ms of processor time and 14 MB, and would hold
 * up the first.
 */
const STARTING_MS = 1000;
/** Jobs handed over together: those behind one that hangs wait with it. */
const MOST_TOGETHER = 16;

/** The threads of this process; they begin when they are first asked, and keep no program from ending. */
export class DiskThreads {
  readonly #threads = new Set<DiskThread>();
  readonly #heldUpMs: number;
  readonly #startingMs: number;
  #queue: Asked[] = [];
  #isFlushing = false;
  #isTimed = false;
  #areAvailable = true;
  #number = 0;

  /** When what waits gets a thread of its own: milliseconds without an answer of those that work, and that are starting. */
  constructor(heldUpMs = HELD_UP_MS, startingMs = STARTING_MS) {
    this.#heldUpMs = heldUpMs;
    this.#startingMs = startingMs;
  }

  /** Threads that were started and have not ended. */
  get size(): number {
    return this.#threads.size;
  }

  /** See `Disk.load`; `into` lies in shared memory. Rejects with `ThreadLost`, and with the errors of `node:fs`. */
  async load(path: string, into: Uint8Array): Promise<LoadedFile> {
    const [stats, bytesRead, sha256, isSteady] = (await this.#ask(['load', path, into])) as [
      Numbers,
      number,
      string,
      boolean,
    ];
    return { stats: new ThreadStats(stats), bytesRead, sha256, isSteady };
  }

  /** See `Disk.make`. Rejects with `ThreadLost`, and with the errors of `node:fs`; `syscall` says which step failed. */
  async make(path: string, content: Uint8Array, { modified, sync, name }: NewFile): Promise<MadeFile> {
    const made = await this.#ask(['make', path, content, modified, sync, name]);
    const [stats, isDated, isDurable, isNamed] = made as [Numbers, boolean, boolean, boolean];
    return { stats: new ThreadStats(stats), isDated, isDurable, isNamed };
  }

  /** False once a thread has ended without an answer: this system gives none. */
  get areAvailable(): boolean {
    return this.#areAvailable;
  }

  /** Whether a single call is better made here: a thread is there, and nothing holds it up. */
  get isRunning(): boolean {
    return this.#threads.size > 0 && this.#queue.length < MOST_TOGETHER;
  }

  /** Rejects as `load` does. */
  async stats(call: 'stat' | 'lstat', path: string): Promise<FileStats> {
    return new ThreadStats((await this.#ask([call, path])) as Numbers);
  }

  #ask(what: Call): Promise<unknown> {
    this.#number += 1;
    const job: Job = [this.#number, ...what];
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      if (this.#isFlushing) return;
      // what is asked in one turn of the event loop goes over together: this runs when all of its promises have
      this.#isFlushing = true;
      process.nextTick(() => {
        this.#isFlushing = false;
        this.#pump();
      });
    });
  }

  #pump(): void {
    while (this.#queue.length > 0) {
      const thread = this.#free();
      if (thread === undefined) {
        this.#pumpLater();
        return;
      }
      thread.give(this.#queue.splice(0, MOST_TOGETHER));
    }
  }

  /** Nothing else may come that would look whether a thread is held up. */
  #pumpLater(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    setTimeout(() => {
      this.#isTimed = false;
      this.#pump();
    }, this.#heldUpMs);
  }

  #free(): DiskThread | undefined {
    const now = performance.now();
    let isHeldUp = true;
    for (const thread of this.#threads) {
      if (thread.isFree) return thread;
      isHeldUp &&= now - thread.heard >= (thread.hasAnswered ? this.#heldUpMs : this.#startingMs);
    }
    if (!isHeldUp || this.#threads.size >= MOST_THREADS) return undefined;
    const thread = new DiskThread(
      () => {
        this.#pump();
      },
      (ended) => {
        this.#threads.delete(ended);
        this.#areAvailable &&= ended.hasAnswered;
        this.#pump();
      },
    );
    this.#threads.add(thread);
    return thread;
  }
}

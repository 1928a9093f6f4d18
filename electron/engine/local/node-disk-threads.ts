import { Worker } from 'node:worker_threads';
import type { FileStats, LoadedFile, MadeFile, NewFile, Seen } from './disk.ts';
import { ThreadStats, serve, type Answer, type Call, type Job, type Numbers } from './node-disk-serve.ts';

/**
 * Calls of the disk made by threads that wait, several for one hop. Each call of `node:fs/promises` wakes a thread and is
 * woken by it, which takes ten times as long as the call itself on a file that the system has in memory: of a small file’s
 * processor time it was more than a third (docs/performance.md).
 */

/**
 * Megabytes that a thread's young generation may take. What it works on is shared, or outside of V8's heap, and its answers
 * are small; by itself it grows by 14 MB over a few thousand files.
 */
const YOUNG_MB = 3;

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
  /** When it got its jobs, and how many; how often in a row they took long. */
  #given = 0;
  #jobs = 0;
  #slowBatches = 0;

  constructor(onFree: () => void, onEnd: (thread: DiskThread) => void) {
    this.#onFree = onFree;
    this.#worker = new Worker(`(${serve.toString()})()`, {
      eval: true,
      name: 'disk',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
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

  /** What it is asked takes long: the disk is slow. */
  get isSlow(): boolean {
    return this.#slowBatches >= SLOW_BATCHES;
  }

  give(batch: readonly Asked[]): void {
    this.#heard = performance.now();
    this.#given = this.#heard;
    this.#jobs = batch.length;
    this.#worker.ref();
    for (const asked of batch) this.#asked.set(asked.job[0], asked);
    this.#worker.postMessage(batch.map(({ job }) => job));
  }

  #take(answers: readonly Answer[]): void {
    const wasStarted = this.#hasAnswered;
    this.#heard = performance.now();
    this.#hasAnswered = true;
    for (const [number, value, failure] of answers) {
      const asked = this.#asked.get(number);
      this.#asked.delete(number);
      if (failure === undefined) asked?.resolve(value);
      else asked?.reject(Object.assign(new Error(failure.message), failure));
    }
    if (this.#asked.size > 0) return;
    // the first batch waits for the thread to start
    this.#slowBatches = wasStarted && (this.#heard - this.#given) / this.#jobs >= SLOW_MS ? this.#slowBatches + 1 : 0;
    this.#worker.unref();
    this.#onFree();
  }
}

/** Threads at most: a call on a share that hangs, or a slow sync, holds up the one that makes it. */
const MOST_THREADS = 4;
/** Milliseconds without an answer after which what waits gets a thread of its own. */
const HELD_UP_MS = 25;
/**
 * The same of a thread whose last jobs took so long each, and how many times in a row: a disk that is slow to sync does
 * several at once in the time of one. Once or twice is a processor that others use.
 */
const SLOW_MS = 5;
const SLOW_BATCHES = 3;
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
  #isListening = false;
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

  /** See `Disk.unlinkIf`. Rejects as `load` does. */
  async unlinkIf(path: string, { size, mtimeMs, ctimeMs }: Seen): Promise<boolean> {
    return (await this.#ask(['unlinkIf', path, { size, mtimeMs, ctimeMs }])) === true;
  }

  /** See `Disk.renameIf`. Rejects as `load` does. */
  async renameIf(from: string, to: string, seen: Seen | undefined): Promise<boolean> {
    // stats have methods, which do not go to a thread
    const plain = seen && { size: seen.size, mtimeMs: seen.mtimeMs, ctimeMs: seen.ctimeMs };
    return (await this.#ask(['renameIf', from, to, plain])) === true;
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

  #pump(hasListened = false): void {
    while (this.#queue.length > 0) {
      const thread = this.#free() ?? (hasListened || this.#threads.size === 0 ? this.#further() : undefined);
      if (thread === undefined) {
        if (this.#isHeldUp) this.#listen();
        this.#pumpLater();
        return;
      }
      thread.give(this.#queue.splice(0, MOST_TOGETHER));
    }
  }

  /**
   * What looks like a thread that is held up may be this one, which was busy and has not heard the answer: it comes round
   * twice before it is told.
   */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    setImmediate(() => {
      setImmediate(() => {
        this.#isListening = false;
        this.#pump(true);
      });
    });
  }

  /** Nothing else may come that would look whether a thread is held up. */
  #pumpLater(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    setTimeout(() => {
      this.#isTimed = false;
      this.#pump();
    }, SLOW_MS);
  }

  #free(): DiskThread | undefined {
    return [...this.#threads].find(({ isFree }) => isFree);
  }
  /** What waits, waits for too long, and there may be a further thread. */
  get #isHeldUp(): boolean {
    if (this.#threads.size >= MOST_THREADS) return false;
    const now = performance.now();
    return [...this.#threads].every((thread) => {
      const limit = thread.isSlow ? Math.min(SLOW_MS, this.#heldUpMs) : this.#heldUpMs;
      return now - thread.heard >= (thread.hasAnswered ? limit : this.#startingMs);
    });
  }

  #further(): DiskThread | undefined {
    if (!this.#isHeldUp) return undefined;
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

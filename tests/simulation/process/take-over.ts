import crypto, { createHash } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersLater from 'node:timers/promises';
import type { Tree } from '../disk/tree.ts';
import { FileSystem } from './file-system.ts';
import './real.ts';
import type { Random } from './random.ts';
import type { Scheduler, Task } from './scheduler.ts';

/**
 * Takes the place of what a process asks of its machine and could not be repeated: time, timers, randomness, digests made
 * on other threads, and the files of simulated phones. Must be imported before whatever is simulated. What lies
 * outside a life (`live` undefined) meets the real machine.
 */

/** What a life puts in the machine's place. */
export interface Life {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Files below `/sim`. */
  readonly tree: Tree;
  /** Number of the process that runs, which a program writes into names; no other one is alive. */
  readonly pid: () => number;
}

let live: { readonly life: Life; readonly files: FileSystem; readonly intervals: Set<Timer> } | undefined;

/** From now on everything happens in this life; `undefined`: in the real world. */
export function enter(life: Life | undefined): void {
  live = life === undefined ? undefined : { life, files: new FileSystem(life.tree), intervals: new Set() };
}

/** Whatever a program that was killed does again and again. */
export function dropIntervals(): void {
  if (live === undefined) return;
  for (const timer of live.intervals) timer.task?.cancel();
  live.intervals.clear();
}

type Act = (...given: unknown[]) => void;

/** What a simulated `setTimeout` returns, of which programs use no more than this. */
class Timer {
  task: Task | undefined;
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  now: Date.now,
  monotonic: performance.now.bind(performance),
  random: Math.random,
};

function clear(timer: unknown, otherwise: (timer: never) => void): void {
  if (!(timer instanceof Timer)) {
    otherwise(timer as never);
    return;
  }
  timer.task?.cancel();
  live?.intervals.delete(timer);
}

/** A limit for each transfer on a cable makes some hundred timers a life. */
const withGiven = (act: Act, given: readonly unknown[]): (() => void) =>
  given.length === 0 ? act : () => act(...given);

function takeTimers(): void {
  const later = (act: Act, ms: number | undefined, given: unknown[]): unknown => {
    if (live === undefined) return real.setTimeout(act, ms, ...given);
    const timer = new Timer();
    timer.task = live.life.scheduler.after(Math.max(1, Math.trunc(ms ?? 0)), withGiven(act, given));
    return timer;
  };
  const again = (act: Act, ms: number | undefined, given: unknown[]): unknown => {
    if (live === undefined) return real.setInterval(act, ms, ...given);
    const { intervals } = live;
    const { scheduler } = live.life;
    const timer = new Timer();
    const next = (): void => {
      timer.task = scheduler.after(Math.max(1, ms ?? 0), () => {
        next();
        act(...given);
      });
    };
    intervals.add(timer);
    next();
    return timer;
  };
  const atOnce = (act: Act, given: unknown[]): unknown => {
    if (live === undefined) return real.setImmediate(act, ...given);
    const timer = new Timer();
    timer.task = live.life.scheduler.after(0, withGiven(act, given));
    return timer;
  };
  const replaced = {
    setTimeout: (act: Act, ms?: number, ...given: unknown[]) => later(act, ms, given),
    setInterval: (act: Act, ms?: number, ...given: unknown[]) => again(act, ms, given),
    setImmediate: (act: Act, ...given: unknown[]) => atOnce(act, given),
    clearTimeout: (timer: unknown) => clear(timer, real.clearTimeout),
    clearInterval: (timer: unknown) => clear(timer, real.clearInterval),
    clearImmediate: (timer: unknown) => clear(timer, real.clearImmediate),
  };
  Object.assign(globalThis, replaced);
  Object.assign(timers, replaced);
  const { setTimeout: realLater, setImmediate: realSoon } = timersLater;
  Object.assign(timersLater, {
    setTimeout: (ms?: number, value?: unknown, options?: { readonly signal?: AbortSignal }) => {
      if (live === undefined) return realLater(ms, value, options);
      const { scheduler } = live.life;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const abort = (): void => {
        reject(new DOMException('The operation was aborted', 'AbortError'));
      };
      if (options?.signal?.aborted === true) abort();
      else {
        const task = scheduler.after(Math.max(1, ms ?? 1), () => resolve(value));
        options?.signal?.addEventListener('abort', () => {
          task.cancel();
          abort();
        });
      }
      return promise;
    },
    setImmediate: (value?: unknown) =>
      live === undefined ? realSoon(value) : new Promise((resolve) => atOnce(() => resolve(value), [])),
  });
}

function takeTime(): void {
  const RealDate = Date;
  RealDate.now = () => live?.life.scheduler.date ?? real.now.call(RealDate);
  performance.now = () => live?.life.scheduler.now ?? real.monotonic();
}

function takeChance(): void {
  Math.random = () => live?.life.random.next() ?? real.random();
  const { randomBytes, randomUUID } = crypto;
  const drawn = (size: number): Buffer => {
    const bytes = Buffer.allocUnsafe(size);
    for (let at = 0; at < size; at += 1) bytes[at] = live?.life.random.below(256) ?? 0;
    return bytes;
  };
  Object.assign(crypto, {
    randomBytes: (size: number) => (live === undefined ? randomBytes(size) : drawn(size)),
    randomUUID: () => (live === undefined ? randomUUID() : drawn(16).toString('hex')),
  });
}

/** How long a digest on another thread takes at most, in milliseconds. */
const DIGEST_MS = 3;

function takeDigests(): void {
  const { subtle } = crypto.webcrypto;
  const digest = subtle.digest.bind(subtle);
  Object.defineProperty(subtle, 'digest', {
    value: (algorithm: string, bytes: Uint8Array) => {
      if (live === undefined) return digest(algorithm, bytes);
      const made = createHash(algorithm.replace('-', '').toLowerCase()).update(bytes).digest();
      const own = Uint8Array.from(made).buffer;
      return live.life.scheduler.soon(() => own, DIGEST_MS);
    },
  });
}

/** Calls of `node:fs` about paths below `/sim`, or files opened there, go to the life's tree. */
function takeFiles(): void {
  const files = fs as unknown as Record<string, (...given: never[]) => unknown>;
  for (const name of FileSystem.SYNC) {
    const before = files[name] as (...given: unknown[]) => unknown;
    files[name] = (...given: unknown[]): unknown =>
      live !== undefined && FileSystem.isOurs(given[0]) ? live.files.now(name, given) : before.apply(fs, given);
  }
  const later = fs.promises as unknown as Record<string, (...given: never[]) => Promise<unknown>>;
  for (const name of FileSystem.LATER) {
    const before = later[name] as (...given: unknown[]) => Promise<unknown>;
    later[name] = async (...given: unknown[]): Promise<unknown> =>
      live !== undefined && FileSystem.isOurs(given[0])
        ? live.files.later(name, given)
        : before.apply(fs.promises, given);
  }
  // what is not simulated would answer at a time of its own
  for (const [name, before] of Object.entries(later)) {
    if (typeof before !== 'function' || FileSystem.LATER.some((known) => known === name)) continue;
    later[name] = (...given: never[]): Promise<unknown> => {
      if (live !== undefined && FileSystem.isOurs(given[0])) throw new RangeError(`${name} is not simulated`);
      return before.apply(fs.promises, given);
    };
  }
  // these two are used by way of `promisify` only
  for (const name of ['read', 'write'] as const) {
    const before = files[name] as (...given: unknown[]) => unknown;
    const replaced = (...given: unknown[]): unknown => before.apply(fs, given);
    const custom = Symbol.for('nodejs.util.promisify.custom');
    const realLater = (fd: unknown, ...rest: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        before.call(fs, fd, ...rest, (error: Error | null, count: number) => {
          if (error === null) resolve(name === 'read' ? { bytesRead: count } : { bytesWritten: count });
          else reject(error);
        });
      });
    Object.defineProperty(replaced, custom, {
      value: async (...given: unknown[]): Promise<unknown> => {
        if (live === undefined || !FileSystem.isOurs(given[0])) return realLater(...(given as [unknown]));
        const count = live.files.now(`${name}Sync`, given);
        return name === 'read' ? { bytesRead: count } : { bytesWritten: count };
      },
    });
    files[name] = replaced;
  }
}

function takeProcess(): void {
  const { pid, kill } = process;
  Object.defineProperty(process, 'pid', { get: () => live?.life.pid() ?? pid });
  process.kill = (asked, signal) => {
    if (live === undefined) return kill.call(process, asked, signal);
    if (asked === live.life.pid()) return true;
    throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
  };
}

process.env['TZ'] = 'UTC';
takeProcess();
takeTimers();
takeTime();
takeChance();
takeDigests();
takeFiles();
syncBuiltinESMExports();

import type { Snapshots, StreamArgument } from '../../../shared/contract.ts';
import { fail, problemOf, type Problem } from '../../../shared/errors.ts';
import {
  COPY_STATES,
  MOST_COPIES,
  NO_COPIES,
  type ComparedCopy,
  type CopyState,
  type VerifyProgress,
  type VerifyResult,
} from '../../../shared/verify.ts';
import type { VerifyOptions, VerifyRequest } from './verify-copies.ts';

/** Comparisons that windows watch: one for each number that a window gave, shared by whoever subscribes with it. */

type Argument = StreamArgument<'verification'>;
type Snapshot = Snapshots['verification'];

/** Compares; see `verifyCopies`. */
export type Verify = (request: VerifyRequest, options: VerifyOptions) => Promise<VerifyResult>;

/** Milliseconds between two snapshots of one subscription. */
const GAP_MS = 100;
/**
 * Milliseconds that a comparison is kept, and goes on, without anybody who looks: a window that is loaded again, or a
 * browser whose connection broke, is back by then.
 */
const LINGER_MS = 5 * 60_000;
/** So many are kept without anybody who looks, each with at most `MOST_COPIES` differences; beyond, the oldest ends. */
const MOST_UNWATCHED = 2;

const NOTHING_YET: VerifyProgress = {
  phase: 'listing',
  files: 0,
  filesTotal: 0,
  bytes: 0,
  bytesTotal: 0,
  current: undefined,
  counts: NO_COPIES,
};

class Watched {
  readonly id: string;
  readonly #ending = new AbortController();
  readonly #watchers = new Set<{ readonly tell: () => void; readonly tellNow: () => void }>();
  readonly #different = new Map<CopyState, ComparedCopy[]>();
  #kept = 0;
  #progress = NOTHING_YET;
  #result: VerifyResult | undefined;
  #problem: Problem | undefined;

  readonly #onChange: () => void;

  constructor(verify: Verify, { id, local, place, level }: Argument, onChange: () => void) {
    this.id = id;
    this.#onChange = onChange;
    void this.#run(verify, { local, place, level });
  }

  async #run(verify: Verify, request: VerifyRequest): Promise<void> {
    try {
      this.#result = await verify(request, {
        signal: this.#ending.signal,
        waitMs: Infinity,
        onProgress: (progress) => {
          const { phase } = this.#progress;
          this.#progress = progress;
          if (progress.phase !== phase) this.#onChange();
          for (const { tell } of this.#watchers) tell();
        },
        onCopy: (copy) => {
          if (copy.state === 'same' || this.#kept >= MOST_COPIES) return;
          this.#kept += 1;
          const alike = this.#different.get(copy.state);
          if (alike === undefined) this.#different.set(copy.state, [copy]);
          else alike.push(copy);
        },
      });
      this.#progress = { ...this.#progress, counts: this.#result.counts };
    } catch (error) {
      this.#problem = problemOf(error, 'verify');
    }
    for (const { tellNow } of this.#watchers) tellNow();
    this.#onChange();
  }

  /** Whether files are being read on both sides: not after its end, and not while the phone is away. */
  get isReading(): boolean {
    return this.#result === undefined && this.#problem === undefined && this.#progress.phase !== 'away';
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  watch(most: number, listener: (snapshot: Snapshot) => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastAt = performance.now();
    const tellNow = (): void => {
      clearTimeout(timer);
      timer = undefined;
      lastAt = performance.now();
      listener(this.#snapshot(most));
    };
    const watcher = {
      tellNow,
      tell: () => {
        timer ??= setTimeout(tellNow, Math.max(0, lastAt + GAP_MS - performance.now()));
      },
    };
    this.#watchers.add(watcher);
    tellNow();
    return () => {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    };
  }

  end(): void {
    this.#ending.abort();
  }

  #snapshot(most: number): Snapshot {
    let copies: readonly ComparedCopy[] = [];
    for (const state of COPY_STATES) {
      const alike = this.#different.get(state) ?? [];
      if (copies.length < most) copies = [...copies, ...alike.slice(0, most - copies.length)];
    }
    return { progress: this.#progress, copies, result: this.#result, problem: this.#problem };
  }
}

/** All comparisons that windows have asked for. Nothing is changed on either side by any of them. */
export class Verifications {
  readonly #verify: Verify;
  readonly #all = new Map<string, Watched>();
  /** Those that nobody watches, the oldest first, with what will end them. */
  readonly #unwatched = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #listeners = new Set<() => void>();

  constructor(verify: Verify) {
    this.#verify = verify;
  }

  /** Whether one of them reads files now. */
  get isReading(): boolean {
    return [...this.#all.values()].some((one) => one.isReading);
  }

  /** Calls `listener` whenever `isReading` may have changed; returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Begins a comparison, or joins the one of this number, and calls `listener` with its present snapshot first. It is kept
   * while somebody watches it and for some minutes more, running or ended. Throws `missing` for `join` where there is none.
   */
  watch(argument: Argument, listener: (snapshot: Snapshot) => void): () => void {
    const { id, local, place, level } = argument;
    const key = JSON.stringify([id, local, place, level]);
    const known = this.#all.get(key);
    if (known === undefined && argument.join === true) throw fail('missing', 'verify', `no comparison ${id}`);
    const one = known ?? new Watched(this.#verify, argument, this.#changed);
    this.#all.set(key, one);
    clearTimeout(this.#unwatched.get(key));
    this.#unwatched.delete(key);
    const end = one.watch(argument.most, listener);
    if (known === undefined) this.#changed();
    return () => {
      end();
      if (!one.isWatched && this.#all.get(key) === one) this.#linger(key);
    };
  }

  /** Ends a comparison after the piece that is being read; what it has found stays. */
  stop(id: string): void {
    for (const one of this.#all.values()) if (one.id === id) one.end();
  }

  /** Ends all of them. */
  close(): void {
    for (const key of [...this.#all.keys()]) this.#forget(key);
  }

  #linger(key: string): void {
    clearTimeout(this.#unwatched.get(key));
    this.#unwatched.delete(key);
    this.#unwatched.set(key, setTimeout(() => this.#forget(key), LINGER_MS).unref());
    const [oldest] = this.#unwatched.keys();
    if (oldest !== undefined && this.#unwatched.size > MOST_UNWATCHED) this.#forget(oldest);
  }

  #forget(key: string): void {
    clearTimeout(this.#unwatched.get(key));
    this.#unwatched.delete(key);
    this.#all.get(key)?.end();
    this.#all.delete(key);
    this.#changed();
  }

  readonly #changed = (): void => {
    for (const listener of this.#listeners) listener();
  };
}

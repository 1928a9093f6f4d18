import type { Snapshots, StreamArgument } from '../../../shared/contract.ts';
import { problemOf, type Problem } from '../../../shared/errors.ts';
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
/** Milliseconds that a comparison goes on without anybody who looks: a browser's connection that broke is back by then. */
const LINGER_MS = 10_000;

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

  constructor(verify: Verify, { id, local, place, level }: Argument) {
    this.id = id;
    void this.#run(verify, { local, place, level });
  }

  async #run(verify: Verify, request: VerifyRequest): Promise<void> {
    try {
      this.#result = await verify(request, {
        signal: this.#ending.signal,
        waitMs: Infinity,
        onProgress: (progress) => {
          this.#progress = progress;
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

  constructor(verify: Verify) {
    this.#verify = verify;
  }

  /**
   * Begins a comparison, or joins the one of this number, and calls `listener` with its present snapshot first. It goes on
   * while somebody watches it, through a short break too; once it has ended, its list stays as long.
   */
  watch(argument: Argument, listener: (snapshot: Snapshot) => void): () => void {
    const { id, local, place, level } = argument;
    const key = JSON.stringify([id, local, place, level]);
    const one = this.#all.get(key) ?? new Watched(this.#verify, argument);
    this.#all.set(key, one);
    const end = one.watch(argument.most, listener);
    return () => {
      end();
      setTimeout(() => {
        if (one.isWatched || this.#all.get(key) !== one) return;
        this.#all.delete(key);
        one.end();
      }, LINGER_MS).unref();
    };
  }

  /** Ends a comparison after the piece that is being read; what it has found stays. */
  stop(id: string): void {
    for (const one of this.#all.values()) if (one.id === id) one.end();
  }

  /** Ends all of them. */
  close(): void {
    for (const one of this.#all.values()) one.end();
    this.#all.clear();
  }
}

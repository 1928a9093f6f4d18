import type { Random } from './random.ts';
import { letGoOn, outsideOfPromises } from './real.ts';

/** Something that is due at a moment; it can be taken back until then. */
export class Task {
  readonly at: number;
  readonly order: number;
  #act: (() => void) | undefined;

  constructor(at: number, order: number, act: () => void) {
    this.at = at;
    this.order = order;
    this.#act = act;
  }

  get isCancelled(): boolean {
    return this.#act === undefined;
  }
  run(): void {
    this.#act?.();
  }
  /** Its time limit is far away, mostly: what it would have done is let go of at once. */
  cancel(): void {
    this.#act = undefined;
  }
}

/** How far ahead tasks are kept in order, in milliseconds: shorter than the time limit of any transfer on a cable. */
const AHEAD_MS = 1_000;

/**
 * The only thing that makes time pass in a simulated life. Whatever is not done at once (timers, calls on a disk, digests) is
 * a task with a moment; tasks run one by one, and between two of them every promise that can go on does.
 */
export class Scheduler {
  readonly random: Random;
  /** Milliseconds since the life began; never goes back. */
  now = 0;
  /** What the computer's clock shows beyond that, in milliseconds since 1970. It may jump. */
  wallOffset = Date.UTC(2026, 0, 5, 10, 0, 0);
  /** Tasks run so far. */
  steps = 0;
  readonly #stray: (error: unknown) => void;
  /** What is due before the horizon, as a heap, and what is due later, in no order: limits mostly, which are taken back before. */
  readonly #heap: Task[] = [];
  #later: Task[] = [];
  #horizon = AHEAD_MS;
  #nextOrder = 0;

  /** `stray`: hears of what a task throws. */
  constructor(random: Random, stray: (error: unknown) => void) {
    this.random = random;
    this.#stray = stray;
  }

  /** The computer's date, in whole milliseconds since 1970. */
  get date(): number {
    return this.wallOffset + Math.floor(this.now);
  }

  after(ms: number, act: () => void): Task {
    const task = new Task(this.now + ms, this.#nextOrder++, act);
    this.#push(task);
    return task;
  }

  /** Runs `act` a little later, in an order with others that the seed decides; resolves with what it answers. */
  soon<T>(act: () => T, mostMs: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.after(this.random.next() * mostMs, () => {
      let answer: T;
      try {
        answer = act();
      } catch (error) {
        reject(error);
        return;
      }
      resolve(answer);
    });
    return promise;
  }

  /** Lets time pass until `done`, or until nothing is left to happen before `limit`. Answers whether it is done. */
  run(done: () => boolean, limit: number): Promise<boolean> {
    return outsideOfPromises(() => this.#run(done, limit));
  }

  #run(done: () => boolean, limit: number): boolean {
    letGoOn();
    while (!done()) {
      const task = this.#pop();
      if (task === undefined) return false;
      if (task.at > limit) {
        this.#push(task);
        this.now = limit;
        return done();
      }
      if (task.at > this.now) this.now = task.at;
      this.steps += 1;
      try {
        task.run();
      } catch (error) {
        this.#stray(error);
      }
      letGoOn();
    }
    return true;
  }

  /** The next task that was not taken back. */
  #pop(): Task | undefined {
    for (;;) {
      if (this.#heap.length === 0 && !this.#comeNearer()) return undefined;
      const heap = this.#heap;
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        let at = 0;
        for (;;) {
          const left = 2 * at + 1;
          if (left >= heap.length) break;
          const right = left + 1;
          const least = right < heap.length && isBefore(heap[right], heap[left]) ? right : left;
          if (!isBefore(heap[least], heap[at])) break;
          [heap[at], heap[least]] = [heap[least] as Task, heap[at] as Task];
          at = least;
        }
      }
      if (!first.isCancelled) return first;
    }
  }

  /** Moves the horizon to what is due next; answers whether there is anything. */
  #comeNearer(): boolean {
    const later = this.#later.filter((task) => !task.isCancelled);
    const least = later.reduce((soonest, { at }) => Math.min(soonest, at), Number.POSITIVE_INFINITY);
    this.#horizon = least + AHEAD_MS;
    this.#later = [];
    for (const task of later)
      if (task.at < this.#horizon || task.at === least) this.#add(task);
      else this.#later.push(task);
    return later.length > 0;
  }

  #push(task: Task): void {
    if (task.at < this.#horizon) this.#add(task);
    else this.#later.push(task);
  }

  #add(task: Task): void {
    const heap = this.#heap;
    heap.push(task);
    for (let at = heap.length - 1; at > 0;) {
      const above = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[above])) return;
      [heap[at], heap[above]] = [heap[above] as Task, heap[at] as Task];
      at = above;
    }
  }
}

const isBefore = (one: Task | undefined, other: Task | undefined): boolean =>
  one !== undefined && other !== undefined && (one.at < other.at || (one.at === other.at && one.order < other.order));

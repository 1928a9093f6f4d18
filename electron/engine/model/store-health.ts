import { problemOf, type Problem } from '../../../shared/errors.ts';

/**
 * Whether the database can be read and written. While it cannot (disk full, locked by another program, read-only)
 * nothing moves, and every front end says why, instead of showing what may no longer be so.
 */
export class StoreHealth {
  readonly #changed = new Set<() => void>();
  #problem: Problem | undefined;

  /** What the database said last, until it works again. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** Somebody ran into an error; only those of the database count. Answers whether it was one. */
  ranInto(error: unknown): boolean {
    const problem = problemOf(error);
    if (problem.kind !== 'store') return false;
    this.#set(problem);
    return true;
  }

  /** Something was written. */
  works(): void {
    this.#set(undefined);
  }

  #set(problem: Problem | undefined): void {
    const isNews = this.#problem?.detail !== problem?.detail;
    this.#problem = problem;
    if (isNews) for (const listener of this.#changed) listener();
  }
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';

/**
 * Shared by the parts of the bench: where results are stored, what machine they are from, how repeated measurements
 * are summarised.
 */

export const RESULTS = join(import.meta.dirname, '../artifacts/bench');

export interface Machine {
  readonly node: string;
  readonly processor: string;
  readonly processors: number;
  readonly taken: string;
}

export const machine = (): Machine => ({
  node: process.versions.node,
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  processors: availableParallelism(),
  taken: new Date().toISOString().slice(0, 10),
});

/** One case of the in-process part. */
export interface Result {
  readonly name: string;
  readonly bytes?: number | undefined;
  readonly count?: number | undefined;
  readonly unit?: string | undefined;
  readonly transactions?: number | undefined;
  /** Of each run. */
  readonly seconds: readonly number[];
  /** Largest resident memory of any run, in bytes. */
  readonly memory: number;
}

/** Stored results of a part; `undefined` if it has not run. */
export function read<T>(part: string): T | undefined {
  const file = join(RESULTS, `${part}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}

/** Writes `artifacts/bench/<part>.json`. */
export function keep(part: string, results: object): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${part}.json`), `${JSON.stringify({ ...machine(), ...results }, undefined, 2)}\n`);
}

/** Repetitions per case from the command line; exits if that is not a number. */
export function runsOf(given: string): number {
  const runs = Number(given);
  if (Number.isSafeInteger(runs) && runs >= 1) return runs;
  console.error(`--runs is a whole number from 1 on, not “${given}”.`);
  process.exit(2);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Cells of one line of a table: the first left-aligned, the others right-aligned. */
export const line = (cells: readonly string[], first = 44, other = 14): string =>
  `${(cells[0] ?? '').padEnd(first)}${cells
    .slice(1)
    .map((cell) => cell.padStart(other))
    .join('')}`;

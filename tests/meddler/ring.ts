import { caseFrom, caseOf, lineOf, simpler, type Case } from './case.ts';
import { play, type Played } from './play.ts';

/** Runs many cases, several at a time, and shrinks a failure to the simplest case that still fails in the same way. */

export interface Failure {
  readonly seed: number | undefined;
  /** Replays it: `npm run chaos -- --meddle 'LINE'`. */
  readonly line: string;
  readonly violations: readonly string[];
}

export interface Summary {
  readonly cases: number;
  readonly inTheMiddle: number;
  readonly writes: number;
  readonly transactions: number;
  readonly failures: readonly Failure[];
}

export interface RingOptions {
  readonly seeds: readonly number[];
  /** Cases run concurrently in this process; they mostly wait. */
  readonly together?: number;
  /** Real time after which no further case is started. */
  readonly limitMs?: number;
  readonly shrink?: boolean;
  readonly onFailure?: (failure: Failure) => void;
}

const LONGEST_CASE_MS = 60_000;

export async function ring(options: RingOptions): Promise<Summary> {
  const { seeds, together = 4, limitMs = Infinity, shrink = true } = options;
  const end = performance.now() + limitMs;
  const failures: Failure[] = [];
  let [cases, inTheMiddle, writes, transactions, next] = [0, 0, 0, 0, 0];
  const work = async (): Promise<void> => {
    while (next < seeds.length && performance.now() < end) {
      const seed = seeds[next] as number;
      next += 1;
      const one = caseOf(seed);
      const played = await playBounded(one);
      cases += 1;
      if (played.inTheMiddle) inTheMiddle += 1;
      writes += played.moments.write;
      transactions += played.moments.transaction;
      if (played.violations.length === 0) continue;
      const failure = shrink
        ? await shrunk(seed, one, played.violations)
        : { seed, line: lineOf(one), violations: played.violations };
      failures.push(failure);
      options.onFailure?.(failure);
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  return { cases, inTheMiddle, writes, transactions, failures };
}

/** Runs the case described by a line. */
export const replay = (line: string): Promise<Played> => playBounded(caseFrom(line));

async function playBounded(one: Case): Promise<Played> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Played>((resolve) => {
    timer = setTimeout(() => {
      const violations = [`it did not end within ${LONGEST_CASE_MS / 1000} s`];
      resolve({ violations, moments: { write: 0, transaction: 0 }, inTheMiddle: false, log: [] });
    }, LONGEST_CASE_MS);
  });
  try {
    return await Promise.race([play(one), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The word that names the kind of a violation. */
const kindOf = (violation: string): string => violation.split(/[:,]/, 1)[0] ?? violation;

async function shrunk(seed: number, failing: Case, said: readonly string[]): Promise<Failure> {
  let [one, violations] = [failing, said];
  const kind = kindOf(said[0] ?? '');
  for (let tries = 0, again = true; again && tries < 24;) {
    again = false;
    for (const other of simpler(one)) {
      tries += 1;
      const played = await playBounded(other);
      if (!played.violations.some((violation) => kindOf(violation) === kind)) continue;
      [one, violations, again] = [other, played.violations, true];
      break;
    }
  }
  return { seed, line: lineOf(one), violations };
}

export const summaryLine = ({ cases, inTheMiddle, writes, transactions, failures }: Summary): string =>
  `${cases} cases, ${inTheMiddle} meddled with in the middle, among ${writes} store writes and ${transactions} transactions; ${failures.length} failed`;

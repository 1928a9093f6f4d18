import { plant } from './plant.ts';
import type { Summary } from './ring.ts';

/** The ring as run by `npm run chaos`. Loaded late, so that a fault can be planted first. */

const PER_SEED = 1_000_000;

/** Plays the case described by a line, prints its violations and returns the exit code. */
export async function replayed(line: string, verbose: boolean): Promise<number> {
  const { replay } = await import('./ring.ts');
  const { violations, moments, log } = await replay(line);
  if (verbose) for (const each of log) console.log(`    ${each}`);
  for (const violation of violations) console.log(`    ${violation}`);
  console.log(`${moments.write} store writes, ${moments.transaction} transactions; ${violations.length} wrong`);
  return violations.length === 0 ? 0 : 1;
}

/** Plays many cases; true if all pass. */
export async function meddled(seed: number, count: number): Promise<boolean> {
  const started = performance.now();
  const { ring, summaryLine } = await import('./ring.ts');
  const summary: Summary = await ring({
    seeds: Array.from({ length: count }, (_, index) => seed * PER_SEED + index),
    onFailure: ({ line, violations }) => {
      console.log(`    --meddle '${line}'`);
      for (const violation of violations.slice(0, 4)) console.log(`        ${violation}`);
    },
  });
  const holds = summary.failures.length === 0;
  console.log(
    `${holds ? 'ok    ' : 'FAILED'} meddler: ${summaryLine(summary)}; ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  return holds;
}

const MOST_MOMENTS = 40;

/** Plants an old fault, plays its case at each moment in turn until it fails, and returns the exit code. */
export async function found(name: string): Promise<number> {
  const { meets } = plant(name);
  const { replay } = await import('./ring.ts');
  for (let n = 1; n <= MOST_MOMENTS; n += 1) {
    const line = meets.replace('@', String(n));
    const [violation] = (await replay(line)).violations;
    if (violation === undefined) continue;
    console.log(`found: ${name}, by '${line}': ${violation}`);
    return 0;
  }
  console.log(`not found: ${name}`);
  return 1;
}

import type { Finding } from '../life/judge.ts';
import { lines } from '../many.ts';
import { MUTANTS } from './mutants.ts';

/** The first of `count` lives from `seed` on, in a process of its own, that finds the planted fault; `undefined` where none does. */
export async function findMutant(
  name: string,
  seed: number,
  count: number,
): Promise<{ readonly seed: number; readonly findings: readonly Finding[] } | undefined> {
  const found: { readonly seed: number; readonly findings: readonly Finding[] }[] = [];
  const breaks = MUTANTS[name]?.breaks ?? '';
  await lines(
    ['first', String(seed), String(count), breaks],
    (line) => found.push(JSON.parse(line) as { readonly seed: number; readonly findings: readonly Finding[] }),
    { REPLUG_MUTANT: name },
  );
  return found[0];
}

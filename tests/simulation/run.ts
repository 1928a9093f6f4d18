// `npm run simulate -- --lives N --seed S` lives N lives from seed S on, on all processors, and with `--minutes M` begins none
// after M minutes of processor on each; `--life SEED [--without PARTS]
// [--trace]` tells one of them; with `--mutants` it tells which of the N lives is the first to find each planted fault, with
// `--reached` which branches of the program N lives on one processor reach.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lines, simulate } from './many.ts';
import { findMutant } from './mutants/find-mutant.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { reachTold, reachedBy } from './reached.ts';

/** Failing lives that are made smaller and told. */
const TOLD = 5;

const USAGE =
  'npm run simulate -- [--lives N] [--seed S] [--minutes M] [--mutants | --reached] | --life SEED [--without PARTS] [--trace]';

/** What was asked for; `undefined`, and it is told what may be asked for, where it is something else. */
function asked(): ReturnType<typeof parse>['values'] | undefined {
  try {
    const { values } = parse();
    for (const name of ['lives', 'seed', 'minutes', 'life'] as const)
      if (values[name] !== undefined && !/^\d+$/.test(values[name])) throw new Error(`--${name} takes a whole number`);
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nUsage: ${USAGE}`);
    return undefined;
  }
}

const parse = () =>
  parseArgs({
    options: {
      lives: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      life: { type: 'string' },
      without: { type: 'string', default: '' },
      trace: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      reached: { type: 'boolean', default: false },
    },
  });

async function main(): Promise<void> {
  const values = asked();
  if (values === undefined) {
    process.exitCode = 2;
    return;
  }
  const say = (line: string): void => console.log(line);
  if (values.life !== undefined) {
    await lines(['life', values.life, values.without, ...(values.trace ? ['trace'] : [])], say);
    return;
  }
  if (values.mutants) {
    for (const [name, { fault }] of Object.entries(MUTANTS)) {
      const found = await findMutant(name, Number(values.seed), Number(values.lives));
      say(`${name} (${fault}): ${found === undefined ? 'not found' : `life ${found.seed}`}`);
    }
    return;
  }
  if (values.reached) {
    const folder = mkdtempSync(join(tmpdir(), 'replug-reached-'));
    await lines([values.seed, values.lives, '1'], () => undefined, { NODE_V8_COVERAGE: folder });
    for (const line of reachTold(reachedBy(folder))) say(line);
    rmSync(folder, { recursive: true });
    return;
  }
  const started = performance.now();
  const { lives, failed } = await simulate(Number(values.lives), Number(values.seed), availableParallelism(), {
    seconds: values.minutes === undefined ? undefined : Number(values.minutes) * 60,
    onFailed: ({ seed, findings }) =>
      say(`${seed}: ${findings.map(({ kind, what }) => `${kind}: ${what}`).join('; ')}`),
  });
  for (const { seed } of failed.slice(0, TOLD)) {
    let parts = '';
    await lines(['shrink', String(seed)], (line) => (parts = line));
    say('');
    await lines(['life', String(seed), parts], say);
    say(`again: npm run simulate -- --life ${seed}${parts === '' ? '' : ` --without ${parts}`}`);
  }
  for (const { seed, findings } of failed) say(`${seed}: ${[...new Set(findings.map(({ kind }) => kind))].join(', ')}`);
  const seconds = (performance.now() - started) / 1000;
  say(`${lives} lives in ${seconds.toFixed(0)} s, ${failed.length} with a finding`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

await main();

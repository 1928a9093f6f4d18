// `npm run simulate -- --lives N --seed S` lives N lives from seed S on, on all processors; `--life SEED [--without PARTS]
// [--trace]` tells one of them.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { lines, simulate } from './many.ts';

/** Failing lives that are made smaller and told. */
const TOLD = 5;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lives: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      life: { type: 'string' },
      without: { type: 'string', default: '' },
      trace: { type: 'boolean', default: false },
    },
  });
  const say = (line: string): void => console.log(line);
  if (values.life !== undefined) {
    await lines(['life', values.life, values.without, ...(values.trace ? ['trace'] : [])], say);
    return;
  }
  const started = performance.now();
  const { lives, failed } = await simulate(Number(values.lives), Number(values.seed), availableParallelism());
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

/**
 * The ring of tests on Windows' portable-device service: `node scripts/run.js tests/wpd/run.ts [--list] [--long] [scenario…]`. The built CLI runs
 * on Windows' Node under Wine, against a stand-in for the service (`server/`) that carries each operation to a virtual
 * phone. With `--long`, what is seeded and counted runs as often as docs/windows.md tells the figures for. Ends with 1 when
 * any scenario failed.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { SCENARIOS } from './scenarios/index.ts';
import { missingHere, NOT_SHOWN, preparedWindows, ROOT } from './windows.ts';

/** Ends with this where the machine lacks something: `npm test` then says which ring was not run. */
const CANNOT_RUN_HERE = 77;

async function main(all: readonly string[]): Promise<number> {
  const long = all.includes('--long');
  const args = all.filter((arg) => arg !== '--long');
  if (args.includes('--list')) {
    for (const scenario of SCENARIOS) console.log(`${scenario.name.padEnd(28)} ${scenario.what}`);
    return 0;
  }
  const isWanted = (name: string): boolean =>
    args.length === 0 || args.some((one) => name === one || (one.endsWith('/') && name.startsWith(one)));
  const wanted = SCENARIOS.filter(({ name, isLong }) => isWanted(name) && (long || args.length > 0 || isLong !== true));
  if (wanted.length === 0) {
    console.error(`no scenario is called ${args.join(', ')}; --list shows them`);
    return 2;
  }
  const missing = missingHere();
  if (missing !== undefined) {
    console.log(missing);
    return CANNOT_RUN_HERE;
  }
  const built = spawnSync(process.execPath, [path.join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'cli'], {
    stdio: 'inherit',
  });
  if (built.status !== 0) return 1;
  const started = performance.now();
  const seconds = (since: number): number => Math.round((performance.now() - since) / 1000);
  const windows = await preparedWindows();
  console.log(`Windows is there after ${seconds(started)} s. ${NOT_SHOWN}`);
  let failed = 0;
  try {
    const first = wanted.filter(({ isUnregistered }) => isUnregistered === true);
    for (const [index, { name, what, run }] of [...first, ...wanted.filter((one) => !first.includes(one))].entries()) {
      if (index === first.length) await windows.register();
      const began = performance.now();
      try {
        const figures = await run(windows, long);
        console.log(`✔ ${name}: ${what} (${seconds(began)} s)${typeof figures === 'string' ? `; ${figures}` : ''}`);
      } catch (error) {
        failed += 1;
        console.log(`✖ ${name}: ${what} (${seconds(began)} s)`);
        console.log(error instanceof Error ? error.stack : error);
      }
    }
  } finally {
    await windows.close();
  }
  console.log(`${wanted.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

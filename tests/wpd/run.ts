/**
 * The ring of tests on Windows' portable-device service: `node tests/wpd/run.ts [--list] [--long] [scenario…]`. The built CLI runs
 * on Windows' Node under Wine, against a stand-in for the service (`server/`) that carries each operation to a virtual
 * phone. With `--long`, what is seeded and counted runs as often as docs/windows.md tells the figures for. Ends with 1 when
 * any scenario failed.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { SCENARIOS } from './scenarios/index.ts';
import { NEEDED, ROOT, wineWindows } from './windows.ts';

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
  const missing = Object.keys(NEEDED).filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length > 0) {
    const packages = missing.map((program) => NEEDED[program]).join(' ');
    console.log(`${missing.join(', ')} not found (Debian: apt-get install ${packages})`);
    return CANNOT_RUN_HERE;
  }
  const built = spawnSync(process.execPath, [path.join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'cli'], {
    stdio: 'inherit',
  });
  if (built.status !== 0) return 1;
  const started = performance.now();
  const seconds = (since: number): number => Math.round((performance.now() - since) / 1000);
  const windows = await wineWindows();
  console.log(`Windows is there after ${seconds(started)} s`);
  let failed = 0;
  try {
    for (const { name, what, run } of wanted) {
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

/**
 * The ring of tests on the bus in user space, from outside: `node tests/usb-bus/run.ts [--list] [scenario…]`. Compiles the
 * bus, builds the CLI, runs the scenarios in two lanes, each with a bus of its own, and leaves logs in
 * `artifacts/usb-bus`. Ends with 1 when any scenario failed. See docs/usb-bus.md.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../usb-lab/machine/command.ts';
import { ROOT } from '../usb-lab/machine/paths.ts';
import { buildBus, buildEnds, lackingForBus, NEEDED } from './build.ts';
import { enter } from './enter.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** Ends with this where the machine lacks something: `npm test` then says which ring was not run. */
const CANNOT_RUN_HERE = 77;
const LANES = 2;
const ARTIFACTS = path.join(ROOT, 'artifacts/usb-bus');

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--list')) {
    for (const scenario of SCENARIOS) console.log(`${scenario.name.padEnd(28)} ${scenario.what}`);
    return 0;
  }
  const isWanted = (name: string): boolean =>
    args.length === 0 || args.some((one) => name === one || (one.endsWith('/') && name.startsWith(one)));
  const names = SCENARIOS.map(({ name }) => name).filter(isWanted);
  if (names.length === 0) {
    console.error(`no scenario is called ${args.join(', ')}; --list shows them`);
    return 2;
  }
  const lacking = await lackingForBus({
    ...NEEDED,
    'mtp-detect': 'mtp-tools',
    'aft-mtp-cli': 'android-file-transfer',
    chromium: 'chromium',
  });
  if (lacking !== undefined) {
    console.log(lacking);
    return CANNOT_RUN_HERE;
  }
  const started = performance.now();
  await run(process.execPath, [path.join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'renderer', 'cli']);
  const built = await buildBus();
  const ends = await buildEnds();
  await rm(ARTIFACTS, { recursive: true, force: true });
  await mkdir(ARTIFACTS, { recursive: true });
  const lanes = Array.from({ length: LANES }, (_, lane) => names.filter((_name, index) => index % LANES === lane));
  const passed = await Promise.all(
    lanes.map(async (mine) => {
      const folder = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'replug-usb-bus-'));
      try {
        await writeFile(path.join(folder, 'plan.json'), JSON.stringify({ names: mine, built, artifacts: ARTIFACTS }));
        await enter({
          program: path.join(import.meta.dirname, 'inside.ts'),
          args: [folder],
          folder,
          preload: built.library,
          env: { USB_BUS_ENDS: ends },
        });
        const told = await readFile(path.join(folder, 'passed.json'), 'utf8').catch(() => '[]');
        return JSON.parse(told) as readonly string[];
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
  ).then((all) => all.flat());
  for (const name of names.filter((one) => !passed.includes(one))) console.log(`failed: ${name}`);
  console.log(`usb bus: ended after ${Math.round((performance.now() - started) / 1000)} s`);
  console.log(`${passed.length} passed, ${names.length - passed.length} failed`);
  return passed.length === names.length ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

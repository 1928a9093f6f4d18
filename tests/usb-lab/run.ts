/**
 * The USB lab, from outside: `node tests/usb-lab/run.ts [--list] [scenario…]`. Fetches and builds what is missing,
 * boots one machine, runs the scenarios in it, prints each result and leaves logs in `artifacts/usb-lab`. Ends with 1
 * when any scenario failed. See docs/usb-lab.md.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './machine/command.ts';
import { MachineStopped } from './machine/boot.ts';
import { MACHINE, missing, runInside } from './machine/inside.ts';
import { ARTIFACTS, ROOT } from './machine/paths.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** It took 18 minutes on two busy cores, and takes less on idle ones. */
const WHOLE_LIMIT_MS = 25 * 60_000;
/** Ends with this where the machine lacks something: `npm test` then says which ring was not run. */
const CANNOT_RUN_HERE = 77;
const NEEDED = {
  ...MACHINE,
  'mtp-detect': 'mtp-tools',
  'aft-mtp-cli': 'android-file-transfer',
  chromium: 'chromium',
  'mount.davfs': 'davfs2',
};

async function main(given: readonly string[]): Promise<number> {
  // `--command TEXT`: instead of scenarios, a shell command inside the machine, its output shown whole.
  const at = given.indexOf('--command');
  const command = at < 0 ? undefined : given[at + 1];
  const args = at < 0 ? given : given.toSpliced(at, 2);
  if (args.includes('--list')) {
    for (const scenario of SCENARIOS) console.log(`${scenario.name.padEnd(28)} ${scenario.what}`);
    return 0;
  }
  const unknown = args.filter((name) => !SCENARIOS.some((scenario) => matches(scenario.name, name)));
  if (unknown.length > 0) {
    console.error(`no scenario is called ${unknown.join(', ')}; --list shows them`);
    return 2;
  }
  const lacking = missing(NEEDED);
  if (lacking !== undefined) {
    console.log(lacking);
    return CANNOT_RUN_HERE;
  }
  const names = SCENARIOS.map((scenario) => scenario.name).filter(
    (name) => args.length === 0 || args.some((one) => matches(name, one)),
  );
  const started = Date.now();
  await run(process.execPath, [path.join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'renderer', 'cli']);
  const boot = (todo: readonly string[]): Promise<number> =>
    runInside({
      program: 'tests/usb-lab/guest/main.ts',
      plan: { names: todo },
      command,
      artifacts: ARTIFACTS,
      goesOn: todo.length < names.length,
      limitMs: WHOLE_LIMIT_MS - (Date.now() - started),
      onConsole: (text) => {
        if (command !== undefined) process.stdout.write(text);
      },
      onLine: (line) => {
        console.log(line);
      },
    });
  if (command !== undefined) return boot(names);
  const results = await allOf(names, boot);
  console.log(`usb lab: ended after ${Math.round((Date.now() - started) / 1000)} s`);
  const passed = results.filter((one) => one.passed).length;
  console.log(`${passed} passed, ${names.length - passed} failed`);
  return passed === names.length ? 0 : 1;
}

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
}

/**
 * The scenarios' results. QEMU ends now and then by a fault of its own when its MTP device is taken away (an event of its
 * file monitor reaches memory that was freed with the device): then the machine is booted again for what is left, and
 * the scenario it happened in is run once more. A second end in the same scenario is a failure.
 */
async function allOf(names: readonly string[], boot: (todo: readonly string[]) => Promise<number>): Promise<Outcome[]> {
  const results: Outcome[] = [];
  let stoppedIn: string | undefined;
  for (;;) {
    const todo = names.filter((name) => !results.some((one) => one.name === name));
    if (todo.length === 0) return results;
    let problem: Error | undefined;
    try {
      await boot(todo);
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error));
    }
    const told = await readFile(path.join(ARTIFACTS, 'results.json'), 'utf8').catch(() => '[]');
    results.push(...(JSON.parse(told) as readonly Outcome[]).filter(({ name }) => todo.includes(name)));
    if (problem === undefined) return results;
    const current = names.find((name) => !results.some((one) => one.name === name));
    console.error(`usb lab: ${problem.message}`);
    const isEmulators = problem.cause instanceof MachineStopped;
    if (!isEmulators || current === undefined) return results;
    if (current === stoppedIn) results.push({ name: current, passed: false });
    stoppedIn = current;
    console.log(`usb lab: the emulator itself ended in ${current}; another boot for what is left`);
  }
}

/** A name stands for itself and, ending in `/`, for all that begin with it: `cable/`. */
const matches = (scenario: string, wanted: string): boolean =>
  scenario === wanted || (wanted.endsWith('/') && scenario.startsWith(wanted));

// `stripTypeScriptTypes` is marked experimental; it says so once.
process.removeAllListeners('warning');
process.exitCode = await main(process.argv.slice(2));

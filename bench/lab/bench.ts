import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../tests/usb-lab/machine/command.ts';
import { MACHINE, missing, runInside } from '../../tests/usb-lab/machine/inside.ts';
import { CACHE, ROOT } from '../../tests/usb-lab/machine/paths.ts';
import { machine } from '../parts.ts';
import { areasIn, profileBeside, type WorkloadProfile } from './profile.ts';
import { logName, WORKLOADS, type ContestantName, type Plan, type Sample } from './samples.ts';
import { tableOf } from './table.ts';

/** The outer side of the bench in the lab: builds what is measured, boots the machine once, prints the table. */

const NEEDED = { ...MACHINE, 'aft-mtp-cli': 'android-file-transfer', 'mtp-detect': 'mtp-tools', gcc: 'gcc' };

/** One round of everything took five minutes on two idle cores; a busy machine takes twice as long. */
const ROUND_MS = 12 * 60_000;

export interface LabOptions {
  readonly runs: number;
  readonly workloads: readonly string[];
  readonly contestants: readonly ContestantName[];
  readonly trace: boolean;
  readonly profile: boolean;
  /** Path of the JSON results. */
  readonly out: string;
}

/** What this machine lacks to run the lab, as text; `undefined` if it can. */
export const lackingForLab = (): string | undefined => missing(NEEDED);

export async function labBench(options: LabOptions): Promise<boolean> {
  await run(process.execPath, [path.join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'cli']);
  const headers = await libmtpHeaders();
  const artifacts = path.join(ROOT, 'artifacts/bench/lab');
  const plan: Plan = {
    runs: options.runs,
    workloads: WORKLOADS.filter(({ name }) => options.workloads.some((wanted) => name.includes(wanted))),
    contestants: options.contestants,
    trace: options.trace,
    profile: options.profile,
  };
  const started = Date.now();
  await runInside({
    program: 'bench/lab/guest/main.ts',
    plan: { ...plan },
    sources: [
      'bench/lab',
      'electron/engine',
      'electron/sync',
      'electron/store',
      'electron/virtual',
      'electron/compose',
      'electron/compose.ts',
      'package.json',
    ],
    prepare: async (share) => {
      const source = path.join(import.meta.dirname, 'peers/libmtp-batch.c');
      // The package with the headers is not installed; the library itself comes with the programs.
      const library = '-l:libmtp.so.9';
      await run('gcc', ['-O2', '-I', headers, source, '-o', path.join(share, 'libmtp-batch'), library]);
    },
    artifacts,
    limitMs: 5 * 60_000 + options.runs * ROUND_MS,
    onLine: (line) => {
      console.log(line);
    },
  });
  const samples = JSON.parse(await readFile(path.join(artifacts, 'samples.json'), 'utf8')) as readonly Sample[];
  console.log(`\nUSB lab, ${options.runs} runs, ${Math.round((Date.now() - started) / 1000)} s`);
  const { lines, rows } = tableOf(plan, samples);
  for (const line of lines) console.log(line);
  const profiles = options.profile ? await profilesIn(artifacts, plan) : undefined;
  await mkdir(path.dirname(options.out), { recursive: true });
  await writeFile(
    options.out,
    `${JSON.stringify({ ...machine(), versions: versions(), plan, rows, samples, profiles }, undefined, 2)}\n`,
  );
  console.log(`written to ${path.relative(process.cwd(), options.out)}`);
  return samples.every((sample) => sample.problem === undefined);
}

async function profilesIn(artifacts: string, plan: Plan): Promise<readonly WorkloadProfile[]> {
  const found: WorkloadProfile[] = [];
  const files = await readdir(artifacts);
  for (const { name: workload } of plan.workloads) {
    const file = profileBeside(logName(workload, 'replug', 1));
    // listings are not profiled
    if (!files.includes(file)) continue;
    const areas = areasIn(path.join(artifacts, file), path.join(ROOT, 'out/cli'));
    found.push({ workload, areas });
    console.log(`\n${workload}: where the main thread was`);
    for (const { name, ms, share } of areas)
      console.log(`${(ms / 1000).toFixed(2).padStart(8)} s ${(share * 100).toFixed(0).padStart(4)} %  ${name}`);
  }
  return found;
}

/** Versions of the programs measured besides Replug, from the package manager. */
const versions = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['libmtp9', 'android-file-transfer', 'umtp-responder', 'qemu-system-x86'].map((name) => [
      name,
      execFileSync('dpkg-query', ['-W', '-f=${Version}', name], { encoding: 'utf8' }),
    ]),
  );

/** The header from the development package, unpacked but not installed. */
async function libmtpHeaders(): Promise<string> {
  const target = path.join(CACHE, 'libmtp-dev');
  if (!existsSync(target)) {
    const work = `${target}.new`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    await run('apt-get', ['download', 'libmtp-dev'], { cwd: work });
    const file = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (file === undefined) throw new Error('apt-get download libmtp-dev brought nothing');
    await run('dpkg', ['-x', file, 'tree'], { cwd: work });
    await rename(path.join(work, 'tree'), target);
    await rm(work, { recursive: true, force: true });
  }
  return path.join(target, 'usr/include');
}

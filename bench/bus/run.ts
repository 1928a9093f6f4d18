import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CACHE, NEEDED, buildBus, built, lackingForBus } from '../../tests/usb-bus/build.ts';
import { enter } from '../../tests/usb-bus/enter.ts';
import { run } from '../../tests/usb-lab/machine/command.ts';
import { missing } from '../../tests/usb-lab/machine/inside.ts';
import { ROOT } from '../../tests/usb-lab/machine/paths.ts';
import { RESULTS, keep, runsOf } from '../parts.ts';
import { busGoals } from './goals.ts';
import type { InnerPlan } from './inside.ts';
import { BUSES, CONTESTANTS, WORKLOADS, type BusName, type ContestantName, type Sample } from './samples.ts';
import { linesOf, rowsOf } from './table.ts';

/**
 * The part of `npm run bench` on the bus in user space: Replug, other programs, and the least that anybody has to do, in
 * turn, each on the real processor.
 *
 *   --runs N                   rounds (5; with --quick 1)
 *   --bus phone|fast           only this one; repeatable
 *   --workload TEXT            only workloads whose name contains TEXT; repeatable
 *   --contestant NAME          only this one; repeatable
 *   --calm SECONDS             waits so long for a quiet machine before each run
 *   --downloads FOLDER         downloads go there instead of to memory
 *   --replug FILE              another built program instead of out/cli/replug.js
 *   --node-options WORDS       for Replug's Node
 *   --responder COMMAND        instead of uMTP-Responder; its storage is the folder in $USB_BUS_STORAGE
 *   --out NAME                 of the results in artifacts/bench (bus)
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    bus: { type: 'string', multiple: true, default: BUSES.map(({ name }) => name) },
    workload: { type: 'string', multiple: true, default: [''] },
    contestant: { type: 'string', multiple: true, default: [...CONTESTANTS] },
    calm: { type: 'string', default: '0' },
    downloads: { type: 'string' },
    replug: { type: 'string', default: path.join(ROOT, 'out/cli/replug.js') },
    'node-options': { type: 'string', default: '' },
    responder: { type: 'string' },
    out: { type: 'string', default: 'bus' },
  },
});

const words = (text: string | undefined): readonly string[] => (text ?? '').split(' ').filter((word) => word !== '');
const isContestant = (name: string): name is ContestantName => (CONTESTANTS as readonly string[]).includes(name);
const isBus = (name: string): name is BusName => BUSES.some((one) => one.name === name);
const workloads = WORKLOADS.map(({ name }) => name).filter((name) =>
  values.workload.some((part) => name.includes(part)),
);
if (!values.contestant.every(isContestant) || !values.bus.every(isBus) || workloads.length === 0) {
  console.error(
    `Contestants: ${CONTESTANTS.join(', ')}. Buses: ${BUSES.map(({ name }) => name).join(', ')}. Workloads: ${WORKLOADS.map(({ name }) => `“${name}”`).join(', ')}.`,
  );
  process.exit(2);
}
const lacking = await lackingForBus({
  ...NEEDED,
  'aft-mtp-cli': 'android-file-transfer',
  'mtp-detect': 'mtp-tools',
  'apt-get': 'apt',
});
if (lacking !== undefined) {
  console.log(`The part on the bus in user space was not run: ${lacking}`);
  process.exit(0);
}

/** Headers of a library: the system's, or those of its package, unpacked but not installed. */
async function headers(file: string, name: string): Promise<string> {
  if (existsSync(path.join('/usr/include', file))) return '/usr/include';
  const target = path.join(CACHE, `include-${name}`);
  if (!existsSync(target)) {
    const work = `${target}.new`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    await run('apt-get', ['download', name], { cwd: work });
    const found = (await readdir(work)).find((one) => one.endsWith('.deb'));
    if (found === undefined) throw new Error(`apt-get download ${name} brought nothing`);
    await run('dpkg', ['-x', found, 'tree'], { cwd: work });
    await rename(path.join(work, 'tree'), target);
    await rm(work, { recursive: true, force: true });
  }
  return path.join(target, 'usr/include');
}

/** The contestants in C. The libraries themselves come with the programs. */
async function compiledPeers(): Promise<string> {
  const libusb = await headers('libusb-1.0/libusb.h', 'libusb-1.0-0-dev');
  const libmtp = await headers('libmtp.h', 'libmtp-dev');
  const here = path.join(import.meta.dirname, 'peers');
  const batch = path.join(ROOT, 'bench/lab/peers');
  return built('peers', [here, batch], async (into) => {
    const compile = (source: string, include: string, library: string): Promise<string> =>
      run('gcc', ['-O2', '-I', include, source, '-o', path.join(into, path.basename(source, '.c')), library]);
    await compile(path.join(here, 'floor.c'), path.join(libusb, 'libusb-1.0'), '-l:libusb-1.0.so.0');
    await compile(path.join(batch, 'libmtp-batch.c'), libmtp, '-l:libmtp.so.9');
  });
}

/** Debian packages of contestants that a machine may lack. */
const OPTIONAL: Partial<Record<ContestantName, string>> = { jmtpfs: 'jmtpfs', 'go-mtpfs': 'go-mtpfs' };

/** Whether the contestant is there; said where it is not. */
function isInstalled(name: ContestantName): boolean {
  const debian = OPTIONAL[name];
  const lack = debian === undefined ? undefined : missing({ [name]: debian, fusermount: 'fuse' });
  if (lack !== undefined) console.log(`${name} takes no part: ${lack}`);
  return lack === undefined;
}

const versions = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['libmtp9', 'libusb-1.0-0', 'android-file-transfer', 'jmtpfs', 'go-mtpfs', 'umtp-responder'].flatMap((name) => {
      const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f=${Version}', name], { encoding: 'utf8' });
      return status === 0 && stdout !== '' ? [[name, stdout]] : [];
    }),
  );

await run(process.execPath, [path.join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'cli']);
const artifacts = path.join(ROOT, 'artifacts/bench', values.out);
await rm(artifacts, { recursive: true, force: true });
await mkdir(artifacts, { recursive: true });
const folder = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'replug-bench-'));
const replug = path.resolve(values.replug);
const nodeOptions = words(values['node-options']);
const plan: InnerPlan = {
  rounds: runsOf(values.runs ?? (values.quick ? '1' : '5')),
  buses: values.bus.filter(isBus),
  workloads,
  contestants: CONTESTANTS.filter((name) => values.contestant.includes(name) && isInstalled(name)),
  calm: Number(values.calm),
  replug,
  nodeOptions,
  downloads: values.downloads === undefined ? undefined : path.resolve(values.downloads),
  responder: values.responder === undefined ? undefined : words(values.responder),
  built: await buildBus(),
  peers: { replug, nodeOptions, compiled: await compiledPeers() },
  artifacts,
};
const started = performance.now();
let status: number;
try {
  await writeFile(path.join(folder, 'plan.json'), JSON.stringify(plan));
  status = await enter({
    program: path.join(import.meta.dirname, 'inside.ts'),
    args: [folder],
    folder,
    env: { NODE_NO_WARNINGS: '1' },
  });
  const samples = JSON.parse(await readFile(path.join(folder, 'samples.json'), 'utf8')) as readonly Sample[];
  const rows = rowsOf(plan, samples);
  console.log(
    `\nThe bus in user space, ${plan.rounds} rounds, ${Math.round((performance.now() - started) / 1000)} s; medians (least–most)`,
  );
  for (const line of linesOf(rows)) console.log(line);
  for (const { what, aim, measured, ok } of busGoals(rows))
    console.log(`${ok ? 'reached' : 'MISSED '} ${what}: ${measured}, wanted ${aim}`);
  keep(values.out, { versions: versions(), rounds: plan.rounds, rows, samples });
  console.log(`written to ${path.relative(process.cwd(), path.join(RESULTS, `${values.out}.json`))}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(status);

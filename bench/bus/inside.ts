/**
 * The inner side of the bench on the bus: every contestant moves the same bytes to and from the same responder, in turn.
 * Runs where `/dev` is the bus's own (`tests/usb-bus/enter.ts`); `inside.ts FOLDER` finds `plan.json` there and leaves
 * `samples.json`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { BuiltBus } from '../../tests/usb-bus/build.ts';
import { NativeBus, type Traffic } from '../../tests/usb-bus/bus.ts';
import { BusPhone } from '../../tests/usb-bus/phone.ts';
import { makeFile } from '../../tests/usb-lab/guest/phones.ts';
import { Program } from '../../tests/usb-lab/guest/process.ts';
import { sleep } from '../../tests/usb-lab/guest/wait.ts';
import { CONTESTANT_LIST, type Contestant, type Job, type Peers } from './contestants.ts';
import { OPERATION_NAMES } from './operations.ts';
import { BUSES, WORKLOADS, type BusName, type Plan, type Sample, type Workload } from './samples.ts';

export interface InnerPlan extends Plan {
  readonly built: BuiltBus;
  readonly peers: Peers;
  readonly artifacts: string;
}

const folder = process.argv[2] ?? '';
const plan = JSON.parse(await readFile(path.join(folder, 'plan.json'), 'utf8')) as InnerPlan;
const bus = new NativeBus(plan.built);
const phone = new BusPhone(bus, {
  folder: path.join(folder, 'phone'),
  hasCard: false,
  sendsEvents: false,
  command: plan.responder,
});
const source = (what: string): string => path.join(folder, 'source', what);

/** The phone's content, and the same on the computer. */
async function furnish(): Promise<void> {
  for (const { what, files, bytes } of new Map(WORKLOADS.map((one) => [one.what, one])).values()) {
    const here = source(what);
    await mkdir(here, { recursive: true });
    for (let index = 0; index < files; index += 1)
      await makeFile(path.join(here, what === 'film' ? 'film.bin' : `file ${index}.bin`), Math.floor(bytes / files));
    execFileSync('cp', ['-r', here, phone.internal]);
  }
}

/** Compares names and bytes; a folder that holds nothing but one folder stands for that one. */
async function compare(wanted: string, found: string): Promise<void> {
  for (let at = found; ;) {
    const [only, ...others] = await readdir(at, { withFileTypes: true });
    if (only?.isDirectory() === true && others.length === 0) at = path.join(at, only.name);
    else {
      execFileSync('diff', ['-rq', wanted, at], { stdio: ['ignore', 'pipe', 'pipe'] });
      return;
    }
  }
}

/** Ticks of all processors: in all, and those in which nothing but idle-priority programs ran. */
function ticks(): { readonly all: number; readonly idle: number } {
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/u).slice(1, 9).map(Number);
  const [, nice = 0, , idle = 0, waiting = 0] = fields;
  return { all: fields.reduce((sum, one) => sum + one, 0), idle: nice + idle + waiting };
}

async function waitForCalm(): Promise<void> {
  const end = performance.now() + plan.calm * 1000;
  while (performance.now() < end) {
    const before = ticks();
    await sleep(400);
    const after = ticks();
    if ((after.idle - before.idle) / (after.all - before.all) > 0.9) return;
  }
}

/** Processor seconds of the responder so far. */
function responderSeconds(): number {
  const fields = readFileSync(`/proc/${phone.responder.pid}/stat`, 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function countsIn(traffic: Traffic): Pick<Sample, 'operations' | 'wire' | 'bytesIn' | 'bytesOut'> {
  return {
    operations: Object.fromEntries(
      traffic.operations.map(({ code, count }) => [OPERATION_NAMES.get(code) ?? code.toString(16), count]),
    ),
    wire: traffic.wireUs / 1e6,
    bytesIn: traffic.operations.reduce((sum, one) => sum + one.bytesIn, 0),
    bytesOut: traffic.operations.reduce((sum, one) => sum + one.bytesOut, 0),
  };
}

async function once(on: BusName, workload: Workload, contestant: Contestant, round: number): Promise<Sample> {
  const { work, what, files } = workload;
  const got = path.join(plan.downloads ?? folder, 'got');
  const scratch = path.join(folder, 'scratch');
  const up = path.join(phone.internal, 'up');
  for (const one of [got, scratch, up]) await rm(one, { recursive: true, force: true });
  for (const one of work === 'put' ? [got, scratch, up] : [got, scratch]) await mkdir(one, { recursive: true });
  const name = `${on}-${workload.name.replaceAll(/\W+/gu, '-')}-${contestant.name}-${round}`;
  const used = path.join(folder, 'used');
  let last: Program | undefined;
  const job: Job = {
    work,
    remote: work === 'put' ? 'up' : what,
    local: work === 'put' ? source(what) : got,
    files,
    log: path.join(plan.artifacts, `${name}.log`),
    scratch,
    start: (command, input) => {
      last = new Program(plan.built.program, ['run', used, ...command], {
        cwd: scratch,
        log: path.join(plan.artifacts, `${name}.log`),
        env: { HOME: scratch },
        group: true,
        ...(input === undefined ? {} : { input }),
      });
      return last;
    },
  };
  // a fresh responder each time: it keeps every handle it has ever given
  await phone.stop();
  await phone.start(path.join(plan.artifacts, 'responder.log'));
  await phone.plug();
  await phone.enumerated();
  await bus.setTime(BUSES.find((one) => one.name === on)?.time ?? '');
  await bus.forget();
  await waitForCalm();
  const before = { ticks: ticks(), responder: responderSeconds(), at: performance.now() };
  let seconds: number | undefined;
  let problem: string | undefined;
  try {
    seconds = await contestant.run(job, plan.peers);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  const now = ticks();
  const elapsed = (performance.now() - before.at) / 1000;
  const responder = responderSeconds() - before.responder;
  const [user = 0, system = 0, resident = 0] = (await readFile(used, 'utf8').catch(() => '')).split(' ').map(Number);
  const counts = countsIn(await bus.traffic());
  await last?.kill();
  const busy = (now.all - now.idle - before.ticks.all + before.ticks.idle) / 100;
  if (problem === undefined && work !== 'list')
    await compare(source(what), work === 'put' ? up : got).catch((error: unknown) => {
      problem = `what arrived differs: ${String(error).slice(0, 200)}`;
    });
  return {
    bus: on,
    workload: workload.name,
    contestant: contestant.name,
    round,
    ...(problem === undefined ? {} : { problem }),
    ...counts,
    work: work === 'list' ? counts.wire : (seconds ?? counts.wire),
    process: ((await last?.ended)?.milliseconds ?? 0) / 1000,
    user,
    system,
    memory: resident * 1024,
    others: Math.max(0, busy - responder - user - system) / (elapsed * availableParallelism()),
  };
}

await mkdir(path.join(folder, 'phone'), { recursive: true });
await phone.create();
await furnish();
const awake = new Program(plan.built.program, ['awake']);
const samples: Sample[] = [];
for (let round = 1; round <= plan.rounds; round += 1)
  for (const on of plan.buses)
    for (const workload of WORKLOADS.filter(({ name }) => plan.workloads.includes(name))) {
      const able = CONTESTANT_LIST.filter(
        ({ name, can, once: isOnce }) =>
          plan.contestants.includes(name) && can(workload, on) && (round === 1 || isOnce?.(workload) !== true),
      );
      // another one begins each time
      const turn = (round - 1) % Math.max(1, able.length);
      for (const contestant of [...able.slice(turn), ...able.slice(0, turn)]) {
        const sample = await once(on, workload, contestant, round);
        samples.push(sample);
        await writeFile(path.join(folder, 'samples.json'), JSON.stringify(samples));
        const transactions = Object.values(sample.operations).reduce((sum, one) => sum + one, 0);
        console.log(
          `${round}  ${on.padEnd(6)} ${workload.name.padEnd(24)} ${contestant.name.padEnd(12)} ` +
            (sample.problem === undefined
              ? `${sample.work.toFixed(3).padStart(8)} s  process ${sample.process.toFixed(3).padStart(7)}  processor ${(sample.user + sample.system).toFixed(2).padStart(5)}  transactions ${transactions}  others ${Math.round(sample.others * 100)} %`
              : `FAILED: ${sample.problem}`),
        );
      }
    }
await phone.stop();
await awake.kill();
process.exit(samples.some((sample) => sample.problem !== undefined) ? 1 : 0);

/**
 * The inner side of the bench in the lab: every contestant moves the same bytes over the same bus to the same
 * responder, in turn. Writes every single time to `/lab/artifacts/samples.json`.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GadgetPhone } from '../../../tests/usb-lab/guest/gadget.ts';
import { makeFile } from '../../../tests/usb-lab/guest/phones.ts';
import { startUdev } from '../../../tests/usb-lab/guest/udev.ts';
import { sleep } from '../../../tests/usb-lab/guest/wait.ts';
import { logName, type Plan, type Sample, type Workload } from '../samples.ts';
import { CONTESTANTS, type Contestant, type Job } from './contestants.ts';
import { createSourceSink, plugSourceSink, unplugSourceSink } from './source-sink.ts';
import { startTrace } from './trace.ts';

const ARTIFACTS = '/lab/artifacts';
const LOCAL = '/tmp/bench';

const say = (text: string): void => {
  console.log(`lab: ${text}`);
};

interface Furnished extends Workload {
  /** A folder in the phone's root. */
  readonly remote: string;
  /** The files that are sent, or compared with. */
  readonly source: string;
}

const REMOTE: Readonly<Record<Workload['what'], string>> = { film: 'film', small: 'small', many: 'many' };

/**
 * Creates the phone's content, and the same on the computer. The order of the folders matters: `whole.ts` takes the
 * first.
 */
async function furnish(gadget: GadgetPhone, plan: Plan): Promise<void> {
  for (const what of ['film', 'small', 'many'] as const) {
    const workload = plan.workloads.find((one) => one.what === what);
    const there = path.join(gadget.internal, REMOTE[what]);
    await mkdir(there, { recursive: true });
    if (workload === undefined) continue;
    const here = path.join(LOCAL, 'source', what);
    await mkdir(here, { recursive: true });
    const size = Math.floor(workload.bytes / workload.files);
    for (let index = 0; index < workload.files; index += 1)
      await makeFile(path.join(here, what === 'film' ? 'film.bin' : `file ${index}.bin`), size);
    execFileSync('cp', ['-r', `${here}/.`, there]);
  }
}

/** Compares names and bytes; a folder that contains nothing but one folder stands for that one. */
async function compare(wanted: string, found: string): Promise<void> {
  let folder = found;
  for (;;) {
    const entries = await readdir(folder, { withFileTypes: true });
    const [only] = entries;
    if (entries.length !== 1 || only?.isDirectory() !== true) break;
    folder = path.join(folder, only.name);
  }
  execFileSync('diff', ['-rq', wanted, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Starts a responder with the existing content. */
async function plugPhone(gadget: GadgetPhone): Promise<void> {
  await gadget.stop();
  await gadget.start(path.join(ARTIFACTS, 'responder.log'));
  await gadget.plug();
  await gadget.enumerated();
}

async function once(gadget: GadgetPhone, contestant: Contestant, furnished: Furnished, run: number): Promise<Sample> {
  const { work, files, bytes } = furnished;
  const local = work === 'put' ? furnished.source : path.join(LOCAL, 'got');
  const remote = work === 'put' ? 'up' : furnished.remote;
  const job: Job = {
    work,
    remote,
    local,
    files,
    bytes,
    log: path.join(ARTIFACTS, logName(furnished.name, contestant.name, run)),
    scratch: path.join(LOCAL, 'scratch'),
    profile: plan.profile,
  };
  const up = path.join(gadget.internal, 'up');
  for (const folder of [path.join(LOCAL, 'got'), job.scratch, up]) await rm(folder, { recursive: true, force: true });
  for (const folder of [path.join(LOCAL, 'got'), job.scratch]) await mkdir(folder, { recursive: true });
  // Created only for uploads; otherwise it would be one more entry of the root to request.
  if (work === 'put') await mkdir(up);
  if (contestant.phone === 'gadget') await plugPhone(gadget);
  else {
    await gadget.stop();
    await plugSourceSink(gadget.controller);
  }
  // Time for libusb and udev to notice it.
  await sleep(600);
  try {
    const took = await contestant.run(job);
    if (contestant.keeps === 'in local') {
      if (work === 'get') await compare(furnished.source, local);
      if (work === 'put') await compare(furnished.source, up);
    }
    return { workload: furnished.name, contestant: contestant.name, run, ...took };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return {
      workload: furnished.name,
      contestant: contestant.name,
      run,
      processMs: undefined,
      workMs: undefined,
      problem,
    };
  } finally {
    if (contestant.phone === 'source-sink') await unplugSourceSink();
    await rm(up, { recursive: true, force: true });
  }
}

const plan = JSON.parse(await readFile('/lab/plan.json', 'utf8')) as Plan & { readonly udev: string };
const udevd = await startUdev(plan.udev);
const gadget = new GadgetPhone();
await gadget.create();
await createSourceSink();
await furnish(gadget, plan);
const samples: Sample[] = [];
const keep = (): Promise<void> => writeFile(`${ARTIFACTS}/samples.json`, JSON.stringify(samples));
for (let run = 1; run <= plan.runs; run += 1)
  for (const workload of plan.workloads) {
    const source = path.join(LOCAL, 'source', workload.what);
    const furnished: Furnished = { ...workload, remote: REMOTE[workload.what], source };
    const able = CONTESTANTS.filter(
      ({ name, can }) => plan.contestants.includes(name) && can({ work: workload.work, files: workload.files }),
    );
    // A different contestant starts each time.
    const order = able.map((_, index) => able[(index + run - 1) % able.length] as Contestant);
    for (const contestant of order) {
      const trace = plan.trace && contestant.phone === 'gadget' ? await startTrace() : undefined;
      const sample = await once(gadget, contestant, furnished, run);
      samples.push(sample);
      await keep();
      say(
        `run ${run}  ${workload.name.padEnd(24)} ${contestant.name.padEnd(8)} ` +
          (sample.workMs === undefined
            ? `FAILED: ${sample.problem ?? ''}`
            : `${(sample.workMs / 1000).toFixed(2).padStart(7)} s, whole process ${((sample.processMs ?? 0) / 1000).toFixed(2)} s`),
      );
      const lines = await trace?.stop(
        path.join(ARTIFACTS, `${workload.name.replaceAll(/\W+/gu, '-')}-${contestant.name}.trace`),
      );
      for (const line of lines ?? []) say(`    ${line}`);
    }
  }
await gadget.stop();
await udevd.kill();
process.exit(samples.some((sample) => sample.problem !== undefined) ? 1 : 0);

/**
 * The USB lab, inside the machine: runs the planned scenarios one after the other, prints `lab: …` lines for the host
 * and ends with 1 when one failed.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SCENARIOS } from '../scenarios/index.ts';
import { GadgetPhone } from './gadget.ts';
import { Lab, type Scenario } from './lab.ts';
import { QemuPhone } from './qemu-phone.ts';
import { startUdev } from './udev.ts';

interface Plan {
  readonly names: readonly string[];
  readonly udev: string;
}

const say = (text: string): void => {
  console.log(`lab: ${text}`);
};

async function runOne(scenario: Scenario, gadget: GadgetPhone, qemu: QemuPhone): Promise<boolean> {
  const artifacts = path.join('/lab/artifacts', scenario.name.replaceAll('/', '-'));
  const work = path.join('/tmp/work', scenario.name.replaceAll('/', '-'));
  await mkdir(artifacts, { recursive: true });
  await mkdir(work, { recursive: true });
  const lab = new Lab(gadget, qemu, artifacts, work, say);
  const started = performance.now();
  let problem: string | undefined;
  let remark: string | undefined;
  try {
    if (scenario.phone === 'gadget') {
      await gadget.fresh(path.join(artifacts, 'responder.log'));
      await gadget.plug();
      await gadget.enumerated();
    } else if (scenario.phone === 'qemu') {
      await qemu.empty();
      await qemu.plug();
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`not done after ${scenario.limitMs / 1000} s`));
      }, scenario.limitMs);
    });
    try {
      remark = await Promise.race([scenario.run(lab), late]);
    } finally {
      clearTimeout(timer);
    }
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  await lab.end();
  await gadget.stop();
  await qemu.end().catch(() => undefined);
  await rm(work, { recursive: true, force: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const shown = remark === undefined ? '' : ` (${remark})`;
  say(`${problem === undefined ? 'ok    ' : 'FAILED'} ${scenario.name}  ${seconds} s${shown}`);
  if (gadget.crashes.length > 0)
    say(`         the responder itself ended (${gadget.crashes.join(', ')}) and was started anew`);
  if (problem !== undefined) {
    for (const line of problem.split('\n')) say(`         ${line}`);
    await writeFile(path.join(artifacts, 'problem.txt'), problem);
  }
  return problem === undefined;
}

const plan = JSON.parse(await readFile('/lab/plan.json', 'utf8')) as Plan;
const udevd = await startUdev(plan.udev);
const gadget = new GadgetPhone();
await gadget.create();
const qemu = new QemuPhone();
const results: { name: string; passed: boolean }[] = [];
for (const scenario of SCENARIOS) {
  if (!plan.names.includes(scenario.name)) continue;
  results.push({ name: scenario.name, passed: await runOne(scenario, gadget, qemu) });
  // after each: what has passed is known even where the machine itself stops
  await writeFile('/lab/artifacts/results.json', JSON.stringify(results, null, 2));
}
await writeFile('/lab/artifacts/kernel.log', execFileSync('dmesg', { maxBuffer: 64 << 20 }));
await udevd.kill();
const failed = results.filter((result) => !result.passed).length;
say(`${results.length - failed} of ${results.length} scenarios passed`);
process.exit(failed === 0 && results.length > 0 ? 0 : 1);

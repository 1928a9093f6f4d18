/**
 * The USB lab, inside the machine: runs the planned scenarios one after the other, prints `lab: …` lines for the host
 * and ends with 1 when one failed.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { SCENARIOS } from '../scenarios/index.ts';
import { GadgetPhone } from './gadget.ts';
import { QemuPhone } from './qemu-phone.ts';
import { runScenario } from './run-scenario.ts';
import { startUdev } from './udev.ts';

interface Plan {
  readonly names: readonly string[];
  readonly udev: string;
}

const say = (text: string): void => {
  console.log(`lab: ${text}`);
};

const plan = JSON.parse(await readFile('/lab/plan.json', 'utf8')) as Plan;
const udevd = await startUdev(plan.udev);
const gadget = new GadgetPhone();
await gadget.create();
const qemu = new QemuPhone();
const place = { gadget, qemu, artifacts: '/lab/artifacts', work: '/tmp/work', say };
const results: { name: string; passed: boolean }[] = [];
for (const scenario of SCENARIOS) {
  if (!plan.names.includes(scenario.name)) continue;
  results.push({ name: scenario.name, passed: await runScenario(scenario, place) });
  // after each: what has passed is known even where the machine itself stops
  await writeFile('/lab/artifacts/results.json', JSON.stringify(results, null, 2));
}
await writeFile('/lab/artifacts/kernel.log', execFileSync('dmesg', { maxBuffer: 64 << 20 }));
await udevd.kill();
const failed = results.filter((result) => !result.passed).length;
say(`${results.length - failed} of ${results.length} scenarios passed`);
process.exit(failed === 0 && results.length > 0 ? 0 : 1);

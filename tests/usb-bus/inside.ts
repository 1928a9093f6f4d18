/**
 * The ring on the bus in user space, inside: runs the planned scenarios one after the other on one bus. `inside.ts FOLDER`
 * finds `plan.json` there and leaves the names of those that passed in `passed.json`. This process is on the bus itself.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runScenario } from '../usb-lab/guest/run-scenario.ts';
import type { BuiltBus } from './build.ts';
import { NativeBus } from './bus.ts';
import { BusPhone } from './phone.ts';
import { SCENARIOS } from './scenarios/index.ts';

interface Plan {
  readonly names: readonly string[];
  readonly built: BuiltBus;
  readonly artifacts: string;
}

/** What is interrupted must take long enough for that: as fast as a cable of USB 2. */
const INTERRUPTED = /^(?:cable|window)\//u;
const CABLE = 'rate=30000000';

const folder = process.argv[2] ?? '';
const plan = JSON.parse(await readFile(path.join(folder, 'plan.json'), 'utf8')) as Plan;
const bus = new NativeBus(plan.built);
await mkdir(path.join(folder, 'phone'));
const phone = new BusPhone(bus, { folder: path.join(folder, 'phone'), hasCard: true, sendsEvents: true });
await phone.create();
process.env['HOME'] = folder;
const passed: string[] = [];
for (const scenario of SCENARIOS.filter(({ name }) => plan.names.includes(name))) {
  await bus.setTime(INTERRUPTED.test(scenario.name) ? CABLE : '');
  const isGood = await runScenario(scenario, {
    gadget: phone,
    qemu: undefined,
    artifacts: plan.artifacts,
    work: path.join(folder, 'work'),
    say: (text) => {
      console.log(text);
    },
  });
  if (isGood) passed.push(scenario.name);
  await writeFile(path.join(folder, 'passed.json'), JSON.stringify(passed));
}
await phone.stop();
process.exit(passed.length === plan.names.length ? 0 : 1);

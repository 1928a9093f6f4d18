import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Lab, type LabPhone, type Scenario } from './lab.ts';
import type { QemuPhone } from './qemu-phone.ts';

/** Where scenarios run: the phones there, and the folders. */
export interface Place {
  readonly gadget: LabPhone;
  readonly qemu: QemuPhone | undefined;
  /** Each scenario has a folder in it, for logs. */
  readonly artifacts: string;
  /** Each scenario has a folder in it that goes with it. */
  readonly work: string;
  readonly say: (text: string) => void;
}

/** Runs one scenario with a fresh phone, says how it went and whether what it checks holds. */
export async function runScenario(scenario: Scenario, place: Place): Promise<boolean> {
  const { gadget, qemu, say } = place;
  const folder = scenario.name.replaceAll('/', '-');
  const artifacts = path.join(place.artifacts, folder);
  const work = path.join(place.work, folder);
  await mkdir(artifacts, { recursive: true });
  await mkdir(work, { recursive: true });
  const lab = new Lab({ ...place, artifacts, work });
  const started = performance.now();
  let problem: string | undefined;
  let remark: string | undefined;
  try {
    if (scenario.phone === 'gadget') {
      await gadget.fresh(path.join(artifacts, 'responder.log'));
      await gadget.plug();
      await gadget.enumerated();
    } else if (scenario.phone === 'qemu') {
      await lab.qemu.empty();
      await lab.qemu.plug();
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
  await qemu?.end().catch(() => undefined);
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

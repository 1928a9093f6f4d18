import path from 'node:path';
import { parseArgs } from 'node:util';
import { RESULTS, runsOf } from '../parts.ts';
import { labBench, lackingForLab } from './bench.ts';
import { CONTESTANTS, WORKLOADS, type ContestantName } from './samples.ts';

/**
 * The part of `npm run bench` in the USB lab: Replug, other programs and the upper bounds of the bus, in turn, in one boot.
 *
 *   --runs N                   runs per contestant (5; with --quick 1)
 *   --workload TEXT            only workloads whose name contains TEXT; repeatable
 *   --contestant NAME          only this one besides Replug; repeatable
 *   --trace                    records the bus and shows the time of each operation: slower, so never compared
 *   --profile                  Replug alone, once, with the time of its main thread by room: slower as well
 *   --out FILE                 path of the JSON results
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    workload: { type: 'string', multiple: true, default: [''] },
    contestant: { type: 'string', multiple: true, default: [...CONTESTANTS] },
    trace: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

const isContestant = (name: string): name is ContestantName => (CONTESTANTS as readonly string[]).includes(name);
const runs = runsOf(values.runs ?? (values.quick || values.profile ? '1' : '5'));
const workloads = WORKLOADS.filter(({ name }) => values.workload.some((wanted) => name.includes(wanted)));
if (!values.contestant.every(isContestant) || workloads.length === 0) {
  console.error(
    `Contestants: ${CONTESTANTS.join(', ')}. Workloads: ${WORKLOADS.map(({ name }) => `“${name}”`).join(', ')}.`,
  );
  process.exit(2);
}
const lacking = lackingForLab();
if (lacking !== undefined) {
  console.log(`The lab's part was not run: ${lacking}`);
  process.exit(0);
}
const good = await labBench({
  runs,
  workloads: values.workload,
  contestants: CONTESTANTS.filter((name) => name === 'replug' || (values.contestant.includes(name) && !values.profile)),
  trace: values.trace,
  profile: values.profile,
  // results taken with tracing or profiling do not replace those that are compared
  out: path.resolve(
    values.out ??
      path.join(RESULTS, values.profile ? 'lab-profile.json' : values.trace ? 'lab-trace.json' : 'lab.json'),
  ),
});
process.exit(good ? 0 : 1);

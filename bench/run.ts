import path from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.ts';
import { inProcessBench } from './in-process.ts';
import { labBench, lackingForLab } from './lab/run.ts';
import { CONTESTANTS, WORKLOADS, type ContestantName } from './lab/samples.ts';

/**
 * `npm run bench [-- PART…]`: the parts are `in-process` and `lab`; without any, all that this machine can run.
 * Performance claims come from here; no test asserts a time. See docs/performance.md.
 *
 *   --quick                    in process: a tenth of the bytes and files
 *   --only CASE,…              in process: only these
 *   --runs N                   lab: how often each contestant runs (5)
 *   --workload TEXT            lab: only workloads whose name contains it; may be given again
 *   --contestant NAME          lab: only this one beside Replug; may be given again
 *   --trace                    lab: records the bus and shows where each operation's time goes
 *   --out FILE                 lab: where the JSON goes
 */
const PARTS = ['in-process', 'lab'];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(CASES).join(',') },
      runs: { type: 'string', default: '5' },
      workload: { type: 'string', multiple: true, default: [''] },
      contestant: { type: 'string', multiple: true, default: [...CONTESTANTS] },
      trace: { type: 'boolean', default: false },
      out: { type: 'string', default: path.join(import.meta.dirname, '../artifacts/bench/lab.json') },
    },
  });
  const parts = positionals.length === 0 ? PARTS : positionals;
  const unknown = parts.find((part) => !PARTS.includes(part));
  const stranger = values.contestant.find((name) => !isContestant(name));
  const runs = Number(values.runs);
  if (unknown !== undefined || stranger !== undefined || !Number.isInteger(runs) || runs < 1) {
    console.error(
      `Parts: ${PARTS.join(', ')}. Contestants: ${CONTESTANTS.join(', ')}. --runs is a whole number above 0.`,
    );
    return 2;
  }
  let good = true;
  if (parts.includes('in-process')) await inProcessBench({ quick: values.quick, cases: values.only.split(',') });
  if (parts.includes('lab')) {
    const lacking = lackingForLab();
    if (lacking === undefined)
      good = await labBench({
        runs,
        workloads: values.workload,
        contestants: CONTESTANTS.filter((name) => name === 'replug' || values.contestant.includes(name)),
        trace: values.trace,
        out: path.resolve(values.out),
      });
    else {
      console.log(`The lab's part was not run: ${lacking}`);
      // Asked for by name it is missed; else it is one of the parts that this machine cannot run.
      good = positionals.length === 0;
    }
  }
  if (!WORKLOADS.some(({ name }) => values.workload.some((wanted) => name.includes(wanted)))) good = false;
  return good ? 0 : 1;
}

const isContestant = (name: string): name is ContestantName => (CONTESTANTS as readonly string[]).includes(name);

// `stripTypeScriptTypes`, which writes the guest's programs, is marked experimental; it says so once.
process.removeAllListeners('warning');
// Something of the engine may still hold a timer; what was to be said is said.
process.exit(await main());

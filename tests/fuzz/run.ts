import { parseArgs } from 'node:util';
import { PROFILE_NAMES } from '../../electron/virtual/index.ts';
import { fuzzDecoders } from './decoders.ts';
import { record } from './responder.ts';
import { runSession } from './sessions.ts';

/** `npm run fuzz [-- --seed N --executions N --sessions N]`: a few minutes on one core. Prints what it finds. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    executions: { type: 'string', default: '10000000' },
    sessions: { type: 'string', default: '100000' },
  },
});
const seed = Number(values.seed);
const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(0)} s`;
let findings = 0;

const strays = new Set<string>();
process.on('unhandledRejection', (error) => strays.add(error instanceof Error ? (error.stack ?? '') : String(error)));

let began = performance.now();
const executions = Number(values.executions);
const decoders = fuzzDecoders(seed, executions);
for (const { target, problem, input } of decoders.findings) console.log(`  ${target}: ${problem}\n    ${input}`);
findings += decoders.findings.length;
console.log(
  `decoders: ${executions} executions, ${decoders.refused} refused, ${decoders.findings.length} findings; ${seconds(began)}`,
);

began = performance.now();
const sessions = Number(values.sessions);
const recordings = [];
for (const profile of PROFILE_NAMES) recordings.push({ profile, recording: await record(profile) });
const sum = { mutations: 0, answered: 0, refused: 0, findings: 0 };
for (let index = 0; index < sessions && sum.findings < 20; index += 1) {
  const { profile, recording } = recordings[index % recordings.length] as (typeof recordings)[number];
  const { mutations, answered, refused, finding } = await runSession(seed * 1_000_003 + index, recording);
  sum.mutations += mutations;
  sum.answered += answered;
  sum.refused += refused;
  if (finding === undefined) continue;
  sum.findings += 1;
  console.log(`  ${profile}, session ${finding.seed}, ${finding.action}: ${finding.problem}`);
}
for (const stray of strays) console.log(`  a promise nobody waited for: ${stray}`);
findings += sum.findings + strays.size;
console.log(
  `sessions: ${sessions}, ${sum.mutations} mutated answers, ${sum.answered} calls answered, ${sum.refused} refused, ` +
    `${sum.findings + strays.size} findings; ${seconds(began)}`,
);
console.log(findings === 0 ? 'nothing found' : `${findings} findings`);
process.exit(findings === 0 ? 0 : 1);

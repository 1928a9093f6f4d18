// A process that lives lives: `lives.ts FROM COUNT STEP [SECONDS]` prints one JSON line for each life that went wrong and one
// for the sum, and begins none after so many seconds of processor; `lives.ts life SEED PARTS [trace]` tells one life without the
// parts named; `lives.ts digests FROM COUNT [backwards]` prints a digest of each life's trace; `lives.ts json SEED PARTS`
// prints a script, `lives.ts first SEED COUNT [KIND]` finds the first life that goes wrong, `lives.ts script FILE [trace]` lives one,
// `lives.ts scripts FILE...` tells several, a JSON line for each.
import './process/take-over.ts';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { plant } from './mutants/mutants.ts';
import { scaleDown } from './process/scaled-down.ts';
import type { Script } from './life/script.ts';

scaleDown();
const mutant = process.env['REPLUG_MUTANT'];
if (mutant !== undefined) plant(mutant);

const { live } = await import('./life/life.ts');
const { scriptOf } = await import('./life/draw.ts');
const { storyOf } = await import('./story.ts');
const { superfluous, without } = await import('./smaller.ts');

/** Drawn at once: by the next life, the code that draws has left the processor's caches. */
const AT_ONCE = 64;
/** The lives of so many seeds, in their order. */
function* scripts(from: number, count: number, step: number): Generator<Script> {
  for (let first = 0; first < count; first += AT_ONCE)
    yield* Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) =>
      scriptOf(from + (first + index) * step),
    );
}

const [what = '', ...rest] = process.argv.slice(2);
// what is thrown on purpose is thrown very often, and nobody reads where
Error.stackTraceLimit = 0;

if (what === 'digests') {
  const [from = 0, count = 0] = rest.map(Number);
  for (let number = 0; number < count; number += 1) {
    const seed = from + (rest[2] === 'backwards' ? count - 1 - number : number);
    const { trace } = await live(scriptOf(seed), true);
    console.log(`${seed} ${createHash('sha256').update(trace.join('\n')).digest('hex')}`);
  }
} else if (what === 'life') {
  const [seed = '0', parts = '', trace] = rest;
  const script = without(scriptOf(Number(seed)), parts.split(','));
  const lived = await live(script, trace !== undefined);
  if (trace !== undefined) console.log(lived.trace.join('\n'));
  console.log(storyOf(script, lived).join('\n'));
  process.exitCode = lived.findings.length === 0 ? 0 : 1;
} else if (what === 'json') {
  console.log(JSON.stringify(without(scriptOf(Number(rest[0])), (rest[1] ?? '').split(',')), null, 2));
} else if (what === 'script') {
  const script = JSON.parse(readFileSync(rest[0] ?? '', 'utf8')) as Script;
  const lived = await live(script, rest[1] === 'trace');
  if (rest[1] === 'trace') console.log(lived.trace.join('\n'));
  console.log(storyOf(script, lived).join('\n'));
  process.exitCode = lived.findings.length === 0 ? 0 : 1;
} else if (what === 'scripts') {
  for (const file of rest) {
    const script = JSON.parse(readFileSync(file, 'utf8')) as Script;
    console.log(JSON.stringify({ file, story: storyOf(script, await live(script)) }));
  }
} else if (what === 'first') {
  // the first of COUNT lives from SEED on that goes wrong, in the given way
  const [seed = 0, count = 0] = rest.map(Number);
  const kind = rest[2];
  for (const script of scripts(seed, count, 1)) {
    const { findings } = await live(script);
    if (!findings.some((finding) => kind === undefined || finding.kind === kind)) continue;
    console.log(JSON.stringify({ seed: script.seed, findings }));
    break;
  }
} else if (what === 'shrink') {
  console.log((await superfluous(scriptOf(Number(rest[0])))).join(','));
} else {
  const [from = 0, count = 0, step = 1, seconds = Number.POSITIVE_INFINITY] = [what, ...rest.slice(0, 3)].map(Number);
  let steps = 0;
  let number = 0;
  // the clock of the processor is not for nothing: it is read now and then
  const isTime = (): boolean => number % 16 !== 0 || process.cpuUsage().user < seconds * 1e6;
  for (const script of scripts(from, count, step)) {
    if (!isTime()) break;
    const { seed } = script;
    number += 1;
    const lived = await live(script);
    steps += lived.steps;
    if (lived.findings.length > 0) console.log(JSON.stringify({ seed, findings: lived.findings }));
  }
  console.log(JSON.stringify({ lives: number, steps }));
}

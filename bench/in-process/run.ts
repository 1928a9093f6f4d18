import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { formatBytes } from '../../shared/format.ts';
import { keep, line, machine, median, read, runsOf, type Machine, type Result } from '../parts.ts';
import { CASES } from './all-cases.ts';
import { FULL, QUICK, type Measured, type Scale } from './cases.ts';
import { plainCopy } from './plain.ts';

/**
 * The part of `npm run bench` that needs nothing but this computer. `--quick` for small amounts, `--only` for some of
 * the cases, `--runs` for the number of repetitions (the median counts), `--scratch` for the working folder; `--add` keeps
 * what was measured of other cases before, on the same day and machine. On a
 * disk that is slow at creating files, the small-file cases measure that, so the report states the cost of creating
 * one.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(CASES).join(',') },
    runs: { type: 'string', default: '3' },
    scratch: { type: 'string', default: tmpdir() },
    add: { type: 'boolean', default: false },
  },
});
const runs = runsOf(values.runs);
const names = values.only.split(',');
const stranger = names.find((name) => CASES[name] === undefined);
if (stranger !== undefined) {
  console.error(`There is no case “${stranger}”; known are ${Object.keys(CASES).join(', ')}.`);
  process.exit(2);
}
interface Kept extends Machine {
  readonly scale: Scale;
  readonly scratch: string;
  readonly results: readonly Result[];
}
const before = values.add ? read<Kept>('in-process') : undefined;
if (before !== undefined) {
  const { node, processor, processors, taken, scale: of, scratch: at } = before;
  const then = { node, processor, processors, taken, scale: of, scratch: at };
  if (!isDeepStrictEqual(then, { ...machine(), scale: values.quick ? QUICK : FULL, scratch: values.scratch })) {
    console.error('What was measured before is of another day, machine, size or folder: leave out --add.');
    process.exit(2);
  }
}
/** These are about the memory of their process. */
const PLAIN = new Set(['catalogue', 'large-catalogue']);
const isPlain = import.meta.filename.endsWith('.js');
const options = ['--runs', values.runs, '--scratch', values.scratch, ...(values.quick ? ['--quick'] : [])];
if (names.length > 1 || values.add || (!isPlain && names.some((name) => PLAIN.has(name)))) {
  const copy = mkdtempSync(join(values.scratch, 'replug-bench-'));
  process.on('exit', () => {
    rmSync(copy, { recursive: true, force: true });
  });
  let plain: string | undefined;
  // each case in a process of its own, so that none is charged for another's memory
  const parts = names.map((name) => {
    const program = PLAIN.has(name) ? (plain ??= plainCopy(copy, 'bench/in-process/run.ts')) : import.meta.filename;
    const child = spawnSync(process.execPath, [program, '--only', name, ...options], { stdio: 'inherit' });
    if (child.status !== 0) process.exit(child.status ?? 1);
    return read<{ readonly results: readonly Result[] }>('in-process')?.results ?? [];
  });
  const measured = parts.flat();
  const isAgain = new Set(measured.map(({ name }) => name));
  const results = [...(before?.results ?? []).filter(({ name }) => !isAgain.has(name)), ...measured];
  keep('in-process', { scale: values.quick ? QUICK : FULL, scratch: values.scratch, results });
  compare(results);
  process.exit(0);
}
const scale = values.quick ? QUICK : FULL;
const scratch = mkdtempSync(join(values.scratch, 'replug-bench-'));
process.env['TMPDIR'] = scratch;
process.on('exit', () => {
  rmSync(scratch, { recursive: true, force: true });
});

const { processor, processors, node } = machine();
console.log(`In process: ${processors} × ${processor}, Node ${node}, files in ${values.scratch}, median of ${runs}`);
console.log(line(['', 'seconds', 'MB/s', 'a second', 'memory', 'CPU µs each']));

const samples = new Map<string, Measured[]>();
const printed = new Set<string>();
for (const name of names) {
  const measure = CASES[name];
  if (measure === undefined) continue;
  for (let run = 0; run < runs; run += 1)
    for await (const result of measure(scale)) samples.set(result.name, [...(samples.get(result.name) ?? []), result]);
  for (const [, taken] of samples) {
    const [first] = taken;
    if (first === undefined || printed.has(first.name)) continue;
    printed.add(first.name);
    const seconds = median(taken.map((one) => one.seconds));
    console.log(
      line([
        first.name,
        seconds.toFixed(2),
        first.bytes === undefined ? '' : (first.bytes / 1e6 / seconds).toFixed(0),
        first.count === undefined
          ? ''
          : `${Math.round(first.count / seconds).toLocaleString('en')} ${first.unit ?? ''}`,
        formatBytes(Math.max(...taken.map((one) => one.memory))),
        first.count === undefined ? '' : (median(taken.map((one) => one.cpu)) / first.count).toFixed(0),
      ]),
    );
  }
}

const results = [...samples].map(([name, taken]) => ({
  name,
  bytes: taken[0]?.bytes,
  count: taken[0]?.count,
  unit: taken[0]?.unit,
  transactions: taken[0]?.transactions,
  seconds: taken.map((one) => Number(one.seconds.toFixed(4))),
  memory: Math.max(...taken.map((one) => one.memory)),
}));
keep('in-process', { scale, scratch: values.scratch, results });

process.exit(0);

function compare(all: readonly Result[]): void {
  const seconds = (name: string): number => median(all.find((result) => result.name === name)?.seconds ?? []);
  const baseline = seconds('cp, large file') + seconds('sha256sum, large file');
  const ratio = seconds('download, large file, sampled') / baseline;
  if (Number.isFinite(ratio)) console.log(`download, large file, sampled = ${ratio.toFixed(2)} × (cp + sha256sum)`);
}

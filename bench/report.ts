import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../shared/format.ts';
import { chart, type Bar } from './chart.ts';
import { inProcessGoals, windowGoals, type Goal } from './goals.ts';
import type { WorkloadProfile } from './lab/profile.ts';
import { reached, TARGETS, type Row, type Spread } from './lab/table.ts';
import { median, read, type Machine, type Result } from './parts.ts';
import type { WindowRun } from './window/figures.ts';

/**
 * `npm run bench:report`: converts the bench results in `artifacts/bench` to `docs/performance.json`, the chart and
 * the tables of `docs/performance.md` (between its `figures` marks). No figure is typed by hand.
 */

interface InProcess extends Machine {
  readonly scratch: string;
  readonly results: readonly Result[];
}
interface WindowResults extends Machine {
  readonly browser: string;
  readonly entries: number;
  readonly results: readonly WindowRun[];
}
interface Lab extends Machine {
  readonly versions: Readonly<Record<string, string>>;
  readonly plan: { readonly runs: number };
  readonly rows: readonly Row[];
}

interface Profiled extends Machine {
  readonly profiles: readonly WorkloadProfile[];
}

const DOCS = join(import.meta.dirname, '../docs');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `| ${head.map((_, index) => (index === 0 ? '---' : '---:')).join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');

const goalsTable = (goals: readonly Goal[]): string =>
  table(
    ['aimed at', '', 'measured', 'reached'],
    goals.map(({ what, aim, measured, ok }) => [what, aim, measured, ok ? 'yes' : 'no']),
  );

const on = (machine: Machine): string =>
  `${machine.processors} × ${machine.processor}, Node ${machine.node}, ${machine.taken}`;

function inProcess(found: InProcess): string {
  const runs = found.results.map(({ seconds }) => seconds.length);
  const [least, most] = [Math.min(...runs), Math.max(...runs)];
  const rows = found.results.map(({ name, bytes, count, unit, seconds, memory }) => {
    const middle = median(seconds);
    return [
      name,
      `${middle.toFixed(2)} (${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)})`,
      bytes === undefined ? '' : (bytes / 1e6 / middle).toFixed(0),
      count === undefined ? '' : `${Math.round(count / middle).toLocaleString('en')} ${unit ?? ''}`,
      formatBytes(memory),
    ];
  });
  return `### In process\n\n${on(found)}; files in \`${found.scratch}\`; median (least–most) of ${least === most ? most : `${least} to ${most}`} runs.\n\n${table(['', 'seconds', 'MB/s', 'a second', 'resident, at most'], rows)}\n\n${goalsTable(inProcessGoals(found.results))}`;
}

const spread = (of: Spread | undefined, unit = 1000): string =>
  of === undefined
    ? ''
    : `${(of.median / unit).toFixed(2)} (${(of.least / unit).toFixed(2)}–${(of.most / unit).toFixed(2)})`;

const NAMES: Readonly<Record<string, string>> = {
  replug: 'Replug',
  libmtp: 'libmtp',
  aft: 'android-file-transfer',
  whole: 'one whole object, no engine',
  bus: 'the bus alone',
};

function lab(found: Lab): string {
  const rows = found.rows.map((row) => [
    row.workload,
    NAMES[row.contestant] ?? row.contestant,
    spread(row.work),
    spread(row.process),
    row.megabytesPerSecond?.toFixed(1) ?? '',
    row.contestant === 'replug' ? '' : spread(row.ratio, 1),
  ]);
  const goals = TARGETS.flatMap((target) => {
    const now = reached(target, found.rows);
    return now === undefined
      ? []
      : [
          [
            target.workload,
            `${target.atLeast} × ${NAMES[target.than] ?? target.than}`,
            now.ratio.toFixed(2),
            now.ok ? 'yes' : 'no',
          ],
        ];
  });
  const versions = Object.entries(found.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return `### In the USB lab\n\n${on(found)}; ${versions}; median (least–most) of ${found.plan.runs} runs.\n\n${table(['', 'who', 'work, s', 'whole process, s', 'MB/s', '× Replug’s time'], rows)}\n\n${table(['aimed at', 'at least', 'measured', 'reached'], goals)}`;
}

/** Shares of one main thread, with the rooms in the order of the first workload. */
function profile(found: Profiled): string {
  const [first] = found.profiles;
  if (first === undefined) return '';
  const names = [...new Set(found.profiles.flatMap(({ areas }) => areas.map((area) => area.name)))];
  const rows = names.map((name) => [
    name,
    ...found.profiles.map(
      ({ areas }) => `${((areas.find((area) => area.name === name)?.share ?? 0) * 100).toFixed(0)} %`,
    ),
  ]);
  return `### Where Replug’s main thread is in the lab\n\n${on(found)}; one run of the whole process with Node’s profiler, \`npm run bench -- lab --profile\`.\n\n${table(['', ...found.profiles.map(({ workload }) => workload)], rows)}`;
}

function window({ results, ...found }: WindowResults): string {
  const row = (name: string, of: (run: WindowRun) => number, show: (value: number) => string): readonly string[] => {
    const all = results.map(of);
    return [name, show(median(all)), `${show(Math.min(...all))}–${show(Math.max(...all))}`];
  };
  const ms = (value: number): string => `${Math.round(value)} ms`;
  return `### The window\n\n${on(found)}; ${found.browser}; a folder of ${found.entries.toLocaleString('en')} entries; ${results.length} runs.\n\n${table(
    ['', 'median', 'least–most'],
    [
      row('first rows drawn after the first entries came', (run) => run.firstRowsMs, ms),
      row('all entries there after the double click', (run) => run.allRowsMs, ms),
      row('scrolling: middle frame', (run) => run.scrolling.median, ms),
      row('scrolling: longest frame', (run) => run.scrolling.longest, ms),
      row('scrolling: frames over 50 ms', (run) => run.scrolling.over50, String),
      row('renderer, resident', (run) => run.rendererResident, formatBytes),
      row('JavaScript heap', (run) => run.heap, formatBytes),
    ],
  )}\n\n${goalsTable(windowGoals(results))}`;
}

const found = {
  inProcess: read<InProcess>('in-process'),
  lab: read<Lab>('lab'),
  profile: read<Profiled>('lab-profile'),
  window: read<WindowResults>('window'),
};
const parts = [
  found.inProcess === undefined ? undefined : inProcess(found.inProcess),
  found.lab === undefined ? undefined : lab(found.lab),
  found.profile === undefined ? undefined : profile(found.profile),
  found.window === undefined ? undefined : window(found.window),
].filter((part) => part !== undefined);
if (parts.length === 0) {
  console.error('There are no figures yet: run “npm run bench” first.');
  process.exit(1);
}

const bars: Bar[] = (found.lab?.rows ?? [])
  .filter((row) => row.work !== undefined)
  .map((row) => ({
    group: row.workload,
    name: NAMES[row.contestant] ?? row.contestant,
    value: (row.work?.median ?? 0) / 1000,
    ours: row.contestant === 'replug',
  }));
mkdirSync(join(DOCS, 'images'), { recursive: true });
if (bars.length > 0)
  writeFileSync(
    join(DOCS, 'images/performance.svg'),
    chart('Seconds in the USB lab, fewer are better', bars, (value) => `${value.toFixed(1)} s`),
  );
writeFileSync(join(DOCS, 'performance.json'), `${JSON.stringify(found)}\n`);
const page = join(DOCS, 'performance.md');
const text = readFileSync(page, 'utf8');
const marks = /(<!-- figures: written by npm run bench:report -->)[\s\S]*(<!-- end of figures -->)/;
if (!marks.test(text)) {
  console.error(`${page} has no place for figures.`);
  process.exit(1);
}
writeFileSync(
  page,
  text.replace(marks, (_, begin: string, end: string) => `${begin}\n\n${parts.join('\n\n')}\n\n${end}`),
);
console.log(
  `written: docs/performance.md, docs/performance.json${bars.length > 0 ? ', docs/images/performance.svg' : ''}`,
);

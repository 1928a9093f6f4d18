import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../shared/format.ts';
import { BUSES, START } from './bus/samples.ts';
import { busGoals, CONTESTANT_NAMES } from './bus/goals.ts';
import type { Row as BusRow } from './bus/table.ts';
import { chart, type Bar } from './chart.ts';
import { inProcessGoals, windowGoals, type Goal } from './goals.ts';
import type { WorkloadProfile } from './lab/profile.ts';
import type { Row, Spread } from './lab/table.ts';
import { median, read, type Machine, type Result } from './parts.ts';
import { bySize, type FindRun, type PhotosRun, type WindowRun } from './window/figures.ts';

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
  readonly found?: readonly FindRun[];
  readonly photos?: readonly PhotosRun[];
}
interface Lab extends Machine {
  readonly versions: Readonly<Record<string, string>>;
  readonly plan: { readonly runs: number };
  readonly rows: readonly Row[];
}

interface Bus extends Machine {
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly rows: readonly BusRow[];
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

const versionsOf = (versions: Readonly<Record<string, string>>): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

function bus(found: Bus): string {
  const tables = BUSES.flatMap(({ name, what }) => {
    const rows = found.rows.filter((row) => row.bus === name);
    if (rows.length === 0) return [];
    const floorOf = (workload: string): BusRow | undefined =>
      rows.find((row) => row.workload === workload && row.contestant === 'floor-c' && row.runs > 0);
    const lines = rows.map((row) => {
      const floor = floorOf(row.workload);
      return row.runs === 0
        ? [row.workload, CONTESTANT_NAMES[row.contestant], 'failed', '', '', '', '', '']
        : [
            row.workload,
            CONTESTANT_NAMES[row.contestant],
            spread(row.work, 1),
            floor === undefined ? '' : (row.work.median / floor.work.median).toFixed(2),
            spread(row.process, 1),
            row.processor.toFixed(2),
            row.perFile?.toFixed(3) ?? '',
            row.transactions.toLocaleString('en'),
          ];
    });
    const head = ['', 'who', 'work, s', '× floor', 'whole process, s', 'processor, s', 'ms a file', 'transactions'];
    return [`**${name} bus**: ${what}.\n\n${table(head, lines)}`];
  });
  const rare = found.rows.filter(({ runs }) => runs > 0 && runs < found.rounds);
  const names = [...new Set(rare.map(({ contestant }) => CONTESTANT_NAMES[contestant]))];
  const once =
    names.length === 0 ? '' : `; of one where ${names.join(', ')} would take longer than all others together`;
  return `### On the bus in user space\n\n${on(found)}; ${versionsOf(found.versions)}; median (least–most) of ${found.rounds} rounds${once}.\n\n${tables.join('\n\n')}\n\n${goalsTable(busGoals(found.rows))}`;
}

/** What is left of the emulated machine's figures: ratios only, since its processor is emulated as well. */
function lab(found: Lab): string {
  const rows = found.rows
    .filter((row) => row.contestant !== 'replug')
    .map((row) => [row.workload, NAMES[row.contestant] ?? row.contestant, spread(row.ratio, 1)]);
  return `### Footnote: in the USB lab, whose processor is emulated\n\n${on(found)}; ${versionsOf(found.versions)}; median (least–most) of ${found.plan.runs} runs.\n\n${table(['', 'who', '× Replug’s time'], rows)}`;
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

const searchRuns = (searched: readonly FindRun[]): string => {
  const [of] = bySize(searched);
  return of === undefined ? '' : `, ${of.length} of each search`;
};

function window({ results, found: searched = [], photos = [], ...found }: WindowResults): string {
  const spreadOf = (name: string, all: readonly number[], show: (value: number) => string): readonly string[] => [
    name,
    show(median(all)),
    `${show(Math.min(...all))}–${show(Math.max(...all))}`,
  ];
  const row = (name: string, of: (run: WindowRun) => number, show: (value: number) => string): readonly string[] =>
    spreadOf(name, results.map(of), show);
  const ms = (value: number): string => `${Math.round(value)} ms`;
  return `### The window\n\n${on(found)}; ${found.browser}; a folder of ${found.entries.toLocaleString('en')} entries; ${results.length} runs${searchRuns(searched)}.\n\n${table(
    ['', 'median', 'least–most'],
    [
      ...(results.length === 0
        ? []
        : [
            row('first rows drawn after the first entries came', (run) => run.firstRowsMs, ms),
            row('all entries there after the double click', (run) => run.allRowsMs, ms),
            row('scrolling: middle frame', (run) => run.scrolling.median, ms),
            row('scrolling: longest frame', (run) => run.scrolling.longest, ms),
            row('scrolling: frames over 50 ms', (run) => run.scrolling.over50, String),
            row('renderer, resident', (run) => run.rendererResident, formatBytes),
            row('JavaScript heap', (run) => run.heap, formatBytes),
          ]),
      ...bySize(searched).flatMap((of) => {
        const name = `search of ${(of[0]?.remembered ?? 0).toLocaleString('en')} files`;
        return [
          spreadOf(
            `${name}: first rows after a key, 95th percentile`,
            of.map((run) => run.keyMs),
            ms,
          ),
          spreadOf(
            'the same while a file is copied',
            of.map((run) => run.keyWhileCopyingMs),
            ms,
          ),
          spreadOf(
            `scrolling through ${(of[0]?.results ?? 0).toLocaleString('en')} results: longest frame`,
            of.map((run) => run.scrolling.longest),
            ms,
          ),
        ];
      }),
      ...(photos.length === 0
        ? []
        : [
            spreadOf(
              `photos: ${photos[0]?.shots.toLocaleString('en') ?? ''} there after the click`,
              photos.map((run) => run.allShotsMs),
              ms,
            ),
            spreadOf(
              'scrolling through them by day: longest frame',
              photos.map((run) => run.scrolling.longest),
              ms,
            ),
            spreadOf(
              'the same while their dates are read: longest frame',
              photos.map((run) => run.scrollingWhileDating.longest),
              ms,
            ),
          ]),
    ],
  )}\n\n${goalsTable(windowGoals(results, searched, photos))}`;
}

interface Parts {
  readonly inProcess?: InProcess | undefined;
  readonly bus?: Bus | undefined;
  readonly lab?: Lab | undefined;
  readonly profile?: Profiled | undefined;
  readonly window?: WindowResults | undefined;
}
// a part that has not been run here keeps the figures it had, with their date
const before = JSON.parse(readFileSync(join(DOCS, 'performance.json'), 'utf8')) as Parts;
const found: Parts = {
  inProcess: read<InProcess>('in-process') ?? before.inProcess,
  bus: read<Bus>('bus') ?? before.bus,
  lab: read<Lab>('lab') ?? before.lab,
  profile: read<Profiled>('lab-profile') ?? before.profile,
  window: read<WindowResults>('window') ?? before.window,
};
const parts = [
  found.inProcess === undefined ? undefined : inProcess(found.inProcess),
  found.bus === undefined ? undefined : bus(found.bus),
  found.window === undefined ? undefined : window(found.window),
  found.lab === undefined ? undefined : lab(found.lab),
  found.profile === undefined ? undefined : profile(found.profile),
].filter((part) => part !== undefined);
if (parts.length === 0) {
  console.error('There are no figures yet: run “npm run bench” first.');
  process.exit(1);
}

const bars: Bar[] = (found.bus?.rows ?? [])
  .filter((row) => row.bus === 'phone' && row.runs > 0 && row.workload !== START)
  .map((row) => ({
    group: row.workload,
    name: CONTESTANT_NAMES[row.contestant].replaceAll('`', ''),
    value: row.work.median,
    ours: row.contestant.startsWith('replug'),
  }));
mkdirSync(join(DOCS, 'images'), { recursive: true });
if (bars.length > 0)
  writeFileSync(
    join(DOCS, 'images/performance.svg'),
    chart(
      'Seconds on a bus with the time of a cable and a phone, fewer are better',
      bars,
      (value) => `${value.toFixed(1)} s`,
    ),
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

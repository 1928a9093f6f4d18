import { median } from '../parts.ts';
import { START, WORKLOADS, type BusName, type ContestantName, type Plan, type Sample } from './samples.ts';

/** Of several runs, in seconds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Row {
  readonly bus: BusName;
  readonly workload: string;
  readonly contestant: ContestantName;
  readonly runs: number;
  readonly failures: readonly string[];
  readonly work: Spread;
  readonly wire: Spread;
  readonly process: Spread;
  /** Median processor seconds of the whole program, and of the phone's side of the machine nothing. */
  readonly processor: number;
  /** The same without what it takes to list an empty folder; for each file, in milliseconds. */
  readonly perFile: number | undefined;
  readonly memory: number;
  readonly transactions: number;
  readonly operations: Readonly<Record<string, number>>;
  /** Median share of the machine that others took. */
  readonly others: number;
}

const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** The counts of the run in the middle, by their sum: they differ between runs only where a program retries. */
function typical(samples: readonly Sample[]): Readonly<Record<string, number>> {
  const sorted = samples.toSorted((one, other) => total(one.operations) - total(other.operations));
  return sorted[Math.floor(sorted.length / 2)]?.operations ?? {};
}

const total = (operations: Readonly<Record<string, number>>): number =>
  Object.values(operations).reduce((sum, one) => sum + one, 0);

export function rowsOf(plan: Plan, samples: readonly Sample[]): readonly Row[] {
  const processorOf = (bus: BusName, workload: string, contestant: ContestantName): number =>
    median(
      samples
        .filter(
          (one) =>
            one.bus === bus && one.workload === workload && one.contestant === contestant && one.problem === undefined,
        )
        .map(({ user, system }) => user + system),
    );
  return plan.buses.flatMap((bus) =>
    WORKLOADS.filter(({ name }) => plan.workloads.includes(name)).flatMap((workload) =>
      plan.contestants.flatMap((contestant): readonly Row[] => {
        const all = samples.filter(
          (one) => one.bus === bus && one.workload === workload.name && one.contestant === contestant,
        );
        const good = all.filter(({ problem }) => problem === undefined);
        if (all.length === 0) return [];
        const of = (key: (sample: Sample) => number): Spread => spreadOf(good.map(key));
        const processor = processorOf(bus, workload.name, contestant);
        const start = processorOf(bus, START, contestant === 'replug-size' ? 'replug' : contestant);
        const operations = typical(good);
        return [
          {
            bus,
            workload: workload.name,
            contestant,
            runs: good.length,
            failures: all.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
            work: of(({ work }) => work),
            wire: of(({ wire }) => wire),
            process: of((sample) => sample.process),
            processor,
            perFile:
              Number.isNaN(start) || workload.files < 2 ? undefined : ((processor - start) / workload.files) * 1000,
            memory: Math.max(0, ...good.map(({ memory }) => memory)),
            transactions: total(operations),
            operations,
            others: median(good.map(({ others }) => others)),
          },
        ];
      }),
    ),
  );
}

const seconds = ({ median: middle, least, most }: Spread): string =>
  `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

/** The table on the terminal. */
export function linesOf(rows: readonly Row[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(7)}${(cells[1] ?? '').padEnd(25)}${(cells[2] ?? '').padEnd(13)}${(cells[3] ?? '').padStart(20)}${cells
      .slice(4, 10)
      .map((cell) => cell.padStart(11))
      .join('')}  ${cells[10] ?? ''}`;
  return [
    line([
      'bus',
      '',
      'who',
      'work, s',
      '× floor',
      'process, s',
      'processor',
      'ms a file',
      'others',
      'transact.',
      'operations',
    ]),
    ...rows.map((row) => {
      const floor = rows.find(
        (one) => one.bus === row.bus && one.workload === row.workload && one.contestant === 'floor-c',
      );
      if (row.runs === 0) return line([row.bus, row.workload, row.contestant, `FAILED: ${row.failures[0] ?? ''}`]);
      return line([
        row.bus,
        row.workload,
        row.contestant,
        seconds(row.work),
        floor === undefined || floor.runs === 0 ? '' : (row.work.median / floor.work.median).toFixed(2),
        row.process.median.toFixed(2),
        row.processor.toFixed(2),
        row.perFile?.toFixed(3) ?? '',
        `${Math.round(row.others * 100)} %`,
        String(row.transactions),
        Object.entries(row.operations)
          .toSorted(([, one], [, other]) => other - one)
          .slice(0, 6)
          .map(([name, count]) => `${name} ${count}`)
          .join(', ') + (row.failures.length > 0 ? `; ${row.failures.length} failed` : ''),
      ]);
    }),
  ];
}

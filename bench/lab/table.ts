import type { ContestantName, Plan, Sample } from './samples.ts';

/** Times of one contestant in one workload, in milliseconds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Row {
  readonly workload: string;
  readonly contestant: ContestantName;
  readonly work: Spread | undefined;
  readonly process: Spread | undefined;
  readonly megabytesPerSecond: number | undefined;
  /**
   * This contestant's time divided by Replug's: above 1, Replug is faster. From the medians, with the worst and best
   * pair of one run.
   */
  readonly ratio: Spread | undefined;
}

function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [least] = sorted;
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) return undefined;
  const upper = sorted[sorted.length >> 1] ?? most;
  const lower = sorted[(sorted.length - 1) >> 1] ?? least;
  return { median: (lower + upper) / 2, least, most };
}

const defined = (values: readonly (number | undefined)[]): readonly number[] =>
  values.filter((value) => value !== undefined);

function rowsOf(plan: Plan, samples: readonly Sample[]): readonly Row[] {
  return plan.workloads.flatMap((workload) => {
    const of = (name: ContestantName): readonly Sample[] =>
      samples.filter((one) => one.workload === workload.name && one.contestant === name && one.problem === undefined);
    const ours = of('replug');
    return plan.contestants.flatMap((contestant): readonly Row[] => {
      const theirs = of(contestant);
      const work = spreadOf(defined(theirs.map((one) => one.workMs)));
      if (work === undefined) return [];
      const base = spreadOf(defined(ours.map((one) => one.workMs)));
      const pairs = theirs.flatMap((one) => {
        const other = ours.find(({ run }) => run === one.run)?.workMs;
        return other === undefined || one.workMs === undefined ? [] : [one.workMs / other];
      });
      const paired = spreadOf(pairs);
      return [
        {
          workload: workload.name,
          contestant,
          work,
          process: spreadOf(defined(theirs.map((one) => one.processMs))),
          megabytesPerSecond: workload.work === 'list' ? undefined : workload.bytes / 1000 / work.median,
          ratio:
            base === undefined || paired === undefined ? undefined : { ...paired, median: work.median / base.median },
        },
      ];
    });
  });
}

const seconds = (spread: Spread | undefined): string =>
  spread === undefined
    ? ''
    : `${(spread.median / 1000).toFixed(2)} (${(spread.least / 1000).toFixed(2)}–${(spread.most / 1000).toFixed(2)})`;

const multiple = ({ median, least, most }: Spread): string =>
  `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

export function tableOf(
  plan: Plan,
  samples: readonly Sample[],
): { readonly lines: readonly string[]; readonly rows: readonly Row[] } {
  const rows = rowsOf(plan, samples);
  const line = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(24)} ${(cells[1] ?? '').padEnd(8)}${cells
      .slice(2)
      .map((cell) => cell.padStart(24))
      .join('')}`;
  const lines = [line(['', '', 'work, s', 'whole process, s', 'MB/s', '× Replug’s time'])];
  for (const { workload, contestant, work, process, megabytesPerSecond, ratio } of rows)
    lines.push(
      line([
        workload,
        contestant,
        seconds(work),
        seconds(process),
        megabytesPerSecond?.toFixed(1) ?? '',
        contestant === 'replug' || ratio === undefined ? '' : multiple(ratio),
      ]),
    );
  const failures = samples.filter((sample) => sample.problem !== undefined);
  for (const { workload, contestant, run, problem } of failures)
    lines.push(`failed: ${workload}, ${contestant}, run ${run}: ${problem ?? ''}`);
  return { lines, rows };
}

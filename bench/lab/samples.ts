/** What the bench measures in the lab; shared by the code outside and inside the machine. */

/**
 * Replug, other programs, and the two upper bounds: whole-file transfers without an engine, and the bus without a
 * responder.
 */
export const CONTESTANTS = ['replug', 'libmtp', 'aft', 'whole', 'bus'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export interface Workload {
  readonly name: string;
  readonly work: 'get' | 'put' | 'list';
  readonly what: 'film' | 'small' | 'many';
  readonly files: number;
  /** Of all files. */
  readonly bytes: number;
}

export interface Plan {
  readonly runs: number;
  readonly workloads: readonly Workload[];
  readonly contestants: readonly ContestantName[];
  /** Whether the bus is recorded and analysed. That takes time, so its results are not compared. */
  readonly trace: boolean;
  /** Whether Replug's main thread is profiled; takes time as well. */
  readonly profile: boolean;
}

export interface Sample {
  readonly workload: string;
  readonly contestant: ContestantName;
  readonly run: number;
  readonly processMs: number | undefined;
  readonly workMs: number | undefined;
  readonly problem?: string;
}

/** Log of one run of a contestant. */
export const logName = (workload: string, contestant: ContestantName, run: number): string =>
  `${workload.replaceAll(/\W+/gu, '-')}-${contestant}-${run}.log`;

export const WORKLOADS: readonly Workload[] = [
  { name: '200 MB download', work: 'get', what: 'film', files: 1, bytes: 200_000_000 },
  { name: '200 MB upload', work: 'put', what: 'film', files: 1, bytes: 200_000_000 },
  { name: '1,000 × 20 KB download', work: 'get', what: 'small', files: 1000, bytes: 20_000_000 },
  { name: '1,000 × 20 KB upload', work: 'put', what: 'small', files: 1000, bytes: 20_000_000 },
  { name: 'listing 2,000 entries', work: 'list', what: 'many', files: 2000, bytes: 2000 },
];

/** What the bench measures on the bus in user space. */

export const CONTESTANTS = [
  'replug',
  'replug-size',
  'libmtp',
  'aft',
  'jmtpfs',
  'go-mtpfs',
  'floor-c',
  'floor-js',
] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** Two buses. `time` is what `usb-bus set` takes, see `tests/usb-bus/native/control.c`. */
export const BUSES = [
  {
    name: 'phone',
    what: 'high speed, 40 MB/s and 125 µs for each transfer; the phone takes 2 ms for each transaction, 10 ms to create an object',
    time: 'rate=40000000 latency-us=125 op-us=2000 op-us:100c=10000',
  },
  { name: 'fast', what: 'no delays: only the initiator and the responder take time', time: '' },
] as const;
export type BusName = (typeof BUSES)[number]['name'];

export interface Workload {
  readonly name: string;
  readonly work: 'get' | 'put' | 'list';
  /** A folder of the phone's root, and of the sources. */
  readonly what: 'film' | 'small' | 'many' | 'empty';
  readonly files: number;
  /** Of all files. */
  readonly bytes: number;
}

/** The workload whose processor time is subtracted from that of the others. */
export const START = 'listing nothing';

export const WORKLOADS: readonly Workload[] = [
  { name: '200 MB download', work: 'get', what: 'film', files: 1, bytes: 200_000_000 },
  { name: '200 MB upload', work: 'put', what: 'film', files: 1, bytes: 200_000_000 },
  { name: '1,000 × 20 KB download', work: 'get', what: 'small', files: 1000, bytes: 20_000_000 },
  { name: '1,000 × 20 KB upload', work: 'put', what: 'small', files: 1000, bytes: 20_000_000 },
  { name: 'listing 2,000 entries', work: 'list', what: 'many', files: 2000, bytes: 200_000 },
  // what a program costs before it does anything
  { name: START, work: 'list', what: 'empty', files: 0, bytes: 0 },
];

export interface Plan {
  readonly rounds: number;
  readonly buses: readonly BusName[];
  readonly workloads: readonly string[];
  readonly contestants: readonly ContestantName[];
  /** Waits up to so many seconds before each sample until nothing else is using the machine. */
  readonly calm: number;
  /** Instead of the built program of this checkout: another one, by path. */
  readonly replug: string;
  /** Arguments of Node before the program's. */
  readonly nodeOptions: readonly string[];
  /** Folder for downloads; `undefined`: in memory, as everything else. */
  readonly downloads: string | undefined;
  /** The responder's command instead of uMTP-Responder's. */
  readonly responder: readonly string[] | undefined;
}

/** One run of one contestant. Times are in seconds. */
export interface Sample {
  readonly bus: BusName;
  readonly workload: string;
  readonly contestant: ContestantName;
  readonly round: number;
  readonly problem?: string;
  /**
   * From the program's own word that it begins to its word that it is done; of a listing, which no program frames so,
   * `wire`.
   */
  readonly work: number;
  /** From the first command after opening to the last response. */
  readonly wire: number;
  readonly process: number;
  /** Processor time of the program with all its threads. */
  readonly user: number;
  readonly system: number;
  /** Largest resident memory, in bytes. */
  readonly memory: number;
  /** Share of all processors that programs outside of this measurement took meanwhile. */
  readonly others: number;
  /** Transactions by name of the operation. */
  readonly operations: Readonly<Record<string, number>>;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

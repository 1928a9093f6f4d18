import type { Goal } from '../goals.ts';
import { START, type BusName, type ContestantName } from './samples.ts';
import type { Row } from './table.ts';

/** The goals on the bus in user space, and whether they are met. Goals without a measurement are left out. */

/** Replug's time may be at most the other's divided by this. */
interface Target {
  readonly bus: BusName;
  readonly workload: string;
  readonly than: ContestantName;
  readonly atLeast: number;
}

/** Replug's time may be at most this much of the floor's. */
interface Ceiling {
  readonly workload: string;
  readonly atMost: number;
}

const LARGE = ['200 MB download', '200 MB upload'];
const SMALL_DOWN = '1,000 × 20 KB download';
const SMALL_UP = '1,000 × 20 KB upload';
const LISTING = 'listing 2,000 entries';

/** All on the bus that takes the time of a cable and a phone. */
const CEILINGS: readonly Ceiling[] = [
  ...LARGE.map((workload) => ({ workload, atMost: 1.06 })),
  { workload: SMALL_DOWN, atMost: 1.08 },
  { workload: SMALL_UP, atMost: 1.06 },
  { workload: LISTING, atMost: 1.05 },
];

const TARGETS: readonly Target[] = [
  ...LARGE.flatMap((workload): readonly Target[] => [
    { bus: 'phone', workload, than: 'libmtp', atLeast: 1.25 },
    { bus: 'phone', workload, than: 'aft', atLeast: 2.1 },
    { bus: 'fast', workload, than: 'libmtp', atLeast: 1 },
  ]),
  { bus: 'phone', workload: SMALL_DOWN, than: 'libmtp', atLeast: 1.4 },
  { bus: 'phone', workload: SMALL_DOWN, than: 'aft', atLeast: 1.85 },
  { bus: 'fast', workload: SMALL_DOWN, than: 'libmtp', atLeast: 0.6 },
  { bus: 'phone', workload: SMALL_UP, than: 'libmtp', atLeast: 1.33 },
  { bus: 'fast', workload: SMALL_UP, than: 'libmtp', atLeast: 0.8 },
  { bus: 'fast', workload: LISTING, than: 'libmtp', atLeast: 1 },
];

/** Processor time of the whole program without its start, in milliseconds for each file or entry. */
const PROCESSOR_MS: Readonly<Record<string, number>> = { [SMALL_DOWN]: 0.4, [SMALL_UP]: 0.4, [LISTING]: 0.06 };

/** Transactions beyond the floor's, in all, besides chunks and what verification asks for: of opening the phone and its folders. */
const MOST_OTHERS = 30;
/** Bytes of an object, in whichever direction: what resuming and sampling need. */
const BYTES = ['GetObject', 'GetPartialObject', 'GetPartialObject64', 'SendPartialObject'];
/** The size of one object, where the phone has no lists of them. */
const SIZES = ['GetObjectInfo', 'GetObjectPropValue'];

const countOf = ({ operations }: Row, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (operations[name] ?? 0), 0);

/** Why there are more transactions than the floor has. */
function transactionGoal(workload: string, files: number, ours: Row, floor: Row): Goal {
  const count = (value: number): string => value.toLocaleString('en');
  const bytes = countOf(ours, BYTES) - countOf(floor, BYTES);
  // a file above 1 MiB is not asked for its size by a question of this kind alone
  const sizes = workload === SMALL_UP ? Math.min(files, countOf(ours, SIZES) - countOf(floor, SIZES)) : 0;
  const others = ours.transactions - floor.transactions - bytes - sizes;
  return {
    what: `${workload}: transactions, ${count(ours.transactions)} where the floor has ${count(floor.transactions)}`,
    aim: `at most ${MOST_OTHERS} more than chunks, what is read back, and sizes where the phone has no lists`,
    measured: `${count(bytes)} for bytes, ${count(sizes)} for sizes, ${count(others)} others`,
    ok: others <= MOST_OTHERS,
  };
}

/** As the tables name them. */
export const CONTESTANT_NAMES: Readonly<Record<ContestantName, string>> = {
  replug: 'Replug',
  'replug-size': 'Replug `--verify size`',
  libmtp: 'libmtp',
  aft: 'android-file-transfer',
  jmtpfs: 'jmtpfs',
  'go-mtpfs': 'go-mtpfs',
  'floor-c': 'the floor, in C',
  'floor-js': 'the floor, in JavaScript',
};

export function busGoals(rows: readonly Row[]): readonly Goal[] {
  const find = (bus: BusName, workload: string, contestant: ContestantName): Row | undefined =>
    rows.find((one) => one.bus === bus && one.workload === workload && one.contestant === contestant && one.runs > 0);
  const goals: Goal[] = [];
  for (const { workload, atMost } of CEILINGS) {
    const ours = find('phone', workload, 'replug');
    const floor = find('phone', workload, 'floor-c');
    if (ours === undefined || floor === undefined) continue;
    const ratio = ours.work.median / floor.work.median;
    goals.push({
      what: `${workload}, phone bus`,
      aim: `at most ${atMost} × the floor`,
      measured: ratio.toFixed(2),
      ok: ratio <= atMost,
    });
  }
  for (const { bus, workload, than, atLeast } of TARGETS) {
    const ours = find(bus, workload, 'replug');
    const theirs = find(bus, workload, than);
    if (ours === undefined || theirs === undefined) continue;
    const ratio = theirs.work.median / ours.work.median;
    goals.push({
      what: `${workload}, ${bus} bus`,
      aim: `at least ${atLeast} × ${CONTESTANT_NAMES[than]}`,
      measured: ratio.toFixed(2),
      ok: ratio >= atLeast,
    });
  }
  for (const [workload, atMost] of Object.entries(PROCESSOR_MS)) {
    const ms = find('fast', workload, 'replug')?.perFile;
    if (ms === undefined) continue;
    goals.push({
      what: `${workload}: processor time without the start`,
      aim: `at most ${atMost} ms each`,
      measured: `${ms.toFixed(3)} ms`,
      ok: ms <= atMost,
    });
  }
  for (const [workload, files] of [
    ...LARGE.map((large) => [large, 1] as const),
    [SMALL_DOWN, 1000],
    [SMALL_UP, 1000],
    [LISTING, 2000],
  ] as const) {
    const ours = find('fast', workload, 'replug');
    const floor = find('fast', workload, 'floor-c');
    if (ours !== undefined && floor !== undefined) goals.push(transactionGoal(workload, files, ours, floor));
  }
  const [opened, peer] = [find('fast', START, 'replug'), find('fast', START, 'libmtp')];
  if (opened !== undefined && peer !== undefined)
    goals.push({
      what: 'transactions of opening a phone and listing an empty folder',
      aim: `at most libmtp’s ${peer.transactions}`,
      measured: String(opened.transactions),
      ok: opened.transactions <= peer.transactions,
    });
  return goals;
}

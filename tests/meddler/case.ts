import type { ConflictRule } from '../../shared/domain.ts';

/** One case of the ring as plain data. A line of text describes it fully; a seed chooses one. */

export const SCENARIOS = [
  'upload',
  'download',
  'sync-to-computer',
  'sync-to-phone',
  'clean-upload',
  'clean-download',
] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const MEDDLINGS = [
  'cancel',
  'pause-resume',
  'target-create',
  'target-edit',
  'target-delete',
  'target-folder',
  'source-edit',
  'source-rewrite',
  'source-delete',
  'copy-edit',
  'storage-returns',
  'disk-returns',
  'cable-returns',
  'twin-arrives',
  'twin-instead',
  'clock-back',
  'clock-forward',
  'store-refuses',
] as const;
export type Meddling = (typeof MEDDLINGS)[number];

/** When to meddle: before the nth store write or transaction, or after the end if there are fewer. */
export interface Moment {
  readonly kind: 'write' | 'transaction';
  /** From 1. */
  readonly n: number;
}

export interface Case {
  readonly scenario: Scenario;
  readonly rule: ConflictRule;
  /** Sources are deleted after the copy; a sync run mirrors deletions. */
  readonly move: boolean;
  /** Whether the targets' names are taken. */
  readonly there: boolean;
  /** How many files, and how many of them are sent in chunks. */
  readonly files: number;
  readonly large: number;
  readonly at: Moment;
  readonly meddling: Meddling;
  /** Which file is meddled with. */
  readonly which: number;
}

const RULES: readonly ConflictRule[] = ['skip', 'replace', 'keep-both', 'newer', 'ask', 'larger'];
/** Few cases have more moments than this; a moment that never comes means after the end. */
const MOST = { write: 22, transaction: 30 } as const;

/** The same seed gives the same case, whatever the code under test does. */
export function caseOf(seed: number): Case {
  const random = randomOf(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const one = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const scenario = one(SCENARIOS);
  const files = 1 + below(3);
  const kind = one(['write', 'transaction'] as const);
  return {
    scenario,
    rule: one(RULES),
    move: below(2) === 0,
    there: below(2) === 0,
    files,
    large: below(Math.min(2, files) + 1),
    // early moments are rare in a long transfer, and the most delicate
    at: { kind, n: 1 + Math.floor(random() ** 1.5 * MOST[kind]) },
    meddling: one(MEDDLINGS),
    which: below(files),
  };
}

/** Mulberry32: small, and good enough to spread cases. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const lineOf = (one: Case): string =>
  [
    one.scenario,
    one.rule,
    ...(one.move ? ['move'] : []),
    ...(one.there ? ['there'] : []),
    `files=${one.files}`,
    `large=${one.large}`,
    `${one.at.kind}=${one.at.n}`,
    `${one.meddling}=${one.which}`,
  ].join(' ');

/** The inverse of `lineOf`; throws a RangeError for anything else. */
export function caseFrom(line: string): Case {
  const words = line.trim().split(/\s+/);
  const number = (name: string): number | undefined => {
    const word = words.find((each) => each.startsWith(`${name}=`));
    return word === undefined ? undefined : Number(word.slice(name.length + 1));
  };
  const scenario = SCENARIOS.find((name) => words.includes(name));
  const rule = RULES.find((name) => words.includes(name));
  const meddling = MEDDLINGS.find((name) => number(name) !== undefined);
  const kind = number('write') === undefined ? 'transaction' : 'write';
  if (scenario === undefined || rule === undefined || meddling === undefined)
    throw new RangeError(`no case of the ring: ${line}`);
  const made: Case = {
    scenario,
    rule,
    move: words.includes('move'),
    there: words.includes('there'),
    files: number('files') ?? 1,
    large: number('large') ?? 0,
    at: { kind, n: number(kind) ?? 1 },
    meddling,
    which: number(meddling) ?? 0,
  };
  if (lineOf(made) !== words.join(' ')) throw new RangeError(`no case of the ring: ${line}`);
  return made;
}

/** Simpler cases than this one, the simplest first: candidates for shrinking a failure. */
export function simpler(one: Case): readonly Case[] {
  const ways: Case[] = [];
  if (one.files > 1) ways.push({ ...one, files: 1, large: Math.min(1, one.large), which: 0 });
  if (one.files > 1)
    ways.push({
      ...one,
      files: one.files - 1,
      large: Math.min(one.large, one.files - 1),
      which: Math.min(one.which, one.files - 2),
    });
  if (one.large > 0) ways.push({ ...one, large: 0 });
  if (one.move) ways.push({ ...one, move: false });
  if (one.there) ways.push({ ...one, there: false });
  if (one.rule !== 'skip') ways.push({ ...one, rule: 'skip' });
  if (one.at.n > 1) {
    ways.push({ ...one, at: { ...one.at, n: Math.ceil(one.at.n / 2) } });
    ways.push({ ...one, at: { ...one.at, n: one.at.n - 1 } });
  }
  return ways;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, NO_ANSWERS, type CompareInput, type Found, type Verdict } from './diff.ts';
import type { Copy } from './untouched.ts';
import type { SyncRow } from './sync-store.ts';

const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
const HOUR = 3_600_000;

const row = (path: string, change: Partial<SyncRow> = {}): SyncRow => ({
  path,
  target: path,
  size: 10,
  modified: DATE,
  targetSize: 10,
  targetModified: DATE,
  sha256: undefined,
  fingerprint: undefined,
  adopted: false,
  status: 'synced',
  syncedAt: 1,
  goneAt: undefined,
  problem: undefined,
  ...change,
});
const found = (path: string, change: Partial<Found> = {}): Found => ({ path, size: 10, modified: DATE, ...change });
const COPY: Copy = { size: 10, modified: DATE };

interface Sides {
  readonly source?: readonly Found[];
  readonly rows?: readonly SyncRow[];
  readonly copies?: Readonly<Record<string, Copy>>;
  readonly conflicts?: CompareInput['conflicts'];
  readonly unknown?: readonly string[];
}

const input = ({
  source = [],
  rows = [],
  copies = {},
  conflicts = 'keep-both',
  unknown = [],
}: Sides): CompareInput => ({
  source,
  present: new Set(source.map(({ path }) => path)),
  unknown: (path) => unknown.includes(path),
  rows: new Map(rows.map((one) => [one.path, one])),
  target: (target) => copies[target],
  give: (path) => path,
  rename: (_, { path }) => path,
  conflicts,
  mirrors: false,
  removed: 'copy-again',
});

/** Each verdict in a few words. */
const told = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'copy':
      return `copy ${verdict.why} ${verdict.conflict}${verdict.replaces === undefined ? '' : ` of ${verdict.replaces.size}`}`;
    case 'same':
    case 'gone':
      return verdict.kind + (verdict.edited ? ' edited' : '');
    case 'adopt':
    case 'skip':
    case 'rename':
      return verdict.kind;
  }
};
const verdicts = (sides: Sides): readonly string[] => compare(input(sides)).verdicts.map(told);

test('one file, by what became of it and of its copy', () => {
  const edited = { size: 12, modified: DATE + 1 };
  const later = found('a', { size: 20, modified: DATE + 86_400_000 });
  const rows = [row('a')];
  const at = (modified: number): Copy => ({ size: 10, modified });
  const noted = (targetModified: number): readonly SyncRow[] => [row('a', { targetModified })];
  const table: readonly (readonly [string, Sides, readonly string[]])[] = [
    ['new', { source: [found('a')] }, ['copy new none']],
    ['unchanged', { source: [found('a')], rows, copies: { a: COPY } }, ['same']],
    ['copy edited', { source: [found('a')], rows, copies: { a: edited } }, ['same edited']],
    ['copy missing', { source: [found('a')], rows }, ['copy copy-missing none']],
    ['changed', { source: [later], rows, copies: { a: COPY } }, ['copy changed replace of 10']],
    ['both changed', { source: [later], rows, copies: { a: edited } }, ['copy changed keep-both']],
    ['… skip', { source: [later], rows, copies: { a: edited }, conflicts: 'skip' }, ['skip']],
    ['… newer', { source: [later], rows, copies: { a: edited }, conflicts: 'newer' }, ['copy changed replace of 12']],
    [
      '… replace',
      { source: [later], rows, copies: { a: edited }, conflicts: 'replace' },
      ['copy changed replace of 12'],
    ],
    ['gone', { rows, copies: { a: COPY } }, ['gone']],
    ['gone, copy edited', { rows, copies: { a: edited } }, ['gone edited']],
    ['gone, copy too', { rows }, ['gone']],
    ['unknown', { rows, copies: { a: COPY }, unknown: ['a'] }, []],
    ['there already', { source: [found('a')], copies: { a: COPY } }, ['adopt']],
    ['FAT rounds', { source: [found('a')], rows: noted(DATE + 1_234), copies: { a: COPY } }, ['same']],
    [
      'it drops fractions',
      { source: [found('a')], rows: noted(DATE + 3_700), copies: { a: at(DATE + 3_000) } },
      ['same'],
    ],
    ['edited at once', { source: [found('a')], rows, copies: { a: at(DATE + 1_999) } }, ['same edited']],
    [
      'edited within the second',
      { source: [found('a')], rows: noted(DATE + 1), copies: { a: at(DATE + 9) } },
      ['same edited'],
    ],
  ];
  for (const [what, sides, expected] of table) assert.deepEqual(verdicts(sides), expected, what);
});

test('what only bytes can tell is asked, and the answer counts', () => {
  const touched = input({ source: [found('a', { modified: DATE + 1 })], rows: [row('a')], copies: { a: COPY } });
  assert.deepEqual(
    compare(touched).questions.map(({ kind }) => kind),
    ['touched'],
  );
  assert.deepEqual(compare(touched, { ...NO_ANSWERS, touched: new Set(['a']) }).verdicts.map(told), ['same']);

  const moved = input({ source: [found('b')], rows: [row('a')], copies: { a: COPY } });
  assert.deepEqual(
    compare(moved).questions.map(({ kind }) => kind),
    ['renamed'],
  );
  assert.deepEqual(compare(moved, { ...NO_ANSWERS, renamed: new Map([['b', 'a']]) }).verdicts.map(told), ['rename']);
  // a missing copy cannot follow, unless it is to stay away
  const missing = input({ source: [found('b')], rows: [row('a')] });
  assert.deepEqual(compare(missing).questions, []);
  assert.deepEqual(compare(missing).verdicts.map(told), ['copy new none', 'gone']);
  assert.deepEqual(
    compare({ ...missing, removed: 'stay-away' }).questions.map(({ kind }) => kind),
    ['renamed'],
  );
  // what was still to be copied is copied in this run, not in the next one
  for (const status of ['pending', 'failed'] as const)
    for (const removed of ['copy-again', 'stay-away'] as const)
      for (const copies of [{}, { a: COPY }]) {
        const waiting = { ...input({ source: [found('b')], rows: [row('a', { status })], copies }), removed };
        assert.deepEqual(compare(waiting).questions, []);
        assert.deepEqual(compare(waiting).verdicts.map(told), ['copy new none', 'gone']);
      }
  // empty files are all alike
  const empty = input({ source: [found('b', { size: 0 })], rows: [row('a', { size: 0 })] });
  assert.deepEqual(compare(empty).questions, []);
});

for (const side of ['source', 'copies'] as const)
  test(`dates that all shifted with a time zone are the same (${side}); one alone is not`, () => {
    const names = ['a', 'b', 'c'];
    const shifted = (by: number, only?: string): Sides => {
      const date = (name: string): number => DATE + (only === undefined || only === name ? by : 0);
      return {
        source: names.map((name) => found(name, side === 'source' ? { modified: date(name) } : {})),
        rows: names.map((name) => row(name)),
        copies: Object.fromEntries(
          names.map((name) => [name, side === 'copies' ? { size: 10, modified: date(name) } : COPY]),
        ),
      };
    };
    assert.deepEqual(verdicts(shifted(-3.25 * HOUR)), ['same', 'same', 'same']);
    const alone = verdicts(shifted(HOUR, 'b'));
    assert.equal(alone.filter((one) => one === 'same').length, 2);
    assert.equal(verdicts(shifted(HOUR + 60_000)).filter((one) => one === 'same').length, 0);
  });

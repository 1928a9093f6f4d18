import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { SyncPair } from '../../shared/sync.ts';
import { fail } from '../../shared/errors.ts';
import { DATE, SyncSides, syncRow } from '../../tests/support/sync-sides.ts';
import { MemorySyncStore } from '../store/index.ts';
import type { Found, Verdict } from './diff.ts';
import { deleteCopies, recordAgreed, renameCopies, requestFor } from './execute-plan.ts';
import type { LocalEndpoint } from './local-endpoint.ts';
import type { Plan } from './plan.ts';
import type { RecordParts } from './record-results.ts';
import type { SyncRow } from './sync-store.ts';

const TEXT = '0123456789';
const COPY = { size: 10, modified: DATE };
const found = (path: string): Found => ({ path, ...COPY });
const plan = (verdicts: readonly Verdict[], change: Partial<Plan> = {}): Plan =>
  ({
    verdicts,
    hold: { kind: 'none' },
    untouched: ({ path }: SyncRow) => !path.startsWith('edited'),
    root: 'r',
    copyAt: () => undefined,
    ...change,
  }) as unknown as Plan;
const gone = (path: string, change: Partial<SyncRow> = {}, edited = false): Verdict => ({
  kind: 'gone',
  row: syncRow(path, change),
  edited,
});
const rename = (from: string, to: string): Verdict => ({
  kind: 'rename',
  found: found(to),
  row: syncRow(from),
  target: to,
});
const copy = (path: string, change: Partial<Extract<Verdict, { kind: 'copy' }>> = {}): Verdict => ({
  kind: 'copy',
  found: found(path),
  target: path,
  why: 'new',
  conflict: 'none',
  replaces: undefined,
  row: undefined,
  ...change,
});

interface World {
  readonly parts: RecordParts;
  readonly sides: SyncSides;
  /** Path of the source and where its copy is remembered, of all that is remembered. */
  readonly rows: () => readonly (readonly [string, string])[];
  readonly row: (path: string) => SyncRow | undefined;
  /** What is in the computer's folder. */
  readonly here: () => Promise<readonly string[]>;
}
function world(t: TestContext, rows: readonly string[] = [], change: Partial<SyncPair> = {}): World {
  const sides = new SyncSides(t);
  const store = new MemorySyncStore();
  const pair = sides.pair(change);
  store.addPair(pair);
  store.putRows(
    pair.id,
    rows.map((path) => syncRow(path)),
  );
  for (const path of rows) sides.write('here', path, TEXT);
  return {
    parts: { pair, store, phone: sides.phone, local: sides.local },
    sides,
    rows: () => store.rows(pair.id).map(({ path, target }) => [path, target] as const),
    row: (path) => store.row(pair.id, path),
    here: async () => {
      const listing = await sides.local.scan({ signal: undefined, enters: () => true, onProgress: () => undefined });
      return listing.files.map(({ path }) => path).sort();
    },
  };
}

test('the copy of a renamed file follows it, and so does the record', async (t) => {
  const { parts, rows, here } = world(t, ['a.jpg']);
  assert.equal(await renameCopies(parts, plan([rename('a.jpg', 'b.jpg')])), 1);
  assert.deepEqual(rows(), [['b.jpg', 'b.jpg']]);
  assert.deepEqual(await here(), ['b.jpg']);
});

test('a copy that was edited, or whose new place is taken, stays and is remembered where it is', async (t) => {
  const { parts, rows, here } = world(t, ['a.jpg', 'edited.jpg']);
  const taken = { copyAt: (target: string) => (target === 'b.jpg' ? COPY : undefined) };
  const verdicts = [rename('a.jpg', 'b.jpg'), rename('edited.jpg', 'c.jpg')];
  assert.equal(await renameCopies(parts, plan(verdicts, taken)), 0);
  assert.deepEqual([...rows()].sort(), [['b.jpg', 'a.jpg'], ['c.jpg', 'edited.jpg']]); // prettier-ignore
  assert.deepEqual(await here(), ['a.jpg', 'edited.jpg']);
});

test('a connection that ends on the way leaves the record with where the copy was left', async (t) => {
  const { parts, rows } = world(t, ['a.jpg']);
  const { problem } = fail('disconnected', 'move');
  const local = { rename: () => Promise.resolve({ at: 'half.jpg', lost: problem }) } as unknown as LocalEndpoint;
  await assert.rejects(renameCopies({ ...parts, local }, plan([rename('a.jpg', 'b.jpg')])), { kind: 'disconnected' });
  assert.deepEqual(rows(), [['b.jpg', 'half.jpg']]);
});

test('what agrees is in step, what is to be copied is pending, and what is left out says why', (t) => {
  const { parts, row } = world(t);
  const problem = fail('refused', 'op').problem;
  const counts = recordAgreed(
    parts,
    plan([
      { kind: 'same', found: found('same.jpg'), row: syncRow('same.jpg'), copy: COPY, edited: false },
      { kind: 'same', found: found('back.jpg'), row: syncRow('back.jpg', { goneAt: 3 }), copy: COPY, edited: false },
      {
        kind: 'adopt',
        found: found('there.jpg'),
        target: 'there (2).jpg',
        copy: { size: 10, modified: DATE + 1 },
        content: undefined,
      },
      copy('new.jpg'),
      copy('again.jpg', { row: syncRow('again.jpg', { status: 'failed', problem, targetSize: 7 }) }),
      { kind: 'skip', found: found('skip.jpg'), target: 'skip.jpg', why: 'name-taken', row: undefined },
    ]),
    77,
  );
  assert.deepEqual(counts, { filesUnchanged: 3, filesSkipped: 1 });
  assert.equal(row('same.jpg'), undefined, 'it is remembered like that already');
  assert.deepEqual([row('back.jpg')?.status, row('back.jpg')?.goneAt], ['synced', undefined]);
  const adopted = row('there.jpg');
  assert.deepEqual(
    [adopted?.status, adopted?.target, adopted?.targetModified, adopted?.syncedAt, adopted?.adopted],
    ['synced', 'there (2).jpg', DATE + 1, 77, true],
  );
  assert.deepEqual([row('new.jpg')?.status, row('new.jpg')?.targetSize], ['pending', undefined]);
  const again = row('again.jpg');
  assert.deepEqual([again?.status, again?.problem, again?.targetSize], ['pending', undefined, 7]);
  assert.deepEqual([row('skip.jpg')?.status, row('skip.jpg')?.problem?.detail], ['skipped', 'name-taken']);
});

test('a date that shifted with a time zone is noted, that of an edited copy is not', (t) => {
  const { parts, row } = world(t);
  const shifted = { size: 10, modified: DATE + 3_600_000 };
  const same = (path: string, edited: boolean): Verdict => ({
    kind: 'same',
    found: found(path),
    row: syncRow(path, { goneAt: 3 }),
    copy: shifted,
    edited,
  });
  recordAgreed(parts, plan([same('a.jpg', false), same('b.jpg', true)]), 77);
  assert.deepEqual([row('a.jpg')?.targetModified, row('b.jpg')?.targetModified], [shifted.modified, DATE]);
});

test('when a source went is noted the first time', (t) => {
  const { parts, row } = world(t);
  recordAgreed(parts, plan([gone('new.jpg'), gone('old.jpg', { goneAt: 3 })]), 77);
  assert.deepEqual([row('new.jpg')?.goneAt, row('old.jpg')], [77, undefined]);
});

test('without copies there is nothing to ask the engine for', (t) => {
  assert.equal(requestFor(world(t).parts, plan([gone('a.jpg')])), undefined);
});

test('a request never asks a person, and replaces only what was seen', (t) => {
  const replaces = (modified: number | undefined) => ({ size: 7, modified });
  const row = syncRow('a.jpg', { targetSize: 7, fingerprint: 'f', sha256: 's' });
  for (const direction of ['to-computer', 'to-phone'] as const) {
    const { parts, sides } = world(t, [], { direction });
    const request = requestFor(
      parts,
      plan([
        copy('new.jpg', { target: 'new (2).jpg' }),
        copy('dated.jpg', { conflict: 'replace', replaces: replaces(DATE), row }),
        copy('undated.jpg', { conflict: 'replace', replaces: replaces(undefined), row }),
      ]),
    );
    assert.ok(request);
    const isDownload = direction === 'to-computer';
    assert.equal(request.direction, isDownload ? 'download' : 'upload');
    assert.deepEqual([request.origin, request.destinationExists], ['sync:p', true]);
    assert.deepEqual([request.options?.onConflict, request.options?.onName, request.options?.move], ['keep-both', 'legal', false]); // prettier-ignore
    const byName = new Map(request.items.map((item) => [item.name, item]));
    assert.equal(byName.get('new.jpg')?.local, sides.local.resolve(isDownload ? 'new (2).jpg' : 'new.jpg'));
    assert.equal(byName.get('new.jpg')?.phone, isDownload ? '/new.jpg' : '/new (2).jpg');
    assert.deepEqual([byName.get('new.jpg')?.answer, byName.get('new.jpg')?.expectation], [undefined, undefined]);
    assert.deepEqual(
      ['dated.jpg', 'undated.jpg'].map((name) => byName.get(name)?.expectation),
      [
        { kind: 'file', size: 7, modified: DATE },
        { kind: 'file', size: 7, modified: undefined, ...(isDownload ? {} : { fingerprint: 'f', sha256: 's' }) },
      ],
    );
  }
});

test('only a mirror deletes, where the listing was whole and, for many, a person agreed', async (t) => {
  const verdicts = [gone('a.jpg')];
  const ask = { hold: { kind: 'ask', share: 1 } } as const;
  const cases: readonly (readonly [Partial<SyncPair>, Partial<Plan>, boolean, number])[] = [
    [{ deletions: 'ignore' }, {}, true, 0],
    [{}, { hold: { kind: 'never', why: 'incomplete' } }, true, 0],
    [{}, ask, false, 0],
    [{}, ask, true, 1],
    [{}, {}, false, 1],
  ];
  for (const [pair, change, confirmed, deleted] of cases) {
    const { parts, here, rows } = world(t, ['a.jpg'], pair);
    assert.equal((await deleteCopies(parts, plan(verdicts, change), confirmed)).deleted, deleted);
    assert.equal((await here()).length, 1 - deleted);
    assert.equal(rows().length, 1 - deleted);
  }
});

test('a copy that was edited stays, before the plan or after it; what was never copied is only forgotten', async (t) => {
  const { parts, here, rows, sides } = world(t, ['edited.jpg', 'known.jpg', 'plain.jpg', 'never.jpg', 'missing.jpg']);
  await sides.local.delete([{ path: 'missing.jpg', expected: () => true, undated: () => false, sha256: undefined }]);
  const verdicts = [
    gone('edited.jpg'),
    gone('known.jpg', {}, true),
    gone('plain.jpg'),
    gone('never.jpg', { targetSize: undefined }),
    gone('missing.jpg'),
  ];
  const { deleted, kept, problem } = await deleteCopies(parts, plan(verdicts), false);
  assert.deepEqual([deleted, kept, problem], [1, 1, undefined]);
  assert.deepEqual(await here(), ['edited.jpg', 'known.jpg', 'never.jpg']);
  assert.deepEqual(rows().map(([path]) => path).sort(), ['edited.jpg', 'known.jpg']); // prettier-ignore
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { localPath, phonePath, segmentOf } from '../../shared/domain.ts';
import type { Outcome } from '../../shared/snapshots.ts';
import type { SyncPair } from '../../shared/sync.ts';
import { DATE, SyncSides, syncRow } from '../../tests/support/sync-sides.ts';
import type { ItemRow } from '../engine/index.ts';
import { MemorySyncStore } from '../store/index.ts';
import { compare } from './diff.ts';
import type { Copy } from './untouched.ts';
import { recheckCopies, recordResults, type Recorded } from './record-results.ts';
import type { SyncRow } from './sync-store.ts';

type ItemState = ItemRow['state'];

const HOUR = 3_600_000;

const MOVED: Extract<Outcome, { readonly kind: 'moved' }> = {
  kind: 'moved',
  verification: { level: 'sampled', bytesCompared: 10, sha256: undefined, chunkDigest: undefined },
};
const done = (outcome: Outcome): ItemState => ({ kind: 'done', outcome });

/** Whether a comparison takes the copy for what this pair left, without a look into it. */
function untouchedByDates(row: SyncRow, copy: Copy): boolean {
  const { untouched } = compare({
    source: [],
    present: new Set(),
    unknown: () => false,
    rows: new Map([[row.path, row]]),
    target: () => copy,
    give: (path) => path,
    rename: ({ target }) => target,
    conflicts: 'keep-both',
    mirrors: true,
    removed: 'copy-again',
  });
  return untouched(row, copy);
}

function world(t: TestContext, change: Partial<SyncPair> = {}) {
  const sides = new SyncSides(t);
  const store = new MemorySyncStore();
  const pair = sides.pair(change);
  store.addPair(pair);
  const parts = { pair, store, phone: sides.phone, local: sides.local };
  return {
    sides,
    remember: (...rows: readonly SyncRow[]) => store.putRows(pair.id, rows),
    row: (path: string) => store.row(pair.id, path),
    /** `path` is that of the source and of the copy. */
    item: (path: string, state: ItemState, item: Partial<ItemRow> = {}): ItemRow =>
      ({
        kind: 'file',
        name: path,
        phone: phonePath(`/${path}`),
        local: localPath(sides.local.resolve(path)),
        size: 10,
        modified: DATE,
        updatedAt: 100,
        state,
        ...item,
      }) as ItemRow,
    record: (...items: readonly ItemRow[]): Promise<Recorded> => recordResults(parts, items),
    recheck: (...rows: readonly SyncRow[]) => recheckCopies(parts, rows),
  };
}

test('of many files, others have their turn in between', async (t) => {
  const { item, record, row } = world(t);
  const recorded = record(...Array.from({ length: 2_000 }, (_, index) => item(`${index}.jpg`, done(MOVED))));
  let isOver = false;
  void recorded.then(() => (isOver = true));
  let turns = 0;
  while (!isOver) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(turns >= 4, `${turns} turns`);
  assert.equal((await recorded).moved.length, 2_000);
  assert.equal(row('1999.jpg')?.status, 'synced');
});

test('a copy is recorded with the date it told when it was published, else with the one it was to get', async (t) => {
  const { item, record, row } = world(t);
  const { moved } = await record(
    item('told.jpg', done({ ...MOVED, copyModified: DATE + 5 })),
    item('quiet.jpg', done(MOVED)),
    item('there.jpg', done({ kind: 'already-there' })),
    item('sub', done(MOVED), { kind: 'folder' }),
  );
  assert.deepEqual(
    ['told.jpg', 'quiet.jpg', 'there.jpg'].map((path) => [
      row(path)?.status,
      row(path)?.targetModified,
      row(path)?.adopted,
    ]),
    [
      ['synced', DATE + 5, false],
      ['synced', DATE, false],
      ['synced', DATE, true],
    ],
  );
  assert.deepEqual(
    moved.map(({ path }) => path),
    ['told.jpg', 'quiet.jpg'],
    'what was there already was not copied',
  );
  assert.equal(row('sub'), undefined);
});

test('the target is recorded under the name it was saved as', async (t) => {
  const there = world(t);
  await there.record(there.item('a/b.jpg', done(MOVED), { savedAs: segmentOf('b (2).jpg') }));
  assert.equal(there.row('a/b.jpg')?.target, 'a/b (2).jpg');
});

test('a row synced later takes precedence over an older transfer', async (t) => {
  const { item, record, row, remember } = world(t);
  remember(syncRow('later.jpg', { syncedAt: 101, size: 99 }), syncRow('before.jpg', { syncedAt: 99, size: 99 }));
  const failed: ItemState = { kind: 'failed', problem: { kind: 'refused', operation: 'op', detail: '' } };
  const recorded = await record(item('later.jpg', failed), item('before.jpg', done(MOVED)));
  assert.deepEqual([row('later.jpg')?.status, row('later.jpg')?.size], ['synced', 99]);
  assert.deepEqual([row('before.jpg')?.syncedAt, row('before.jpg')?.size], [100, 10]);
  assert.equal(recorded.failed, 0);
});

test('failed, skipped, taken back, unfinished: each in the record, and counted', async (t) => {
  const { item, record, row, remember } = world(t);
  remember(syncRow('failed.jpg', { targetSize: 7, fingerprint: 'f', status: 'pending' }));
  const failed = (kind: 'refused' | 'source-changed'): ItemState => ({
    kind: 'failed',
    problem: { kind, operation: 'op', detail: '' },
  });
  const recorded = await record(
    item('failed.jpg', failed('refused')),
    item('changed.jpg', failed('source-changed')),
    item('skipped.jpg', done({ kind: 'skipped', why: 'taken' })),
    item('back.jpg', { kind: 'cancelled' }),
    item('open.jpg', { kind: 'queued' }),
  );
  assert.deepEqual(recorded, { moved: [], failed: 1, skipped: 1, cancelled: 1 });
  const states = ['failed.jpg', 'changed.jpg', 'skipped.jpg', 'back.jpg', 'open.jpg'].map((path) => row(path)?.status);
  assert.deepEqual(states, ['failed', 'pending', 'skipped', 'pending', 'pending']);
  // the copy that is there is still the one of before
  assert.deepEqual([row('failed.jpg')?.targetSize, row('failed.jpg')?.fingerprint], [7, 'f']);
});

test('recording is idempotent', async (t) => {
  const { item, record, row } = world(t);
  const items = [item('a.jpg', done({ ...MOVED, copyModified: DATE + 5 })), item('b.jpg', { kind: 'queued' })];
  const first = await record(...items);
  const before = row('a.jpg');
  assert.deepEqual(await record(...items), first);
  assert.deepEqual(row('a.jpg'), before);
});

test('a source that changed after it was copied is pending again; one that has gone keeps its record', async (t) => {
  const { sides, recheck, row } = world(t);
  sides.write('phone', 'same.jpg', '0123456789');
  sides.write('phone', 'edited.jpg', '0123456789', DATE + HOUR);
  const again = await recheck(syncRow('same.jpg'), syncRow('edited.jpg'), syncRow('gone.jpg'));
  assert.deepEqual(again, ['edited.jpg']);
  assert.equal(row('edited.jpg')?.status, 'pending');
  assert.deepEqual([row('same.jpg'), row('gone.jpg')], [undefined, undefined]);
});

test('a date that the phone gave its copy is noted only where the copy is proved to be ours', async (t) => {
  const { sides, recheck, row } = world(t, { direction: 'to-phone' });
  for (const name of ['ours.jpg', 'edited.jpg', 'grown.jpg']) sides.write('here', name, '0123456789');
  sides.write('phone', 'ours.jpg', '0123456789', DATE + 9 * HOUR);
  sides.write('phone', 'edited.jpg', '012345678X', DATE + 9 * HOUR);
  sides.write('phone', 'grown.jpg', '0123456789 and more');
  assert.deepEqual(await recheck(syncRow('ours.jpg'), syncRow('edited.jpg'), syncRow('grown.jpg')), []);
  assert.equal(row('ours.jpg')?.targetModified, DATE + 9 * HOUR);
  assert.deepEqual([row('edited.jpg'), row('grown.jpg')], [undefined, undefined]);
});

for (const [what, told, now] of [
  ['a second later', DATE, DATE + 1_000],
  ['a second earlier', DATE, DATE - 1_000],
  ['an odd date, a second later, as FAT could round it', DATE + 1_000, DATE + 2_000],
  ['an odd date, a second earlier, as FAT cuts it', DATE + 1_000, DATE],
  ['a date with a fraction, in the next second', DATE + 500, DATE + 1_000],
] as const)
  test(`a date within two seconds of the one that was told proves nothing by itself: ${what}`, async (t) => {
    const { sides, recheck, row } = world(t, { direction: 'to-phone' });
    for (const name of ['ours.jpg', 'edited.jpg']) sides.write('here', name, '0123456789', told);
    sides.write('phone', 'ours.jpg', '0123456789', now);
    sides.write('phone', 'edited.jpg', '012345678X', now);
    const [ours, edited] = ['ours.jpg', 'edited.jpg'].map((name) =>
      syncRow(name, { modified: told, targetModified: told }),
    ) as [SyncRow, SyncRow];
    assert.deepEqual(await recheck(ours, edited), []);
    assert.equal(row('ours.jpg')?.targetModified, now, 'the date that the phone keeps');
    // a run that compares by dates must not take the edit for this pair's copy either
    const noted = row('edited.jpg') ?? edited;
    const seen = untouchedByDates(noted, { size: 10, modified: now });
    assert.equal(seen, false);
  });

test('a date that was sent with a fraction of a second is told without, and read for nothing', async (t) => {
  const { sides, recheck, row } = world(t, { direction: 'to-phone', deletions: 'ignore' });
  sides.write('here', 'a.jpg', '0123456789', DATE + 500);
  sides.write('phone', 'a.jpg', '0123456789', DATE);
  await recheck(syncRow('a.jpg', { modified: DATE + 500, targetModified: DATE + 500 }));
  assert.equal(row('a.jpg')?.targetModified, DATE);
  assert.deepEqual(sides.fingerprinted, []);
});

test('a copy that cannot be read proves nothing; a phone that has gone ends the look', async (t) => {
  const { sides, recheck, row } = world(t, { direction: 'to-phone' });
  sides.write('here', 'a.jpg', '0123456789');
  sides.write('phone', 'a.jpg', '0123456789', DATE + 9 * HOUR);
  sides.unreadable.set('a.jpg', 'refused');
  assert.deepEqual(await recheck(syncRow('a.jpg')), []);
  assert.equal(row('a.jpg'), undefined);
  sides.unreadable.set('a.jpg', 'disconnected');
  await assert.rejects(recheck(syncRow('a.jpg')), (error) => (error as { kind?: unknown }).kind === 'disconnected');
});

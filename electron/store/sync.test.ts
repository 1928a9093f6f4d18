import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { localPath, phonePath, transferId, type DeviceKey, type ItemId, type StorageKey } from '../../shared/domain.ts';
import { NO_FILTERS, pairId, type SyncPair, type SyncRun } from '../../shared/sync.ts';
import type { SyncRow, SyncStore } from '../sync/sync-store.ts';
import { loadDriver } from './driver.ts';
import { MemorySyncStore } from './memory-sync.ts';
import { openStores, openSyncReader } from './open.ts';
import { newItem, transferRow } from '../../tests/support/rows.ts';

/** One suite for both stores. */

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-sync-store-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));
let files = 0;
const freshFile = (): string => path.join(scratch, `${++files}.db`);

const pair = (id: string, change: Partial<SyncPair> = {}): SyncPair => ({
  id: pairId(id),
  name: `Pair ${id}`,
  device: 'maker#1' as DeviceKey,
  deviceName: 'Phone',
  storage: 's|1' as StorageKey,
  storageName: 'Internal',
  phone: phonePath('/DCIM'),
  local: localPath('/home/me/Photos'),
  direction: 'to-computer',
  filters: { ...NO_FILTERS, include: ['*.jpg'], kinds: ['photos'], newerThan: 5 },
  deletions: 'mirror',
  deletionLimit: 0.25,
  conflicts: 'keep-both',
  removed: 'stay-away',
  verify: 'sampled',
  layout: 'year-month',
  automatic: true,
  createdAt: 1,
  ...change,
});

const row = (text: string, change: Partial<SyncRow> = {}): SyncRow => ({
  path: text,
  target: `2024/${text}`,
  size: 10,
  modified: 100,
  targetSize: 10,
  targetModified: 100.5,
  sha256: 'ab',
  fingerprint: undefined,
  adopted: false,
  status: 'synced',
  syncedAt: 200,
  goneAt: undefined,
  problem: undefined,
  ...change,
});

const run = (id: string, change: Partial<SyncRun> = {}): Omit<SyncRun, 'id'> => ({
  pair: pairId(id),
  startedAt: 1,
  finishedAt: undefined,
  state: 'running',
  automatic: false,
  transfer: undefined,
  filesMoved: 0,
  bytesMoved: 0,
  filesFailed: 0,
  filesSkipped: 0,
  filesRenamed: 0,
  filesDeleted: 0,
  filesKept: 0,
  filesUnchanged: 0,
  transactions: 0,
  problem: undefined,
  ...change,
});

const TWINS: Readonly<Record<string, () => Promise<{ readonly store: SyncStore; readonly close: () => void }>>> = {
  memory: async () => ({ store: new MemorySyncStore(), close: () => undefined }),
  sqlite: async () => {
    const { sync, transfers } = await openStores(freshFile());
    return { store: sync, close: () => transfers.close() };
  },
};

for (const [twin, make] of Object.entries(TWINS)) {
  const check = (name: string, body: (store: SyncStore) => void): void => {
    test(`${twin}: ${name}`, async () => {
      const { store, close } = await make();
      try {
        body(store);
      } finally {
        close();
      }
    });
  };

  check('a pair comes back as it was stored, changed where it was changed', (store) => {
    store.addPair(pair('a'));
    store.addPair(pair('b', { filters: NO_FILTERS, device: 'maker#2' as DeviceKey }));
    assert.deepEqual(store.pairs(), [
      { ...pair('a'), filters: { ...pair('a').filters, largerThan: undefined } },
      pair('b', { filters: NO_FILTERS, device: 'maker#2' as DeviceKey }),
    ]);
    store.changePair(pairId('a'), { name: 'Camera', automatic: false, filters: NO_FILTERS });
    assert.deepEqual(store.pairs()[0], pair('a', { name: 'Camera', automatic: false, filters: NO_FILTERS }));
    assert.deepEqual(
      store.pairsOn('maker#2' as DeviceKey).map(({ id }) => id),
      ['b'],
    );
    assert.throws(() => store.addPair(pair('a')), { kind: 'store' });
    assert.throws(() => store.changePair(pairId('none'), { name: 'x' }));
  });

  check('removing a pair forgets its files and runs, and nothing of others', (store) => {
    store.addPair(pair('a'));
    store.addPair(pair('b'));
    store.putRows(pairId('a'), [row('x')]);
    store.putRows(pairId('b'), [row('x')]);
    store.addRun(run('a'));
    store.addRun(run('b'));
    store.removePair(pairId('a'));
    assert.deepEqual(
      store.openRuns().map((one) => one.pair),
      ['b'],
    );
    assert.equal(store.rows(pairId('b')).length, 1);
    assert.throws(() => store.rows(pairId('a')));
    store.addPair(pair('a'));
    assert.deepEqual(store.rows(pairId('a')), []);
    assert.deepEqual(store.runs(pairId('a'), { offset: 0, limit: 9 }), []);
  });

  check('rows are put, replaced, counted, dropped', (store) => {
    store.addPair(pair('a'));
    const id = pairId('a');
    const failed = row('ü/😀.jpg', {
      status: 'failed',
      problem: { kind: 'mismatch', operation: 'verify', detail: 'x' },
      modified: undefined,
      targetSize: undefined,
      targetModified: undefined,
      sha256: undefined,
      syncedAt: undefined,
    });
    store.putRows(id, [row('b', { adopted: true }), row('a'), failed]);
    assert.deepEqual(store.rows(id), [row('a'), row('b', { adopted: true }), failed]);
    store.putRows(id, [row('a', { size: 11, status: 'pending', goneAt: 7, fingerprint: 'f' })]);
    assert.deepEqual(store.row(id, 'a'), row('a', { size: 11, status: 'pending', goneAt: 7, fingerprint: 'f' }));
    assert.equal(store.row(id, 'none'), undefined);
    assert.deepEqual(store.counts(id), { pending: 1, synced: 1, failed: 1, skipped: 0 });
    store.dropRows(id, ['a', 'never there']);
    assert.deepEqual(store.counts(id), { pending: 0, synced: 1, failed: 1, skipped: 0 });
  });

  check('files are searched by name and status, newest first', (store) => {
    store.addPair(pair('a'));
    const id = pairId('a');
    store.putRows(id, [
      row('old.jpg', { modified: 1 }),
      row('New.JPG', { modified: 9 }),
      row('none.txt', { modified: undefined }),
      row('wait.jpg', { status: 'pending', modified: 3 }),
    ]);
    const names = (query: Parameters<SyncStore['files']>[1]): readonly string[] =>
      store.files(id, query).files.map((one) => one.path);
    assert.deepEqual(names({ offset: 0, limit: 10 }), ['wait.jpg', 'New.JPG', 'old.jpg', 'none.txt']);
    assert.deepEqual(names({ search: '.jpg', status: 'synced', offset: 1, limit: 5 }), ['old.jpg']);
    assert.equal(store.files(id, { search: '.JPG', offset: 0, limit: 1 }).total, 3);
    assert.deepEqual(names({ search: '%', offset: 0, limit: 5 }), []);
  });

  check('what is backed up of one folder leaves out the folders below it and what is not synced', (store) => {
    store.addPair(pair('a'));
    const id = pairId('a');
    store.putRows(id, [
      row('top.jpg'),
      row('Camera/1.jpg'),
      row('Camera/2.jpg', { status: 'pending' }),
      row('Camera/deep/3.jpg'),
      row('Camera0/4.jpg'),
      row('Camera😀/5.jpg'),
    ]);
    const names = (folder: string): readonly string[] => store.syncedIn(id, folder).map((one) => one.path);
    assert.deepEqual(names(''), ['top.jpg']);
    assert.deepEqual(names('Camera'), ['Camera/1.jpg']);
    assert.deepEqual(names('Camera😀'), ['Camera😀/5.jpg']);
  });

  check('runs: newest first, the open ones found', (store) => {
    store.addPair(pair('a'));
    const first = store.addRun(run('a', { startedAt: 1 }));
    const second = store.addRun(run('a', { startedAt: 2, automatic: true }));
    store.updateRun(first, {
      finishedAt: 3,
      state: 'done',
      transfer: transferId('t'),
      filesMoved: 4,
      problem: { kind: 'full', operation: 'o', detail: 'd' },
    });
    assert.deepEqual(
      store.openRuns().map((one) => one.id),
      [second],
    );
    const [newest, oldest] = store.runs(pairId('a'), { offset: 0, limit: 5 });
    assert.deepEqual(newest, { ...run('a', { startedAt: 2, automatic: true }), id: second });
    assert.deepEqual(oldest?.problem, { kind: 'full', operation: 'o', detail: 'd' });
    assert.equal(oldest?.transfer, 't');
    assert.deepEqual(
      store.runs(pairId('a'), { offset: 1, limit: 5 }).map((one) => one.id),
      [first],
    );
  });
}

test('a reader sees stored data while the writer holds the database', async () => {
  const file = freshFile();
  assert.equal(await openSyncReader(file), undefined);
  const { sync, transfers } = await openStores(file);
  sync.addPair(pair('a'));
  sync.putRows(pairId('a'), [row('x')]);
  const reader = await openSyncReader(file);
  assert.deepEqual(reader?.counts(pairId('a')), { pending: 0, synced: 1, failed: 0, skipped: 0 });
  sync.putRows(pairId('a'), [row('y', { status: 'pending' })]);
  assert.deepEqual(reader?.counts(pairId('a')), { pending: 1, synced: 1, failed: 0, skipped: 0 });
  // including a reader that opens and reads during a write: nobody waits
  const driver = await loadDriver();
  const writing = new driver(file);
  writing.exec("BEGIN EXCLUSIVE; UPDATE sync_state SET status = 'failed'");
  const second = await openSyncReader(file);
  for (const one of [reader, second]) {
    assert.deepEqual(one?.counts(pairId('a')), { pending: 1, synced: 1, failed: 0, skipped: 0 });
    assert.equal(one?.files(pairId('a'), { offset: 0, limit: 9 }).total, 2);
    assert.deepEqual(one?.runs(pairId('a'), { offset: 0, limit: 9 }), []);
  }
  writing.exec('COMMIT');
  writing.close();
  assert.deepEqual(second?.counts(pairId('a')), { pending: 0, synced: 0, failed: 2, skipped: 0 });
  second?.close();
  reader?.close();
  transfers.close();
});

test('how far a transfer is, and whether all that is left of it is paused', async () => {
  const file = freshFile();
  const { transfers, sync } = await openStores(file);
  const row = transferRow('t');
  const { id } = row;
  transfers.addTransfer(row);
  assert.equal(sync.progress(id), undefined);
  const items = ['a', 'b', 'c'].map((name) => newItem(name, 10));
  const [first, second] = transfers.addItems(id, items, 2) as readonly [ItemId, ItemId];
  transfers.updateItem(first, { state: { kind: 'done', outcome: { kind: 'already-there' } }, confirmed: 10 }, 3);
  transfers.updateItem(second, { state: { kind: 'paused' }, confirmed: 4 }, 3);
  const expected = { filesDone: 1, filesTotal: 3, bytesConfirmed: 14, bytesTotal: 30 };
  assert.deepEqual(sync.progress(id), { ...expected, paused: false });
  transfers.changeStates(id, ['queued'], { kind: 'paused' }, 4);
  assert.deepEqual(sync.progress(id), { ...expected, paused: true });
  transfers.changeStates(id, ['paused'], { kind: 'cancelled' }, 5);
  assert.deepEqual(sync.progress(id), { ...expected, paused: false });
  transfers.close();
});

test('a run is not running without its process: a reader says so at once, the next process stores it', async () => {
  const file = freshFile();
  const dead = await openStores(file);
  dead.sync.addPair(pair('a'));
  dead.sync.addRun(run('a'));
  const reader = await openSyncReader(file);
  const told = (): string | undefined => reader?.runs(pairId('a'), { offset: 0, limit: 1 })[0]?.state;
  assert.equal(told(), 'running');
  // the process dies without closing its run
  dead.transfers.close();
  assert.equal(told(), 'interrupted');
  const next = await openStores(file);
  assert.equal(next.sync.openRuns()[0]?.state, 'interrupted');
  assert.equal(told(), 'interrupted');
  next.sync.addRun(run('a'));
  assert.equal(told(), 'running');
  reader?.close();
  next.transfers.close();
});

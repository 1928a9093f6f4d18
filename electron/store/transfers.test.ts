import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type StorageKey,
  deviceKey,
  itemId,
  localPath,
  phonePath,
  storageKey,
  transferId,
  type DeviceKey,
  type ItemId,
} from '../../shared/domain.ts';
import type { ItemState } from '../engine/model/item-state.ts';
import type { ItemRow, NewItem, TransferStore } from '../engine/model/transfer-store.ts';
import { MemoryTransferStore, openTransferStore } from './index.ts';
import { DEVICE, STORAGE, newItem, transferRow } from '../../tests/support/rows.ts';

/** One suite for both stores: what the engine relies on. */

const ONE = transferId('one');

const MOVED: ItemState = {
  kind: 'done',
  outcome: {
    kind: 'moved',
    verification: { level: 'sampled', bytesCompared: 3, sha256: 'ab', chunkDigest: 'cd' },
  },
};
const SKIPPED: ItemState = { kind: 'done', outcome: { kind: 'skipped', why: 'told to' } };
const FAILED: ItemState = { kind: 'failed', problem: { kind: 'missing', operation: 'x', detail: 'y', subject: 'z' } };

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-store-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));
let files = 0;

const KINDS: readonly (readonly [string, () => Promise<TransferStore>])[] = [
  ['memory', async () => new MemoryTransferStore()],
  ['SQLite', () => openTransferStore(path.join(scratch, `${++files}.db`))],
];

for (const [kind, open] of KINDS)
  describe(`TransferStore (${kind})`, () => {
    const withStore = async (body: (store: TransferStore) => void): Promise<void> => {
      const store = await open();
      try {
        body(store);
      } finally {
        store.close();
      }
    };
    const withItems = (items: readonly NewItem[], body: (store: TransferStore, ids: readonly ItemId[]) => void) =>
      withStore((store) => {
        store.addTransfer(transferRow('one'));
        body(store, store.addItems(ONE, items, 5));
      });

    test('a transfer comes back as it was given, and a change changes only what it names', () =>
      withStore((store) => {
        const row = transferRow('one', {
          sources: { kind: 'phone', places: [{ device: DEVICE, storage: STORAGE, path: phonePath('/ü/😀') }] },
        });
        store.addTransfer(row);
        assert.deepEqual(store.transfer(ONE), row);
        store.updateTransfer(ONE, {
          planned: true,
          conflictAnswer: 'keep-both',
          bytesMoved: 2 ** 45,
          finishedAt: 7.75,
        });
        const changed = { ...row, planned: true, conflictAnswer: 'keep-both', bytesMoved: 2 ** 45, finishedAt: 7.75 };
        assert.deepEqual(store.transfer(ONE), changed);
        store.updateTransfer(ONE, { finishedAt: undefined, conflictAnswer: undefined });
        assert.deepEqual(store.transfer(ONE), { ...changed, finishedAt: undefined, conflictAnswer: undefined });
        store.updateTransfer(ONE, {});
        assert.equal(store.transfer(transferId('other')), undefined);
        assert.throws(() => store.updateTransfer(transferId('other'), { planned: true }), /no transfer other/);
        assert.throws(() => store.addTransfer(row));
      }));

    test('transfers are listed in queue order, without removed ones', () =>
      withStore((store) => {
        store.addTransfer(transferRow('b', { position: 2 }));
        store.addTransfer(transferRow('a', { position: 1.5 }));
        store.addTransfer(transferRow('c', { position: 2 }));
        store.addTransfer(transferRow('d', { position: 0, removed: true }));
        assert.deepEqual(
          store.transfers().map((row) => row.id),
          ['a', 'b', 'c'],
        );
        store.updateTransfer(transferId('c'), { position: -1 });
        store.updateTransfer(transferId('a'), { removed: true });
        assert.deepEqual(
          store.transfers().map((row) => row.id),
          ['c', 'b'],
        );
        assert.equal(store.transfer(transferId('d'))?.removed, true);
      }));

    test('a new item is queued, with nothing confirmed', () =>
      withItems([newItem('a'), newItem('日本/語.txt', 0, { modified: undefined, kind: 'folder' })], (store, ids) => {
        assert.deepEqual(store.item(ids[0] as ItemId), {
          id: ids[0],
          transfer: ONE,
          sequence: 0,
          kind: 'file',
          name: 'a',
          local: '/home/me/a',
          storage: STORAGE,
          phone: '/Download/a',
          size: 10,
          modified: 123.5,
          state: { kind: 'queued' },
          confirmed: 0,
          reached: 0,
          temporary: undefined,
          creation: 'none',
          mode: undefined,
          savedAs: undefined,
          answer: undefined,
          expectation: undefined,
          fingerprint: undefined,
          sha256: undefined,
          chunkDigest: undefined,
          attempts: 0,
          mismatches: 0,
          resumed: false,
          retried: false,
          updatedAt: 5,
        });
        assert.equal(store.item(ids[1] as ItemId)?.modified, undefined);
        assert.equal(store.item(ids[1] as ItemId)?.sequence, 1);
        assert.equal(store.item(itemId(999)), undefined);
      }));

    test('a planned item may bring its expectation, answer and name, or be failed or skipped from the start', () =>
      withItems(
        [
          newItem('a', 1, {
            expectation: { kind: 'file', size: 7, modified: 1.5 },
            answer: 'replace',
            savedAs: 'a (2)',
          }),
          newItem('b', 2, { expectation: { kind: 'nothing' } }),
          newItem('c', 3, { problem: { kind: 'missing', operation: 'x', detail: 'y', subject: 'c' } }),
          newItem('d', 4, { skipped: 'hidden' }),
        ],
        (store, ids) => {
          const rows = ids.map((id) => store.item(id));
          assert.deepEqual(rows[0]?.expectation, { kind: 'file', size: 7, modified: 1.5 });
          assert.deepEqual([rows[0]?.answer, rows[0]?.savedAs], ['replace', 'a (2)']);
          assert.deepEqual(rows[1]?.expectation, { kind: 'nothing' });
          assert.equal(rows[2]?.state.kind, 'failed');
          assert.deepEqual(rows[3]?.state, { kind: 'done', outcome: { kind: 'skipped', why: 'hidden' } });
          const look = (): unknown => {
            const { byState, skipped, bytesTotal } = store.counts(ONE);
            return [byState.queued, byState.failed, skipped, bytesTotal];
          };
          assert.deepEqual(look(), [2, 1, 1, 6]);
          store.changeStates(ONE, ['paused'], { kind: 'queued' }, 6);
          assert.deepEqual(look(), [2, 1, 1, 6], 'and anew from the rows');
        },
      ));

    test('reserving answers the row as it is now, once, and only while it may be taken', () =>
      withItems([newItem('a'), newItem('b'), newItem('c')], (store, ids) => {
        const [a, b, c] = ids as readonly [ItemId, ItemId, ItemId];
        store.updateItem(a, { attempts: 3 }, 6);
        assert.equal(store.reserve(a)?.attempts, 3);
        assert.equal(store.reserve(a), undefined, 'claimed already');
        store.updateItem(b, { state: { kind: 'cancelled' } }, 7);
        assert.equal(store.reserve(b), undefined, 'cancelled since it was read');
        store.updateItem(c, { state: { kind: 'preparing' } }, 7);
        assert.equal(store.reserve(c)?.state.kind, 'preparing');
        assert.equal(store.reserve(itemId(999)), undefined);
        assert.equal(store.changeStates(ONE, ['queued', 'preparing'], { kind: 'paused' }, 8), 0, 'both are claimed');
        store.release(a);
        store.release(a);
        assert.equal(store.changeStates(ONE, ['queued', 'preparing'], { kind: 'paused' }, 9), 1);
        assert.equal(store.reserve(a), undefined);
        store.releaseAll();
        assert.equal(store.reserve(c)?.id, c);
      }));

    test('an abandoned item has its state, nothing made of it, and its leftover, together', () =>
      withItems([newItem('a', 30), newItem('b', 30)], (store, ids) => {
        const [a, b] = ids as readonly [ItemId, ItemId];
        for (const id of [a, b])
          store.confirmChunk(
            id,
            { offset: 0, length: 10, digest: '' },
            { confirmed: 10, temporary: 't', creation: 'created' },
            6,
          );
        const leftover = {
          item: a,
          transfer: ONE,
          device: DEVICE,
          storage: STORAGE,
          direction: 'upload',
          folder: phonePath('/Download'),
          name: 't',
          proof: { kind: 'exclusive-name' },
        } as const;
        store.abandonItem(a, { state: { kind: 'cancelled' } }, leftover, 7);
        store.abandonItem(b, { attempts: 1 }, undefined, 7);
        for (const id of [a, b]) {
          const row = store.item(id);
          assert.deepEqual([row?.temporary, row?.creation, row?.confirmed], [undefined, 'none', 0]);
          assert.deepEqual(store.checkpoints(id), []);
        }
        assert.equal(store.item(a)?.state.kind, 'cancelled');
        assert.deepEqual(store.leftovers(DEVICE), [leftover]);
        assert.deepEqual([store.counts(ONE).byState.cancelled, store.counts(ONE).bytesConfirmed], [1, 0]);
        assert.throws(() => store.abandonItem(itemId(999), {}, { ...leftover, item: itemId(999) }, 8));
        assert.deepEqual(store.leftovers(DEVICE), [leftover]);
      }));

    test('the sum of sizes never overflows, and removing everything leaves 0', () =>
      withItems(
        Array.from({ length: 1_100 }, (_, index) => newItem(`f${index}`, Number.MAX_SAFE_INTEGER)),
        (store, ids) => {
          const all = 1_100 * Number.MAX_SAFE_INTEGER;
          assert.equal(store.counts(ONE).bytesTotal, all);
          // after a bulk change the next call counts the rows
          store.changeStates(ONE, ['queued'], { kind: 'paused' }, 6);
          assert.equal(store.counts(ONE).bytesTotal, all);
          store.addItems(ONE, [newItem('small', 1)], 7);
          for (const id of ids) store.updateItem(id, { state: { kind: 'cancelled' } }, 8);
          assert.equal(store.counts(ONE).bytesTotal, 1);
        },
      ));

    test('every field of an item can be changed and comes back', () =>
      withItems([newItem('a', 100)], (store, ids) => {
        const id = ids[0] as ItemId;
        const change = {
          kind: 'file',
          name: 'b',
          local: localPath('/x'),
          storage: storageKey(4, 'SD', 1),
          phone: phonePath('/y'),
          size: 2 ** 40,
          modified: 4.5,
          state: { kind: 'waiting', for: { kind: 'space', needed: 9, where: 'phone' }, since: 3.5 },
          confirmed: 60,
          reached: 70,
          temporary: '.replug-1',
          creation: 'renaming',
          mode: 'chunks',
          savedAs: 'b (2)',
          answer: 'replace',
          expectation: { kind: 'file', size: 2 ** 40, modified: 8.25 },
          fingerprint: 'ff',
          sha256: 'aa',
          chunkDigest: 'bb',
          attempts: 3,
          mismatches: 1,
          resumed: true,
          retried: true,
        } as const;
        store.updateItem(id, change, 8.5);
        assert.deepEqual(store.item(id), { ...change, id, transfer: ONE, sequence: 0, updatedAt: 8.5 });
        store.updateItem(id, { temporary: undefined, mode: undefined, answer: undefined }, 9);
        const row = store.item(id);
        assert.deepEqual(
          [row?.temporary, row?.mode, row?.answer, row?.updatedAt],
          [undefined, undefined, undefined, 9],
        );
        assert.throws(() => store.updateItem(itemId(999), { attempts: 1 }, 1), /no item 999/);
      }));

    test('items are paged in order, all or failed or unfinished', () =>
      withItems(
        Array.from({ length: 10 }, (_, index) => newItem(`f${index}`)),
        (store, ids) => {
          store.updateItem(ids[1] as ItemId, { state: FAILED }, 6);
          store.updateItem(ids[2] as ItemId, { state: MOVED, confirmed: 10 }, 6);
          store.updateItem(ids[3] as ItemId, { state: { kind: 'cancelled' } }, 6);
          store.updateItem(ids[8] as ItemId, { state: FAILED }, 6);
          const names = (query: Parameters<TransferStore['items']>[1]) => {
            const { total, items } = store.items(ONE, query);
            return [total, items.map((item) => item.name).join(' ')];
          };
          assert.deepEqual(names({ offset: 0, limit: 3 }), [10, 'f0 f1 f2']);
          assert.deepEqual(names({ offset: 8, limit: 500, only: 'all' }), [10, 'f8 f9']);
          assert.deepEqual(names({ offset: 20, limit: 5 }), [10, '']);
          assert.deepEqual(names({ offset: 1, limit: 5, only: 'failed' }), [2, 'f8']);
          assert.deepEqual(names({ offset: 1, limit: 3, only: 'unfinished' }), [6, 'f4 f5 f6']);
        },
      ));

    test('itemsIn finds the next in any of some states', () =>
      withItems(
        Array.from({ length: 6 }, (_, index) => newItem(`f${index}`)),
        (store, ids) => {
          store.updateItem(ids[0] as ItemId, { state: MOVED }, 6);
          store.updateItem(ids[4] as ItemId, { state: { kind: 'preparing' } }, 6);
          const names = (...query: [Parameters<TransferStore['itemsIn']>[1], number, number?]) =>
            store
              .itemsIn(ONE, ...query)
              .map((item) => item.name)
              .join(' ');
          assert.equal(names(['queued', 'preparing'], 3), 'f1 f2 f3');
          assert.equal(names(['queued', 'preparing'], 3, 2), 'f3 f4 f5');
          assert.equal(names(['preparing', 'queued'], 1, 3), 'f4');
          assert.equal(names(['preparing', 'preparing'], 9), 'f4');
          assert.equal(names(['waiting'], 9), '');
          assert.equal(names([], 9), '');
          assert.equal(names(['queued'], Infinity), 'f1 f2 f3 f5');
        },
      ));

    test('a confirmed chunk updates checkpoint and item together; checkpoints are dropped from an offset on', () =>
      withItems([newItem('a', 30)], (store, ids) => {
        const id = ids[0] as ItemId;
        for (const offset of [10, 0, 20])
          store.confirmChunk(
            id,
            { offset, length: 10, digest: `d${offset}` },
            { confirmed: offset + 10, reached: offset + 10 },
            7,
          );
        assert.deepEqual(store.checkpoints(id), [
          { offset: 0, length: 10, digest: 'd0' },
          { offset: 10, length: 10, digest: 'd10' },
          { offset: 20, length: 10, digest: 'd20' },
        ]);
        store.dropCheckpoints(id, 20);
        assert.deepEqual(
          store.checkpoints(id).map((one) => one.offset),
          [0, 10],
        );
        store.dropCheckpoints(id, 15);
        assert.deepEqual(
          store.checkpoints(id).map((one) => one.offset),
          [0],
        );
        store.confirmChunk(id, { offset: 0, length: 12, digest: 'again' }, {}, 8);
        assert.deepEqual(store.checkpoints(id), [{ offset: 0, length: 12, digest: 'again' }]);
        store.dropCheckpoints(id, 0);
        assert.deepEqual(store.checkpoints(id), []);
        assert.throws(() => store.confirmChunk(itemId(999), { offset: 0, length: 1, digest: '' }, {}, 1));
        assert.deepEqual(store.checkpoints(itemId(999)), []);
      }));

    test('counts are right after every change', () =>
      withItems([newItem('a', 100), newItem('b', 50), newItem('c', 7), newItem('d', 9)], (store, ids) => {
        const [a, b, c, d] = ids as readonly [ItemId, ItemId, ItemId, ItemId];
        store.confirmChunk(a, { offset: 0, length: 40, digest: '' }, { state: { kind: 'moving' }, confirmed: 40 }, 6);
        store.updateItem(b, { state: SKIPPED }, 6);
        store.updateItem(c, { state: MOVED, confirmed: 7 }, 6);
        store.updateItem(d, { state: { kind: 'cancelled' }, confirmed: 3 }, 6);
        const counts = store.counts(ONE);
        assert.equal(counts.total, 4);
        assert.equal(counts.skipped, 1);
        assert.deepEqual(counts.moved, { files: 1, folders: 0 });
        assert.equal(counts.bytesTotal, 107);
        assert.equal(counts.bytesConfirmed, 47);
        assert.deepEqual(
          Object.entries(counts.byState).filter(([, items]) => items > 0),
          [
            ['moving', 1],
            ['done', 2],
            ['cancelled', 1],
          ],
        );
        store.addItems(ONE, [newItem('e', 1)], 7);
        assert.equal(store.counts(ONE).total, 5);
        assert.equal(store.counts(ONE).byState.queued, 1);
        store.clearItems(ONE);
        assert.equal(store.counts(ONE).total, 0);
        assert.equal(store.item(a), undefined);
        assert.deepEqual(store.checkpoints(a), []);
        const again = store.addItems(ONE, [newItem('a', 100)], 8);
        assert.ok(!ids.includes(again[0] as ItemId), 'an id is never given twice');
        assert.equal(store.item(again[0] as ItemId)?.sequence, 0);
      }));

    test('files and folders are counted apart, change by change and anew from the rows', () =>
      withItems(
        [
          newItem('d', 0, { kind: 'folder' }),
          newItem('e', 0, { kind: 'folder' }),
          ...['a', 'b', 'c', 'left'].map((name) => newItem(name)),
        ],
        (store, ids) => {
          const there: ItemState = { kind: 'done', outcome: { kind: 'already-there' } };
          const states = [MOVED, there, MOVED, there, SKIPPED];
          states.forEach((state, index) => store.updateItem(ids[index] as ItemId, { state }, 6));
          const look = (): unknown => {
            const { moved, alreadyThere, skipped, byState, bytesTotal } = store.counts(ONE);
            return { moved, alreadyThere, skipped, done: byState.done, bytesTotal };
          };
          const expected = {
            moved: { files: 1, folders: 1 },
            alreadyThere: { files: 1, folders: 1 },
            skipped: 1,
            done: 5,
            bytesTotal: 20,
          };
          assert.deepEqual(look(), expected);
          // after a bulk change the next call counts the rows
          store.changeStates(ONE, ['queued'], { kind: 'paused' }, 7);
          assert.deepEqual(look(), expected);
          store.updateItem(ids[2] as ItemId, { state: { kind: 'queued' } }, 8);
          assert.deepEqual(look(), { ...expected, moved: { files: 0, folders: 1 }, done: 4 });
        },
      ));

    test('moved files are counted by how they were verified, change by change and anew from the rows', () =>
      withItems(
        [newItem('d', 0, { kind: 'folder' }), ...['a', 'b', 'c', 'e', 'left'].map((name) => newItem(name))],
        (store, ids) => {
          const moved = (level: 'size' | 'sampled' | 'full'): ItemState => ({
            kind: 'done',
            outcome: {
              kind: 'moved',
              verification: { level, bytesCompared: 0, sha256: undefined, chunkDigest: undefined },
            },
          });
          const states = [moved('full'), moved('size'), moved('sampled'), moved('full'), moved('size')];
          store.counts(ONE);
          store.updateItems(
            states.map((state, index) => ({ id: ids[index] as ItemId, change: { state } })),
            6,
          );
          const expected = { size: 2, sampled: 1, full: 1 };
          assert.deepEqual(store.counts(ONE).verified, expected);
          store.changeStates(ONE, ['queued'], { kind: 'paused' }, 7);
          assert.deepEqual(store.counts(ONE).verified, expected);
          assert.throws(() => store.updateItems([{ id: 999 as ItemId, change: { attempts: 1 } }], 8));
          assert.deepEqual(store.counts(ONE).verified, expected, 'counted from the rows after a rollback');
          store.updateItem(ids[1] as ItemId, { state: { kind: 'queued' } }, 8);
          assert.deepEqual(store.counts(ONE).verified, { ...expected, size: 1 });
        },
      ));

    test('the last small file is found as it was planned', () =>
      withItems([newItem('a', 5), newItem('b', 10), newItem('c', 11), newItem('d', 0, { kind: 'folder' })], (store) => {
        assert.equal(store.lastFileUpTo(ONE, 10), 1);
        assert.equal(store.lastFileUpTo(ONE, 4), undefined);
      }));

    test('many items change their state at once, but for those with a temporary', () =>
      withItems(
        Array.from({ length: 5 }, (_, index) => newItem(`f${index}`, 10)),
        (store, ids) => {
          store.updateItem(
            ids[1] as ItemId,
            { temporary: 'part', state: { kind: 'waiting', for: { kind: 'phone' }, since: 1 } },
            6,
          );
          store.updateItem(ids[2] as ItemId, { state: MOVED }, 6);
          store.counts(ONE);
          assert.equal(store.changeStates(ONE, ['queued', 'waiting'], { kind: 'cancelled' }, 7), 3);
          assert.deepEqual(
            ids.map((id) => store.item(id)?.state.kind),
            ['cancelled', 'waiting', 'done', 'cancelled', 'cancelled'],
          );
          assert.equal(store.item(ids[0] as ItemId)?.updatedAt, 7);
          assert.equal(store.counts(ONE).byState.cancelled, 3);
          assert.equal(store.counts(ONE).bytesTotal, 20);
          assert.deepEqual(
            store.withTemporary(ONE).map((row) => row.id),
            [ids[1]],
          );
          assert.equal(store.changeStates(ONE, [], { kind: 'queued' }, 8), 0);
        },
      ));

    test('doneAt finds done items of one target, newest first', () =>
      withItems([newItem('a'), newItem('a'), newItem('b')], (store, ids) => {
        const [first, second, third] = ids as readonly [ItemId, ItemId, ItemId];
        store.updateItem(second, { state: MOVED }, 6);
        store.updateItem(first, { state: MOVED }, 9);
        store.updateItem(third, { state: MOVED }, 7);
        const target = phonePath('/Download/a');
        assert.deepEqual(
          store.doneAt(DEVICE, STORAGE, target, 5).map((item) => item.id),
          [first, second],
        );
        assert.deepEqual(
          store.doneAt(DEVICE, STORAGE, target, 1).map((item) => item.id),
          [first],
        );
        assert.deepEqual(store.doneAt('other' as DeviceKey, STORAGE, target, 5), []);
        assert.deepEqual(store.doneAt(DEVICE, storageKey(1, '', 1), target, 5), []);
        store.updateItem(first, { state: { kind: 'queued' } }, 10);
        assert.deepEqual(
          store.doneAt(DEVICE, STORAGE, target, 5).map((item) => item.id),
          [second],
        );
      }));

    test('leftovers are remembered per phone until they are removed', () =>
      withStore((store) => {
        const leftover = (item: number, change = {}) => ({
          item: itemId(item),
          transfer: ONE,
          device: DEVICE,
          storage: STORAGE,
          direction: 'upload' as const,
          folder: phonePath('/Download'),
          name: `.replug-${item}`,
          proof: { kind: 'exclusive-name' } as const,
          ...change,
        });
        store.addLeftover(leftover(2));
        const beginning = { kind: 'beginning-of', source: '/DCIM/x', size: 9, modified: 3.5 };
        const download = leftover(1, { direction: 'download', folder: undefined, name: '/tmp/x', proof: beginning });
        store.addLeftover(download);
        store.addLeftover(leftover(4, { proof: undefined }));
        store.addLeftover(leftover(3, { device: deviceKey('o', 'ther') }));
        store.addLeftover(leftover(2, { name: 'renamed' }));
        assert.deepEqual(store.leftovers(DEVICE), [
          download,
          leftover(2, { name: 'renamed' }),
          leftover(4, { proof: undefined }),
        ]);
        store.removeLeftover(itemId(2));
        store.removeLeftover(itemId(77));
        assert.deepEqual(
          store.leftovers(DEVICE).map((one) => one.item),
          [1, 4],
        );
      }));

    test('a phone that was recognised takes over all that was kept of it', () =>
      withStore((store) => {
        const from = deviceKey('m', 'from');
        const to = deviceKey('m', 'to');
        const place = { device: from, storage: STORAGE, path: phonePath('/a') };
        store.addTransfer(transferRow('a', { device: from }));
        store.addTransfer(
          transferRow('b', { device: from, sources: { kind: 'phone', places: [place] }, removed: true }),
        );
        store.addTransfer(transferRow('c'));
        const [item = itemId(0)] = store.addItems(transferId('a'), [newItem('x')], 1);
        const leftover = {
          item,
          transfer: transferId('a'),
          device: from,
          storage: STORAGE,
          direction: 'upload' as const,
          folder: phonePath('/Download'),
          name: '.replug-x',
          proof: { kind: 'exclusive-name' } as const,
        };
        store.addLeftover(leftover);
        store.adoptDevice(from, to);
        assert.equal(store.transfer(transferId('a'))?.device, to);
        assert.deepEqual(store.transfer(transferId('b'))?.sources, {
          kind: 'phone',
          places: [{ ...place, device: to }],
        });
        assert.equal(store.transfer(transferId('c'))?.device, DEVICE);
        assert.deepEqual(store.leftovers(from), []);
        assert.deepEqual(store.leftovers(to), [{ ...leftover, device: to }]);
      }));

    test('what was kept of one storage is another one’s: items, sources and leftovers, of that phone only', () =>
      withStore((store) => {
        const [from, to] = ['4|SD card|64#2', '4|SD card|64#?7'] as StorageKey[];
        assert.ok(from !== undefined && to !== undefined);
        const place = { device: DEVICE, storage: from, path: phonePath('/DCIM') };
        const other = deviceKey('Acme', 'other');
        store.addTransfer(transferRow('a', { storage: from }));
        store.addTransfer(
          transferRow('b', { direction: 'download', storage: from, sources: { kind: 'phone', places: [place] } }),
        );
        store.addTransfer(transferRow('c'));
        store.addTransfer(transferRow('d', { storage: from, device: other }));
        for (const id of ['a', 'd']) store.addItems(transferId(id), [{ ...newItem('x.jpg'), storage: from }], 1);
        const [c] = store.addItems(transferId('c'), [newItem('x.jpg')], 1);
        const leftover = {
          item: c!,
          transfer: transferId('c'),
          device: DEVICE,
          storage: from,
          direction: 'upload',
          folder: phonePath('/DCIM'),
          name: 'x.replug-1',
          proof: { kind: 'exclusive-name' },
        } as const;
        store.addLeftover(leftover);
        const before = store.transfer(transferId('c'));
        store.adoptStorage(DEVICE, from, to);
        const item = (id: string): ItemRow | undefined => store.items(transferId(id), { offset: 0, limit: 1 }).items[0];
        assert.deepEqual([store.transfer(transferId('a'))?.storage, item('a')?.storage], [to, to]);
        const b = store.transfer(transferId('b'));
        assert.deepEqual([b?.storage, b?.sources], [to, { kind: 'phone', places: [{ ...place, storage: to }] }]);
        assert.deepEqual([store.transfer(transferId('c')), item('c')?.storage], [before, newItem('x.jpg').storage]);
        assert.deepEqual([store.transfer(transferId('d'))?.storage, item('d')?.storage], [from, from]);
        assert.deepEqual(store.leftovers(DEVICE), [{ ...leftover, storage: to }]);
      }));

    test('history has what is finished, newest first, searched in titles, destinations and item names', () =>
      withStore((store) => {
        store.addTransfer(transferRow('a', { finishedAt: 10, title: 'ÉTÉ' }));
        store.addTransfer(transferRow('b', { finishedAt: 30, removed: true, destination: '/DCIM/100%' }));
        store.addTransfer(transferRow('c', { finishedAt: 20 }));
        store.addTransfer(transferRow('d'));
        store.addItems(transferId('c'), [newItem('x/Été.JPG')], 1);
        const found = (search = '', offset = 0, limit = 10) => {
          const all = [...store.searchHistory(search)].filter((row) => row !== undefined);
          const { total, transfers } =
            search === '' ? store.history({ offset, limit }) : { total: all.length, transfers: all };
          return `${total}: ${transfers.map((row) => row.id).join(' ')}`;
        };
        assert.equal(found(), '3: b c a');
        assert.equal(found('', 1, 1), '3: c');
        assert.equal(found('e\u0301te\u0301'), '2: c a');
        assert.equal(found('dcim'), '1: b');
        assert.equal(found('0%'), '1: b');
        assert.equal(found('_'), '0: ');
      }));

    test('a history of 20,000 names is searched in pieces', () =>
      withItems(
        Array.from({ length: 20_000 }, (_, index) => newItem(`folder/file-${index}.jpg`)),
        (store) => {
          store.updateTransfer(ONE, { finishedAt: 5 });
          const steps = [...store.searchHistory('FILE-19999')];
          assert.deepEqual(
            steps.filter((row) => row !== undefined).map(({ id }) => id),
            ['one'],
          );
          if (kind === 'SQLite') assert.equal(steps.filter((row) => row === undefined).length, 10);
          assert.equal([...store.searchHistory('nowhere')].filter((row) => row !== undefined).length, 0);
        },
      ));

    test('transfers that ended long ago and left the queue are deleted in batches', () =>
      withStore((store) => {
        store.addTransfer(transferRow('old', { finishedAt: 10, removed: true }));
        store.addTransfer(transferRow('listed', { finishedAt: 10 }));
        store.addTransfer(transferRow('new', { finishedAt: 30, removed: true }));
        store.addTransfer(transferRow('open', { removed: true }));
        for (const id of ['old', 'listed'])
          store.addItems(transferId(id), [newItem('a'), newItem('b'), newItem('c')], 1);
        assert.equal(store.prune(20, 2), true);
        assert.equal(store.items(transferId('old'), { offset: 0, limit: 9, only: 'unfinished' }).items.length, 1);
        assert.equal(store.prune(20, 2), true);
        assert.equal(store.transfer(transferId('old')), undefined);
        assert.equal(store.prune(20, 2), false);
        assert.equal(store.counts(transferId('listed')).total, 3);
        assert.equal(store.history({ offset: 0, limit: 9 }).total, 2);
      }));

    test('keys that two phones had at once are kept, and are no settings', () =>
      withStore((store) => {
        assert.deepEqual(store.sharedKeys(), []);
        for (const key of [DEVICE, 'other' as DeviceKey, DEVICE]) store.noteShared(key);
        assert.deepEqual(store.sharedKeys(), [DEVICE, 'other']);
        assert.deepEqual(store.settings(), {});
      }));

    test('settings are kept one by one', () =>
      withStore((store) => {
        assert.deepEqual(store.settings(), {});
        store.saveSettings({ showHidden: true, verify: 'full' });
        store.saveSettings({ verify: 'size', downloadFolder: localPath('/d') });
        assert.deepEqual(store.settings(), { showHidden: true, verify: 'size', downloadFolder: '/d' });
      }));

    test('compacting forgets the chunks of finished files and nothing else', () =>
      withItems([newItem('a'), newItem('b')], (store, ids) => {
        for (const id of ids) store.confirmChunk(id, { offset: 0, length: 10, digest: '' }, { confirmed: 10 }, 6);
        store.updateItem(ids[0] as ItemId, { state: MOVED, chunkDigest: 'w' }, 7);
        store.compact();
        assert.deepEqual(store.checkpoints(ids[0] as ItemId), []);
        assert.equal(store.checkpoints(ids[1] as ItemId).length, 1);
        assert.equal(store.item(ids[0] as ItemId)?.chunkDigest, 'w');
      }));

    test('after closing, every call is refused; closing twice is harmless', async () => {
      const store = await open();
      store.close();
      store.close();
      assert.throws(() => store.transfers(), /^PhoneError: store: transfers/);
    });

    test('100,000 items are added, counted, paged and taken', () =>
      withItems(
        Array.from({ length: 100_000 }, (_, index) => newItem(`folder/file-${index}.jpg`, 3)),
        (store, ids) => {
          assert.equal(store.counts(ONE).bytesTotal, 300_000);
          assert.equal(store.items(ONE, { offset: 99_990, limit: 100 }).items.length, 10);
          for (let round = 0; round < 500; round += 1) {
            const next = store.itemsIn(ONE, ['queued'], 1)[0];
            assert.equal(next?.id, ids[round]);
            store.updateItem(next?.id as ItemId, { state: MOVED, confirmed: 3 }, 9);
            store.counts(ONE);
          }
          assert.equal(store.counts(ONE).byState.done, 500);
        },
      ));
  });

test('both stores give the same results for any sequence of calls', async () => {
  const call = fc.oneof(
    fc.record({ do: fc.constant('add' as const), sizes: fc.array(fc.nat(50), { maxLength: 4 }) }),
    fc.record({
      do: fc.constant('change' as const),
      item: fc.nat(9),
      state: fc.constantFrom<ItemState>({ kind: 'queued' }, { kind: 'moving' }, MOVED, SKIPPED, FAILED, {
        kind: 'cancelled',
      }),
      confirmed: fc.nat(50),
    }),
    fc.record({
      do: fc.constant('chunk' as const),
      item: fc.nat(9),
      offset: fc.nat(5),
      length: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ do: fc.constant('drop' as const), item: fc.nat(9), offset: fc.nat(8) }),
    fc.record({ do: fc.constant('compact' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 25 }), async (calls) => {
      const stores: TransferStore[] = await Promise.all(KINDS.map(([, open]) => open()));
      const pictures = stores.map((store) => {
        store.addTransfer(transferRow('one'));
        const ids: ItemId[] = [];
        for (const one of calls) {
          const id = 'item' in one ? ids[one.item] : undefined;
          if (one.do === 'add')
            ids.push(
              ...store.addItems(
                ONE,
                one.sizes.map((size) => newItem('n', size)),
                1,
              ),
            );
          else if (one.do === 'compact') store.compact();
          else if (id === undefined) continue;
          else if (one.do === 'change') store.updateItem(id, { state: one.state, confirmed: one.confirmed }, 2);
          else if (one.do === 'chunk') store.confirmChunk(id, { ...one, digest: '' }, { confirmed: one.offset }, 3);
          else store.dropCheckpoints(id, one.offset);
        }
        const picture = [
          store.counts(ONE),
          store.items(ONE, { offset: 0, limit: 100 }),
          store.items(ONE, { offset: 1, limit: 3, only: 'unfinished' }),
          ids.map((id) => store.checkpoints(id).map(({ offset, length }) => [offset, length])),
        ];
        store.close();
        return picture;
      });
      assert.deepEqual(pictures[1], pictures[0]);
    }),
    { numRuns: 60, seed: 7 },
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deviceKey, localPath, phonePath, storageKey, transferId } from '../../shared/domain.ts';
import type { Device, DeviceState } from '../../shared/domain.ts';
import { itemId } from '../../shared/domain.ts';
import type { ItemView, TransferView } from '../../shared/snapshots.ts';
import { SECONDS, graph } from './graph.ts';
import { compareSides } from './question.ts';
import { windowTitle } from './title.ts';
import { itemStatus, overall, transferLine } from './transfers.ts';

const MB = 1e6;
const transfer = (more: Partial<TransferView> = {}): TransferView => ({
  id: transferId('1'),
  direction: 'upload',
  device: deviceKey('a', 'b'),
  deviceName: 'Pixel 8',
  storage: storageKey(3, 'Internal', 1),
  storageName: 'Internal storage',
  destination: '/Movies',
  title: 'film.mkv',
  options: { onConflict: 'ask', onName: 'ask', verify: 'sampled', large: 'resumable', move: false },
  state: 'running',
  waitingFor: undefined,
  waitingSince: undefined,
  counts: {
    total: 1,
    done: 0,
    moved: { files: 0, folders: 0 },
    alreadyThere: { files: 0, folders: 0 },
    skipped: 0,
    failed: 0,
    cancelled: 0,
    waiting: 0,
    asking: 0,
    paused: 0,
  },
  bytesTotal: 100 * MB,
  bytesConfirmed: 50 * MB,
  bytesInFlight: 20 * MB,
  bytesMoved: 0,
  bytesResent: 0,
  run: { bytesMoved: 0, bytesResent: 0 },
  speed: 10 * MB,
  timeLeft: 5,
  currentItem: 'film.mkv',
  problem: undefined,
  createdAt: 0,
  finishedAt: undefined,
  questions: [],
  ...more,
});
const counts = (more: Partial<TransferView['counts']>): TransferView['counts'] => ({ ...transfer().counts, ...more });

describe('one line for each transfer', () => {
  test('counts only what was confirmed', () => {
    const line = transferLine(transfer());
    assert.equal(line.percent, 50, 'what is in flight is no progress');
    assert.equal(line.speed, '10.0 MB/s');
    assert.equal(line.timeLeft, '5 s left');
    assert.equal(line.route, 'to Movies on Pixel 8');
    assert.deepEqual(line.actions, ['pause', 'cancel']);
  });

  test('never says 100 % before it is done', () => {
    assert.equal(transferLine(transfer({ bytesConfirmed: 100 * MB })).percent, 99);
    assert.equal(transferLine(transfer({ bytesConfirmed: 100 * MB, state: 'done' })).percent, 100);
    assert.equal(transferLine(transfer({ bytesTotal: 0, bytesConfirmed: 0, state: 'done' })).percent, 100);
  });

  test('files of no bytes are counted by number', () => {
    const line = transferLine(transfer({ bytesTotal: 0, bytesConfirmed: 0, counts: counts({ total: 4, done: 1 }) }));
    assert.equal(line.percent, 25);
    assert.equal(line.amount, '4 items');
  });

  test('says what it waits for, and shows no speed meanwhile', () => {
    const waiting = (waitingFor: TransferView['waitingFor']) =>
      transferLine(transfer({ state: 'waiting', waitingFor }));
    assert.equal(waiting({ kind: 'phone' }).status, 'Waiting for Pixel 8. Plug it in to resume');
    assert.equal(waiting({ kind: 'phone' }).speed, undefined);
    assert.equal(waiting({ kind: 'phone' }).tone, 'attention');
    assert.equal(waiting({ kind: 'unlock' }).status, 'Waiting for Pixel 8 to be unlocked');
    const space = { kind: 'space', needed: 3 * MB, where: 'phone' } as const;
    assert.equal(waiting(space).status, 'Not enough space on the phone: needs 3.00 MB');
    assert.equal(
      waiting({ ...space, free: 1 * MB }).status,
      'Not enough space on the phone: needs 3.00 MB, 1.00 MB free: 2.00 MB more',
    );
    assert.equal(
      waiting({ ...space, where: 'computer', free: 4 * MB }).status,
      'Not enough space on this computer: needs 3.00 MB, 4.00 MB free',
    );
    assert.deepEqual(waiting({ kind: 'source' }).actions, ['locate', 'pause', 'cancel']);
  });

  test('a phone that is plugged in and cannot be used: what keeps it, not that it be plugged in', () => {
    const waits = transfer({ state: 'waiting', waitingFor: { kind: 'phone' } });
    const words = (state: DeviceState): readonly string[] => {
      const device = { name: 'Pixel 8', state } as Device;
      const item = { state: 'waiting', waitingFor: { kind: 'phone' } } as ItemView;
      return [transferLine(waits, device).status, itemStatus(item, 'Pixel 8', device).text];
    };
    const shared = { id: 'phone-shared' } as const;
    for (const [state, text] of [
      [{ kind: 'held', holder: { program: 'gvfs', pid: 1, releasable: true } }, 'gvfs is using Pixel 8'],
      [{ kind: 'held', holder: undefined }, 'Another program is using Pixel 8'],
      [
        { kind: 'held', holder: undefined, fault: shared, advice: shared },
        'Another program on this computer, such as File Explorer, keeps the phone busy.',
      ],
      [{ kind: 'forbidden', advice: undefined }, 'No permission to open Pixel 8'],
      [{ kind: 'opening' }, 'Connecting to Pixel 8…'],
      [{ kind: 'recovering', step: 'wait', nextTryAt: undefined }, 'Pixel 8 is not responding'],
      [{ kind: 'locked' }, 'Waiting for Pixel 8 to be unlocked'],
      [{ kind: 'gone', since: 0 }, 'Waiting for Pixel 8. Plug it in to resume'],
    ] as const)
      assert.deepEqual(words(state), [text, text]);
  });

  test('questions come first', () => {
    const line = transferLine(transfer({ state: 'waiting', counts: counts({ asking: 2 }) }));
    assert.equal(line.status, '2 questions for you');
    assert.equal(line.actions[0], 'answer');
  });

  test('the end is summed up', () => {
    const line = transferLine(
      transfer({
        state: 'failed',
        counts: counts({
          total: 49,
          done: 48,
          moved: { files: 40, folders: 2 },
          alreadyThere: { files: 2, folders: 1 },
          skipped: 3,
          failed: 1,
        }),
        bytesConfirmed: 90 * MB,
      }),
    );
    assert.equal(
      line.status,
      '40 files in 3 folders copied · 2 already there · 3 skipped · 1 failed · 90.0 MB · verified by samples',
    );
    assert.equal(line.actions[0], 'retry');
    const stopped = transferLine(transfer({ state: 'cancelled', counts: counts({ cancelled: 1 }) }));
    assert.equal(stopped.status, '1 cancelled');
  });

  test('nothing is called copied or verified that was not', () => {
    const ended = (of: Partial<TransferView['counts']>, more: Partial<TransferView> = {}) =>
      transferLine(transfer({ state: 'done', counts: counts(of), bytesConfirmed: 0, ...more })).status;
    const alreadyThere = { files: 4, folders: 1 };
    assert.equal(ended({ done: 8, alreadyThere, skipped: 3 }), '4 already there · 3 skipped');
    assert.equal(ended({ done: 1, alreadyThere: { files: 0, folders: 1 } }), 'Nothing to copy');
    assert.equal(ended({ done: 2, moved: { files: 0, folders: 2 } }), '2 folders created');
    assert.equal(
      ended({ done: 1, moved: { files: 1, folders: 0 } }, { bytesConfirmed: MB }),
      '1 file copied · 1.00 MB · verified by samples',
    );
  });

  test('items without bytes count once towards the end', () => {
    const half = counts({ total: 4, done: 2, skipped: 2 });
    assert.equal(transferLine(transfer({ bytesTotal: 0, bytesConfirmed: 0, counts: half })).percent, 50);
  });

  test('a failure without any file says what it was', () => {
    const problem = { kind: 'no-phone', operation: '', detail: '' } as const;
    assert.equal(transferLine(transfer({ state: 'failed', problem })).status, 'No phone is connected.');
  });
});

describe('all transfers together', () => {
  test('the sum of the open ones, and the title of the window', () => {
    const snapshot = {
      state: 'running',
      speedHistory: [],
      transfers: [
        transfer(),
        transfer({ state: 'queued', bytesConfirmed: 0, speed: undefined }),
        transfer({ state: 'done' }),
      ],
    } as const;
    const now = overall(snapshot);
    assert.equal(now.percent, 25);
    assert.equal(now.speed, 10 * MB);
    assert.equal(now.timeLeft, 15);
    assert.equal(now.sentence, '2 transfers');
    assert.equal(windowTitle(snapshot), '25% · Replug');
  });
  test('words for the quiet times', () => {
    const sentence = (...states: readonly TransferView['state'][]) =>
      overall({
        state: 'idle',
        speedHistory: [],
        transfers: states.map((state) => transfer({ state, speed: undefined })),
      }).sentence;
    assert.equal(sentence(), 'No transfers');
    assert.equal(sentence('done'), '1 transfer finished');
    assert.equal(sentence('waiting'), '1 transfer waiting');
    assert.equal(sentence('waiting', 'waiting'), '2 transfers waiting');
    assert.equal(sentence('paused'), '1 transfer paused');
  });
});

describe('one file', () => {
  const item = (more: Partial<ItemView>): ItemView => ({
    id: itemId(1),
    transfer: transferId('1'),
    kind: 'file',
    name: 'a',
    local: localPath('/a'),
    phone: phonePath('/a'),
    size: 10,
    confirmed: 5,
    state: 'moving',
    stopping: undefined,
    waitingFor: undefined,
    question: undefined,
    outcome: undefined,
    problem: undefined,
    savedAs: undefined,
    ...more,
  });
  const words = (more: Partial<ItemView>) => itemStatus(item(more), 'Pixel 8').text;
  test('its state in words', () => {
    assert.equal(words({}), '50%');
    assert.equal(words({ state: 'stopping', stopping: 'cancelled' }), 'Cancelling');
    const verification = { level: 'full', bytesCompared: 1, sha256: undefined, chunkDigest: undefined } as const;
    assert.equal(
      words({ state: 'done', outcome: { kind: 'moved', verification }, savedAs: 'a_b' }),
      'Copied as “a_b” and verified byte by byte',
    );
    assert.equal(words({ state: 'done', kind: 'folder', outcome: { kind: 'moved', verification } }), 'Created');
    assert.equal(
      words({ state: 'failed', problem: { kind: 'full', operation: 'x', detail: '' } }),
      'The phone’s storage is full.',
    );
  });
});

test('a question says which side is newer and larger; two seconds are one moment', () => {
  const side = (size: number, modified: number | undefined) => ({ name: 'a', size, modified });
  assert.deepEqual(compareSides(side(2, 10_000), side(1, 5000)), { source: ['larger', 'newer'], existing: [] });
  assert.deepEqual(compareSides(side(1, 5000), side(1, 6500)), { source: ['same size'], existing: ['same size'] });
  assert.deepEqual(compareSides(side(1, undefined), side(2, 9)), { source: [], existing: ['larger'] });
});

test('the graph ends at the right edge and stays inside its frame', () => {
  assert.equal(graph([], 100, 20).line, '');
  assert.equal(graph([5], 100, 20).line, '', 'one point is no line');
  const full = graph(
    Array.from({ length: 90 }, (_, second) => second),
    100,
    20,
  );
  assert.equal(full.line.match(/[ML]/g)?.length, SECONDS, 'a minute, no more');
  assert.match(full.line, /L100 [\d.]+$/);
  for (const [, y] of full.line.matchAll(/[ML][\d.]+ ([\d.]+)/g)) assert.ok(Number(y) >= 0 && Number(y) <= 20);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceKey, localPath, phonePath, storageKey, transferId } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { noticeWordsOf } from './notice-words.ts';
import { summaryOf } from './summary.ts';

const view = (change: Partial<TransferView> = {}): TransferView => ({
  id: transferId('a'),
  direction: 'upload',
  device: deviceKey('Maker', '1'),
  deviceName: 'Pixel',
  storage: storageKey(3, 'Internal', 1),
  storageName: 'Internal storage',
  destination: phonePath('/DCIM'),
  title: 'film.mp4',
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
  bytesTotal: 1000,
  bytesConfirmed: 420,
  bytesInFlight: 0,
  bytesMoved: 420,
  bytesResent: 0,
  run: { bytesMoved: 420, bytesResent: 0 },
  speed: 12_000_000,
  timeLeft: 1,
  currentItem: 'film.mp4',
  problem: undefined,
  createdAt: 0,
  finishedAt: undefined,
  questions: [],
  ...change,
});
const summary = (...transfers: readonly TransferView[]) => summaryOf({ state: 'running', transfers, speedHistory: [] });

test('nothing to do: no bar, no badge, and closing the window ends the program', () => {
  const { look, line, progress, attention, busy } = summary(view({ state: 'done' }), view({ state: 'cancelled' }));
  assert.deepEqual(
    { look, line, progress, attention, busy },
    {
      look: 'idle',
      line: 'No transfers',
      progress: { kind: 'none' },
      attention: 0,
      busy: false,
    },
  );
});

test('running: only confirmed bytes count', () => {
  const found = summary(view({ bytesInFlight: 500 }), view({ state: 'done', bytesTotal: 9e9, bytesConfirmed: 9e9 }));
  assert.equal(found.line, 'film.mp4 42%, 12.0 MB/s');
  assert.deepEqual(found.progress, { kind: 'known', fraction: 0.42, mode: 'normal' });
  assert.equal(found.look, 'running');
  assert.ok(found.canPause && !found.canResume && found.busy && found.running);
});

test('two transfers, one still being scanned: no bar that would go backwards', () => {
  const found = summary(view(), view({ state: 'planning', bytesTotal: 10 }));
  assert.deepEqual(found.progress, { kind: 'unknown' });
  assert.match(found.line, /^2 transfers, /);
});

test('each kind of waiting has its text; those the user can resolve ask for attention', () => {
  const waiting = (waitingFor: TransferView['waitingFor']) =>
    summary(view({ state: 'waiting', waitingFor, speed: undefined }));
  const table = [
    [{ kind: 'phone' }, 'Waiting for Pixel', 0, 'paused'],
    [{ kind: 'unlock' }, 'Unlock Pixel to resume', 1, 'error'],
    [{ kind: 'space', needed: 1, where: 'phone' }, 'No space left on the phone', 1, 'error'],
    [{ kind: 'source' }, 'A source file is missing', 1, 'error'],
    [{ kind: 'time', until: 5 }, 'Waiting', 0, 'paused'],
  ] as const;
  for (const [waitingFor, line, attention, mode] of table) {
    const found = waiting(waitingFor);
    assert.equal(found.line, line);
    assert.equal(found.attention, attention, line);
    assert.equal(found.progress.kind === 'known' && found.progress.mode, mode);
    assert.ok(found.busy && !found.running && found.canPause);
  }
});

test('paused by the user: closing the window ends the program, the queue is in the store', () => {
  const found = summary(view({ state: 'paused' }));
  assert.ok(!found.busy && found.canResume && !found.canPause);
  assert.equal(found.line, '1 transfer paused');
});

test('a failure stays visible', () => {
  const found = summary(view({ state: 'failed' }), view({ state: 'done' }));
  assert.deepEqual([found.look, found.line, found.attention], ['attention', '1 transfer failed', 1]);
  assert.deepEqual(found.progress, { kind: 'none' });
});

test('notifications: for events, but not for what the user has just done', () => {
  const finished = (counts: Partial<TransferView['counts']>, change: Partial<TransferView> = {}) =>
    noticeWordsOf({
      kind: 'transfer-finished',
      transfer: view({ state: 'done', counts: { ...view().counts, ...counts }, ...change }),
    });
  const files = (done: number): Partial<TransferView['counts']> => ({
    total: done,
    done,
    moved: { files: done, folders: 0 },
  });
  assert.deepEqual(finished(files(1)), { title: 'Transfer complete', body: '“film.mp4” is on Pixel.' });
  assert.equal(finished(files(3))?.body, '“film.mp4” is on Pixel (3 files).');
  assert.equal(
    finished(files(1), { direction: 'download', destination: localPath('/home/a') })?.body,
    '“film.mp4” is on /home/a.',
  );
  assert.equal(finished({ ...files(2), failed: 1, total: 3 })?.title, 'Not everything was copied');
  assert.equal(finished({ failed: 1 })?.title, 'Transfer failed');
  assert.equal(finished({ cancelled: 1 }), undefined);
  assert.equal(finished({ done: 2, skipped: 2, total: 2 }), undefined);
  assert.equal(noticeWordsOf({ kind: 'phone-needed', transfer: view() })?.title, 'Unlock Pixel');
  assert.equal(noticeWordsOf({ kind: 'question', transfer: view() })?.title, 'Replug has a question');
});

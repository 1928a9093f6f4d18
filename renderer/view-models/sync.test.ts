import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../shared/domain.ts';
import { nextRun } from '../../shared/sync-next.ts';
import type { SyncAction, SyncActivity, SyncPairView, SyncRun } from '../../shared/sync.ts';
import { actionTree, actionWords, folderWords, nextWords, pairStatus } from './sync.ts';

const copy = (path: string, size: number, target = path): SyncAction => ({
  kind: 'copy',
  path,
  target,
  size,
  modified: 1,
  why: 'new',
  conflict: 'none',
});

test('a preview is a tree of the folders with changes, with sums', () => {
  const tree = actionTree([
    copy('DCIM/Camera/2.jpg', 20),
    copy('top.txt', 1),
    copy('DCIM/Camera/1.jpg', 10),
    { kind: 'delete', path: 'DCIM/old.jpg', target: 'DCIM/old.jpg', size: 5 },
    copy('A/x', 3),
  ]);
  assert.deepEqual([tree.changes, tree.bytes], [5, 39]);
  assert.deepEqual(
    tree.folders.map(({ name, changes, bytes }) => [name, changes, bytes]),
    [
      ['A', 1, 3],
      ['DCIM', 3, 35],
    ],
  );
  const [, dcim] = tree.folders;
  assert.deepEqual(
    dcim?.folders.map(({ path, actions }) => [path, actions.map((action) => action.path)]),
    [['DCIM/Camera', ['DCIM/Camera/2.jpg', 'DCIM/Camera/1.jpg']]],
  );
  assert.deepEqual(
    tree.actions.map((action) => action.path),
    ['top.txt'],
  );
  assert.equal(dcim === undefined ? '' : folderWords(dcim), '3 changes, 35 bytes');
});

test('a line says where a copy goes if its path differs', () => {
  assert.equal(actionWords(copy('a.jpg', 1)), 'new');
  assert.equal(actionWords(copy('Camera/a.jpg', 1, '2024/03/a.jpg')), 'new → 2024/03/a.jpg');
});

const view = (
  lastRun: Partial<SyncRun> | undefined,
  automatic = false,
  activity: SyncActivity = { kind: 'idle' },
): SyncPairView => {
  const run =
    lastRun === undefined
      ? undefined
      : ({ filesMoved: 0, filesRenamed: 0, filesDeleted: 0, filesFailed: 0, startedAt: 0, ...lastRun } as SyncRun);
  const pair = { automatic, deviceName: 'Pixel 8' };
  return {
    pair,
    activity,
    lastRun: run,
    next: nextRun(pair, run, activity),
    counts: { pending: 3, synced: 0, failed: 0, skipped: 0 },
    ready: false,
  } as SyncPairView;
};

test('what starts a pair’s next run is shown, even after a failure or an interruption', () => {
  assert.equal(nextWords(view(undefined)), 'Next run: manually only');
  assert.equal(nextWords(view({ state: 'done', finishedAt: 1 }, true)), 'Next run: when Pixel 8 is plugged in');
  assert.equal(
    nextWords(view({ state: 'failed', finishedAt: 1 }, true)),
    'Next run: tried again when Pixel 8 is plugged in',
  );
  assert.equal(nextWords(view({ state: 'failed', finishedAt: 1 })), 'Next run: manually; what failed is tried again');
  assert.equal(nextWords(view({ state: 'stopped' }, true)), 'Next run: resumes when Pixel 8 is plugged in');
  assert.equal(nextWords(view({ state: 'interrupted' })), 'Next run: manually; it resumes where it stopped');
  assert.equal(nextWords(view({ state: 'interrupted', finishedAt: 1 })), 'Next run: manually only');
  // one that is about to begin, or runs, has said enough
  assert.equal(nextWords(view(undefined, true, { kind: 'soon', at: 5 })), undefined);
  assert.equal(nextWords(view({ state: 'running' }, true, { kind: 'finishing' })), undefined);
  assert.equal(nextWords(view({ state: 'running' }, true)), undefined);
});

test('a run that waits says for what', () => {
  const words = (what: 'plug' | 'unlock' | 'storage', name: string): string =>
    pairStatus(view({ state: 'running' }, false, { kind: 'waiting', for: what, name }), 0).text;
  assert.equal(words('storage', 'SD card'), '“SD card” of Pixel 8 is missing. Put the card back to resume');
  assert.equal(words('unlock', 'Pixel 8'), 'Waiting for Pixel 8 to be unlocked');
  assert.match(words('plug', 'Pixel 8'), /^Waiting for Pixel 8/);
});

test('an interrupted run is not shown as running', () => {
  assert.match(pairStatus(view({ state: 'interrupted' }), 0).text, /^Interrupted/);
  assert.match(
    pairStatus(view({ state: 'stopped', filesMoved: 2, bytesMoved: 5 }), 0).text,
    /^Stopped .*2 files copied/,
  );
  // without its phone it waits, and says for what
  assert.match(
    pairStatus(view({ state: 'running' }, false, { kind: 'copying', transfer: 't' as never }), 0).text,
    /Waiting for Pixel 8/,
  );
  assert.match(pairStatus(view({ state: 'running' }), 0).text, /Waiting for Pixel 8/);
  assert.match(pairStatus({ ...view({ state: 'running' }), ready: true }, 0).text, /An interrupted run resumes/);
});

test('a pair whose phone is plugged in and kept by another program does not ask for it to be plugged in', () => {
  const held = { name: 'Pixel 8', state: { kind: 'held', holder: undefined } } as Device;
  const words = (of: SyncPairView): string => pairStatus(of, 0, held).text;
  const plug = { kind: 'waiting', for: 'plug', name: 'Pixel 8' } as const;
  assert.equal(words(view({ state: 'running' }, false, plug)), 'Another program is using Pixel 8');
  assert.equal(words(view({ state: 'running' })), 'Another program is using Pixel 8');
  assert.equal(words(view(undefined)), 'Never run');
  assert.equal(pairStatus(view(undefined), 0).text, 'Never run. Plug in Pixel 8.');
});

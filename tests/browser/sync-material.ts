import { localPath, phonePath, transferId } from '../../shared/domain.ts';
import {
  NO_FILTERS,
  pairId,
  previewId,
  type ShownPreview,
  type SyncAction,
  type SyncPair,
  type SyncPairView,
  type SyncRun,
} from '../../shared/sync.ts';
import { INTERNAL, NOW, phone } from './material.ts';
import type { ScriptedHost } from './scripted-host.ts';

/** Folder pairs in every state that the Sync page can show, for a scripted engine. */

const pair = (more: Partial<SyncPair> = {}): SyncPair => ({
  id: pairId('p1'),
  name: 'Camera',
  device: phone().key,
  deviceName: 'Pixel 8',
  storage: INTERNAL,
  storageName: 'Internal storage',
  phone: phonePath('/DCIM/Camera'),
  local: localPath('/home/ann/Pictures/Pixel 8/Camera'),
  direction: 'to-computer',
  filters: NO_FILTERS,
  deletions: 'mirror',
  deletionLimit: 0.1,
  conflicts: 'keep-both',
  removed: 'copy-again',
  verify: 'sampled',
  layout: 'year-month',
  automatic: true,
  createdAt: NOW - 90 * 86_400_000,
  ...more,
});

const ran = (more: Partial<SyncRun> = {}): SyncRun => ({
  id: 1,
  pair: pairId('p1'),
  startedAt: NOW - 7_200_000,
  finishedAt: NOW - 7_000_000,
  state: 'done',
  automatic: true,
  transfer: transferId('t1'),
  filesMoved: 214,
  bytesMoved: 1.83e9,
  filesFailed: 0,
  filesSkipped: 0,
  filesRenamed: 2,
  filesDeleted: 3,
  filesKept: 1,
  filesUnchanged: 4711,
  transactions: 12,
  problem: undefined,
  ...more,
});

const view = (name: string, more: Partial<SyncPairView> = {}, of: Partial<SyncPair> = {}): SyncPairView => ({
  pair: pair({ id: pairId(name), name: `${name}.pair`, ...of }),
  activity: { kind: 'idle' },
  counts: { synced: 4711, pending: 3, failed: 2, skipped: 1 },
  lastRun: ran(),
  next: { kind: 'plug-in', begins: 'afresh' },
  ready: true,
  ...more,
});

const failed = ran({
  id: 3,
  state: 'failed',
  filesMoved: 0,
  problem: { kind: 'missing', operation: 'list', detail: 'no such folder', subject: '/DCIM/Camera' },
});

/** One pair in each state: at rest, under way, waiting, cut short, failed. */
export function pairs(): readonly SyncPairView[] {
  return [
    view('p1'),
    view('p2', { lastRun: undefined, next: { kind: 'by-hand', begins: 'afresh' } }, { direction: 'to-phone' }),
    view('p3', { activity: { kind: 'soon', at: NOW } }),
    view('p4', { activity: { kind: 'waiting', for: 'unlock', name: '' }, ready: false }),
    view('p5', { activity: { kind: 'waiting', for: 'storage', name: 'SD card' }, ready: false }),
    view('p6', { activity: { kind: 'scanning', folders: 12, files: 1204 } }),
    view('p7', { activity: { kind: 'copying', transfer: transferId('t1') } }),
    view('p8', { activity: { kind: 'finishing' } }),
    view('p9', { lastRun: failed, next: { kind: 'plug-in', begins: 'failed-again' } }),
    view('p10', { lastRun: ran({ state: 'interrupted' }), next: { kind: 'by-hand', begins: 'goes-on' } }),
    view('p11', { lastRun: ran({ state: 'stopped', filesMoved: 0 }), ready: false }),
    view('p12', { lastRun: undefined, ready: false, counts: { synced: 0, pending: 0, failed: 0, skipped: 0 } }),
  ];
}

const ACTIONS: readonly SyncAction[] = [
  {
    kind: 'copy',
    path: 'IMG_0001.jpg',
    target: '2026/05/IMG_0001.jpg',
    size: 4.1e6,
    modified: NOW,
    why: 'new',
    conflict: 'none',
  },
  {
    kind: 'copy',
    path: 'DCIM/IMG_0002.jpg',
    target: 'DCIM/IMG_0002.jpg',
    size: 4.2e6,
    modified: NOW,
    why: 'changed',
    conflict: 'keep-both',
  },
  { kind: 'skip', path: 'DCIM/IMG_0003.jpg', size: 0, why: 'unfinished' },
  { kind: 'rename', path: 'DCIM/IMG_0005.jpg', from: 'DCIM/IMG_0004.jpg', target: '/IMG_0005.jpg', size: 4.3e6 },
  { kind: 'delete', path: 'IMG_0006.jpg', target: '2026/04/IMG_0006.jpg', size: 4.4e6 },
];

const PREVIEW: ShownPreview = {
  id: previewId('v1'),
  pair: pairId('p1'),
  at: NOW,
  copy: { files: 214, bytes: 1.83e9, hold: { kind: 'ask', missing: 4711, known: 4800 } },
  skip: 1,
  rename: 1,
  delete: { files: 812, bytes: 3.1e9, hold: { kind: 'ask', share: 0.17 } },
  unchanged: 4711,
  edited: 2,
  adopted: 12,
  leftOut: 31,
  problems: [],
  folders: 12,
  transactions: 14,
  timeEstimate: 312,
};

/** Answers what the Sync page asks. */
export function scriptSync({ answers }: ScriptedHost): void {
  answers.syncPresets = () => [
    {
      kind: 'camera',
      name: 'Camera',
      phone: phonePath('/DCIM'),
      local: localPath('/home/ann/Pictures/Pixel 8'),
      direction: 'to-computer',
      filters: NO_FILTERS,
      layout: 'year-month',
      removed: 'stay-away',
    },
    {
      kind: 'music',
      name: 'Music',
      phone: phonePath('/Music'),
      local: localPath('/home/ann/Music'),
      direction: 'to-phone',
      filters: NO_FILTERS,
      layout: 'as-on-phone',
      removed: 'copy-again',
    },
  ];
  answers.syncPreview = () => PREVIEW;
  answers.syncActions = () => ({ total: 900, actions: ACTIONS });
  answers.syncHistory = () => [ran(), failed, ran({ id: 4, state: 'stopped', automatic: false })];
  answers.syncFiles = () => ({
    total: 900,
    files: (['synced', 'pending', 'failed', 'skipped'] as const).map((status, index) => ({
      path: `DCIM/IMG_000${index}.jpg`,
      target: `IMG_000${index}.jpg`,
      size: 4.1e6,
      modified: NOW,
      status,
      sha256: undefined,
      syncedAt: NOW,
      goneAt: status === 'synced' ? NOW : undefined,
      problem:
        status === 'failed'
          ? { kind: 'source-unreadable', operation: 'open', detail: 'EACCES', subject: 'IMG_0002.jpg' }
          : undefined,
    })),
  });
  answers.syncBackedUp = () => [];
}

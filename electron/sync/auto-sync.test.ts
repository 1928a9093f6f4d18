import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../shared/domain.ts';
import { pairId, type SyncPair, type SyncRun } from '../../shared/sync.ts';
import { AutoSync, type AutoSyncParts } from './auto-sync.ts';
import { originOf } from './record-results.ts';

const PAIR = { id: pairId('p'), name: 'Camera', device: 'phone', automatic: true } as SyncPair;
const PHONE = { key: 'phone', state: { kind: 'ready' } } as Device;
const RUN = { id: 1, pair: PAIR.id, state: 'interrupted', finishedAt: undefined } as SyncRun;

/** An `AutoSync` over parts that do nothing, with what it was told and what it did. */
function begin(change: Partial<AutoSyncParts>): {
  readonly devices: (devices: readonly Device[]) => void;
  readonly transferFinished: () => void;
} {
  let devices: (devices: readonly Device[]) => void = () => undefined;
  let notice: (notice: unknown) => void = () => undefined;
  const engine = {
    watch: (_: string, __: undefined, listener: (snapshot: { devices: readonly Device[] }) => void) => {
      devices = (all) => listener({ devices: all });
      devices([]);
      return () => undefined;
    },
    onNotice: (listener: typeof notice) => {
      notice = listener;
      return () => undefined;
    },
    transferRow: () => ({ sources: { kind: 'items', origin: originOf(PAIR) } }),
    transfersFrom: () => [],
  } as unknown as AutoSyncParts['engine'];
  new AutoSync({
    engine,
    store: { pairs: () => [PAIR], openRuns: () => [RUN], updateRun: () => undefined },
    log: () => undefined,
    isIdle: () => true,
    announce: () => Promise.resolve(true),
    run: () => Promise.resolve(),
    endEarlier: () => Promise.resolve(undefined),
    ended: () => undefined,
    changed: () => undefined,
    ...change,
  }).start();
  return {
    devices: (all) => devices(all),
    transferFinished: () => notice({ kind: 'transfer-finished', transfer: { id: 't' } }),
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a phone that comes runs its automatic pairs once', async () => {
  let runs = 0;
  const { devices } = begin({ run: () => Promise.resolve((runs += 1)) });
  devices([PHONE]);
  devices([PHONE]);
  await settle();
  assert.equal(runs, 1);
  devices([]);
  devices([PHONE]);
  await settle();
  assert.equal(runs, 2);
});

test('a phone that comes while an interrupted run is just being ended runs its pair after that', async () => {
  let runs = 0;
  let idle = true;
  let finish: () => void = () => undefined;
  const { devices, transferFinished } = begin({
    isIdle: () => idle,
    run: () => Promise.resolve((runs += 1)),
    endEarlier: () =>
      new Promise((resolve) => {
        idle = false;
        finish = () => {
          idle = true;
          resolve(undefined);
        };
      }),
  });
  transferFinished();
  devices([PHONE]);
  await settle();
  assert.equal(runs, 0);
  finish();
  await settle();
  assert.equal(runs, 1);
});

test('nobody allowed it: it does not run', async () => {
  let runs = 0;
  const { devices } = begin({ announce: () => Promise.resolve(false), run: () => Promise.resolve((runs += 1)) });
  devices([PHONE]);
  await settle();
  assert.equal(runs, 0);
});

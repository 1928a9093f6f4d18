import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../../shared/domain.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import { newItem, STORAGE, transferRow } from '../../../tests/support/rows.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import { systemClock } from '../api.ts';
import type { ItemState } from '../model/item-state.ts';
import { SpeedMeter } from '../model/speed-meter.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import { queueState, transferView } from './transfer-view.ts';

const MOVED: ItemState = {
  kind: 'done',
  outcome: {
    kind: 'moved',
    verification: { level: 'size', bytesCompared: 0, sha256: undefined, chunkDigest: undefined },
  },
};
const WAITING: ItemState = { kind: 'waiting', for: { kind: 'source' }, since: 7 };
const FAILED: ItemState = { kind: 'failed', problem: { kind: 'refused', operation: 'op', detail: '' } };
const ASKING: ItemState = { kind: 'asking', question: { kind: 'name', name: 'a', legal: 'b' } };
const READY: Device['state'] = { kind: 'ready' };

interface Given {
  readonly row?: Partial<TransferRow>;
  readonly device?: Device['state'];
  readonly storages?: Device['storages'];
  readonly current?: string;
  readonly away?: 'source' | 'target';
}

/** The view of a transfer with an item in each of these states. */
function view(states: readonly ItemState[], given: Given = {}): TransferView {
  const store = new MemoryTransferStore();
  const row = transferRow('t', { planned: true, ...given.row });
  store.addTransfer(row);
  const items = store.addItems(
    row.id,
    states.map((_, index) => newItem(`${index}`)),
    1,
  );
  for (const [index, state] of states.entries()) store.updateItem(items[index] as never, { state }, 2);
  const nothing = { bytesMoved: 0, bytesResent: 0 };
  return transferView(
    {
      store,
      clock: systemClock,
      speedOf: () => new SpeedMeter(),
      totals: () => nothing,
      unsaved: () => nothing,
      space: { known: (what) => what },
    },
    row,
    { name: 'Phone', state: given.device ?? READY, ...(given.storages === undefined ? {} : given) },
    {
      bytes: 0,
      current: given.current,
      ...(given.away === undefined ? {} : { away: given.away }),
    },
  );
}
const state = (states: readonly ItemState[], given?: Given): TransferView['state'] => view(states, given).state;

test('what a transfer does, by the states of its items', () => {
  const queued: ItemState = { kind: 'queued' };
  assert.equal(state([MOVED, queued]), 'queued');
  assert.equal(state([queued, { kind: 'preparing' }]), 'running');
  assert.equal(state([queued], { current: 'a' }), 'running', 'a lane that works need not have stored it');
  assert.equal(state([WAITING, { kind: 'moving' }]), 'running');
  assert.equal(state([MOVED, WAITING]), 'waiting');
  assert.equal(state([MOVED, ASKING]), 'waiting');
  assert.equal(state([MOVED, { kind: 'paused' }]), 'paused');
  assert.equal(state([{ kind: 'moving' }, { kind: 'stopping', next: 'paused', from: 'moving' }]), 'stopping');
});

test('how a transfer ended: failed before cancelled before done', () => {
  assert.equal(state([MOVED]), 'done');
  assert.equal(state([MOVED, FAILED, { kind: 'cancelled' }]), 'failed');
  assert.equal(state([MOVED, { kind: 'cancelled' }]), 'done', 'one item that was taken out');
  assert.equal(state([MOVED, { kind: 'cancelled' }], { row: { intent: 'cancel' } }), 'cancelled');
  assert.equal(state([MOVED], { row: { intent: 'cancel' } }), 'done', 'it was complete before');
  assert.equal(state([{ kind: 'cancelled' }]), 'cancelled');
});

test('what a person asked for shows before every item has followed', () => {
  assert.equal(state([{ kind: 'queued' }], { row: { intent: 'pause' } }), 'paused');
  assert.equal(state([{ kind: 'queued' }], { row: { intent: 'cancel' } }), 'stopping');
  assert.equal(state([ASKING], { row: { intent: 'cancel' } }), 'stopping');
});

test('what is waited for: the unlocking, the phone, its storage, else what the item waits for', () => {
  const gone: Device['state'] = { kind: 'gone', since: 9 };
  const waits = (given: Given) => view([{ kind: 'queued' }], given);
  assert.deepEqual(waits({ device: { kind: 'locked' } }).waitingFor, { kind: 'unlock' });
  assert.deepEqual([waits({ device: gone }).waitingFor, waits({ device: gone }).waitingSince], [{ kind: 'phone' }, 9]);
  const items = view([WAITING]);
  assert.deepEqual([items.waitingFor, items.waitingSince], [{ kind: 'source' }, 7]);
  const sources = { kind: 'phone', places: [{ device: 'd', storage: STORAGE, path: '/a' }] } as const;
  const unplanned = { planned: false, sources: sources as unknown as TransferRow['sources'] };
  const away = view([], { row: unplanned, storages: [] });
  assert.deepEqual([away.state, away.waitingFor], ['waiting', { kind: 'storage', name: 'Internal storage' }]);
});

test('a transfer that is still to be planned', () => {
  const sources = { kind: 'phone', places: [] } as const;
  const fromPhone: Partial<TransferRow> = { planned: false, sources };
  assert.equal(state([], { row: { planned: false } }), 'planning');
  assert.equal(state([], { row: fromPhone }), 'planning');
  assert.equal(state([], { row: fromPhone, device: { kind: 'locked' } }), 'waiting');
  assert.equal(state([], { row: { ...fromPhone, intent: 'pause' } }), 'paused');
  const away = view([], { row: { planned: false }, away: 'source' });
  assert.deepEqual([away.state, away.waitingFor], ['waiting', { kind: 'source' }]);
});

test('one state for the whole queue: what runs, then what waits, then what failed', () => {
  const of = (...states: readonly TransferView['state'][]) =>
    queueState(
      states.map((one) => ({ state: one })),
      true,
    );
  assert.equal(of('done', 'failed', 'waiting', 'queued'), 'running');
  assert.equal(of('done', 'failed', 'waiting'), 'paused');
  assert.equal(of('done', 'failed'), 'failed');
  assert.equal(of('done', 'cancelled'), 'completed');
  assert.equal(of(), 'idle');
  assert.equal(queueState([{ state: 'planning' }], false), 'running-in-background');
});

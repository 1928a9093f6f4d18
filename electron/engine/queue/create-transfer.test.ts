import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { deviceKey, localPath, phonePath, type Device } from '../../../shared/domain.ts';
import { DEVICE, STORAGE, newItem } from '../../../tests/support/rows.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import { systemClock, type EnqueueRequest, type ItemsRequest } from '../api.ts';
import { DEFAULT_LIMITS, EngineContext } from '../context.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import { nodeDisk } from '../local/node-disk.ts';
import { TransferFactory } from './create-transfer.ts';

const TO = { device: DEVICE, storage: STORAGE, path: phonePath('/Download') };
const upload = (...names: readonly string[]): EnqueueRequest => ({
  direction: 'upload',
  sources: names.map((name) => localPath(`/home/me/${name}`)),
  to: TO,
});
const download = (change: Partial<Extract<EnqueueRequest, { direction: 'download' }>> = {}): EnqueueRequest => ({
  direction: 'download',
  sources: [{ ...TO, path: phonePath('/DCIM/a.jpg') }],
  to: localPath('/home/me'),
  ...change,
});
const chosen = (count: number): ItemsRequest => ({
  direction: 'upload',
  device: DEVICE,
  storage: STORAGE,
  destination: '/Download',
  title: 'Camera',
  origin: 'sync:1',
  items: Array.from({ length: count }, (_, number) => newItem(`${number}.jpg`)),
});

interface Stage {
  readonly store: MemoryTransferStore;
  readonly factory: TransferFactory;
}
function stage(devices: readonly Partial<Device>[] = []): Stage {
  const store = new MemoryTransferStore();
  const context = new EngineContext({
    store,
    disk: nodeDisk,
    clock: systemClock,
    registry: { devices } as unknown as DeviceRegistry,
    limits: DEFAULT_LIMITS,
    platform: 'linux',
    log: () => undefined,
    seed: 's',
    random: () => 0.5,
  });
  return { store, factory: new TransferFactory(context) };
}

test('a transfer goes to the end of the queue, is to run, and is named after what was dropped', () => {
  const { store, factory } = stage();
  const one = factory.add(upload('a.jpg'));
  const many = factory.add(upload('a.jpg', 'b.jpg', 'c.jpg'));
  assert.deepEqual([one.position, many.position], [1, 2]);
  assert.deepEqual([one.title, many.title], ['a.jpg', 'a.jpg + 2']);
  assert.notEqual(one.id, many.id);
  assert.deepEqual(store.transfer(many.id), many);
  assert.deepEqual([many.intent, many.planned, many.finishedAt], ['run', false, undefined]);
});

test('the place in the queue is behind the last one, whatever was taken out between', () => {
  const { store, factory } = stage();
  const [first, second] = [factory.add(upload('a')), factory.add(upload('b'))];
  store.updateTransfer(first.id, { removed: true });
  store.updateTransfer(second.id, { position: 9 });
  assert.equal(factory.add(upload('c')).position, 10);
});

test('phone and storage have their names; those of a phone that is away follow from what is known', () => {
  const storages = [{ key: STORAGE, name: 'Interner Speicher' }] as unknown as Device['storages'];
  const there = stage([{ key: DEVICE, name: 'Pixel', storages }]).factory.add(upload('a'));
  assert.deepEqual([there.deviceName, there.storageName], ['Pixel', 'Interner Speicher']);
  const away = stage().factory.add(upload('a'));
  assert.deepEqual([away.deviceName, away.storageName], ['Phone', 'Internal storage']);
});

test('a request’s own options come first, then the settings, then what is usual; what is not given overrides nothing', () => {
  const { store, factory } = stage();
  assert.equal(factory.optionsOf({}).verify, 'sampled');
  store.saveSettings({ verify: 'full', onConflict: 'skip' });
  assert.deepEqual(
    factory.optionsOf({ options: { onConflict: 'replace', ...({ verify: undefined } as object) } }),
    { onConflict: 'replace', onName: 'ask', verify: 'full', large: 'resumable', move: false }, // prettier-ignore
  );
  assert.equal(factory.add({ ...upload('a'), options: { move: true } }).options.move, true);
});

test('a download goes to a whole path, wherever the program was started', () => {
  assert.equal(stage().factory.add(download({ to: 'here' as never })).destination, resolve('here'));
});

test('nothing, and files of two phones at once, are refused and leave no transfer', () => {
  const { store, factory } = stage();
  const two = [TO, { ...TO, device: deviceKey('Maker', 'S2') }];
  for (const request of [upload(), download({ sources: [] }), download({ sources: two })])
    assert.throws(() => factory.add(request), { kind: 'bad-request' });
  assert.deepEqual(store.transfers(), []);
});

test('the same request is found while it is under way, and no other', () => {
  const { store, factory } = stage();
  const row = factory.add(upload('a', 'b'));
  assert.equal(factory.findUnfinished(upload('a', 'b'))?.id, row.id);
  for (const other of [
    upload('b', 'a'),
    upload('a'),
    { ...upload('a', 'b'), to: { ...TO, path: phonePath('/Music') } } as EnqueueRequest,
    { ...upload('a', 'b'), to: { ...TO, device: deviceKey('Maker', 'S2') } } as EnqueueRequest,
  ])
    assert.equal(factory.findUnfinished(other), undefined);
  store.updateTransfer(row.id, { finishedAt: 5 });
  assert.equal(factory.findUnfinished(upload('a', 'b')), undefined);
});

test('files chosen one by one are added in their order, and then the list is complete', async () => {
  const { store, factory } = stage();
  const row = factory.begin(chosen(0), { mount: '/', seen: true });
  assert.deepEqual([row.sources, row.targetMount, row.targetSeen], [{ kind: 'items', origin: 'sync:1' }, '/', true]);
  await factory.addItems(row, chosen(2_500).items);
  const { total, items } = store.items(row.id, { offset: 2_499, limit: 1 });
  assert.deepEqual([total, items[0]?.name], [2_500, '2499.jpg']);
  assert.equal(store.transfer(row.id)?.planned, true);
});

test('what is cancelled while its files are added gets no more of them', async () => {
  const { store, factory } = stage();
  const row = factory.begin(chosen(0));
  const adding = factory.addItems(row, chosen(2_500).items);
  store.updateTransfer(row.id, { intent: 'cancel' });
  await adding;
  assert.equal(store.items(row.id, { offset: 0, limit: 1 }).total, 1_000);
  assert.equal(store.transfer(row.id)?.planned, false);
});

test('what is paused while its files are added is complete only with all of them paused', async () => {
  const { store, factory } = stage();
  const row = factory.begin(chosen(0));
  const adding = factory.addItems(row, chosen(1_500).items);
  store.updateTransfer(row.id, { intent: 'pause' });
  await adding;
  assert.equal(store.itemsIn(row.id, ['paused'], 2_000).length, 1_500);
  assert.equal(store.transfer(row.id)?.planned, true);
});

import assert from 'node:assert/strict';
import { kindOf } from '../../../tests/support/kind-of.ts';
import { test } from 'node:test';
import {
  deviceKey,
  storageKey,
  transferId,
  type Device,
  type DeviceKey,
  type StorageKey,
} from '../../../shared/domain.ts';
import { ordinalKey } from '../../../shared/storages.ts';
import type { SyncPair } from '../../../shared/sync.ts';
import type { Leftover, TransferRow } from '../model/transfer-store.ts';
import { StorageQuestions } from './storage-questions.ts';

const PHONE = deviceKey('Acme', 'R58N12ABCDE');
const CARD = storageKey(4, 'SD card', 64e9);
const SECOND = ordinalKey(CARD, 2);
const [ONE, OTHER] = ['?7', '?8'].map((place) => ordinalKey(CARD, place)) as [StorageKey, StorageKey];

const phone = (storages: readonly StorageKey[], more: Partial<Device> = {}): Device =>
  ({
    key: PHONE,
    name: 'One',
    state: { kind: 'ready' },
    storages: storages.map((key, index) => ({ key, name: `SD card ${index + 1}` })),
    ...more,
  }) as unknown as Device;
const waiting = (storage: StorageKey, more: Partial<TransferRow> = {}): TransferRow =>
  ({ device: PHONE, storage, storageName: 'SD card 2', title: 'film.mp4', ...more }) as unknown as TransferRow;

function stage(
  devices: readonly Device[],
  transfers: readonly TransferRow[],
  pairs: readonly SyncPair[] = [],
  leftovers: readonly Pick<Leftover, 'transfer'>[] = [],
) {
  const adopted: string[] = [];
  const questions = new StorageQuestions({
    registry: { devices },
    store: {
      transfers: () => transfers,
      leftovers: () => leftovers as readonly Leftover[],
      adoptStorage: (device: DeviceKey, from: StorageKey, to: StorageKey) => adopted.push(`${device} ${from} ${to}`),
    },
    pairs: () => pairs,
  });
  const asked = (): readonly string[] =>
    questions.open().map(({ storage, candidates }) => [storage, ...candidates.map(({ key }) => key)].join(' '));
  return { questions, adopted, asked };
}

test('storages that nothing tells apart are asked about while something waits for one like them', () => {
  const [question, ...others] = stage([phone([ONE, OTHER])], [waiting(SECOND)]).questions.open();
  assert.deepEqual(others, []);
  assert.deepEqual(
    [question?.device, question?.name, question?.storage, question?.storageName, question?.transfers, question?.pairs],
    [PHONE, 'One', SECOND, 'SD card 2', ['film.mp4'], []],
  );
  assert.deepEqual(question?.candidates.map(({ key }) => key), [ONE, OTHER]); // prettier-ignore
  const pair = { device: PHONE, storage: CARD, storageName: 'SD card', name: 'Music' } as unknown as SyncPair;
  assert.deepEqual(stage([phone([ONE])], [], [pair]).questions.open()[0]?.pairs, ['Music']);
});

test('a storage is asked about on which only something is left to be removed', () => {
  const over = waiting(SECOND, { id: transferId('t'), finishedAt: 9 });
  const { asked } = stage([phone([ONE])], [over], [], [{ transfer: transferId('t') }]);
  assert.deepEqual(asked(), [`${SECOND} ${ONE}`]);
});

test('nothing is asked where nothing waits, a storage is known, or none like it is there', () => {
  const internal = storageKey(3, 'Internal', 128e9);
  for (const [what, devices, transfers] of [
    ['nothing waits', [phone([ONE, OTHER])], []],
    ['it is over', [phone([ONE, OTHER])], [waiting(SECOND, { finishedAt: 9 })]],
    ['another phone', [phone([ONE, OTHER])], [waiting(SECOND, { device: deviceKey('Acme', 'R58N12XXXXX') })]],
    ['it is there', [phone([CARD, SECOND])], [waiting(SECOND)]],
    ['beside one that is not known', [phone([SECOND, ONE])], [waiting(SECOND)]],
    ['of another kind', [phone([ONE, OTHER])], [waiting(internal)]],
    ['of another size', [phone([ONE, OTHER])], [waiting(storageKey(4, 'SD card', 32e9))]],
    ['not ready', [phone([ONE, OTHER], { state: { kind: 'locked' } })], [waiting(SECOND)]],
  ] as const)
    assert.deepEqual(stage(devices, transfers).asked(), [], what);
});

test('what was kept for the storage is that of the one named', () => {
  const { questions, adopted } = stage([phone([ONE, OTHER])], [waiting(SECOND)]);
  questions.answer(PHONE, SECOND, OTHER);
  assert.deepEqual(adopted, [`${PHONE} ${SECOND} ${OTHER}`]);
});

test('storages that are said not to be the one are not asked about for it again, others are', () => {
  const devices = [phone([ONE])];
  const { questions, adopted, asked } = stage(devices, [waiting(SECOND), waiting(CARD)]);
  questions.answer(PHONE, SECOND, undefined);
  assert.deepEqual([asked(), adopted], [[`${CARD} ${ONE}`], []]);
  devices[0] = phone([ONE, OTHER]);
  assert.deepEqual(asked(), [`${SECOND} ${OTHER}`, `${CARD} ${ONE} ${OTHER}`]);
});

test('an answer to no question is refused, and nothing changes hands', () => {
  const { questions, adopted } = stage([phone([SECOND, ONE])], [waiting(SECOND), waiting(CARD)]);
  for (const [storage, as] of [
    [SECOND, ONE],
    [CARD, SECOND],
    [CARD, OTHER],
    [SECOND, undefined],
  ] as const)
    // prettier-ignore
    assert.equal(
      kindOf(() => questions.answer(PHONE, storage, as)),
      'bad-request',
      `${storage} ${as}`,
    );
  assert.deepEqual(adopted, []);
});

import assert from 'node:assert/strict';
import { kindOf } from '../../../tests/support/kind-of.ts';
import { test } from 'node:test';
import {
  anonymousKey,
  busKey,
  deviceKey,
  storageKey,
  transferId,
  type Device,
  type DeviceKey,
} from '../../../shared/domain.ts';
import type { SyncPair } from '../../../shared/sync.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import { IdentityQuestions, type IdentityParts } from './identity-questions.ts';

const CARD = storageKey(4, 'SD card', 64e9);
const before = anonymousKey('Acme', 'first plug');
const now = anonymousKey('Acme', 'second plug');

const phone = (key: DeviceKey, more: Partial<Device> = {}): Device =>
  ({ key, name: 'One', maker: 'Acme', state: { kind: 'ready' }, storages: [], ...more }) as unknown as Device;
const waiting = (device: DeviceKey, more: Partial<TransferRow> = {}): TransferRow =>
  ({
    device,
    deviceName: 'One',
    storage: CARD,
    storageName: 'SD card',
    title: 'film.mp4',
    createdAt: 5,
    ...more,
  }) as unknown as TransferRow;
const paired = (device: DeviceKey): SyncPair =>
  ({
    device,
    deviceName: 'One',
    storage: CARD,
    storageName: 'SD card',
    name: 'Camera',
    createdAt: 5,
  }) as unknown as SyncPair;

interface Given {
  readonly devices?: readonly Device[];
  readonly transfers?: readonly TransferRow[];
  readonly pairs?: readonly SyncPair[];
  readonly leftovers?: readonly DeviceKey[];
  readonly leftoverOf?: string;
  readonly shared?: readonly DeviceKey[];
}

function stage({ devices = [phone(now)], transfers = [], pairs = [], leftovers = [], leftoverOf, shared = [] }: Given) {
  const done: string[] = [];
  const questions = new IdentityQuestions({
    registry: {
      devices,
      isShared: (key: DeviceKey) => shared.includes(key),
      forget: (key: DeviceKey) => done.push(`forget ${key}`),
    },
    store: {
      transfers: () => transfers,
      leftovers: (key: DeviceKey) => (leftovers.includes(key) ? [{ transfer: leftoverOf }] : []),
      adoptDevice: (from: DeviceKey, to: DeviceKey) => done.push(`adopt ${from} ${to}`),
    },
    pairs: () => pairs,
  } as unknown as IdentityParts);
  return { questions, done, asked: () => questions.open().map(({ candidates }) => candidates.map(({ key }) => key)) };
}

test('a phone that nothing identifies is asked about while something waits for such a phone', () => {
  assert.deepEqual(stage({ transfers: [waiting(before)] }).asked(), [[before]]);
  assert.deepEqual(stage({ pairs: [paired(before)] }).asked(), [[before]]);
  assert.deepEqual(stage({}).asked(), []);
  assert.deepEqual(stage({ transfers: [waiting(before, { finishedAt: 9 })] }).asked(), [], 'nothing waits any more');
});

test('a phone is asked about of which only something is left to be removed', () => {
  const over = waiting(before, { id: transferId('t'), finishedAt: 9 });
  const given = { transfers: [over], leftovers: [before], leftoverOf: 't' };
  const { asked, questions } = stage(given);
  assert.deepEqual(asked(), [[before]]);
  assert.deepEqual(questions.open()[0]?.candidates[0]?.transfers, ['film.mp4']);
  assert.deepEqual(stage({ ...given, leftoverOf: 'other' }).asked(), []);
});

test('one with a serial number of its own is never asked about, and its transfers are nobody else’s', () => {
  const known = deviceKey('Acme', 'R58N12ABCDE');
  assert.deepEqual(stage({ devices: [phone(known)], transfers: [waiting(before)] }).asked(), []);
  assert.deepEqual(stage({ transfers: [waiting(known)] }).asked(), []);
  assert.deepEqual(stage({ transfers: [waiting(known)], shared: [known] }).asked(), [[known]], 'two phones tell it');
});

test('one that only its USB descriptor identifies is asked about unless something is kept under that', () => {
  const bus = busKey('Acme', 'R58N12ABCDE');
  const devices = [phone(bus)];
  assert.deepEqual(stage({ devices, transfers: [waiting(before)] }).asked(), [[before]]);
  assert.deepEqual(stage({ devices, transfers: [waiting(before), waiting(bus)] }).asked(), []);
  assert.deepEqual(stage({ devices, transfers: [waiting(before)], leftovers: [bus] }).asked(), []);
});

test('a phone of another maker, or one that is plugged in, is no candidate', () => {
  assert.deepEqual(stage({ transfers: [waiting(anonymousKey('Other', 'x'))] }).asked(), []);
  const two = [phone(now), phone(before)];
  assert.deepEqual(stage({ devices: two, transfers: [waiting(before)] }).asked(), []);
  const gone = [phone(now), phone(before, { state: { kind: 'gone', since: 7 } })];
  assert.deepEqual(stage({ devices: gone, transfers: [waiting(before)] }).asked(), [[before]]);
  assert.deepEqual(
    stage({ devices: [phone(now, { state: { kind: 'locked' } })], transfers: [waiting(before)] }).asked(),
    [],
  );
});

test('the likeliest comes first: by name, then by storages, then the one seen last', () => {
  const [other, card, late] = ['other', 'card', 'late'].map((random) => anonymousKey('Acme', random));
  assert.ok(other !== undefined && card !== undefined && late !== undefined);
  const strange = { deviceName: 'Two', storageName: 'Card B' };
  const { asked } = stage({
    devices: [phone(now, { storages: [{ name: 'SD card' }] as unknown as Device['storages'] })],
    transfers: [
      waiting(other, { ...strange, createdAt: 1 }),
      waiting(late, { ...strange, createdAt: 9 }),
      waiting(card, { deviceName: 'Two' }),
      waiting(before, { storageName: 'Card B' }),
    ],
  });
  assert.deepEqual(asked(), [[before, card, late, other]]);
});

test('what was kept of the one named is this phone’s from then on', () => {
  const { questions, done } = stage({ transfers: [waiting(before)] });
  questions.answer(now, before);
  assert.deepEqual(done, [`adopt ${before} ${now}`, `forget ${before}`]);
});

test('a phone called new is not asked about again, and nothing changes hands', () => {
  const { questions, done, asked } = stage({ transfers: [waiting(before)] });
  questions.answer(now, undefined);
  assert.deepEqual([asked(), done], [[], []]);
  assert.equal(
    kindOf(() => questions.answer(now, before)),
    'bad-request',
    'that question is closed',
  );
});

test('a phone called new is asked about again where something waits for a phone that was not a candidate then', () => {
  const late = anonymousKey('Acme', 'an earlier plug');
  const transfers = [waiting(before)];
  const { questions, done, asked } = stage({ transfers });
  questions.answer(now, undefined);
  transfers.push(waiting(late));
  assert.deepEqual(asked(), [[late]]);
  questions.answer(now, late);
  assert.deepEqual(done, [`adopt ${late} ${now}`, `forget ${late}`]);
});

test('an answer to no question is refused: a known phone is never made another', () => {
  const known = deviceKey('Acme', 'R58N12ABCDE');
  const { questions, done } = stage({ devices: [phone(known)], transfers: [waiting(before)] });
  assert.equal(
    kindOf(() => questions.answer(known, before)),
    'bad-request',
  );
  const open = stage({ transfers: [waiting(before)] });
  assert.equal(
    kindOf(() => open.questions.answer(now, anonymousKey('Acme', 'never seen'))),
    'bad-request',
  );
  assert.deepEqual([done, open.done], [[], []]);
});

test('at most twenty names of transfers are told', () => {
  const transfers = Array.from({ length: 25 }, (_, index) => waiting(before, { title: `${index}.mp4` }));
  assert.equal(stage({ transfers }).questions.open()[0]?.candidates[0]?.transfers.length, 20);
});

test('the storages that transfers and pairs are kept for', () => {
  const { questions } = stage({ transfers: [waiting(before)], pairs: [paired(before), paired(now)] });
  assert.deepEqual(questions.storagesOf(before), [CARD, CARD]);
});

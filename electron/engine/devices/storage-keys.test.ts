import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storageKey, type StorageKey } from '../../../shared/domain.ts';
import type { PhoneStorage } from '../../mtp/index.ts';
import { StorageKeys } from './storage-keys.ts';

const CARD = storageKey(4, 'SD card', 64e9);
const card = (id: number, volume = '', key = CARD): PhoneStorage => ({ id, key, volume }) as unknown as PhoneStorage;
const keysOf = (keys: StorageKeys, ...found: readonly PhoneStorage[]): readonly string[] =>
  keys.assign(found).map(({ key }) => key.slice(CARD.length));

test('one storage keeps its plain key, whatever its id', () => {
  const keys = new StorageKeys();
  assert.deepEqual(keysOf(keys, card(1)), ['']);
  keys.newSession();
  assert.deepEqual(keysOf(keys, card(7)), ['']);
});

test('two that are alike are told apart by their volumes where those differ', () => {
  assert.deepEqual(keysOf(new StorageKeys(), card(1, 'AA'), card(2, 'BB')), ['@AA', '@BB']);
});

test('two without volumes are numbered, and one that stays keeps its number while the other goes and comes', () => {
  const keys = new StorageKeys();
  assert.deepEqual(keysOf(keys, card(1), card(2)), ['', '#2']);
  assert.deepEqual(keysOf(keys, card(2)), ['#2']);
  assert.deepEqual(keysOf(keys, card(2), card(3)), ['#2', '']);
});

test('one of two that nothing tells apart gets a key under which nothing is kept', () => {
  const keys = new StorageKeys([`${CARD}#2` as StorageKey]);
  const [only] = keysOf(keys, card(1));
  assert.ok(only !== '' && only !== '#2', `${only}`);
  // with both there the order tells
  assert.deepEqual(keysOf(keys, card(1), card(2)), ['', '#2']);
});

test('ids of an earlier session say nothing', () => {
  const keys = new StorageKeys();
  keysOf(keys, card(1), card(2));
  keys.newSession();
  assert.deepEqual(keysOf(keys, card(2), card(1)), ['', '#2']);
});

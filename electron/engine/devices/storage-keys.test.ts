import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storageKey, type StorageKey } from '../../../shared/domain.ts';
import { matchStorage, ordinalKey } from '../../../shared/storages.ts';
import type { PhoneStorage } from '../../mtp/index.ts';
import { StorageKeys, type Recognise } from './storage-keys.ts';

const CARD = storageKey(4, 'SD card', 64e9);
const card = (id: number, volume = '', key = CARD): PhoneStorage => ({ id, key, volume }) as unknown as PhoneStorage;
const keysOf = async (keys: StorageKeys, ...found: readonly PhoneStorage[]): Promise<readonly string[]> =>
  (await keys.assign(found)).map(({ key }) => key.slice(CARD.length));

test('one storage keeps its plain key, whatever its id', async () => {
  const keys = new StorageKeys();
  assert.deepEqual(await keysOf(keys, card(1)), ['']);
  keys.newSession();
  assert.deepEqual(await keysOf(keys, card(7)), ['']);
});

test('two that are alike are told apart by their volumes where those differ', async () => {
  assert.deepEqual(await keysOf(new StorageKeys(), card(1, 'AA'), card(2, 'BB')), ['@AA', '@BB']);
});

test('two without volumes are numbered, and one that stays keeps its number while the other goes and comes', async () => {
  const keys = new StorageKeys();
  assert.deepEqual(await keysOf(keys, card(1), card(2)), ['', '#2']);
  assert.deepEqual(await keysOf(keys, card(2)), ['#2']);
  assert.deepEqual(await keysOf(keys, card(2), card(3)), ['#2', '']);
});

test('one of two that nothing tells apart gets a key under which nothing is kept', async () => {
  const keys = new StorageKeys(() => [`${CARD}#2` as StorageKey]);
  const [only] = await keysOf(keys, card(1));
  assert.ok(only !== '' && only !== '#2', `${only}`);
  // the order tells nothing with both there either
  for (const key of await keysOf(keys, card(1), card(2))) assert.match(key, /^#\?\d+$/);
});

test('one that is alone gets a key of its own where what is kept does not say which of two it was', async () => {
  const [only] = await keysOf(new StorageKeys(() => [`${CARD}#?7` as StorageKey]), card(1));
  assert.match(only ?? '', /^#\?\d+$/);
  assert.notEqual(only, '#?7');
});

test('the order tells nothing either after the phone’s language changed', async () => {
  const known = [storageKey(4, 'SD card', 64e9), ordinalKey(storageKey(4, 'SD card', 64e9), 2)];
  const german = storageKey(4, 'SD-Karte', 64e9);
  const found = [card(1, '', german), card(2, '', german)];
  for (const { key } of await new StorageKeys(() => known).assign(found))
    for (const kept of known) assert.equal(matchStorage(kept, [{ key }]), undefined, `${kept} ${key}`);
  // one alone, and never seen with another, is the one
  const [one] = await new StorageKeys(() => known.slice(0, 1)).assign([card(1, '', german)]);
  assert.equal(one?.key, german);
});

test('ids of an earlier session say nothing', async () => {
  const keys = new StorageKeys();
  await keysOf(keys, card(1), card(2));
  keys.newSession();
  assert.deepEqual(await keysOf(keys, card(2), card(1)), ['', '#2']);
});

const SECOND = `${CARD}#2` as StorageKey;
/** What each of two cards holds, by id. */
const holding =
  (held: Readonly<Record<number, Readonly<Record<string, number>>>>): Recognise =>
  ({ id }, key) =>
    Promise.resolve(held[id]?.[key.slice(CARD.length)] ?? 0);
const both = async (known: readonly StorageKey[], recognise: Recognise): Promise<readonly string[]> =>
  (await new StorageKeys(() => known).assign([card(1), card(2)], recognise)).map(({ key }) => key.slice(CARD.length));

test('two that are alike are recognised by what is kept for them, in whichever order they are listed', async () => {
  assert.deepEqual(await both([CARD, SECOND], holding({ 1: { '#2': 3 }, 2: { '': 2 } })), ['#2', '']);
  assert.deepEqual(await both([CARD, SECOND], holding({ 1: { '': 2 }, 2: { '#2': 3 } })), ['', '#2']);
  // the other one is the one that is left
  assert.deepEqual(await both([SECOND], holding({ 1: { '#2': 1 } })), ['#2', '']);
  assert.deepEqual(await both([CARD, SECOND], holding({ 2: { '': 1 } })), ['#2', '']);
});

test('what is on both, or on neither, recognises none: nothing that is kept reaches either', async () => {
  for (const held of [{}, { 1: { '#2': 2 }, 2: { '#2': 2 } }])
    for (const key of await both([SECOND], holding(held))) assert.match(key, /^#\?\d+$/);
  // nothing is kept: the order does no harm
  assert.deepEqual(await both([], holding({})), ['', '#2']);
});

test('one whose identity was unknown when something was kept for it is recognised as well', async () => {
  const unknown = `${CARD}#?7` as StorageKey;
  assert.deepEqual((await both([unknown], holding({ 2: { '#?7': 1 } })))[1], '#?7');
});

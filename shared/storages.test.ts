import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storageKey, type StorageKey } from './domain.ts';
import { isAlike, isSameStorage, matchStorage, ordinalKey, volumeKey } from './storages.ts';

const CARD = storageKey(4, 'SD card', 64e9);
const there = (...keys: readonly StorageKey[]): readonly { readonly key: StorageKey }[] => keys.map((key) => ({ key }));

test('a key that does not say which of several storages it means is no other one, also where one is alone', () => {
  const unknown = ordinalKey(CARD, '?7');
  for (const present of [[CARD], [ordinalKey(CARD, 2)], [ordinalKey(CARD, '?8')], [volumeKey(CARD, 'AA')]])
    assert.equal(matchStorage(unknown, there(...present)), undefined, present.join());
  assert.equal(matchStorage(unknown, there(CARD, unknown))?.key, unknown);
  // nor is one that is not known now any that was
  for (const key of [CARD, ordinalKey(CARD, 2), volumeKey(CARD, 'AA')])
    assert.equal(matchStorage(key, there(unknown)), undefined, key);
  assert.equal(isSameStorage(CARD, unknown, there(unknown)), false);
});

test('storages are alike that may be one: cards by their capacity, fixed ones by name or capacity', () => {
  const fixed = storageKey(3, 'Internal', 64e9);
  for (const [one, other, expected] of [
    [CARD, ordinalKey(CARD, 2), true],
    [ordinalKey(CARD, 2), ordinalKey(CARD, '?7'), true],
    [CARD, volumeKey(CARD, 'AA'), true],
    [CARD, storageKey(4, 'SD-Karte', 64e9), true],
    [CARD, storageKey(4, 'SD card', 32e9), false],
    [CARD, storageKey(4, 'SD card', 0), true],
    [CARD, fixed, false],
    [fixed, storageKey(3, 'Interner Speicher', 64e9), true],
    [fixed, storageKey(3, 'Internal', 60e9), true],
    [fixed, storageKey(3, 'Other', 60e9), false],
    [CARD, 'no key' as StorageKey, false],
  ] as const)
    assert.equal(isAlike(one, other), expected, `${one} ${other}`);
});

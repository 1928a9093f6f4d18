import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldName } from './domain.ts';

const ONE_FILE: readonly (readonly [string, string])[] = [
  ['Photo.JPG', 'photo.jpg'],
  ['caf\u00e9', 'cafe\u0301'],
  ['CAFE\u0301', 'caf\u00e9'],
  ['Stra\u00dfe.txt', 'STRASSE.txt'],
  ['STRA\u1e9eE.txt', 'strasse.txt'],
  ['\ufb01le', 'file'],
  ['\u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3', '\u03c3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c2'],
  ['\u0130stanbul', 'i\u0307stanbul'],
  ['\u212a.txt', 'k.txt'],
  ['soft\u00adhyphen', 'softhyphen'],
  ['heart \u2764\ufe0f.jpg', 'heart \u2764.jpg'],
];
/** Other names, though alike: taking them for one would skip a file. */
const TWO_FILES: readonly (readonly [string, string])[] = [
  ['\u0131lik', 'ilik'],
  ['\uff21.txt', 'A.txt'],
  ['x\u00b2', 'x2'],
  ['resume', 'r\u00e9sum\u00e9'],
];

test('names that Android’s storage takes for one file have one key', () => {
  for (const [one, other] of ONE_FILE) assert.equal(foldName(one), foldName(other), `${one} / ${other}`);
});
test('names that are two files there have two', () => {
  for (const [one, other] of TWO_FILES) assert.notEqual(foldName(one), foldName(other), `${one} / ${other}`);
});
test('a key is its own key', () => {
  for (const pair of [...ONE_FILE, ...TWO_FILES])
    for (const name of pair) assert.equal(foldName(foldName(name)), foldName(name), name);
});

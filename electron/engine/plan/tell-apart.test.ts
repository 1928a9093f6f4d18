import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldName } from '../../../shared/domain.ts';
import { isLegalPhoneName } from '../../mtp/index.ts';
import { phoneNameFor } from './plan-transfer.ts';
import { tellApart } from './tell-apart.ts';

const onCard = (name: string): string => phoneNameFor(name, true);
const inside = (name: string): string => phoneNameFor(name, false);

const CASES: readonly (readonly [
  names: readonly string[],
  onPhone: (name: string) => string,
  told: readonly string[],
])[] = [
  [['a.jpg', 'b.jpg'], inside, ['a.jpg', 'b.jpg']],
  [['Photo.JPG', 'photo.jpg'], inside, ['Photo.JPG', 'photo (2).jpg']],
  [['caf\u00e9', 'cafe\u0301', 'CAF\u00c9'], inside, ['caf\u00e9', 'cafe\u0301 (2)', 'CAF\u00c9 (3)']],
  [['Stra\u00dfe.txt', 'STRASSE.txt'], inside, ['Stra\u00dfe.txt', 'STRASSE (2).txt']],
  // a number that is another source's own name is passed over, wherever that comes
  [['A', 'a', 'a (2)'], inside, ['A', 'a (3)', 'a (2)']],
  [['a.', 'a', 'a..'], onCard, ['a.', 'a (2)', 'a. (2).']],
  [['a.', 'a'], inside, ['a.', 'a']],
  [['what?', 'what\uff1f'], onCard, ['what?', 'what\uff1f (2)']],
];
for (const [names, onPhone, told] of CASES)
  test(`told apart: ${JSON.stringify(names)}`, () => {
    assert.deepEqual(tellApart(names, onPhone), told);
  });

test('whatever the names, they are as many files on the phone, and those that can be held are', () => {
  const long = 'x'.repeat(250);
  const names = [
    `${long}-one-more.jpg`,
    `${long}-and-two.jpg`,
    `${long}.jpg`,
    `${'\u00e9'.repeat(130)}a`,
    '\u00e9'.repeat(130),
    'x',
    'X',
    'x ',
  ];
  const told = tellApart(names, onCard).map(onCard);
  assert.equal(new Set(told.map(foldName)).size, names.length, told.join('\n'));
  for (const name of told) assert.ok(isLegalPhoneName(name, { strict: true }), name);
});

// The compiler of the catalogues, on small messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf, type Catalogue } from '../../scripts/words/catalogue.ts';
import { interfaceOf, languageFile } from '../../scripts/words/compile.ts';
import { pseudo } from '../../scripts/words/pseudo.ts';

const compiled = (english: Catalogue, translated: Catalogue = english): string =>
  languageFile('x', english, messagesOf(translated, 'x'), messagesOf(english, 'x'));

test('a message without arguments is a string, any other a function of named, typed arguments', () => {
  const english = {
    plain: 'Open',
    '@plain': 'a note',
    inner: { 'two-words': 'Hi {name}, {count, plural, one {# file} other {# files}}, {kind, select, a {A} other {B}}' },
  };
  const types = interfaceOf('x', english, messagesOf(english, 'x'));
  assert.match(types, /readonly plain: string;/);
  assert.match(
    types,
    /readonly "two-words": \(a: \{ readonly name: string; readonly count: number; readonly kind: 'a' \| 'other' \}\) => string;/,
  );
  assert.doesNotMatch(types, /a note/);
  const code = compiled(english);
  assert.match(code, /isolated\(a\.name\)/);
  assert.match(code, /isPlural\(a\.count, 'one'\)/);
  assert.match(code, /a\.kind === 'a'/);
});

test('exact numbers come before plural forms; signs of templates are harmless', () => {
  const code = compiled({ a: '{n, plural, =0 {none} one {# `x` $'.concat("'{'", 'y} other {#}}') });
  assert.match(code, /a\.n === 0 \? `none` : isPlural\(a\.n, 'one'\)/);
  assert.match(code, /\\`x\\`/);
});

test('what a translation lacks is English', () => {
  assert.match(compiled({ a: 'Open', b: 'Close' }, { a: 'Öffnen' }), /a: `Öffnen`,\n {2}b: `Close`/);
});

test('a message that cannot be compiled says where it is', () => {
  for (const text of [
    '{count, plural, one {x}}',
    '{count, plural, offset:1 one {x} other {y}}',
    '{n, selectordinal, one {x} other {y}}',
    '{n, number, ::percent}',
    '{when, date, short}',
    '{a} and {a, number}',
    '{open',
  ])
    assert.throws(
      () => messagesOf({ group: { key: text } }, 'words/de/x.json'),
      /words\/de\/x\.json: group\.key/u,
      text,
    );
});

test('the pseudo language keeps blanks at the ends and what has no letters', () => {
  assert.equal(pseudo(' · '), ' · ');
  assert.match(pseudo(' files '), /^ \[.+\] $/u);
  assert.ok(pseudo('Save to…').length >= 'Save to…'.length * 1.4);
});

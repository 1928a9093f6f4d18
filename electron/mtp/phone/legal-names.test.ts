import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { complaintAbout, isLegalPhoneName, legalPhoneName, utf8Length } from './legal-names.ts';

describe('names', () => {
  // name, legal on internal storage, legal on a memory card, what is offered
  const cases: readonly (readonly [string, boolean, boolean, string])[] = [
    ['photo.jpg', true, true, 'photo.jpg'],
    ['日本語 😀.txt', true, true, '日本語 😀.txt'],
    ['.hidden', true, true, '.hidden'],
    ['a:b*c?d"e<f>g|h\\i', true, false, 'a꞉b∗c？d”e‹f›g∣h⧵i'],
    ['a/b', false, false, 'a∕b'],
    ['tab\there', true, false, 'tab_here'],
    ['nul\0here', false, false, 'nul_here'],
    ['trailing.', true, false, 'trailing'],
    ['blanks  ', true, false, 'blanks'],
    [' in front', true, false, 'in front'],
    ['mixed. . .', true, false, 'mixed'],
    ['', false, false, '_'],
    ['.', false, false, '_'],
    ['..', false, false, '_'],
    ['...', true, false, '_'],
    ['\ud800lone', false, false, '\ufffdlone'],
  ];
  for (const [name, internal, card, offered] of cases)
    test(JSON.stringify(name), () => {
      assert.equal(isLegalPhoneName(name, { strict: false }), internal);
      assert.equal(isLegalPhoneName(name, { strict: true }), card);
      assert.equal(legalPhoneName(name), offered);
    });

  test('254 UTF-16 units and 255 bytes of UTF-8 are the most', () => {
    assert.ok(isLegalPhoneName('x'.repeat(254), { strict: true }));
    assert.ok(!isLegalPhoneName('x'.repeat(255), { strict: true }));
    assert.ok(isLegalPhoneName('語'.repeat(85), { strict: true }));
    assert.ok(!isLegalPhoneName('語'.repeat(86), { strict: true }));
  });
  test('what is too long keeps its extension and is cut between characters', () => {
    assert.equal(legalPhoneName(`${'x'.repeat(300)}.jpeg`), `${'x'.repeat(249)}.jpeg`);
    assert.equal(legalPhoneName(`${'😀'.repeat(100)}.jpg`), `${'😀'.repeat(62)}.jpg`);
    assert.equal(legalPhoneName(`a.${'y'.repeat(300)}`), `a.${'y'.repeat(252)}`);
  });
  test('the complaint offers the legal name', () => {
    assert.equal(complaintAbout('fine', 'x'), undefined);
    assert.deepEqual(complaintAbout('a/b', 'x')?.problem, {
      kind: 'bad-name',
      operation: 'x',
      detail: '3 UTF-16 units, 3 bytes',
      subject: 'a/b',
      fix: 'a∕b',
    });
  });
  test('UTF-8 is counted as it is encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        assert.equal(utf8Length(text), Buffer.byteLength(text.toWellFormed())),
      ),
    );
  });
  test('whatever the name, the offer is legal everywhere and stays what it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
        const legal = legalPhoneName(name);
        assert.ok(isLegalPhoneName(legal, { strict: true }), JSON.stringify(legal));
        assert.equal(legalPhoneName(legal), legal);
      }),
      { numRuns: 1000 },
    );
  });
});

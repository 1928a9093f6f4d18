import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apart, cutName, localNameOf, phoneNameOf } from './local-names.ts';

/** Names of a phone on this computer: safe, distinct, and to be read back. */

const PLATFORMS = ['linux', 'darwin', 'win32'] as const;
const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

const HARMLESS = ['photo.jpg', 'a b.txt', '日本 😀.jpg', '.nomedia', 'é.txt', '~$x', 'a‘b’', '-rf', '%2e%2e', 'aux1'];
for (const name of HARMLESS)
  test(`${name} keeps its name everywhere`, () => {
    for (const platform of PLATFORMS) assert.equal(localNameOf(name, platform), name);
  });

const AWKWARD: readonly (readonly [name: string, linux: string, windows: string])[] = [
  ['a/b', 'a／b', 'a／b'],
  ['/', '／', '／'],
  ['../../etc/passwd', '..／..／etc／passwd', '..／..／etc／passwd'],
  ['..\\..\\x', '..\\..\\x', '..＼..＼x'],
  ['.', '．', '．'],
  ['..', '．．', '．．'],
  ['...', '...', '..．'],
  ['', '‛∅', '‛∅'],
  ['a\0b', 'a␀b', 'a␀b'],
  ['a\nb\u001b[31m', 'a␊b␛[31m', 'a␊b␛[31m'],
  ['a\u007f\u0085', 'a␡‛u0085', 'a␡‛u0085'],
  ['cod\u202egpj.exe', 'cod‛u202Egpj.exe', 'cod‛u202Egpj.exe'],
  ['\ufeffx\u2066y', '‛uFEFFx‛u2066y', '‛uFEFFx‛u2066y'],
  ['C:\\Windows', 'C:\\Windows', 'C：＼Windows'],
  ['x:stream', 'x:stream', 'x：stream'],
  ['<a>?*|"', '<a>?*|"', '＜a＞？＊｜＂'],
  ['trailing.', 'trailing.', 'trailing．'],
  ['trailing ', 'trailing ', 'trailing␠'],
  ['trailing. . ', 'trailing. . ', 'trailing. .␠'],
  ['CON', 'CON', '‛CON'],
  ['con.txt', 'con.txt', '‛con.txt'],
  ['Nul .tar.gz', 'Nul .tar.gz', '‛Nul .tar.gz'],
  ['LPT³', 'LPT³', '‛LPT³'],
  ['conin$', 'conin$', '‛conin$'],
  ['full／width', 'full‛／width', 'full‛／width'],
  ['‛', '‛‛', '‛‛'],
  ['‛u202E', '‛‛u202E', '‛‛u202E'],
  ['a‛(2).txt', 'a‛‛(2).txt', 'a‛‛(2).txt'],
  ['‛~12345678', '‛‛~12345678', '‛‛~12345678'],
];
for (const [name, linux, windows] of AWKWARD)
  test(`${JSON.stringify(name)} becomes ${linux} and on Windows ${windows}, and is read back`, () => {
    assert.equal(localNameOf(name, 'linux'), linux);
    assert.equal(localNameOf(name, 'win32'), windows);
    assert.equal(phoneNameOf(linux), name);
    assert.equal(phoneNameOf(windows), name);
  });

/** What a hostile phone would try, in every mixture. */
const piece = fc.oneof(
  fc.constantFrom(
    ...['/', '\\', '..', '.', ' ', '\0', '\n', '\u202e', 'CON', 'nul', '.txt', ':', '‛', '／', '␀', '␠', '．', 'u202E'],
    ...['(2)', '~deadbeef', '∅', 'é', 'e\u0301', 'ﬁ', '😀', '\ud800'],
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').slice(0, 254).toWellFormed());

const LEGAL_ON_WINDOWS =
  /^(?!(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$))[^\\/:*?"<>|\0-\x1f]*[^\\/:*?"<>|\0-\x1f. ]$/iu;

for (const platform of PLATFORMS)
  test(`whatever the phone says, on ${platform} it is one plain name that is read back`, () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const local = localNameOf(name, platform);
        assert.ok(local !== '' && local !== '.' && local !== '..');
        assert.ok(bytes(local) <= 215, `${bytes(local)} bytes`);
        assert.doesNotMatch(local, /[/\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/u);
        if (platform === 'win32') assert.match(local, LEGAL_ON_WINDOWS);
        const back = phoneNameOf(local);
        assert.equal(back ?? 'cut', back === undefined ? 'cut' : name);
        if (back === undefined) assert.ok(bytes(name) * 3 > 180);
      }),
      { numRuns: 20_000, seed: 8 },
    );
  });

test('two names of a phone never become one name here', () => {
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      if (one === other) return;
      for (const platform of PLATFORMS) assert.notEqual(localNameOf(one, platform), localNameOf(other, platform));
    }),
    { numRuns: 20_000, seed: 9 },
  );
});

test('over-long names are cut at a letter, keep their extension, and stay distinct', () => {
  const [one, other] = [`${'長'.repeat(250)}a.jpg`, `${'長'.repeat(250)}b.jpg`].map((name) =>
    localNameOf(name, 'linux'),
  );
  assert.match(one ?? '', /^長+‛~[0-9a-f]{8}\.jpg$/u);
  assert.notEqual(one, other);
  assert.ok(bytes(one ?? '') <= 215);
  assert.equal(phoneNameOf(one ?? ''), undefined);
  assert.equal(cutName('a'.repeat(300), 255), 'a'.repeat(255));
});

test('names set apart are read back to the name they share', () => {
  assert.equal(apart('photo.jpg', 2), 'photo‛(2).jpg');
  assert.equal(apart('none', 13), 'none‛(13)');
  for (const name of ['photo.jpg', 'none', '.hidden', 'a.tar.gz', 'a/b', '‛'])
    assert.equal(phoneNameOf(apart(localNameOf(name, 'win32'), 7)), name);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apart, cutName, localNameOf, numbered, usualNames, withoutNumber, type DiskNames } from './local-names.ts';

/** Names of a phone on a disk of this computer: safe, its own where that can be, and short enough. */

const LINUX = usualNames('linux');
const WINDOWS = usualNames('win32');
const DISKS: readonly (readonly [name: string, disk: DiskNames])[] = [
  ['linux', LINUX],
  ['darwin', usualNames('darwin')],
  ['win32', WINDOWS],
  ['an encrypted home', { ...LINUX, mostBytes: 143 }],
  ['a card under linux', { ...WINDOWS, reserved: false, insensitive: true }],
];
const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

const HARMLESS = [
  ...['photo.jpg', 'a b.txt', '日本 😀.jpg', '.nomedia', 'é.txt', '~$x', 'a‘b’', '-rf', '%2e%2e', 'aux1'],
  // full-width signs are ordinary signs in Chinese and Japanese
  ...['问题？.pdf', '歌：词｜字幕.srt', 'full／width', '‛', 'a‛(2).txt', '␠', 'u．', 'x'.repeat(140)],
];
for (const name of HARMLESS)
  test(`${name} keeps its name everywhere`, () => {
    for (const [, disk] of DISKS) assert.equal(localNameOf(name, disk), name);
  });

test('a name of 255 bytes fits, whatever its letters', () => {
  for (const name of ['x'.repeat(251) + '.jpg', '長'.repeat(85), `${'é'.repeat(125)}a.jpg`])
    for (const disk of [LINUX, WINDOWS]) assert.equal(localNameOf(name, disk), name);
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
  ['full／width/', 'full‛／width／', 'full‛／width／'],
  ['a：b:', 'a：b:', 'a‛：b：'],
  ['‛\u202e', '‛‛‛u202E', '‛‛‛u202E'],
];
for (const [name, linux, windows] of AWKWARD)
  test(`${JSON.stringify(name)} becomes ${linux} and on Windows ${windows}`, () => {
    assert.equal(localNameOf(name, LINUX), linux);
    assert.equal(localNameOf(name, WINDOWS), windows);
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

for (const [where, disk] of DISKS)
  test(`whatever the phone says, on ${where} it is one plain name that fits`, () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const local = localNameOf(name, disk);
        assert.ok(local !== '' && local !== '.' && local !== '..');
        assert.ok(bytes(local) <= disk.mostBytes, `${bytes(local)} bytes`);
        assert.doesNotMatch(local, /[/\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/u);
        for (const character of disk.refused) assert.ok(!local.includes(character));
        if (disk === WINDOWS) assert.match(local, LEGAL_ON_WINDOWS);
        // what fits needs no second change
        assert.equal(localNameOf(local, disk), local);
      }),
      { numRuns: 20_000, seed: 8 },
    );
  });

test('names of which none could be kept stay two', () => {
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      if (one === other) return;
      for (const [, disk] of DISKS) {
        const names = [one, other].map((name) => localNameOf(name, disk));
        if (names[0] !== one && names[1] !== other) assert.notEqual(names[0], names[1]);
      }
    }),
    { numRuns: 20_000, seed: 9 },
  );
});

test('over-long names are cut at a letter, keep their extension, and stay distinct', () => {
  const [one, other] = [`${'長'.repeat(250)}a.jpg`, `${'長'.repeat(250)}b.jpg`].map((name) => localNameOf(name, LINUX));
  assert.match(one ?? '', /^長+‛~[0-9a-f]{8}\.jpg$/u);
  assert.notEqual(one, other);
  assert.ok(bytes(one ?? '') <= 255);
  assert.equal(cutName('a'.repeat(300), 255), 'a'.repeat(255));
});

test('every name with a number fits, and keeps its extension', () => {
  assert.equal(apart('photo.jpg', 2), 'photo‛(2).jpg');
  assert.equal(apart('none', 13), 'none‛(13)');
  assert.equal(numbered('photo.jpg', 2), 'photo (2).jpg');
  for (const name of ['x'.repeat(251) + '.jpg', `${'長'.repeat(83)}.jpg`, `a.${'x'.repeat(253)}`, 'é'.repeat(127)])
    for (const one of [numbered(name, 123), apart(name, 123)]) {
      assert.ok(bytes(one) <= 255, `${bytes(one)} bytes`);
      assert.match(one, /\(123\)/);
      if (name.endsWith('.jpg')) assert.match(one, /\(123\)\.jpg$/);
    }
  assert.ok(bytes(numbered('y'.repeat(140), 2, 143)) <= 143);
});

const NUMBERED: readonly (readonly [name: string, own: string, bare: string])[] = [
  ['a (2).jpg', 'a.jpg', 'a.jpg'],
  ['a (12)', 'a', 'a'],
  ['.rc (2)', '.rc', '.rc'],
  ['2026-11-28 (2).jpg', 'IMG_1.jpg', '2026-11-28.jpg'],
  // the name that the file has by itself
  ['a (2).jpg', 'a (2).jpg', 'a (2).jpg'],
  ['2026 a (2).jpg', 'a (2).jpg', '2026 a (2).jpg'],
  ['a (2) (2).jpg', 'a (2).jpg', 'a (2).jpg'],
  ['a (1) (2).jpg', 'a (1).jpg', 'a (1).jpg'],
  // nothing that `numbered` gives
  ['a (1).jpg', 'a.jpg', 'a (1).jpg'],
  ['a (02).jpg', 'a.jpg', 'a (02).jpg'],
  ['a(2).jpg', 'a.jpg', 'a(2).jpg'],
  ['a.b (2)', 'a.b', 'a.b (2)'],
];
for (const [name, own, bare] of NUMBERED)
  test(`${name}, by itself ${own}, is numbered from ${bare}`, () => {
    assert.equal(withoutNumber(name, own), bare);
  });

test('a number that was given is taken off again, also of a name that was cut for it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 300 }), fc.integer({ min: 2, max: 999 }), (name, number) => {
      const given = numbered(`${name}!`, number);
      assert.equal(numbered(withoutNumber(given, name), number), given);
    }),
  );
});

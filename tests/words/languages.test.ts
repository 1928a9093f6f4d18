// Which language a person gets, and what the compiled messages say in it.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { environmentTags } from '../../electron/cli/language.ts';
import { describeInEnglish, describeProblem } from '../../shared/errors.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { directionOf, firstSpoken, formatTagOf, languageOf } from '../../shared/words/languages.ts';
import {
  commas,
  date,
  fixed,
  isPlural,
  isolated,
  list,
  number,
  percentage,
  setLocale,
} from '../../shared/words/locale.ts';
import { commonWords, loadCommonWords } from '../../shared/words/made/common.ts';
import { loadErrorsWords } from '../../shared/words/made/errors.ts';
import { loadWindowWords, windowWords } from '../../shared/words/made/window.ts';
import { speak } from '../../shared/words/speak.ts';
import type { Spoken } from '../../shared/words/languages.ts';

const say = (language: Spoken, tags: readonly string[] = []): Promise<void> =>
  speak(language, tags, [loadCommonWords, loadErrorsWords, loadWindowWords]);

afterEach(() => say('en'));

describe('which language', () => {
  test('of a tag, however it is written', () => {
    for (const [tag, language] of [
      ['de', 'de'],
      ['de-CH', 'de'],
      ['de_AT.UTF-8', 'de'],
      ['pt-PT', 'pt-BR'],
      ['zh', 'zh-Hans'],
      ['zh_CN.UTF-8', 'zh-Hans'],
      ['zh-SG', 'zh-Hans'],
      ['zh-TW', undefined],
      ['zh-Hant', undefined],
      ['ar-EG', 'ar'],
      ['sr_RS@latin', undefined],
      ['nl', undefined],
      ['', undefined],
      ['not a tag', undefined],
      ['EN-xa', 'en-XA'],
    ] as const)
      assert.equal(languageOf(tag), language, tag);
  });
  test('the first of a person’s languages that is spoken, else English', () => {
    assert.equal(firstSpoken(['nl-BE', 'fr-BE', 'en']), 'fr');
    assert.equal(firstSpoken(['nl']), 'en');
    assert.equal(firstSpoken([]), 'en');
  });
  test('numbers and dates follow the person’s region where its language is shown', () => {
    assert.equal(formatTagOf('de', ['en-GB', 'de-CH']), 'de-CH');
    assert.equal(formatTagOf('ja', ['en-GB']), 'ja');
  });
  test('in the terminal: LC_ALL before LC_MESSAGES before LANG, C is English, nothing is the system', () => {
    const system = (): string => 'it-IT';
    assert.deepEqual(environmentTags({ LC_ALL: 'ru_RU.UTF-8', LANG: 'de_DE' }, system), ['ru-RU']);
    assert.deepEqual(environmentTags({ LC_ALL: '', LC_MESSAGES: 'tr_TR', LANG: 'de_DE' }, system), ['tr-TR']);
    assert.deepEqual(environmentTags({ LANG: 'pt_BR.UTF-8@euro' }, system), ['pt-BR']);
    assert.deepEqual(environmentTags({ LC_ALL: 'C.UTF-8', LANG: 'de_DE' }, system), []);
    assert.deepEqual(environmentTags({ LANG: 'POSIX' }, system), []);
    assert.deepEqual(environmentTags({}, system), ['it-IT']);
  });
  test('Arabic runs from right to left, the others do not', () => {
    assert.equal(directionOf('ar'), 'rtl');
    assert.equal(directionOf('ja'), 'ltr');
  });
});

describe('plural forms', () => {
  const files = (count: number): string => commonWords.count.files({ count });

  test('Russian: 1, 2 to 4, 5 to 20, and again', async () => {
    await say('ru');
    const endings = (count: number): string => files(count).replace(/[\d\s\u00a0]/gu, '');
    const [one, few, many] = [endings(1), endings(2), endings(5)];
    assert.equal(new Set([one, few, many]).size, 3, `${one} ${few} ${many}`);
    for (const count of [21, 101, 1001]) assert.equal(endings(count), one, String(count));
    for (const count of [3, 4, 22, 34, 102]) assert.equal(endings(count), few, String(count));
    for (const count of [0, 11, 12, 14, 19, 25, 111, 112]) assert.equal(endings(count), many, String(count));
  });

  test('Arabic: none, one, two, 3 to 10, 11 to 99, and from 100', async () => {
    await say('ar');
    const said = [0, 1, 2, 3, 11, 100].map(files);
    assert.equal(new Set(said).size, 6, said.join(' | '));
    const without = (count: number): string => files(count).replace(/[\p{Nd}\s٬,]/gu, '');
    assert.equal(without(3), without(10));
    assert.equal(without(103), without(3), 'the last two digits decide');
    assert.equal(without(11), without(99));
    assert.equal(without(100), without(200));
  });

  test('Japanese has one form', async () => {
    await say('ja');
    assert.equal(files(1).replace('1', ''), files(7).replace('7', ''));
  });
});

describe('what is formatted', () => {
  test('sizes, numbers, percentages, lists and dates in the language’s way', async () => {
    await say('de');
    assert.equal(formatBytes(1_234_000), '1,23 MB');
    assert.equal(number(1_234_567), '1.234.567');
    assert.equal(percentage(45), '45\u00a0%');
    assert.equal(list(['a', 'b', 'c']), 'a, b und c');
    assert.match(date(Date.UTC(2026, 2, 5, 12), { dateStyle: 'long' }), /5\. März 2026/u);
    await say('de', ['de-CH']);
    // Which apostrophe differs between versions of the locale data.
    assert.match(number(1_234_567), /^1['’]234['’]567$/u);
    assert.equal(commas(['a', 'b']), 'a, b');
    await say('ar');
    assert.equal(commas(['a', 'b']), 'a، b');
    await say('fr');
    assert.match(formatBytes(1_234_000), /^1,23\sMo$/u);
    assert.match(formatDuration(3600 * 25), /^1\sj 1\sh$/u);
    await say('en');
    assert.equal(formatBytes(1_234_000), '1.23 MB');
    assert.equal(percentage(45), '45%');
  });

  test('a problem is told in the language that is shown, and a later choice wins over a slower one', async () => {
    const problem = { kind: 'full', operation: 'SendObject', detail: '' } as const;
    const english = describeProblem(problem).what;
    await Promise.all([say('ja'), say('de')]);
    assert.match(describeProblem(problem).what, /Telefon|Smartphone|Gerät/u);
    assert.notEqual(describeProblem(problem).what, english);
  });

  test('names in a problem are quoted and separated as the language does it', async () => {
    const problem = {
      kind: 'bad-request',
      operation: 'delete',
      detail: '',
      fault: { id: 'deleted-partly', with: { deleted: 1, sources: 3, names: ['a.jpg', 'b, c.jpg'] } },
    } as const;
    assert.match(describeProblem(problem).what, /“a\.jpg”, “b, c\.jpg”/u);
    await say('ja');
    assert.match(describeProblem(problem).what, /「a\.jpg」、「b, c\.jpg」/u);
    await say('de');
    assert.match(describeProblem(problem).what, /„a\.jpg“, „b, c\.jpg“/u);
    assert.match(describeInEnglish(problem).what, /“a\.jpg”, “b, c\.jpg”/u);
    // written by an earlier version
    const earlier = { ...problem, fault: { ...problem.fault, with: { ...problem.fault.with, names: '“a.jpg”' } } };
    assert.match(describeProblem(earlier as never).what, /“a\.jpg”/u);
  });

  test('an unknown key of a database of another version falls back to the sentence of its kind', () => {
    const problem = { kind: 'bad-request', operation: 'x', detail: 'told long ago' } as const;
    assert.equal(describeProblem({ ...problem, fault: { id: 'of-tomorrow' } as never }).what, 'told long ago');
  });
});

describe('names in sentences', () => {
  test('are set apart wherever writing directions can meet, and nowhere else', async () => {
    assert.equal(isolated('photo.jpg'), 'photo.jpg');
    assert.equal(isolated('صورة.jpg'), '\u2068صورة.jpg\u2069');
    assert.equal(windowWords.notice.renamed({ name: 'a.jpg' }), 'Renamed to “a.jpg”');
    await say('ar');
    assert.equal(isolated('/DCIM/Camera'), '\u2068/DCIM/Camera\u2069');
    assert.match(windowWords.notice.renamed({ name: 'a.jpg' }), /\u2068a\.jpg\u2069/u);
    assert.equal(isolated(''), '');
  });
  test('but not in the terminal', async () => {
    await speak('ar', [], [loadWindowWords], { isolates: false });
    assert.doesNotMatch(windowWords.notice.renamed({ name: 'a.jpg' }), /[\u2066-\u2069]/u);
  });
});

test('the pseudo language accents, brackets and lengthens everything but what it is given', async () => {
  await say('en-XA');
  const said = windowWords.notice.renamed({ name: 'photo.jpg' });
  assert.match(said, /“photo\.jpg”|photo\.jpg/u);
  assert.match(said, /^\[[^a-z]*\p{L}/u);
  assert.ok(said.length >= 'Renamed to “photo.jpg”'.length * 1.2);
});

// English numbers below 1,000 are written without the system's tables
describe('plain numbers', () => {
  const values = [0, 1, 2, 9.994_9, 9.995, 0.5, 1.5, 2.5, 1.005, 99.95, 998.5, 999, 999.4, 999.5, 999.95, 1000, 1234.5];
  for (const tag of ['en', 'en-US', 'en-GB', 'en-IN', 'en-ZA'])
    test(`${tag} as the system writes them`, () => {
      setLocale('en', tag, true);
      const plurals = new Intl.PluralRules('en');
      const percents = new Intl.NumberFormat(tag, { style: 'percent' });
      for (const value of [...values, ...values.slice(1).map((one) => -one)]) {
        const positive = Math.abs(value);
        assert.equal(number(positive), new Intl.NumberFormat(tag).format(positive), `number ${value}`);
        for (const digits of [0, 1, 2]) {
          const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
          assert.equal(
            fixed(positive, digits),
            new Intl.NumberFormat(tag, options).format(positive),
            `${value} ${digits}`,
          );
          assert.equal(fixed(value, digits), new Intl.NumberFormat(tag, options).format(value), `${value} ${digits}`);
        }
        for (const form of ['one', 'other'] as const)
          assert.equal(isPlural(value, form), plurals.select(value) === form, `${value} ${form}`);
        if (Number.isInteger(value) && positive <= 100)
          assert.equal(percentage(positive), percents.format(positive / 100), `${value} %`);
      }
    });
});

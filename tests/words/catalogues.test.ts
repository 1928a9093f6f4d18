// What a translation must have, and what no catalogue may have. Everything here is read from words/, so a new language
// or message is checked without a change of this file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import {
  languagesFound,
  messagesOf,
  notesOf,
  readCatalogue,
  roomsFound,
  type Message,
} from '../../scripts/words/catalogue.ts';
import { isUsed, usedKeys } from '../../scripts/words/usage.ts';
import { LANGUAGE_NAMES, LANGUAGES } from '../../shared/words/languages.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ROOMS = roomsFound();

const messages = (language: string, room: string): ReadonlyMap<string, Message> =>
  messagesOf(readCatalogue(language, room), `words/${language}/${room}.json`);

/** Every plural of a message with the forms it has. */
function* pluralsOf(elements: readonly MessageFormatElement[]): Generator<readonly string[]> {
  for (const element of elements)
    if (element.type === TYPE.plural || element.type === TYPE.select) {
      if (element.type === TYPE.plural) yield Object.keys(element.options);
      for (const option of Object.values(element.options)) yield* pluralsOf(option.value);
    }
}

/** Forms that numbers up to 200 take: a language may leave out those of millions only. */
function formsOf(language: string): { readonly needed: ReadonlySet<string>; readonly known: ReadonlySet<string> } {
  const rules = new Intl.PluralRules(language);
  const needed = new Set<string>(['other']);
  for (let value = 0; value <= 200; value += 1) needed.add(rules.select(value));
  return { needed, known: new Set(rules.resolvedOptions().pluralCategories) };
}

const argsOf = ({ args }: Message): string =>
  [...args]
    .map(([name, argument]) => `${name}: ${String(argument)}`)
    .sort()
    .join(', ');

test('every language of the program has a folder with a glossary, and every folder is a language', () => {
  assert.deepEqual([...languagesFound()].sort(), [...LANGUAGES].sort());
  for (const language of LANGUAGES) {
    assert.notEqual(LANGUAGE_NAMES[language], '');
    if (language !== 'en')
      assert.ok(fs.existsSync(path.join(ROOT, 'words', language, 'glossary.md')), `words/${language}/glossary.md`);
    const rooms = fs.readdirSync(path.join(ROOT, 'words', language)).filter((name) => name.endsWith('.json'));
    assert.deepEqual(rooms.sort(), ROOMS.map((room) => `${room}.json`).sort(), language);
  }
});

describe('each language says everything, with the same arguments and all its plural forms', () => {
  for (const language of LANGUAGES)
    test(language, () => {
      const faults: string[] = [];
      const { needed, known } = formsOf(language);
      for (const room of ROOMS) {
        const source = messages('en', room);
        const translated = messages(language, room);
        for (const [key, message] of source) {
          const mine = translated.get(key);
          if (mine === undefined) faults.push(`${room}: ${key} is missing: “${message.text}”`);
          else if (argsOf(mine) !== argsOf(message))
            faults.push(`${room}: ${key} takes {${argsOf(mine)}} instead of {${argsOf(message)}}`);
        }
        for (const [key, { parsed, text }] of translated) {
          if (!source.has(key)) faults.push(`${room}: ${key} is not in English`);
          if (text.trim() === '') faults.push(`${room}: ${key} is empty`);
          for (const forms of pluralsOf(parsed)) {
            const plain = forms.filter((form) => !form.startsWith('='));
            for (const form of needed) if (!plain.includes(form)) faults.push(`${room}: ${key} lacks “${form}”`);
            for (const form of plain) if (!known.has(form)) faults.push(`${room}: ${key} has “${form}” in vain`);
          }
        }
      }
      assert.deepEqual(faults, []);
    });
});

test('notes are in English only, each beside its message', () => {
  for (const room of ROOMS) {
    const english = readCatalogue('en', room);
    const source = messages('en', room);
    const groups = new Set(
      [...source.keys()].flatMap((key) => key.split('.').map((_, at, parts) => parts.slice(0, at + 1).join('.'))),
    );
    for (const key of notesOf(english).keys()) assert.ok(groups.has(key), `${room}: the note @${key} is about nothing`);
    for (const language of LANGUAGES)
      if (language !== 'en') assert.deepEqual([...notesOf(readCatalogue(language, room)).keys()], [], language);
  }
});

test('every message is used', () => {
  const used = usedKeys(['renderer', 'electron', 'native', 'shared']);
  // what systems show is added when packaging: tests/package
  const unused = ROOMS.filter((room) => room !== 'packages').flatMap((room) =>
    [...messages('en', room).keys()].map((key) => `${room}.${key}`).filter((key) => !isUsed(key, used)),
  );
  assert.deepEqual(unused, []);
});

test('the check of used messages sees one that is not', () => {
  const used = usedKeys(['renderer', 'electron', 'native', 'shared']);
  assert.ok(isUsed('window.act.cancel', used));
  assert.ok(!isUsed('window.act.nothing-of-that-name', used));
  assert.ok(!isUsed('errors.fault.nothing-of-that-name', used));
});

test('one sign for one thing: typographic quotes and apostrophes, no blanks at the ends', () => {
  const faults: string[] = [];
  for (const language of LANGUAGES)
    for (const room of ROOMS)
      for (const [key, { text }] of messages(language, room)) {
        // the straight quote is a sign of the message format
        if (/["']/u.test(text)) faults.push(`${language} ${room}: ${key} has straight quotes: ${text}`);
        if (text !== text.trim()) faults.push(`${language} ${room}: ${key} begins or ends with a blank`);
        if (/\.\.\./u.test(text) && !/[A-Z]{2,}\]?\.\.\./u.test(text))
          faults.push(`${language} ${room}: ${key} has three dots instead of …`);
      }
  assert.deepEqual(faults, []);
});

import fs from 'node:fs';
import path from 'node:path';
import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';

/** Reads the catalogues in `words/`: JSON of ICU messages, nested by subject, one file per language and room. */

const ROOT = path.resolve(import.meta.dirname, '../..');
/** The folder of the catalogues. */
const WORDS = path.join(ROOT, 'words');

/** A catalogue as it is in the file; a name that begins with `@` is the note of the message beside it. */
export interface Catalogue {
  readonly [name: string]: string | Catalogue;
}

/** What a message is given: `text` for names and finished words, a number, or one of these choices. */
export type Argument = 'text' | 'number' | readonly string[];

/** One message of a catalogue. */
export interface Message {
  /** `lesson.locked.title`. */
  readonly key: string;
  readonly text: string;
  readonly parsed: readonly MessageFormatElement[];
  readonly args: ReadonlyMap<string, Argument>;
}

/** A mistake in a catalogue, with the place where it is. */
class WordsError extends Error {
  override readonly name = 'WordsError';
}

/** Names of the languages that have catalogues. */
export const languagesFound = (): readonly string[] =>
  fs
    .readdirSync(WORDS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** The rooms of the source language: names of its files. */
export const roomsFound = (): readonly string[] =>
  fs
    .readdirSync(path.join(WORDS, 'en'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();

/** The file of one language and room; an empty catalogue if the language does not have it yet. */
export function readCatalogue(language: string, room: string): Catalogue {
  const file = path.join(WORDS, language, `${room}.json`);
  if (!fs.existsSync(file)) return {};
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Catalogue;
  } catch (error) {
    throw new WordsError(`words/${language}/${room}.json: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** All messages of a catalogue by their key. Throws `WordsError` for one that is no ICU message. */
export function messagesOf(catalogue: Catalogue, file: string, prefix = ''): ReadonlyMap<string, Message> {
  const found = new Map<string, Message>();
  for (const [name, value] of Object.entries(catalogue)) {
    const key = `${prefix}${name}`;
    if (name.startsWith('@')) continue;
    if (typeof value === 'string') found.set(key, messageOf(value, key, file));
    else for (const [inner, message] of messagesOf(value, file, `${key}.`)) found.set(inner, message);
  }
  return found;
}

/** The notes of a catalogue by the key of their message. */
export function notesOf(catalogue: Catalogue, prefix = ''): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(catalogue)) {
    if (typeof value !== 'string') for (const [key, note] of notesOf(value, `${prefix}${name}.`)) found.set(key, note);
    else if (name.startsWith('@')) found.set(`${prefix}${name.slice(1)}`, value);
  }
  return found;
}

function messageOf(text: string, key: string, file: string): Message {
  let parsed: readonly MessageFormatElement[];
  try {
    parsed = parse(text, { ignoreTag: true, requiresOtherClause: true });
  } catch (error) {
    throw new WordsError(`${file}: ${key}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const args = new Map<string, Argument>();
  collect(parsed, args, `${file}: ${key}`);
  return { key, text, parsed, args };
}

function collect(elements: readonly MessageFormatElement[], args: Map<string, Argument>, at: string): void {
  const add = (name: string, argument: Argument): void => {
    const known = args.get(name);
    if (known !== undefined && String(known) !== String(argument))
      throw new WordsError(`${at}: {${name}} is used as ${String(known)} and as ${String(argument)}`);
    args.set(name, argument);
  };
  for (const element of elements) {
    switch (element.type) {
      case TYPE.literal:
      case TYPE.pound:
        break;
      case TYPE.argument:
        add(element.value, 'text');
        break;
      case TYPE.number:
        if (element.style !== null && element.style !== undefined)
          throw new WordsError(`${at}: {${element.value}} has a number style; format it where it is used`);
        add(element.value, 'number');
        break;
      case TYPE.plural:
        if (element.offset !== 0) throw new WordsError(`${at}: offset is not supported`);
        if (element.pluralType !== 'cardinal') throw new WordsError(`${at}: only cardinal plurals are supported`);
        add(element.value, 'number');
        for (const option of Object.values(element.options)) collect(option.value, args, at);
        break;
      case TYPE.select:
        add(element.value, Object.keys(element.options).sort());
        for (const option of Object.values(element.options)) collect(option.value, args, at);
        break;
      case TYPE.date:
      case TYPE.time:
      case TYPE.tag:
        throw new WordsError(`${at}: dates, times and tags are formatted where they are used`);
    }
  }
}

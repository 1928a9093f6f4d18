import { TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import type { Argument, Catalogue, Message } from './catalogue.ts';

/** Turns messages into TypeScript: a message without arguments is a string, any other a function of its arguments. */

const HEADER = '// Made by scripts/words/make.ts from the catalogues in words/. Not edited, not committed.\n';

/** `WindowWords` for `window`. */
const typeName = (room: string): string => `${room.slice(0, 1).toUpperCase()}${room.slice(1)}Words`;

type Transform = (literal: string) => string;
const same: Transform = (literal) => literal;

/** The interface of a room's words, from its English messages. */
export function interfaceOf(room: string, english: Catalogue, messages: ReadonlyMap<string, Message>): string {
  const body = (catalogue: Catalogue, prefix: string, indent: string): string =>
    Object.entries(catalogue)
      .filter(([name]) => !name.startsWith('@'))
      .map(([name, value]) => {
        if (typeof value !== 'string')
          return `${indent}readonly ${property(name)}: {\n${body(value, `${prefix}${name}.`, `${indent}  `)}${indent}};\n`;
        const args = messages.get(`${prefix}${name}`)?.args ?? new Map<string, Argument>();
        const type = args.size === 0 ? 'string' : `(a: { ${[...args].map(argumentType).join('; ')} }) => string`;
        return `${indent}readonly ${property(name)}: ${type};\n`;
      })
      .join('');
  return `/** Words of ${room}.json. */\nexport interface ${typeName(room)} {\n${body(english, '', '  ')}}\n`;
}

const argumentType = ([name, argument]: readonly [string, Argument]): string =>
  `readonly ${property(name)}: ${
    argument === 'text' ? 'string' : argument === 'number' ? 'number' : argument.map((one) => `'${one}'`).join(' | ')
  }`;

const property = (name: string): string => (/^[a-z_$][\w$]*$/iu.test(name) ? name : JSON.stringify(name));

/** The file with all interfaces. */
export const typesFile = (interfaces: readonly string[]): string => `${HEADER}\n${interfaces.join('\n')}`;

/**
 * One language's words of one room. What the language lacks is taken from English; `npm test` reports it.
 * `transform` changes what is written between arguments, for the pseudo language.
 */
export function languageFile(
  room: string,
  english: Catalogue,
  messages: ReadonlyMap<string, Message>,
  fallback: ReadonlyMap<string, Message>,
  transform: Transform = same,
): string {
  const body = (catalogue: Catalogue, prefix: string, indent: string): string =>
    Object.entries(catalogue)
      .filter(([name]) => !name.startsWith('@'))
      .map(([name, value]) => {
        const key = `${prefix}${name}`;
        if (typeof value !== 'string')
          return `${indent}${property(name)}: {\n${body(value, `${key}.`, `${indent}  `)}${indent}},\n`;
        const message = messages.get(key) ?? fallback.get(key);
        const takes = fallback.get(key)?.args.size ?? 0;
        const text = compiled(message?.parsed ?? [], undefined, transform);
        return `${indent}${property(name)}: ${takes === 0 ? text : `(a) => ${text}`},\n`;
      })
      .join('');
  const code = body(english, '', '  ');
  const used = (['isolated', 'isPlural', 'number'] as const).filter((name) => code.includes(`${name}(`));
  const helpers = used.length === 0 ? '' : `import { ${used.join(', ')} } from '../../locale.ts';\n`;
  return `${HEADER}${helpers}import type { ${typeName(room)} } from '../types.ts';\n\nexport const words: ${typeName(room)} = {\n${code}};\n`;
}

/** An expression that gives the text. `count` is the plural argument that `#` stands for. */
function compiled(elements: readonly MessageFormatElement[], count: string | undefined, transform: Transform): string {
  const [only] = elements;
  if (only === undefined) return `''`;
  if (elements.length === 1 && only.type !== TYPE.literal) return piece(only, count, transform);
  const inside = elements.map((element) =>
    element.type === TYPE.literal ? escaped(transform(element.value)) : `\${${piece(element, count, transform)}}`,
  );
  return `\`${inside.join('')}\``;
}

const escaped = (text: string): string => text.replace(/[\\`]|\$(?=\{)/gu, (sign) => `\\${sign}`);
const access = (name: string): string => (/^[a-z_$][\w$]*$/iu.test(name) ? `a.${name}` : `a[${JSON.stringify(name)}]`);

function piece(element: MessageFormatElement, count: string | undefined, transform: Transform): string {
  switch (element.type) {
    case TYPE.literal:
      return `\`${escaped(transform(element.value))}\``;
    case TYPE.pound:
      return `number(${count ?? '0'})`;
    case TYPE.argument:
      return `isolated(${access(element.value)})`;
    case TYPE.number:
      return `number(${access(element.value)})`;
    case TYPE.plural: {
      const value = access(element.value);
      return choice(
        Object.entries(element.options).map(([form, option]) => [
          form === 'other'
            ? ''
            : form.startsWith('=')
              ? `${value} === ${form.slice(1)}`
              : `isPlural(${value}, '${form}')`,
          compiled(option.value, value, transform),
        ]),
      );
    }
    case TYPE.select: {
      const value = access(element.value);
      return choice(
        Object.entries(element.options).map(([name, option]) => [
          name === 'other' ? '' : `${value} === '${name}'`,
          compiled(option.value, count, transform),
        ]),
      );
    }
    case TYPE.date:
    case TYPE.time:
    case TYPE.tag:
      throw new Error('refused when it was read');
  }
}

/** Nested conditional expressions; exact numbers come before plural forms, `other` last. */
function choice(options: readonly (readonly [condition: string, text: string])[]): string {
  const exact = options.filter(([condition]) => condition.includes('==='));
  const forms = options.filter(([condition]) => condition.startsWith('isPlural'));
  const other = options.find(([condition]) => condition === '')?.[1] ?? `''`;
  return `(${[...exact, ...forms].map(([condition, text]) => `${condition} ? ${text} : `).join('')}${other})`;
}

/** The door of one room: its words in the language that is shown, and what loads those of another one. */
export function roomFile(room: string, languages: readonly string[]): string {
  const others = languages.filter((language) => language !== 'en');
  const type = typeName(room);
  return `${HEADER}import type { LoadWords } from '../speak.ts';
import { words as english } from './en/${room}.ts';
import type { ${type} } from './types.ts';

const OTHERS: Readonly<Record<string, () => Promise<{ readonly words: ${type} }>>> = {
${others.map((language) => `  '${language}': () => import('./${language}/${room}.ts'),\n`).join('')}};

/** The words of ${room}.json in English, for what is never translated. */
export const ${room}English: ${type} = english;
/** The words of ${room}.json in the language that is shown. */
export let ${room}Words: ${type} = english;
/** Loads them in another language. */
export const load${type}: LoadWords = async (language) => {
  const next = (await OTHERS[language]?.())?.words ?? english;
  return () => {
    ${room}Words = next;
  };
};
`;
}

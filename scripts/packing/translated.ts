import fs from 'node:fs';
import path from 'node:path';
import type { Configuration } from 'electron-builder';
import { languagesFound, messagesOf, readCatalogue } from '../words/catalogue.ts';

/**
 * What menus and installers of the systems show, in all languages: the English text of a file in `resources` is a
 * message of `words/en/packages.json`, and its translations are added when packaging.
 */

/** Names of our languages in desktop entries, and the numbers that Windows gives them. */
const SYSTEM_NAMES: Readonly<Record<string, { readonly posix: string; readonly windows: number }>> = {
  de: { posix: 'de', windows: 1031 },
  es: { posix: 'es', windows: 3082 },
  fr: { posix: 'fr', windows: 1036 },
  it: { posix: 'it', windows: 1040 },
  'pt-BR': { posix: 'pt_BR', windows: 1046 },
  ru: { posix: 'ru', windows: 1049 },
  ja: { posix: 'ja', windows: 1041 },
  'zh-Hans': { posix: 'zh_CN', windows: 2052 },
  hi: { posix: 'hi', windows: 1081 },
  ar: { posix: 'ar', windows: 1025 },
  tr: { posix: 'tr', windows: 1055 },
};

/** One translation of a text, with the names of its language. */
export interface Translation {
  readonly language: string;
  readonly posix: string;
  readonly windows: number;
  readonly text: string;
}

/** The translations of an English text; none if it is not a message. Throws where a language has no system name. */
export function translationsOf(english: string): readonly Translation[] {
  const keys = [...texts('en')].filter(([, text]) => text === english).map(([key]) => key);
  const [key] = keys;
  if (key === undefined) return [];
  return languagesFound()
    .filter((language) => language !== 'en')
    .map((language) => {
      const names = SYSTEM_NAMES[language];
      const text = texts(language).get(key);
      if (names === undefined || text === undefined) throw new Error(`words/${language}/packages.json lacks ${key}.`);
      return { language, ...names, text };
    });
}

const texts = (language: string): ReadonlyMap<string, string> =>
  new Map(
    [...messagesOf(readCatalogue(language, 'packages'), `words/${language}/packages.json`)].map(([key, { text }]) => [
      key,
      text,
    ]),
  );

/** A desktop entry, or an action of a file manager, with `Name[de]=…` below each `Name=…` that is a message. */
export const translatedEntry = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => {
      const [, name = '', value = ''] = /^(Name|Comment|GenericName|Keywords)=(.*)$/u.exec(line) ?? [];
      return [line, ...translationsOf(value).map((one) => `${name}[${one.posix}]=${one.text}`)];
    })
    .join('\n');

/** Values of a desktop entry and their translations, as electron-builder takes them. */
const translatedValues = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): readonly (readonly [string, string])[] => [
      [name, value],
      ...translationsOf(value).map((one) => [`${name}[${one.posix}]`, one.text] as const),
    ]),
  );

/** NSIS: `$R9` is `english` in the language of the installer. */
const translatedForNsis = (english: string): string =>
  [
    `  StrCpy $R9 "${english}"`,
    '  ${Switch} $LANGUAGE',
    ...translationsOf(english).flatMap(({ windows, text }) => [
      `    \${Case} ${windows}`,
      `      StrCpy $R9 "${text}"`,
      '      ${Break}',
    ]),
    '  ${EndSwitch}',
  ].join('\n');

/** The configuration with all translations; files with translations are written to `into`, a folder in the project. */
export function translated(configuration: Configuration, root: string, into: string): Configuration {
  const made = (file: string, text: string): string => {
    const target = path.join(into, path.basename(file));
    fs.mkdirSync(path.join(root, into), { recursive: true });
    // whole, because several processes may do this at once
    const fresh = path.join(root, `${target}.${process.pid}`);
    fs.writeFileSync(fresh, text);
    fs.renameSync(fresh, path.join(root, target));
    return target.split(path.sep).join('/');
  };
  const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
  const fpm = (pairs: readonly string[] | null | undefined): string[] =>
    (pairs ?? []).map((one) => {
      const [file = '', target = ''] = one.split('=');
      return /\.(?:desktop|nemo_action)$/u.test(file) ? `${made(file, translatedEntry(read(file)))}=${target}` : one;
    });
  const { linux, deb, rpm, nsis } = configuration;
  const installer = nsis?.include ?? '';
  const [, comment = ''] = /"([^"$]+)"\s*$/mu.exec(read(installer)) ?? [];
  return {
    ...configuration,
    linux: {
      ...linux,
      desktop: {
        ...linux?.desktop,
        entry: translatedValues(linux?.desktop?.entry ?? {}),
      },
    },
    deb: { ...deb, fpm: fpm(deb?.fpm) },
    rpm: { ...rpm, fpm: fpm(rpm?.fpm) },
    nsis: {
      ...nsis,
      include: made(
        installer,
        read(installer)
          .replace('!macro customInstall\n', `!macro customInstall\n${translatedForNsis(comment)}\n`)
          .replace(`"${comment}"\n!macroend`, '"$R9"\n!macroend'),
      ),
    },
  };
}

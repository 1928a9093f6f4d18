/** The languages of the program, and which of them a person gets. */

/** Language tags that have a folder in `words/`, in the order in which the settings offer them. */
export const LANGUAGES = ['en', 'de', 'es', 'fr', 'it', 'pt-BR', 'tr', 'ru', 'ar', 'hi', 'zh-Hans', 'ja'] as const;
/** One of `LANGUAGES`. */
export type Language = (typeof LANGUAGES)[number];

/**
 * English with accents, brackets and 40 % more length, made from the English catalogues: shows what is cut off and
 * what is not translated. Reached by name only (`--language en-XA`), never offered.
 */
export const PSEUDO = 'en-XA';
/** What can be loaded: the languages and the pseudo language. */
export type Spoken = Language | typeof PSEUDO;

/** What a person can choose; `system` follows the operating system or the browser. */
export const LANGUAGE_CHOICES = ['system', ...LANGUAGES, PSEUDO] as const;
/** One of `LANGUAGE_CHOICES`. */
export type LanguageChoice = (typeof LANGUAGE_CHOICES)[number];

/** Each language by its own name, which its readers recognise whatever language is shown. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  it: 'Italiano',
  'pt-BR': 'Português (Brasil)',
  tr: 'Türkçe',
  ru: 'Русский',
  ar: 'العربية',
  hi: 'हिन्दी',
  'zh-Hans': '简体中文',
  ja: '日本語',
};

/** Where lines of this language begin. */
export const directionOf = (language: Spoken): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');

/** The language of one tag (`de-CH`, `zh_CN.UTF-8`); `undefined` if the program does not speak it. */
export function languageOf(tag: string): Spoken | undefined {
  const plain = tag.replace(/[.@].*$/u, '').replaceAll('_', '-');
  if (plain.toLowerCase() === PSEUDO.toLowerCase()) return PSEUDO;
  let locale: Intl.Locale;
  try {
    locale = new Intl.Locale(plain);
  } catch {
    return undefined;
  }
  // Traditional Chinese is another script: those who read it are better served by English than by the wrong one.
  if (locale.language === 'zh') return locale.maximize().script === 'Hans' ? 'zh-Hans' : undefined;
  if (locale.language === 'pt') return 'pt-BR';
  return LANGUAGES.find((one) => one === locale.language);
}

/** The first language of the list that the program speaks, else English. Tags come in a person's order. */
export const firstSpoken = (tags: readonly string[]): Spoken =>
  tags.map(languageOf).find((one) => one !== undefined) ?? 'en';

/** The tag that numbers and dates are written by: the person's own region where its language is the one shown. */
export const formatTagOf = (language: Spoken, tags: readonly string[]): string =>
  language === PSEUDO ? 'en' : (tags.find((tag) => languageOf(tag) === language)?.replaceAll('_', '-') ?? language);

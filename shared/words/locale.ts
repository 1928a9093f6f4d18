import { directionOf, PSEUDO, type Spoken } from './languages.ts';

/**
 * How the language that is shown writes numbers, lists, dates and foreign names. One per process: a window, a terminal
 * and the desktop program each speak one language at a time. The compiled messages use it too.
 */
interface Current {
  readonly language: Spoken;
  /** Tag for `Intl`. */
  readonly tag: string;
  readonly isRightToLeft: boolean;
  readonly isolates: boolean;
  /**
   * Formatters, made when first used: making one takes longer than a thousand uses, and the first of a process loads
   * the system's tables, which takes half as long as starting Node.
   */
  readonly made: Map<string, unknown>;
}

const currentFor = (language: Spoken, tag: string, isolates: boolean): Current => ({
  language,
  tag,
  isRightToLeft: directionOf(language) === 'rtl',
  isolates,
  made: new Map(),
});

let current = currentFor('en', 'en', true);

/** Changes the language of everything that is formatted from now on. `tag` is a language tag for `Intl`. */
export function setLocale(language: Spoken, tag: string, isolates: boolean): void {
  current = currentFor(language, tag, isolates);
}

/** The language that is shown. */
export const spokenLanguage = (): Spoken => current.language;
/** The language tag for `Intl`, with the person's region. */
export const formatTag = (): string => current.tag;

function formatter<T>(name: string, make: (tag: string) => T): T {
  const known = current.made.get(name);
  if (known !== undefined) return known as T;
  const made = make(current.tag);
  current.made.set(name, made);
  return made;
}

const plurals = (): Intl.PluralRules =>
  formatter('plurals', () => new Intl.PluralRules(current.language === PSEUDO ? 'en' : current.language));

/**
 * The forms of English that write a plain number below 1,000 as JavaScript does. The system's tables for numbers are 8 MB
 * of memory and as much time as a tenth of a small transfer, for what is a digit or two in nearly every message.
 */
const PLAIN_NUMBERS: ReadonlySet<string> = new Set(['en', 'en-US', 'en-GB']);
const isPlain = (value: number): boolean => value >= 0 && value < 1000 && PLAIN_NUMBERS.has(current.tag);

/** Whether a number takes this plural form in the language. @public for the compiled messages */
export const isPlural = (value: number, form: Intl.LDMLPluralRule): boolean =>
  current.language === 'en' && Number.isSafeInteger(value)
    ? (Math.abs(value) === 1 ? 'one' : 'other') === form
    : plurals().select(value) === form;

/** A number with the language's digit groups. @public for the compiled messages */
export const number = (value: number): string =>
  isPlain(value) && Number.isSafeInteger(value)
    ? String(Math.abs(value))
    : formatter('number', (tag) => new Intl.NumberFormat(tag)).format(value);

/** A number with so many digits behind the separator. */
export const fixed = (value: number, digits: number): string => {
  // 999.95 rounds to a number with a group, and a tiny number is written with an exponent
  if (isPlain(value) && value < 999 && (value === 0 || value > 0.001)) {
    // by its decimal digits, as the system rounds: `toFixed` makes 9.99 of 9.995
    const rounded = Math.round(Number(`${value}e${digits}`));
    return Number(`${rounded}e-${digits}`).toFixed(digits);
  }
  return formatter(
    `fixed ${digits}`,
    (tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  ).format(value);
};

/** A whole percentage, from 0 to 100: `45%`, in German `45 %`. */
export const percentage = (whole: number): string =>
  isPlain(whole) && Number.isSafeInteger(whole)
    ? `${Math.abs(whole)}%`
    : formatter('percent', (tag) => new Intl.NumberFormat(tag, { style: 'percent' })).format(whole / 100);

/** `a, b, and c`. */
export const list = (parts: readonly string[]): string =>
  formatter('list', (tag) => new Intl.ListFormat(tag, { type: 'conjunction' })).format(parts);

/** `a, b, c`, with the comma of the language. */
export const commas = (parts: readonly string[]): string => parts.join(COMMA[current.language] ?? ', ');
const COMMA: Partial<Record<Spoken, string>> = { ar: '، ', ja: '、', 'zh-Hans': '，' };

/** Numbers with what they count, those that are 0 left out: `3 failed`, `1 skipped`. */
export const enumerated = (
  parts: readonly (readonly [count: number, say: (a: { readonly count: number }) => string])[],
): readonly string[] => parts.flatMap(([count, say]) => (count > 0 ? [say({ count })] : []));

/** A day, or a day and time, by the styles of `Intl`; an instant is milliseconds since 1970. */
export const date = (instant: number, options: Intl.DateTimeFormatOptions): string =>
  formatter(`date ${JSON.stringify(options)}`, (tag) => new Intl.DateTimeFormat(tag, options)).format(instant);

/** `5 minutes ago`, `now`; a negative amount is past. */
export const relative = (amount: number, unit: Intl.RelativeTimeFormatUnit): string =>
  formatter('relative', (tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' })).format(
    amount,
    unit,
  );

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

/**
 * A name, path or other foreign text inside a sentence. Wherever writing directions can meet, it is set apart by
 * invisible isolates (U+2068, U+2069), without which brackets, slashes and numbers beside it change places.
 */
export const isolated = (text: string): string =>
  current.isolates && text !== '' && (current.isRightToLeft || RIGHT_TO_LEFT.test(text)) ? `\u2068${text}\u2069` : text;

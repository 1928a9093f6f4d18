import { formatBytes, formatSpeed } from '../../shared/format.ts';
import type { Instant } from '../../shared/domain.ts';

/** Locale for sizes, numbers and dates; `undefined` is the system's. */
export type Locale = string | undefined;

const separators = new Map<Locale, string>();
function separator(locale: Locale): string {
  const known = separators.get(locale);
  if (known !== undefined) return known;
  const found = new Intl.NumberFormat(locale).formatToParts(1.5).find((part) => part.type === 'decimal')?.value ?? '.';
  separators.set(locale, found);
  return found;
}

/** Like `formatBytes`, with the decimal separator of the locale. */
export const bytes = (value: number, locale?: string): string => formatBytes(value).replace('.', separator(locale));
/** Bytes per second, with the decimal separator of the locale. */
export const speed = (value: number, locale?: string): string => formatSpeed(value).replace('.', separator(locale));
/** A number with the digit groups of the locale. */
export const number = (value: number, locale?: string): string => value.toLocaleString(locale);

/** `1 file`, `2,000 files`. */
export const counted = (value: number, one: string, many = `${one}s`, locale?: string): string =>
  `${number(value, locale)} ${value === 1 ? one : many}`;

/** Cached, because creating a formatter takes longer than formatting a thousand dates. */
const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(locale: Locale, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale ?? ''} ${name}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  formatters.set(key, made);
  return made;
}

/** Day and time at a fixed width, for a column. */
export const dateAndTime = (instant: Instant | undefined, locale?: string): string =>
  instant === undefined
    ? '–'
    : formatter(locale, 'column', { dateStyle: 'medium', timeStyle: 'short' }).format(instant);

/** The long form, for the inspector. */
export const longDate = (instant: Instant | undefined, locale?: string): string =>
  instant === undefined
    ? 'The phone gives none'
    : formatter(locale, 'long', { dateStyle: 'long', timeStyle: 'medium' }).format(instant);

/** `now`, `5 min ago`, `3 h ago`, then the date. */
export function ago(instant: Instant, now: Instant, locale?: string): string {
  const seconds = Math.max(0, Math.round((now - instant) / 1000));
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 24 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return formatter(locale, 'day', { dateStyle: 'medium' }).format(instant);
}

import { terminalWords } from '../../shared/words/made/terminal.ts';
import { KNOWN_LANGUAGES, languageNamed } from './language.ts';
import { bytesOf } from './sync-arguments.ts';

/** Values of options, as typed → what they mean. */

/** The command line cannot be read: its message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One of the words an option knows; `undefined` where it was not given. Throws `UsageError`, as all here do. */
export function choice<T extends string>(
  option: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) throw new UsageError(terminalWords.usage.oneOf({ option, known: known.join(', '), value }));
  return found;
}

/** Seconds as typed, in milliseconds. */
export function milliseconds(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(seconds <= 1e9)) throw new UsageError(terminalWords.usage.wait({ value }));
  return seconds * 1000;
}

const DAY_MS = 86_400_000;
const AGES: Readonly<Record<string, number>> = { d: DAY_MS, w: 7 * DAY_MS, m: 30 * DAY_MS, y: 365 * DAY_MS };

/** `90d`, `12w`, `6m`, `1y`, in milliseconds. */
export function ageOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, number, unit = ''] = /^(\d{1,5})([dwmy])$/i.exec(value) ?? [];
  if (number === undefined) throw new UsageError(terminalWords.usage.olderThan({ value }));
  return Number(number) * (AGES[unit.toLowerCase()] ?? DAY_MS);
}

/** `100MB` as bytes. */
export function sizeOf(value: string | undefined): number | undefined {
  try {
    return bytesOf(value);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A port as typed; 0 where none was. */
export function port(value: string | undefined): number {
  if (value === undefined) return 0;
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535) throw new UsageError(terminalWords.usage.port({ value }));
  return Number(value);
}

/** The language has been chosen already; here a name that means none is refused. */
export function checkLanguage(value: string | undefined): void {
  if (value !== undefined && languageNamed(value) === undefined)
    throw new UsageError(terminalWords.usage.oneOf({ option: '--language', known: KNOWN_LANGUAGES, value }));
}

/** A text that may be left out, but not be empty. */
export function notEmpty(option: string, value: string | undefined): string | undefined {
  if (value === '') throw new UsageError(terminalWords.usage.empty({ option }));
  return value;
}

/** A word of a search as it would be typed in a window: what the shell has kept together stays together, behind a condition too. */
export function keptTogether(word: string): string {
  if (/^\S*$/.test(word) || word.includes('"')) return word;
  const [, condition = '', rest = ''] = /^((?:kind|size|date|in)(?:[:=]|[<>]=?))?(.*)$/is.exec(word) ?? [];
  return `${condition}"${rest}"`;
}

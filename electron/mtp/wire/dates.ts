/**
 * MTP dates: `YYYYMMDDThhmmss[.s][Z|+hhmm|-hhmm]`. AOSP sends local time without a zone and understands only `Z` on
 * input; no property tells the phone's zone, so a zone-less date is read in the computer's own.
 */

const PATTERN = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(?:\.(\d))?\s*(Z|[+-]\d{4})?/;

const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * The zeros of clocks, as [year]: what is told where there is no date. Windows' FILETIME begins in 1601, HFS in 1904,
 * `time_t` in 1970 (AOSP lists an object without a file with it), FAT in 1980: Linux reads a directory entry whose date is
 * 0 as 1980-01-01 00:00:00, and cameras whose clock was never set write it.
 */
const ZERO_YEARS: readonly number[] = [1601, 1904, 1970, 1980];
const ZEROS: readonly number[] = ZERO_YEARS.map((year) => Date.UTC(year, 0, 1));

/**
 * Whether an instant stands for “no date”: the first second of such a year, to the millisecond, in UTC or in the
 * computer's zone, in which dates without a zone are read. A second later it is a date like any other.
 */
export function isNoDate(instant: number): boolean {
  if (ZEROS.includes(instant)) return true;
  const date = new Date(instant);
  return ZERO_YEARS.includes(date.getFullYear()) && instant === new Date(date.getFullYear(), 0, 1).getTime();
}

/**
 * Milliseconds since the epoch, or `undefined` for an empty, impossible or unreadable date (month 0 exists in the field)
 * and for one that stands for none.
 */
export function parseDate(text: string): number | undefined {
  const instant = instantOf(text);
  return instant === undefined || isNoDate(instant) ? undefined : instant;
}

function instantOf(text: string): number | undefined {
  const match = PATTERN.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // `new Date` takes years below 100 for 19xx; none of them is a file's.
  if (year < 1900 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const tenths = match[7] === undefined ? 0 : Number(match[7]) * 100;
  const zone = match[8];
  if (zone === undefined) {
    const local = new Date(year, month - 1, day, hour, minute, second, tenths);
    return local.getMonth() === month - 1 ? local.getTime() : undefined;
  }
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, tenths);
  if (new Date(utc).getUTCMonth() !== month - 1) return undefined;
  if (zone === 'Z') return utc;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3, 5));
  if (hours > 14 || minutes > 59) return undefined;
  const offset = (hours * 60 + minutes) * 60_000;
  return zone.startsWith('+') ? utc - offset : utc + offset;
}

/**
 * `YYYYMMDDThhmmssZ`, the one form with a zone that AOSP honours. Seconds; fractions are cut. Empty ("no date") for
 * an instant that the four digits of the year cannot hold.
 */
export function formatDate(instant: number): string {
  if (!(instant >= EARLIEST && instant <= LATEST)) return '';
  const iso = new Date(instant).toISOString();
  return `${iso.slice(0, 19).replaceAll('-', '').replaceAll(':', '')}Z`;
}

/** `YYYYMMDDThhmmss` in local time: what a phone sends. */
export function formatLocalDate(instant: number): string {
  const date = new Date(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  return (
    `${String(date.getFullYear()).padStart(4, '0')}${two(date.getMonth() + 1)}${two(date.getDate())}` +
    `T${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`
  );
}

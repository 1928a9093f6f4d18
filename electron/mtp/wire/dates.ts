/**
 * MTP dates: `YYYYMMDDThhmmss[.s][Z|+hhmm|-hhmm]`. AOSP sends local time without a zone and understands only `Z` on
 * input; no property tells the phone's zone, so a zone-less date is read in the computer's own.
 */

const PATTERN = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(?:\.(\d))?\s*(Z|[+-]\d{4})?/;

/** Milliseconds since the epoch, or `undefined` for an empty, impossible or unreadable date (month 0 exists in the field). */
export function parseDate(text: string): number | undefined {
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
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const tenths = match[7] === undefined ? 0 : Number(match[7]) * 100;
  const zone = match[8];
  if (zone === undefined) {
    const local = new Date(year, month - 1, day, hour, minute, second, tenths);
    return local.getMonth() === month - 1 ? local.getTime() : undefined;
  }
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, tenths);
  if (new Date(utc).getUTCMonth() !== month - 1) return undefined;
  if (zone === 'Z') return utc;
  const offset = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))) * 60_000;
  return zone.startsWith('+') ? utc - offset : utc + offset;
}

/** `YYYYMMDDThhmmssZ`, the one form with a zone that AOSP honours. Seconds; fractions are cut. */
export function formatDate(instant: number): string {
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

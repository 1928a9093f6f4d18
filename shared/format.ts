/** Bytes, speed and remaining time as text for people, in the language that is shown. */
import { fixed } from './words/locale.ts';
import { commonWords } from './words/made/common.ts';

const UNITS = ['kb', 'mb', 'gb', 'tb', 'pb'] as const;

/** Decimal units, as phones and shops use them: 1,000 bytes are 1 KB. Three significant digits. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '–';
  if (bytes < 1000) return commonWords.size.bytes({ count: bytes });
  let value = bytes / 1000;
  let unit = 0;
  // 999.5 would round to "1000 KB"
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return commonWords.size[UNITS[unit] ?? 'pb']({ size: fixed(value, digits) });
}

/** Bytes per second, in the same units as `formatBytes`: `1.20 MB/s`. */
export const formatSpeed = (bytesPerSecond: number): string =>
  commonWords.size.perSecond({ size: formatBytes(bytesPerSecond) });

/** `12 MB of 1.20 GB`. */
export const bytesOf = (part: number, whole: number): string =>
  commonWords.size.partOf({ part: formatBytes(part), whole: formatBytes(whole) });

/** Remaining time, rounded more the longer it is: nobody believes "1 h 12 min 37 s". */
export function formatDuration(seconds: number): string {
  const words = commonWords.duration;
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return words.moment;
  if (seconds < 60) return words.seconds({ seconds: Math.ceil(seconds) });
  const minutes = Math.round(seconds / 60);
  if (seconds < 600) {
    const whole = Math.floor(seconds / 60);
    const rest = Math.floor((seconds % 60) / 10) * 10;
    return rest === 0 ? words.minutes({ minutes: whole }) : words.minutesSeconds({ minutes: whole, seconds: rest });
  }
  if (minutes < 60) return words.minutes({ minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24)
    return minutes % 60 === 0 ? words.hours({ hours }) : words.hoursMinutes({ hours, minutes: minutes % 60 });
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? words.days({ days }) : words.daysHours({ days, hours: hours % 24 });
}

/** `5 min left`. */
export const timeLeftWords = (seconds: number): string => commonWords.duration.left({ time: formatDuration(seconds) });

/** `needs 3.20 GB, 1.10 GB free: 2.10 GB more`. Says how much to free, because the total alone does not help. */
export function spaceWords(needed: number, free: number | undefined): string {
  const words = commonWords.space;
  if (free === undefined) return words.needs({ needed: formatBytes(needed) });
  const sizes = { needed: formatBytes(needed), free: formatBytes(free) };
  return needed > free ? words.needsMore({ ...sizes, missing: formatBytes(needed - free) }) : words.needsFree(sizes);
}

/** Whole percent. Never 100 before everything is confirmed, since 100 % means done. */
export function percent(confirmed: number, total: number): number {
  if (total <= 0) return 0;
  return confirmed >= total ? 100 : Math.min(99, Math.floor((confirmed / total) * 100));
}

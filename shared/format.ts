/** Bytes, speed, remaining time and dates as text for people. Pure; the locale is an argument where it matters. */

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units, as phones and shops use them: 1,000 bytes are 1 KB. Three significant digits. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '–';
  if (bytes === 1) return '1 byte';
  let value = bytes;
  let unit = 0;
  // 999.5 would round to "1000 KB"
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Bytes per second, in the same units as `formatBytes`: `1.20 MB/s`. */
export const formatSpeed = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** Remaining time, rounded more the longer it is: nobody believes "1 h 12 min 37 s". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return 'less than a second';
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 600) {
    const whole = Math.floor(seconds / 60);
    const rest = Math.floor((seconds % 60) / 10) * 10;
    return rest === 0 ? `${whole} min` : `${whole} min ${rest} s`;
  }
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** `needs 3.20 GB, 1.10 GB free: 2.10 GB more`. Says how much to free, because the total alone does not help. */
export function spaceWords(needed: number, free: number | undefined, bytes: (value: number) => string): string {
  if (free === undefined) return `needs ${bytes(needed)}`;
  const missing = needed - free;
  return `needs ${bytes(needed)}, ${bytes(free)} free${missing > 0 ? `: ${bytes(missing)} more` : ''}`;
}

/** Whole percent. Never 100 before everything is confirmed, since 100 % means done. */
export function percent(confirmed: number, total: number): number {
  if (total <= 0) return 0;
  return confirmed >= total ? 100 : Math.min(99, Math.floor((confirmed / total) * 100));
}

/** `1 file`, `2 files`. */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${value.toLocaleString('en')} ${value === 1 ? one : many}`;

/** Text for a terminal. */

/**
 * A phone names its files as it likes, and so may an enemy: what would steer the terminal (escape sequences) or turn
 * the order of letters round is shown as a replacement character.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, '\ufffd');

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

const widthOf = (letter: string): number => (ZERO.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1);

/** Columns on a terminal, nearly: East Asian letters and emoji take two. */
export function columns(text: string): number {
  let sum = 0;
  for (const letter of text) sum += widthOf(letter);
  return sum;
}

/** At most so many columns: a line that wrapped could not be written over by the next one. */
export function clip(text: string, most: number): string {
  if (columns(text) <= most) return text;
  let kept = '';
  let left = most - 1;
  for (const letter of text) {
    left -= widthOf(letter);
    if (left < 0) break;
    kept += letter;
  }
  return most > 0 ? `${kept}…` : '';
}

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));

/** Rows under each other, columns two blanks apart; numbers, where asked for, to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((text, index) => (widths[index] = Math.max(widths[index] ?? 0, columns(text))));
  return rows
    .map((row) =>
      row
        .map((text, index) => {
          const width = widths[index] ?? 0;
          if (right.includes(index)) return ' '.repeat(Math.max(0, width - columns(text))) + text;
          return index === row.length - 1 ? text : pad(text, width);
        })
        .join('  '),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Local time, as one reads dates in a listing. */
export function dateText(instant: number | undefined): string {
  if (instant === undefined || !Number.isFinite(instant)) return '-';
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '-';
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

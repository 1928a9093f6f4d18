import { formatTag } from '../../shared/words/locale.ts';
import { columns } from './text.ts';

/** Texts in columns, for help. */

/** A form as it is typed, and what it does; the last form of several lines carries the explanation. */
export type Line = readonly [form: string, what: string];

const LEFT = 31;
/** Columns of the help; narrow enough for a terminal that is half the screen. */
export const WIDTH = 92;

/** A heading and its lines in two columns, ending with a line break. */
export function section(title: string, lines: readonly Line[]): string {
  const text = lines.flatMap(([form, what]) => {
    if (what === '') return [`  ${form}`];
    const explained = what.split('\n').flatMap((part) => wrap(part, WIDTH - LEFT));
    // a form that is as wide as its column has a line of its own
    const isWide = form.length > LEFT - 4;
    const [first = '', ...rest] = isWide ? ['', ...explained] : explained;
    return [`  ${form.padEnd(LEFT - 2)}${first}`.trimEnd(), ...rest.map((line) => `${' '.repeat(LEFT)}${line}`)];
  });
  return `${title === '' ? '' : `${title}\n`}${text.join('\n')}\n`;
}

/** Lines of at most so many columns, broken where the language breaks words. */
export function wrap(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of breakable(text)) {
    if (line !== '' && columns(line) + columns(part.trimEnd()) > most) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += line === '' ? part.trimStart() : part;
  }
  lines.push(line.trimEnd());
  return lines;
}

/** Pieces that stay whole: up to the next blank, and in languages without blanks, single words. */
function breakable(text: string): readonly string[] {
  const segments = [...new Intl.Segmenter(formatTag(), { granularity: 'word' }).segment(text)];
  const pieces: string[] = [];
  for (const { segment } of segments) {
    const before = pieces.at(-1);
    const isWide = before !== undefined && (ENDS_WIDE.test(before) || BEGINS_WIDE.test(segment));
    const mayBreak = before === undefined || /\s$/u.test(before) || (isWide && !OPENING.test(before));
    if (mayBreak && !/^\s/u.test(segment) && !CLOSING.test(segment)) pieces.push(segment);
    else pieces[pieces.length - 1] = `${before ?? ''}${segment}`;
  }
  return pieces;
}

/** Letters of languages without blanks, and their punctuation: a line may end beside them. */
const ENDS_WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]$/u;
const BEGINS_WIDE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
/** Signs that do not end a line. */
const OPENING = /[「『（【“‘([]$/u;
/** Signs that do not begin a line. */
const CLOSING = /^[、。，．：；！？」』）】》”’,.;:!?)\]]/u;

import type { TextEncoding } from '../../../shared/opening.ts';

/** Telling texts from other files, and how they are encoded. */

/** A text as it is shown. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: TextEncoding;
}

/** Signs that no text has: control characters other than tab, line feed, form feed, carriage return, escape. */
const NO_TEXT = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]/;

/**
 * The beginning of a file as text; `undefined` where it is none. By its byte order mark, else as UTF-8 where it is valid
 * UTF-8, else as UTF-16 where every other byte of much of it is 0, else as Windows-1252. What was cut in the middle of a
 * character (`whole` is false) ends before it.
 */
export function decodeText(bytes: Uint8Array, whole: boolean): DecodedText | undefined {
  const marked = byMark(bytes);
  if (marked !== undefined) return decode(bytes, marked, whole);
  const utf16 = utf16Of(bytes);
  if (utf16 !== undefined) return decode(bytes, utf16, whole);
  return decode(bytes, 'UTF-8', whole) ?? decode(bytes, 'Windows-1252', whole);
}

function decode(bytes: Uint8Array, encoding: TextEncoding, whole: boolean): DecodedText | undefined {
  try {
    const decoder = new TextDecoder(encoding.replace(' ', '').toLowerCase(), { fatal: encoding !== 'Windows-1252' });
    const text = decoder.decode(bytes, { stream: !whole });
    return NO_TEXT.test(text) ? undefined : { text, encoding };
  } catch {
    return undefined;
  }
}

function byMark([first, second, third]: Uint8Array): TextEncoding | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'UTF-8';
  if (first === 0xff && second === 0xfe) return 'UTF-16 LE';
  if (first === 0xfe && second === 0xff) return 'UTF-16 BE';
  return undefined;
}

/** Without a mark: text of mostly Latin letters has a 0 in nearly every pair, always on the same side. */
function utf16Of(bytes: Uint8Array): TextEncoding | undefined {
  const pairs = Math.floor(Math.min(bytes.byteLength, 4096) / 2);
  if (pairs === 0) return undefined;
  let low = 0;
  let high = 0;
  for (let at = 0; at < pairs * 2; at += 2) {
    if (bytes[at] === 0) high += 1;
    if (bytes[at + 1] === 0) low += 1;
  }
  if (low > pairs / 2 && high === 0) return 'UTF-16 LE';
  if (high > pairs / 2 && low === 0) return 'UTF-16 BE';
  return undefined;
}

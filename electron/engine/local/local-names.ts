import { createHash } from 'node:crypto';

/**
 * Names of a phone's files as this computer can hold them, and back again.
 *
 * A phone may call a file anything. What this system cannot hold, or what would hide the true name, is written with
 * look-alikes; whatever already looks like the result of this gets a mark before it. So the mapping is one to one, and
 * `phoneNameOf` undoes it:
 *
 * | in the phone's name                              | here                                                        |
 * | ------------------------------------------------ | ----------------------------------------------------------- |
 * | `/`, and on Windows `\ : * ? " < > |`            | the full-width sign                                         |
 * | NUL and other control characters                 | their pictures, `␀` to `␡`                                  |
 * | signs that turn the direction of text, C1, BOM   | `‛u202E`: the mark, `u` and four digits                     |
 * | on Windows a last `.` or blank                   | `．` or `␠`                                                  |
 * | the names `.` and `..`; no name at all           | `．`, `．．`; `‛∅`                                            |
 * | on Windows a device’s name (`CON`, `nul.txt`)    | the mark before it                                          |
 * | one of these very look-alikes, or the mark       | the mark before it                                          |
 * | longer than 255 bytes                            | cut, with `‛~` and eight digits of its digest: not undone   |
 * | the same as another name here (`A.txt`, `a.txt`) | `a‛(2).txt` (see `apart`)                                   |
 */

const MARK = '\u201b';
const EMPTY = `${MARK}\u2205`;
const MAX_NAME_BYTES = 255;
/** Room for the suffix of the part file, a unique sign in it, and a number. */
const SPARE_BYTES = 40;

const ALWAYS: Readonly<Record<string, string>> = { '/': '\uff0f', '\u007f': '\u2421' };
const ON_WINDOWS: Readonly<Record<string, string>> = {
  '\\': '\uff3c',
  ':': '\uff1a',
  '*': '\uff0a',
  '?': '\uff1f',
  '"': '\uff02',
  '<': '\uff1c',
  '>': '\uff1e',
  '|': '\uff5c',
};
const AT_THE_END: Readonly<Record<string, string>> = { '.': '\uff0e', ' ': '\u2420' };
/** C1 controls, zero-width and direction signs, line separators, BOM: all hide what a name says. */
const HIDING = /[\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]/u;
const RESERVED_ON_WINDOWS = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;

/** Look-alike → what it stands for. The same everywhere, so that a name mapped on Windows is read on Linux. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ ...ALWAYS, ...ON_WINDOWS, ...AT_THE_END }).map(([sign, image]) => [image, sign] as const),
  ...Array.from({ length: 32 }, (_, code) => [String.fromCharCode(0x2400 + code), String.fromCharCode(code)] as const),
]);

const APART = new RegExp(`${MARK}\\((\\d{1,9})\\)`, 'gu');

const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Where the extension begins; the name's length where it has none worth keeping. */
function extensionAt(name: string): number {
  const dot = name.lastIndexOf('.');
  return dot > 0 && byteLength(name.slice(dot)) <= 20 ? dot : name.length;
}

/** Cuts to at most `limit` UTF-8 bytes at a character's edge, keeping the extension where it is short. */
export function cutName(name: string, limit: number): string {
  if (byteLength(name) <= limit) return name;
  const extension = name.slice(extensionAt(name));
  const stem = [...name.slice(0, extensionAt(name))];
  let length = stem.reduce((sum, character) => sum + byteLength(character), 0);
  while (length > limit - byteLength(extension)) length -= byteLength(stem.pop() ?? '');
  return stem.join('') + extension;
}

/** `photo.jpg`, 2 → `photo (2).jpg`: for *keep both*. */
export function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  const cut = dot > 0 ? dot : name.length;
  return `${name.slice(0, cut)} (${number})${name.slice(cut)}`;
}

/** `photo.jpg`, 2 → `photo‛(2).jpg`: for a name that would meet another one here, on a disk that ignores case say. */
export function apart(name: string, number: number): string {
  const cut = extensionAt(name);
  return `${name.slice(0, cut)}${MARK}(${number})${name.slice(cut)}`;
}

/** Whether `name` is `original` with a number from `apart`. */
export function isApartFrom(name: string, original: string): boolean {
  for (const [, number] of name.matchAll(APART)) if (apart(original, Number(number)) === name) return true;
  return false;
}

function imageOf(character: string, windows: boolean): string {
  const image =
    character < ' '
      ? String.fromCharCode(0x2400 + character.charCodeAt(0))
      : (ALWAYS[character] ?? (windows ? ON_WINDOWS[character] : undefined));
  if (image !== undefined) return image;
  if (HIDING.test(character)) return `${MARK}u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return character === MARK || MEANINGS.has(character) ? MARK + character : character;
}

/** The name under which a phone's file is saved here: its own wherever this system can hold it. */
export function localNameOf(name: string, platform: NodeJS.Platform): string {
  if (name === '') return EMPTY;
  const windows = platform === 'win32';
  let mapped = '';
  for (const character of name.toWellFormed()) mapped += imageOf(character, windows);
  if (mapped === '.' || mapped === '..') mapped = mapped.replaceAll('.', '\uff0e');
  if (windows) {
    const last = AT_THE_END[mapped.at(-1) ?? ''];
    if (last !== undefined) mapped = mapped.slice(0, -1) + last;
    if (RESERVED_ON_WINDOWS.test((mapped.split('.', 1)[0] ?? '').trimEnd())) mapped = MARK + mapped;
  }
  const limit = MAX_NAME_BYTES - SPARE_BYTES;
  if (byteLength(mapped) <= limit) return mapped;
  const sign = `${MARK}~${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  const cut = cutName(mapped, limit - byteLength(sign));
  const at = extensionAt(cut);
  return cut.slice(0, at) + sign + cut.slice(at);
}

/** The phone's name behind a local one; `undefined` for a name that had to be cut, since the rest of it is gone. */
export function phoneNameOf(local: string): string | undefined {
  if (local === EMPTY) return '';
  let name = '';
  for (let at = 0; at < local.length;) {
    const character = local[at] ?? '';
    at += 1;
    if (character !== MARK) {
      name += MEANINGS.get(character) ?? character;
      continue;
    }
    const rest = local.slice(at);
    const hidden = /^u([0-9A-F]{4})/.exec(rest);
    const number = /^\(\d+\)/.exec(rest);
    if (/^~[0-9a-f]{8}/.test(rest)) return undefined;
    if (hidden !== null) {
      name += String.fromCharCode(Number.parseInt(hidden[1] ?? '', 16));
      at += hidden[0].length;
    } else if (number !== null) at += number[0].length;
    else {
      name += rest[0] ?? '';
      at += 1;
    }
  }
  return name;
}

import { createHash } from 'node:crypto';

/**
 * Names of a phone's files as a disk of this computer can hold them.
 *
 * A phone may call a file anything. A name that the disk can hold stays as it is, whatever it looks like. What it cannot
 * hold, or what would hide the true name, is written with look-alikes; what already looks like one then gets a mark
 * before it, so that two names become one only where one of them was kept (`apart` sets those apart):
 *
 * | in the phone's name                              | here                                                        |
 * | ------------------------------------------------ | ----------------------------------------------------------- |
 * | `/`, and where refused `\ : * ? " < > |`          | the full-width sign                                         |
 * | NUL and other control characters                 | their pictures, `␀` to `␡`                                  |
 * | signs that turn the direction of text, C1, BOM   | `‛u202E`: the mark, `u` and four digits                     |
 * | where refused, a last `.` or blank               | `．` or `␠`                                                  |
 * | the names `.` and `..`; no name at all           | `．`, `．．`; `‛∅`                                            |
 * | where taken, a device’s name (`CON`, `nul.txt`)    | the mark before it                                          |
 * | one of these very look-alikes, or the mark       | the mark before it                                          |
 * | longer than 255 bytes                            | cut, with `‛~` and eight digits of its digest               |
 * | the same as another name here (`A.txt`, `a.txt`) | `a‛(2).txt` (see `apart`)                                   |
 */

/** What names a file system takes; `namesOfDisk` finds it out. */
export interface DiskNames {
  /** Characters it refuses, beside `/` and control characters. */
  readonly refused: ReadonlySet<string>;
  /** Whether it refuses, or silently drops, a last `.` or blank. */
  readonly noTrailing: boolean;
  /** Whether names of devices (`CON`, `nul.txt`) are taken. */
  readonly reserved: boolean;
  /** Whether names that differ only in case or composition are one file there. */
  readonly insensitive: boolean;
  /** The longest name, in bytes of UTF-8. */
  readonly mostBytes: number;
}

/** Characters that file systems of Windows refuse; Linux and macOS write them to their own disks. */
export const DOUBTFUL = '\\:*?"<>|';

/** What the file systems that belong to a system take; for where nothing can be tried. */
export function usualNames(platform: NodeJS.Platform): DiskNames {
  const windows = platform === 'win32';
  return {
    refused: new Set(windows ? DOUBTFUL : ''),
    noTrailing: windows,
    reserved: windows,
    insensitive: windows || platform === 'darwin',
    mostBytes: MOST_BYTES,
  };
}

const MARK = '\u201b';
const EMPTY = `${MARK}\u2205`;
/** The longest name of nearly every file system, in bytes of UTF-8; the phone's too. */
const MOST_BYTES = 255;

const ALWAYS: Readonly<Record<string, string>> = { '/': '\uff0f', '\u007f': '\u2421' };
const FULL_WIDTH: Readonly<Record<string, string>> = {
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
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;

/** What is written in the place of something: in the name of a phone itself it gets a mark, once anything is replaced. */
const IMAGES: ReadonlySet<string> = new Set([
  ...Object.values({ ...ALWAYS, ...FULL_WIDTH, ...AT_THE_END }),
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(0x2400 + code)),
]);

const APART = new RegExp(`${MARK}\\((\\d{1,9})\\)`, 'gu');

const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Where the extension begins; the name's length where it has none worth keeping. */
function extensionAt(name: string): number {
  const dot = name.lastIndexOf('.');
  return dot > 0 && byteLength(name.slice(dot)) <= 20 ? dot : name.length;
}

/** Cuts to at most `limit` UTF-8 bytes at a character's edge, keeping the extension where it is short. */
export function cutName(name: string, limit: number, keepsExtension = true): string {
  if (byteLength(name) <= limit) return name;
  const cut = keepsExtension ? extensionAt(name) : name.length;
  const extension = name.slice(cut);
  const stem = [...name.slice(0, cut)];
  let length = stem.reduce((sum, character) => sum + byteLength(character), 0);
  while (length > limit - byteLength(extension)) length -= byteLength(stem.pop() ?? '');
  return stem.join('') + extension;
}

/** Puts `sign` before the extension; where that does not fit, the name is cut before it. */
function withSign(name: string, cut: number, sign: string, mostBytes: number): string {
  const extension = name.slice(cut);
  const stem = cutName(name.slice(0, cut), Math.max(1, mostBytes - byteLength(sign + extension)), false);
  return `${stem}${sign}${extension}`;
}

/** `photo.jpg`, 2 → `photo (2).jpg`: for *keep both*. Fits in `mostBytes`. */
export function numbered(name: string, number: number, mostBytes = MOST_BYTES): string {
  const dot = name.lastIndexOf('.');
  const isLong = dot > 0 && byteLength(name.slice(dot)) > mostBytes / 2;
  return withSign(name, dot > 0 && !isLong ? dot : name.length, ` (${number})`, mostBytes);
}

/** A number as `numbered` puts it, before the extension. */
const NUMBER = / \(([2-9]|[1-9]\d{1,8})\)(?=(?:\.[^.]*)?$)/;

/**
 * A name that is to be numbered, without the number that it was given before: `photo (2).jpg` → `photo.jpg`, so that
 * `photo (3).jpg` comes next. `own`: the file's name on the side it comes from; a number that is part of it stays.
 */
export function withoutNumber(name: string, own: string): string {
  const found = NUMBER.exec(name);
  if (found === null) return name;
  const shorter = name.replace(NUMBER, '');
  if (numbered(shorter, Number(found[1])) !== name) return name;
  const inOwn = NUMBER.exec(own)?.[0];
  return inOwn === undefined || NUMBER.exec(shorter)?.[0] === inOwn ? shorter : name;
}

/** `photo.jpg`, 2 → `photo‛(2).jpg`: for a name that would meet another one here, on a disk that ignores case say. */
export function apart(name: string, number: number, mostBytes = MOST_BYTES): string {
  return withSign(name, extensionAt(name), `${MARK}(${number})`, mostBytes);
}

/** Whether `name` is `original` with a number from `apart`. */
export function isApartFrom(name: string, original: string): boolean {
  for (const [, number] of name.matchAll(APART)) if (apart(original, Number(number)) === name) return true;
  return false;
}

/** A name without the numbers from `apart`. */
export const withoutApart = (name: string): string => name.replaceAll(APART, '');

function imageOf(character: string, { refused }: DiskNames): string {
  const image =
    character < ' '
      ? String.fromCharCode(0x2400 + character.charCodeAt(0))
      : (ALWAYS[character] ?? (refused.has(character) ? FULL_WIDTH[character] : undefined));
  if (image !== undefined) return image;
  if (HIDING.test(character)) return `${MARK}u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return character === MARK || IMAGES.has(character) ? MARK + character : character;
}

/** Signs that no name keeps: they end a path's part, or hide what a name says. */
const NEVER = new RegExp(`[/\\0-\\x1f\\x7f]|${HIDING.source}`, 'u');

const isReserved = (name: string): boolean => RESERVED.test((name.split('.', 1)[0] ?? '').trimEnd());

/** Whether the disk can hold the name just so, and it says what it is. */
function isHeld(name: string, disk: DiskNames): boolean {
  if (name === '.' || name === '..' || NEVER.test(name) || !name.isWellFormed()) return false;
  if (byteLength(name) > disk.mostBytes) return false;
  for (const character of disk.refused) if (name.includes(character)) return false;
  if (disk.noTrailing && /[. ]$/.test(name)) return false;
  return !(disk.reserved && isReserved(name));
}

/** Whether a phone's file can be saved on `disk` under its own name. */
export const canHold = (name: string, disk: DiskNames): boolean => name !== '' && isHeld(name, disk);

/** The name under which a phone's file is saved on `disk`: its own wherever that disk can hold it. */
export function localNameOf(name: string, disk: DiskNames): string {
  if (name === '') return EMPTY;
  if (isHeld(name, disk)) return name;
  let mapped = '';
  for (const character of name.toWellFormed()) mapped += imageOf(character, disk);
  if (mapped === '.' || mapped === '..') mapped = mapped.replaceAll('.', '\uff0e');
  if (disk.noTrailing) {
    const last = AT_THE_END[mapped.at(-1) ?? ''];
    if (last !== undefined) mapped = mapped.slice(0, -1) + last;
  }
  if (disk.reserved && isReserved(mapped)) mapped = MARK + mapped;
  if (byteLength(mapped) <= disk.mostBytes) return mapped;
  const sign = `${MARK}~${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  const cut = cutName(mapped, disk.mostBytes - byteLength(sign));
  const at = extensionAt(cut);
  return cut.slice(0, at) + sign + cut.slice(at);
}

import { fail, type PhoneError } from '../../../shared/errors.ts';
import { MAX_STRING_UNITS } from '../wire/bytes.ts';

/**
 * What a phone can call a file. AOSP refuses empty names, `.`, `..` and `/` (0x201D); MTP strings end at 254 UTF-16
 * units and Android's file systems at 255 bytes of UTF-8. Memory cards are FAT or exFAT and refuse more.
 */

const LONGEST_UTF8 = 255;

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '\\': '\u29f5',
  '/': '\u2215',
  ':': '\ua789',
  '*': '\u2217',
  '?': '\uff1f',
  '"': '\u201d',
  '<': '\u2039',
  '>': '\u203a',
  '|': '\u2223',
};

const isControl = (code: number): boolean => code < 0x20 || code === 0x7f;

/** Bytes of a well-formed string in UTF-8; a lone surrogate counts as the U+FFFD it would become. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

const fits = (name: string): boolean => name.length <= MAX_STRING_UNITS && utf8Length(name) <= LONGEST_UTF8;

/** `strict` is for removable storage, where FAT's rules hold. */
export function isLegalPhoneName(name: string, options: { readonly strict: boolean }): boolean {
  if (name === '' || name === '.' || name === '..' || !name.isWellFormed() || !fits(name)) return false;
  if (name.includes('/') || name.includes('\0')) return false;
  if (!options.strict) return true;
  for (const character of name)
    if (LOOK_ALIKES[character] !== undefined || isControl(character.charCodeAt(0))) return false;
  // Blanks at either end are trimmed away by Android on memory cards (§3.2): the file would come back under another name.
  return name.trim() === name && !name.endsWith('.');
}

/** The legal form that is offered in place of a name no phone could hold; legal on every storage. */
export function legalPhoneName(name: string): string {
  let legal = '';
  for (const character of name.toWellFormed())
    legal += LOOK_ALIKES[character] ?? (isControl(character.charCodeAt(0)) ? '_' : character);
  legal = trim(legal);
  if (!fits(legal)) legal = shorten(legal);
  return legal === '' ? '_' : legal;
}

/** FAT drops trailing dots, Android trims blanks at both ends. */
function trim(name: string): string {
  let trimmed = name;
  for (;;) {
    const next = trimmed.trim().replace(/\.+$/u, '');
    if (next === trimmed) return trimmed;
    trimmed = next;
  }
}

/** Cuts the stem at a character edge and keeps the extension, unless that is itself absurdly long. */
function shorten(name: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 24 ? name.slice(dot) : '';
  let stem = '';
  let units = extension.length;
  let bytes = utf8Length(extension);
  for (const character of extension === '' ? name : name.slice(0, dot)) {
    units += character.length;
    bytes += utf8Length(character);
    if (units > MAX_STRING_UNITS || bytes > LONGEST_UTF8) break;
    stem += character;
  }
  return extension === '' ? trim(stem) : `${trim(stem) || '_'}${extension}`;
}

/** The error for a name that is certainly refused, with the legal form as its fix; `undefined` for a good one. */
export function complaintAbout(name: string, operation: string): PhoneError | undefined {
  if (isLegalPhoneName(name, { strict: false })) return undefined;
  const detail = `${name.length} UTF-16 units, ${utf8Length(name)} bytes`;
  return fail('bad-name', operation, detail, { subject: name, fix: legalPhoneName(name) });
}

import type { Instant } from '../../shared/domain.ts';
import { extensionOf, mediaKindOf } from '../../shared/media-kinds.ts';
import type { DateSource } from '../../shared/photos.ts';
import { Block, isNoDate, jpegSegments, orNothing } from '../engine/index.ts';

/**
 * When a picture was taken and by which camera: from EXIF or the video's header, else from the name. Everything comes from
 * a phone, so nothing is believed: every read is bounds-checked, every loop ends, and any bytes at all give a value.
 */

/** What a file says of itself. */
export interface Origin {
  readonly taken: Instant | undefined;
  /** The camera's model; `undefined` where it is not told. */
  readonly camera: string | undefined;
}
const UNKNOWN: Origin = { taken: undefined, camera: undefined };

/** Reads a range of the file; shorter only where the file ends. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

/** Bytes of a picture's head. EXIF comes first in a JPEG and in raw files. */
const HEAD = 16 * 1024;
/** In HEIC and AVIF it lies behind the list of tiles. */
const WRAPPED_HEAD = 48 * 1024;
const WRAPPED: ReadonlySet<string> = new Set(['heic', 'heif', 'hif', 'avif']);
const FILM: ReadonlySet<string> = new Set([
  'mp4',
  'm4v',
  'mov',
  'qt',
  '3gp',
  '3gpp',
  '3g2',
  'insv',
  'lrv',
  'lrf',
  '360',
]);

/** Reads what a file says of itself: at most 48 KiB of it. Rejects as `read` does. */
export async function readOrigin(name: string, size: number, read: ReadRange): Promise<Origin> {
  const extension = extensionOf(name);
  if (FILM.has(extension)) return { taken: await filmDate(size, read), camera: undefined };
  if (mediaKindOf(name) !== 'photos' || size < 64) return UNKNOWN;
  const length = WRAPPED.has(extension) ? WRAPPED_HEAD : HEAD;
  return originInHead(await read(0, Math.min(size, length)));
}

/** What the first bytes of a picture say. */
export function originInHead(head: Uint8Array): Origin {
  const block = new Block(head);
  return orNothing(() => inJpeg(block) ?? inTiff(block) ?? inWrapped(block)) ?? UNKNOWN;
}

function inJpeg(block: Block): Origin | undefined {
  for (const { marker, at, length } of jpegSegments(block))
    if (marker === 0xe1 && block.isText(at, 'Exif\0\0')) {
      const found = orNothing(() => inTiff(block.part(at + 6, length - 6)));
      if (found !== undefined) return found;
    }
  return undefined;
}

/** Where EXIF begins in a file that wraps it: its mark is followed by the beginning of a TIFF. */
function inWrapped(block: Block): Origin | undefined {
  if (!block.isText(4, 'ftyp')) return undefined;
  for (let at = 8; at + 14 <= block.length; at += 1)
    if (block.u8(at) === 0x45 && block.isText(at, 'Exif\0\0')) {
      const found = orNothing(() => inTiff(block.part(at + 6, block.length)));
      if (found !== undefined) return found;
    }
  return undefined;
}

const Tag = { Model: 0x0110, DateTime: 0x0132, Exif: 0x8769, Original: 0x9003, OriginalZone: 0x9011 } as const;
const MOST_FIELDS = 400;
const MOST_TEXT = 64;
const ASCII = 2;

function inTiff(block: Block): Origin | undefined {
  if (block.length < 8) return undefined;
  const mark = block.u16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return undefined;
  const little = mark === 0x4949;
  // 42 is TIFF's own; Olympus and Panasonic have theirs
  if (![42, 0x4f52, 0x5352, 0x55].includes(block.u16(2, little))) return undefined;
  const main = directory(block, block.u32(4, little), little);
  const at = main.numbers.get(Tag.Exif);
  const exif = at === undefined ? undefined : orNothing(() => directory(block, at, little));
  const original = exif?.texts.get(Tag.Original) ?? main.texts.get(Tag.Original);
  const taken =
    dateOfText(original, exif?.texts.get(Tag.OriginalZone)) ?? dateOfText(main.texts.get(Tag.DateTime), undefined);
  return { taken, camera: main.texts.get(Tag.Model) };
}

interface Directory {
  readonly texts: ReadonlyMap<number, string>;
  readonly numbers: ReadonlyMap<number, number>;
}

function directory(block: Block, at: number, little: boolean): Directory {
  const texts = new Map<number, string>();
  const numbers = new Map<number, number>();
  const count = Math.min(block.u16(at, little), MOST_FIELDS);
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * 12;
    // cut off: what comes before still counts
    if (entry + 12 > block.length) break;
    const tag = block.u16(entry, little);
    const length = block.u32(entry + 4, little);
    if (block.u16(entry + 2, little) !== ASCII) numbers.set(tag, block.u32(entry + 8, little));
    else if (length > 0 && length <= MOST_TEXT)
      texts.set(tag, textOf(block.part(length <= 4 ? entry + 8 : block.u32(entry + 8, little), length)));
  }
  return { texts, numbers };
}

function textOf(block: Block): string {
  let text = '';
  for (const byte of block.bytes) {
    if (byte === 0) break;
    if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
  }
  return text.trim();
}

/** `2026:05:02 20:15:31`, in the zone `+02:00` if it is told, else in that of this computer. */
function dateOfText(text: string | undefined, zone: string | undefined): Instant | undefined {
  const [, ...parts] = /^(\d{4})[:./-](\d\d)[:./-](\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(text ?? '') ?? [];
  const local = dateOfParts(parts);
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone ?? '') ?? [];
  if (local === undefined || hours === undefined || Number(hours) > 14) return local;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const utc = dateOfParts(parts, true);
  return utc === undefined ? local : utc - offset * 60_000;
}

/** Year, month, day, hour, minute, second; `undefined` for what no calendar has, and for the zero of a clock. */
function dateOfParts(parts: readonly (string | undefined)[], utc = false): Instant | undefined {
  const [year = NaN, month = NaN, day = NaN, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    part === undefined ? undefined : Number(part),
  );
  if (!(year >= 1980 && year < 2100) || !(month >= 1 && month <= 12) || !(day >= 1 && day <= 31)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const date = utc
    ? new Date(Date.UTC(year, month - 1, day, hour, minute, second))
    : new Date(year, month - 1, day, hour, minute, second);
  const isReal = (utc ? date.getUTCDate() : date.getDate()) === day;
  return isReal && !isNoDate(date.getTime()) ? date.getTime() : undefined;
}

const MOST_BOXES = 32;
/** Seconds from 1904, where films begin to count, to 1970. */
const FILM_EPOCH = 2_082_844_800;

/** The date in a film's header, wherever it lies: its boxes are walked, some bytes of each. */
async function filmDate(size: number, read: ReadRange): Promise<Instant | undefined> {
  let at = 0;
  for (let count = 0; count < MOST_BOXES && at + 16 <= size; count += 1) {
    const head = new Block(await read(at, 16));
    if (head.length < 16) return undefined;
    const short = head.u32(0);
    const length = short === 1 ? head.u32(8) * 2 ** 32 + head.u32(12) : short === 0 ? size - at : short;
    if (length < 8) return undefined;
    if (head.isText(4, 'moov')) {
      const inside = new Block(await read(at + 8, Math.min(256, length)));
      return orNothing(() => movieHeaderDate(inside));
    }
    at += length;
  }
  return undefined;
}

function movieHeaderDate(block: Block): Instant | undefined {
  if (!block.isText(4, 'mvhd')) return undefined;
  const seconds = block.u8(8) === 1 ? block.u32(12) * 2 ** 32 + block.u32(16) : block.u32(12);
  const date = (seconds - FILM_EPOCH) * 1000;
  // a zero is no date, and some cameras begin to count in 1970
  return date >= Date.UTC(1980, 0, 2) && date < Date.UTC(2100, 0, 1) ? date : undefined;
}

/** A date, and perhaps a time: eight digits that are a day, then six behind a sign or none. */
const IN_NAME =
  /(?<!\d)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?:[-_ .T]{0,2}(?:at )?([0-2]\d)[-_.:h]?([0-5]\d)[-_.:m]?([0-5]\d)(?:\d{3})?)?(?!\d)/;

/** The date that a file's name tells. Pixels name their files in UTC, all others in local time. */
export function dateInName(name: string): Instant | undefined {
  const [, ...parts] = IN_NAME.exec(name) ?? [];
  return dateOfParts(parts, /^pxl_/i.test(name) && parts[3] !== undefined);
}

/** The date by which a file goes: its own, its name's, the phone's. */
export function bestDate(
  name: string,
  modified: Instant | undefined,
  own: Instant | undefined,
): { readonly taken: Instant | undefined; readonly from: DateSource } {
  if (own !== undefined) return { taken: own, from: 'picture' };
  const named = dateInName(name);
  // a day alone is no better than the phone's date of that very day
  if (named !== undefined && !(modified !== undefined && isSameDay(named, modified) && isMidnight(named)))
    return { taken: named, from: 'name' };
  const isReal = modified !== undefined && !Number.isNaN(new Date(modified).getTime()) && !isNoDate(modified);
  return { taken: isReal ? modified : undefined, from: 'phone' };
}

const isMidnight = (at: Instant): boolean => {
  const date = new Date(at);
  return date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
};
const isSameDay = (one: Instant, other: Instant): boolean =>
  new Date(one).toDateString() === new Date(other).toDateString();

import { Block, jpegSegments, orNothing } from './formats.ts';

/**
 * Where a picture file keeps smaller pictures of itself: the EXIF thumbnail and the multi-picture previews of a JPEG,
 * the previews of a raw file that is a TIFF (DNG, NEF, CR2, ARW). HEIC and AVIF wrap theirs in a codec of their own;
 * of those nothing is told. Any bytes are safe: they come from a phone.
 */

export interface EmbeddedPicture {
  /** In the file, bytes. What lies there still has to prove that it is a JPEG. */
  readonly offset: number;
  readonly length: number;
}

/** The smaller pictures found in a file, by place only: their bytes are read later. */
export interface Embedded {
  /** Smallest first; none reaches beyond the file. */
  readonly pictures: readonly EmbeddedPicture[];
  /** How the picture is to be turned, as EXIF counts (1: not at all); the small pictures do not say so themselves. */
  readonly orientation: number;
}

const NONE: Embedded = { pictures: [], orientation: 1 };

/** A directory that points back to one before it, or a thousand of them, must not keep anybody busy. */
const MOST_DIRECTORIES = 16;
const MOST_FIELDS = 400;
const MOST_PICTURES = 16;

const Tag = {
  Compression: 0x0103,
  Photometric: 0x0106,
  StripOffsets: 0x0111,
  Orientation: 0x0112,
  StripByteCounts: 0x0117,
  SubDirectories: 0x014a,
  JpegOffset: 0x0201,
  JpegLength: 0x0202,
  MultiPictureEntries: 0xb002,
} as const;
/** The sensor's own points, which no window can draw. */
const SENSOR_DATA: ReadonlySet<number> = new Set([32803, 34892]);

/** `head`: the file's first bytes; `size`: of the whole file. */
export function embeddedIn(head: Uint8Array, size: number): Embedded {
  const block = new Block(head);
  const found = orNothing(() => inJpeg(block, size) ?? inTiffFile(block, size)) ?? NONE;
  const fitting = found.pictures.filter(({ offset, length }) => length > 0 && offset > 0 && offset + length <= size);
  return { ...found, pictures: fitting.sort((one, other) => one.length - other.length) };
}

function inJpeg(block: Block, size: number): Embedded | undefined {
  if (block.length < 4 || block.u16(0) !== 0xffd8) return undefined;
  const pictures: EmbeddedPicture[] = [];
  let orientation = 1;
  for (const { marker, at, length } of jpegSegments(block)) {
    if (marker === 0xe1 && block.isText(at, 'Exif\0\0')) {
      const start = at + 6;
      const tiff = block.part(start, length - 6);
      const found = orNothing(() => inTiff(tiff));
      // the thumbnail lies inside the segment, wherever its directory points
      const inside = found?.pictures.filter((one) => one.offset + one.length <= length - 6) ?? [];
      pictures.push(...inside.map((one) => ({ ...one, offset: one.offset + start })));
      orientation = found?.orientation ?? orientation;
    } else if (marker === 0xe2 && block.isText(at, 'MPF\0')) {
      const start = at + 4;
      const found = orNothing(() => inMultiPicture(block.part(start, length - 4))) ?? [];
      pictures.push(...found.map((one) => ({ ...one, offset: one.offset + start })));
    }
    if (pictures.length > MOST_PICTURES) break;
  }
  return { pictures: pictures.filter((one) => one.length < size), orientation };
}

function inTiffFile(block: Block, size: number): Embedded | undefined {
  if (byteOrder(block) === undefined) return undefined;
  const found = inTiff(block);
  return found === undefined ? undefined : { ...found, pictures: found.pictures.filter((one) => one.length < size) };
}

/** Whether numbers are little-endian; `undefined` where no TIFF begins. */
function byteOrder(block: Block): boolean | undefined {
  if (block.length < 8) return undefined;
  const mark = block.u16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return undefined;
  const little = mark === 0x4949;
  return block.u16(2, little) === 42 ? little : undefined;
}

interface Field {
  readonly type: number;
  readonly count: number;
  /** Where the value is, or where its offset is. */
  readonly at: number;
}

type Fields = ReadonlyMap<number, Field>;

class Tiff {
  readonly #block: Block;
  readonly #little: boolean;

  constructor(block: Block, little: boolean) {
    this.#block = block;
    this.#little = little;
  }

  u16(at: number): number {
    return this.#block.u16(at, this.#little);
  }
  u32(at: number): number {
    return this.#block.u32(at, this.#little);
  }

  /** The directory's fields and where the next directory is (0: there is none). */
  directory(at: number): { readonly fields: Fields; readonly next: number } {
    const count = this.u16(at);
    const fields = new Map<number, Field>();
    for (let index = 0; index < Math.min(count, MOST_FIELDS); index += 1) {
      const entry = at + 2 + index * 12;
      fields.set(this.u16(entry), { type: this.u16(entry + 2), count: this.u32(entry + 4), at: entry + 8 });
    }
    return { fields, next: orNothing(() => this.u32(at + 2 + count * 12)) ?? 0 };
  }

  /** A field's one number; `undefined` where it holds none or several. */
  number(field: Field | undefined): number | undefined {
    if (field?.count !== 1) return undefined;
    if (field.type === 3) return this.u16(field.at);
    return field.type === 4 || field.type === 13 ? this.u32(field.at) : undefined;
  }

  numbers(field: Field | undefined): readonly number[] {
    if (field === undefined || (field.type !== 4 && field.type !== 13) || field.count === 0) return [];
    if (field.count === 1) return [this.u32(field.at)];
    const at = this.u32(field.at);
    const found: number[] = [];
    for (let index = 0; index < Math.min(field.count, MOST_DIRECTORIES); index += 1)
      found.push(this.u32(at + index * 4));
    return found;
  }
}

function inTiff(block: Block): Embedded | undefined {
  const little = byteOrder(block);
  if (little === undefined) return undefined;
  const tiff = new Tiff(block, little);
  const pictures: EmbeddedPicture[] = [];
  let orientation = 1;
  const waiting = [tiff.u32(4)];
  const seen = new Set<number>([0]);
  for (let at = waiting.shift(), first = true; at !== undefined; at = waiting.shift(), first = false) {
    if (seen.has(at) || seen.size > MOST_DIRECTORIES) continue;
    seen.add(at);
    const place = at;
    // one directory that is cut short must not hide what the others hold
    const directory = orNothing(() => tiff.directory(place));
    if (directory === undefined) continue;
    const { fields, next } = directory;
    if (first) {
      const said = tiff.number(fields.get(Tag.Orientation)) ?? 1;
      orientation = said >= 1 && said <= 8 ? said : 1;
    }
    const picture = jpegOf(tiff, fields);
    if (picture !== undefined) pictures.push(picture);
    waiting.push(...(orNothing(() => tiff.numbers(fields.get(Tag.SubDirectories))) ?? []), next);
  }
  return { pictures, orientation };
}

function jpegOf(tiff: Tiff, fields: Fields): EmbeddedPicture | undefined {
  const offset = tiff.number(fields.get(Tag.JpegOffset));
  const length = tiff.number(fields.get(Tag.JpegLength));
  if (offset !== undefined && length !== undefined) return { offset, length };
  const compression = tiff.number(fields.get(Tag.Compression));
  if (compression !== 6 && compression !== 7) return undefined;
  if (SENSOR_DATA.has(tiff.number(fields.get(Tag.Photometric)) ?? 0)) return undefined;
  const strip = tiff.number(fields.get(Tag.StripOffsets));
  const bytes = tiff.number(fields.get(Tag.StripByteCounts));
  return strip === undefined || bytes === undefined ? undefined : { offset: strip, length: bytes };
}

/** “Large thumbnail” of the multi-picture format (CIPA DC-007): VGA or Full HD. Other kinds are other pictures. */
const LARGE_THUMBNAILS: ReadonlySet<number> = new Set([0x010001, 0x010002]);

function inMultiPicture(block: Block): readonly EmbeddedPicture[] {
  const little = byteOrder(block);
  if (little === undefined) return [];
  const tiff = new Tiff(block, little);
  const field = tiff.directory(tiff.u32(4)).fields.get(Tag.MultiPictureEntries);
  if (field === undefined || field.type !== 7) return [];
  const table = tiff.u32(field.at);
  const pictures: EmbeddedPicture[] = [];
  for (let index = 0; index < Math.min(Math.floor(field.count / 16), MOST_PICTURES); index += 1) {
    const at = table + index * 16;
    const offset = tiff.u32(at + 8);
    if (LARGE_THUMBNAILS.has(tiff.u32(at) & 0xffffff) && offset !== 0)
      pictures.push({ offset, length: tiff.u32(at + 4) });
  }
  return pictures;
}

/**
 * The small picture with its orientation, in an EXIF block of its own: cameras turn the file by that note alone, and
 * a window reads it from the picture it draws. One that has a block already is left as it is.
 */
export function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  if (orientation < 2 || orientation > 8) return jpeg;
  const block = new Block(jpeg);
  const own = orNothing(() =>
    [...jpegSegments(block)].some(({ marker, at }) => marker === 0xe1 && block.isText(at, 'Exif')),
  );
  if (own !== false) return jpeg;
  const turned = new Uint8Array(jpeg.byteLength + ORIENTATION_NOTE.length);
  turned.set(jpeg.subarray(0, 2));
  turned.set(ORIENTATION_NOTE, 2);
  turned[2 + ORIENTATION_AT] = orientation;
  turned.set(jpeg.subarray(2), 2 + ORIENTATION_NOTE.length);
  return turned;
}

// APP1 of 34 bytes: “Exif”, a big-endian TIFF with one directory of one field, the orientation
const ORIENTATION_NOTE = Uint8Array.from([
  ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8],
  ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0],
]);
const ORIENTATION_AT = 29;

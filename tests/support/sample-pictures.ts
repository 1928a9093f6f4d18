/** Small picture files made by hand, for tests: the heads are real, the picture data is not. */

export interface JpegOptions {
  readonly segments?: readonly Buffer[];
  /** The marker of the frame; 0xc0 is baseline. */
  readonly frame?: number;
}

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};

/** `segments` begin with their marker and two bytes for their length, which is filled in. */
export function jpeg(width: number, height: number, { segments = [], frame = 0xc0 }: JpegOptions = {}): Buffer {
  const sized = segments.map((segment) => {
    const own = Buffer.from(segment);
    own.writeUInt16BE(own.length - 2, 2);
    return own;
  });
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    ...sized,
    Buffer.of(0xff, frame, 0, 17, 8),
    u16(height),
    u16(width),
    Buffer.of(3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1),
    Buffer.of(0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9),
  ]);
}

export function png(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(33);
  bytes.write('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

export interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: number;
}

export interface TiffOptions {
  /** In the order in which they are chained. */
  readonly directories: readonly (readonly Field[])[];
  readonly little?: boolean;
  /** Numbers behind the last directory. */
  readonly data?: readonly number[];
  /** The last directory points to the first. */
  readonly ring?: boolean;
}

export function tiffOf({ directories, little = true, data = [], ring = false }: TiffOptions): Buffer {
  const size = directories.reduce((sum, fields) => sum + 2 + fields.length * 12 + 4, 8);
  const bytes = Buffer.alloc(size + data.length * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  bytes.write(little ? 'II' : 'MM', 'latin1');
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  let at = 8;
  directories.forEach((fields, index) => {
    view.setUint16(at, fields.length, little);
    fields.forEach(({ tag, type, count, value }, number) => {
      const field = at + 2 + number * 12;
      view.setUint16(field, tag, little);
      view.setUint16(field + 2, type, little);
      view.setUint32(field + 4, count, little);
      if (type === 3) view.setUint16(field + 8, value, little);
      else view.setUint32(field + 8, value, little);
    });
    const end = at + 2 + fields.length * 12;
    const isLast = index === directories.length - 1;
    view.setUint32(end, isLast ? (ring ? 8 : 0) : end + 4, little);
    at = end + 4;
  });
  data.forEach((value, index) => {
    view.setUint32(size + index * 4, value, little);
  });
  return bytes;
}

export interface ExifOptions {
  readonly thumbnail: Buffer;
  readonly orientation?: number;
  readonly little?: boolean;
  /** What the directory says of the thumbnail's length. */
  readonly lengthOf?: number;
}

/** An APP1 segment for `jpeg`. */
export function exif({ thumbnail, orientation = 1, little = true, lengthOf }: ExifOptions): Buffer {
  const tiff = tiffOf({
    little,
    directories: [
      [{ tag: 0x0112, type: 3, count: 1, value: orientation }],
      [
        { tag: 0x0201, type: 4, count: 1, value: 8 + 18 + 30 },
        { tag: 0x0202, type: 4, count: 1, value: lengthOf ?? thumbnail.length },
      ],
    ],
  });
  return Buffer.concat([Buffer.from('\xff\xe1\0\0Exif\0\0', 'latin1'), tiff, thumbnail]);
}

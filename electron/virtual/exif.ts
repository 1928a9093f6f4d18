/**
 * The thumbnail in a JPEG's EXIF block (second image directory), if there is an uncompressed entry for it. Any input
 * is safe.
 */
export function thumbnailOf(jpeg: Uint8Array): Uint8Array | undefined {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  try {
    if (view.getUint16(0) !== 0xffd8) return undefined;
    for (let at = 2; at + 4 < jpeg.byteLength && view.getUint8(at) === 0xff;) {
      const size = view.getUint16(at + 2);
      const isExif = view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966;
      if (isExif) return fromTiff(jpeg, view, at + 10);
      at += 2 + Math.max(2, size);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

const OFFSET_TAG = 0x0201;
const LENGTH_TAG = 0x0202;

function fromTiff(jpeg: Uint8Array, view: DataView, start: number): Uint8Array | undefined {
  const little = view.getUint16(start) === 0x4949;
  const u16 = (at: number): number => view.getUint16(start + at, little);
  const u32 = (at: number): number => view.getUint32(start + at, little);
  const first = u32(4);
  const second = u32(first + 2 + u16(first) * 12);
  if (second === 0) return undefined;
  let offset = 0;
  let length = 0;
  for (let index = 0; index < u16(second); index += 1) {
    const field = second + 2 + index * 12;
    if (u16(field) === OFFSET_TAG) offset = u32(field + 8);
    if (u16(field) === LENGTH_TAG) length = u32(field + 8);
  }
  const from = start + offset;
  if (offset === 0 || length === 0 || from + length > jpeg.byteLength) return undefined;
  return jpeg.slice(from, from + length);
}

/** One frame: a WebP image that replaces a part of what is shown. */
export interface Frame {
  /** A complete file, as an encoder of still images makes it. */
  readonly image: Uint8Array;
  /** Place and size in pixels; `x` and `y` are even, which the format demands. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How long it is shown, in milliseconds. */
  readonly duration: number;
}

/**
 * An animated WebP that repeats for ever, from still ones (developers.google.com/speed/webp/docs/riff_container: a
 * header, the repetitions, then each frame with its place). Throws an `Error` for a frame that does not fit.
 */
export function animatedWebp(width: number, height: number, frames: readonly Frame[]): Buffer {
  const parts = frames.map((frame) => {
    if (frame.x % 2 !== 0 || frame.y % 2 !== 0) throw new Error('a frame must begin at an even pixel');
    if (frame.x + frame.width > width || frame.y + frame.height > height)
      throw new Error('a frame lies outside the picture');
    const head = Buffer.alloc(16);
    head.writeUIntLE(frame.x / 2, 0, 3);
    head.writeUIntLE(frame.y / 2, 3, 3);
    head.writeUIntLE(frame.width - 1, 6, 3);
    head.writeUIntLE(frame.height - 1, 9, 3);
    head.writeUIntLE(Math.round(frame.duration), 12, 3);
    // not blended with what is below: it is opaque
    head.writeUInt8(0b10, 15);
    return chunk('ANMF', Buffer.concat([head, imageData(frame.image)]));
  });
  const canvas = Buffer.alloc(10);
  canvas.writeUInt8(0b10, 0);
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([Buffer.from('WEBP'), chunk('VP8X', canvas), chunk('ANIM', Buffer.alloc(6)), ...parts]);
  return chunk('RIFF', body);
}

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

/** The chunks of a still image that hold pixels, without its header. */
function imageData(image: Uint8Array): Buffer {
  const bytes = Buffer.from(image);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP')
    throw new Error('a frame is not a WebP image');
  const kept: Buffer[] = [];
  for (let at = 12; at + 8 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32LE(at + 4);
    if (['VP8 ', 'VP8L', 'ALPH'].includes(bytes.toString('latin1', at, at + 4))) kept.push(bytes.subarray(at, end));
    at = end + ((end - at) % 2);
  }
  if (kept.length === 0) throw new Error('a frame has no pixels');
  return Buffer.concat(kept.flatMap((one) => [one, Buffer.alloc(one.length % 2)]));
}

/** Width, height and the frames' durations of an animated WebP; throws an `Error` if it is none. */
export function readAnimatedWebp(bytes: Buffer): { width: number; height: number; durations: readonly number[] } {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.readUInt32LE(4) !== bytes.length - 8)
    throw new Error('not a complete RIFF file');
  if (bytes.toString('latin1', 8, 16) !== 'WEBPVP8X' || (bytes.readUInt8(20) & 0b10) === 0)
    throw new Error('not an animated WebP');
  const durations: number[] = [];
  for (let at = 12; at + 8 <= bytes.length; at += 8 + bytes.readUInt32LE(at + 4) + (bytes.readUInt32LE(at + 4) % 2))
    if (bytes.toString('latin1', at, at + 4) === 'ANMF') durations.push(bytes.readUIntLE(at + 8 + 12, 3));
  return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1, durations };
}

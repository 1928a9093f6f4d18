import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { Locator } from 'playwright-core';
import { mediaTypeOf } from '../../shared/media-types.ts';
import type { ServedFile } from '../../electron/engine/looking/served-file.ts';
import { encodeJpeg } from '../../electron/virtual/jpeg.ts';
import { exif } from '../support/sample-pictures.ts';
import { openWindow } from './browser.ts';

/** Sounds and pictures for tests, made here: no program that encodes them need be there. */

/** A tone, uncompressed: 8 kHz, 16 bit, one channel. */
export function wav(seconds: number): Buffer {
  const rate = 8_000;
  const bytes = rate * 2 * seconds;
  const file = Buffer.alloc(44 + bytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + bytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(bytes, 40);
  for (let at = 0; at < rate * seconds; at += 1)
    file.writeInt16LE(Math.round(8_000 * Math.sin((at * 440 * 2 * Math.PI) / rate)), 44 + at * 2);
  return file;
}

/** A file as the loopback host serves it. */
export const servedFrom = (name: string, content: Uint8Array): ServedFile => ({
  name,
  type: mediaTypeOf(name),
  size: content.byteLength,
  inline: true,
  stream: async function* (offset, length) {
    await Promise.resolve();
    yield content.subarray(offset, offset + length);
  },
});

/** A picture of random colours, which nothing compresses: three bytes a pixel. */
export function noisePng(width: number, height: number): Buffer {
  const chunk = (type: string, content: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(content.byteLength, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const lines = Buffer.alloc(height * (1 + width * 3));
  const noise = randomBytes(width * 3);
  for (let line = 0; line < height; line += 1) lines.set(noise, line * (1 + width * 3) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(lines, { level: 0 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** A WebM of a square that moves, 320 × 240, recorded by Chromium itself; it has no index, as recordings do. */
export async function film(seconds: number): Promise<Buffer> {
  const window = await openWindow('about:blank');
  try {
    const base64 = await window.page.evaluate(async (length) => {
      const canvas = document.createElement('canvas');
      canvas.width = 320;
      canvas.height = 240;
      document.body.append(canvas);
      const context = canvas.getContext('2d');
      const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm;codecs=vp8' });
      const pieces: Blob[] = [];
      recorder.ondataavailable = ({ data }) => pieces.push(data);
      const done = new Promise((resolve) => (recorder.onstop = resolve));
      recorder.start(500);
      const begun = performance.now();
      await new Promise<void>((resolve) => {
        const draw = (): void => {
          const at = (performance.now() - begun) / 1000;
          if (context !== null) {
            context.fillStyle = '#206040';
            context.fillRect(0, 0, 320, 240);
            context.fillStyle = '#f0d060';
            context.fillRect((at * 60) % 260, 90, 60, 60);
          }
          if (at < length) requestAnimationFrame(draw);
          else resolve();
        };
        draw();
      });
      recorder.stop();
      await done;
      const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return btoa(text);
    }, seconds);
    return Buffer.from(base64, 'base64');
  } finally {
    await window.close();
  }
}

const COLOURS = { red: [220, 20, 20], green: [20, 150, 40], blue: [30, 50, 220], yellow: [250, 220, 40] } as const;
export type Colour = keyof typeof COLOURS;
/** As the sensor saw them: top left, top right, bottom left, bottom right. */
const QUARTERS: readonly Colour[] = ['red', 'green', 'blue', 'yellow'];

/** A JPEG of 320 × 160 with a colour in each quarter, and the note and thumbnail of a camera that was held like that. */
export function quartered(orientation: number): Buffer {
  const draw = (width: number, height: number, blocks?: readonly Buffer[]): Buffer =>
    encodeJpeg(
      width,
      height,
      (x, y) => COLOURS[QUARTERS[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] ?? 'red'],
      blocks,
    );
  const block = exif({ thumbnail: draw(160, 80), orientation });
  block.writeUInt16BE(block.byteLength - 2, 2);
  return draw(320, 160, [block]);
}

/** The colours that are to be seen in the quarters of an element, in reading order: taken from a screenshot. */
export async function quartersSeen(element: Locator): Promise<readonly Colour[]> {
  const shot = (await element.screenshot()).toString('base64');
  return element.page().evaluate(
    async ([png, colours]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      context.drawImage(image, 0, 0);
      const places = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => [x * image.width, y * image.height] as const));
      return places.map(([x, y]) => {
        const point = context.getImageData(Math.floor(x), Math.floor(y), 1, 1).data;
        const away = (name: Colour): number =>
          colours[name].reduce((sum, value, index) => sum + Math.abs(value - (point[index] ?? 0)), 0);
        return (Object.keys(colours) as Colour[]).reduce((one, other) => (away(other) < away(one) ? other : one));
      });
    },
    [shot, COLOURS] as const,
  );
}

import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { mediaTypeOf } from '../../shared/media-types.ts';
import type { ServedFile } from '../../electron/engine/looking/served-file.ts';
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

import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeJpeg, type Paint } from './jpeg.ts';

/** Sample content for trying Replug without a phone: pictures, a sound and a note, all generated here. */

const WIDTH = 640;
const HEIGHT = 480;
const SMALL = 4;

type Colour = readonly [number, number, number];
interface Scene {
  /** The camera's local time. */
  readonly taken: string;
  readonly sky: readonly [top: Colour, bottom: Colour];
  readonly sun: readonly [x: number, y: number];
  readonly far: Colour;
  readonly near: Colour;
  /** Seed of the skyline. */
  readonly seed: number;
}

const DAWN: Scene['sky'] = [
  [110, 120, 170],
  [250, 205, 170],
];
const NOON: Scene['sky'] = [
  [84, 148, 214],
  [205, 228, 240],
];
const DUSK: Scene['sky'] = [
  [64, 62, 120],
  [240, 150, 110],
];
const MIST: Scene['sky'] = [
  [150, 166, 178],
  [228, 230, 226],
];

const SCENES: readonly Scene[] = [
  { taken: '2026-05-02 06:12:40', sky: DAWN, sun: [0.3, 0.46], far: [116, 112, 146], near: [62, 74, 82], seed: 3 },
  { taken: '2026-05-02 11:48:05', sky: NOON, sun: [0.72, 0.18], far: [104, 140, 150], near: [72, 112, 70], seed: 8 },
  { taken: '2026-05-02 20:31:27', sky: DUSK, sun: [0.55, 0.5], far: [104, 76, 112], near: [44, 40, 66], seed: 14 },
  { taken: '2026-05-09 09:05:11', sky: MIST, sun: [0.2, 0.25], far: [146, 160, 164], near: [92, 112, 108], seed: 21 },
  { taken: '2026-05-09 13:22:54', sky: NOON, sun: [0.15, 0.22], far: [120, 146, 128], near: [136, 132, 66], seed: 27 },
  { taken: '2026-05-09 13:40:02', sky: NOON, sun: [0.85, 0.3], far: [90, 126, 160], near: [56, 98, 92], seed: 35 },
  { taken: '2026-05-16 19:58:36', sky: DUSK, sun: [0.25, 0.42], far: [150, 92, 96], near: [70, 46, 58], seed: 42 },
  { taken: '2026-05-23 07:41:19', sky: DAWN, sun: [0.66, 0.38], far: [140, 130, 150], near: [84, 92, 72], seed: 50 },
  { taken: '2026-06-01 16:14:48', sky: MIST, sun: [0.5, 0.2], far: [128, 142, 156], near: [70, 86, 100], seed: 58 },
];

const mix = (one: Colour, other: Colour, share: number): Colour => [
  one[0] + (other[0] - one[0]) * share,
  one[1] + (other[1] - one[1]) * share,
  one[2] + (other[2] - one[2]) * share,
];

/** A sky, a sun and two ranges of hills; `x` and `y` run from 0 to 1. */
function landscape({ sky, sun, far, near, seed }: Scene): (x: number, y: number) => Colour {
  const skyline = (x: number, height: number, steep: number): number =>
    height -
    steep * (0.6 * Math.sin(x * 7 + seed) + 0.3 * Math.sin(x * 17 + seed * 2.3) + 0.1 * Math.sin(x * 41 + seed * 5.1));
  return (x, y) => {
    if (y > skyline(x, 0.8, 0.07)) return mix(near, [20, 24, 28], (y - 0.7) * 1.2);
    if (y > skyline(x + 0.37, 0.6, 0.12)) return mix(far, sky[1], Math.max(0, 0.9 - y) * 0.8);
    const air = mix(sky[0], sky[1], Math.min(1, y / 0.65));
    const away = Math.hypot((x - sun[0]) * (WIDTH / HEIGHT), y - sun[1]);
    const glow = away < 0.05 ? 0.95 : Math.max(0, 0.5 - away * 1.4);
    return mix(air, [255, 244, 214], glow);
  };
}

const paintAt = (scene: Scene, width: number, height: number): Paint => {
  const colour = landscape(scene);
  return (x, y) => colour((x + 0.5) / width, (y + 0.5) / height);
};

/** An APP1 block with the date taken and a thumbnail. */
function exifOf(taken: string, thumbnail: Uint8Array): Buffer {
  const date = Buffer.from(`${taken.replaceAll('-', ':')}\0`, 'latin1');
  // header, first directory (a pointer), EXIF directory (the date), second directory (the thumbnail)
  const first = 8;
  const exif = first + 2 + 12 + 4;
  const second = exif + 2 + 12 + 4;
  const dateAt = second + 2 + 3 * 12 + 4;
  const thumbnailAt = dateAt + date.length;
  const tiff = Buffer.alloc(thumbnailAt);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(first, 4);
  const directory = (at: number, fields: readonly (readonly number[])[], next: number): void => {
    tiff.writeUInt16LE(fields.length, at);
    fields.forEach(([tag = 0, type = 0, count = 0, value = 0], index) => {
      tiff.writeUInt16LE(tag, at + 2 + index * 12);
      tiff.writeUInt16LE(type, at + 4 + index * 12);
      tiff.writeUInt32LE(count, at + 6 + index * 12);
      tiff.writeUInt32LE(value, at + 10 + index * 12);
    });
    tiff.writeUInt32LE(next, at + 2 + fields.length * 12);
  };
  directory(first, [[0x8769, 4, 1, exif]], second);
  directory(exif, [[0x9003, 2, date.length, dateAt]], 0);
  directory(
    second,
    [
      [0x0103, 3, 1, 6],
      [0x0201, 4, 1, thumbnailAt],
      [0x0202, 4, 1, thumbnail.length],
    ],
    0,
  );
  date.copy(tiff, dateAt);
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, thumbnail]);
  const head = Buffer.of(0xff, 0xe1, 0, 0);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

function photograph(scene: Scene): Buffer {
  const [width, height] = [WIDTH / SMALL, HEIGHT / SMALL];
  const thumbnail = encodeJpeg(width, height, paintAt(scene, width, height));
  return encodeJpeg(WIDTH, HEIGHT, paintAt(scene, WIDTH, HEIGHT), [exifOf(scene.taken, thumbnail)]);
}

const RATE = 8000;

/** Three fading notes, as an 8-bit WAV. */
function chime(): Buffer {
  const samples = Buffer.alloc(RATE * 2);
  for (let at = 0; at < samples.length; at += 1) {
    const seconds = at / RATE;
    const tone = [523.25, 659.25, 783.99].reduce((sum, pitch, index) => {
      const since = seconds - index * 0.25;
      return since < 0 ? sum : sum + Math.sin(2 * Math.PI * pitch * since) * Math.exp(-2.5 * since);
    }, 0);
    samples[at] = 128 + Math.round(tone * 38);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

const NOTE = `This phone is a folder on your computer. It behaves like an Android phone,
so that you can try Replug without one.

Drop files onto it, copy some back, and pull its cable in the middle:
the button is beside its name. Plug it in again and the copy carries on.
`;

/** Writes the files into the folder of a virtual phone. */
export async function writeSamples(folder: string): Promise<void> {
  const write = async (name: string, content: string | Uint8Array, changed: string): Promise<void> => {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    // an existing file is the user's own
    await writeFile(file, content, { flag: 'wx' });
    const when = new Date(changed.replace(' ', 'T'));
    await utimes(file, when, when);
  };
  for (const scene of SCENES) {
    const name = scene.taken.replaceAll(/[-:]/g, '').replace(' ', '_');
    await write(`DCIM/Camera/IMG_${name}.jpg`, photograph(scene), scene.taken);
  }
  await write('Music/Chime.wav', chime(), '2026-04-20 18:00:00');
  await write('Documents/Read me first.txt', NOTE, '2026-04-20 18:00:00');
}

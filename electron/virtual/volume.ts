import type { Planted } from './objects.ts';

/** Files in a folder of the lowest level, and folders in any other. */
const FILES = 40;
const FOLDERS = 25;
const ENDINGS = ['jpg', 'jpg', 'jpg', 'mp4', 'mp3', 'pdf', 'zip', 'bin'] as const;
const WORDS = ['IMG', 'Summer', 'Été', 'report', 'Screenshot', 'VID', 'música', 'backup'] as const;

/** The same number for the same place, always. */
function numberAt(seed: number): number {
  let value = (seed + 0x9e3779b9) | 0;
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return (value ^ (value >>> 15)) >>> 0;
}

/** A folder with so many files below it, in folders of 40, three levels and more deep, and no file on any disk. */
export function volume(name: string, files: number, folder = '/', seed = 1): Planted {
  return { folder, name, size: 0, directory: true, children: () => below(files, seed) };
}

function below(files: number, seed: number): readonly Planted[] {
  if (files <= FILES)
    return Array.from({ length: files }, (_, at): Planted => {
      const number = numberAt(seed * 64 + at);
      const word = WORDS[number % WORDS.length] ?? '';
      const ending = ENDINGS[(number >>> 3) % ENDINGS.length] ?? '';
      return { folder: '', name: `${word} ${number.toString(36)}_${at}.${ending}`, size: number % 10_000_000 };
    });
  // whole folders of the level below, so that only the last one is smaller
  let each = FILES;
  while (each * FOLDERS < files) each *= FOLDERS;
  return Array.from({ length: Math.ceil(files / each) }, (_, at) =>
    volume(`f${at}`, Math.min(each, files - at * each), '', seed * FOLDERS + at),
  );
}

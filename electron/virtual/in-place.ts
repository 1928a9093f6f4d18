import { closeSync, fstatSync, futimesSync, openSync, readSync, writeSync } from 'node:fs';

/** What an app does to a file while it is being read. */

const FLIP = 0x5a;
/** MTP dates have whole seconds, so a date must differ by more to be different there. */
const LATER_MS = 2_000;

/** An app saves a file in place: every byte differs, the size is the same, the date is later. */
export function rewriteInPlace(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const { size, mtimeMs } = fstatSync(file);
    const buffer = Buffer.allocUnsafe(Math.min(Math.max(size, 1), 1024 * 1024));
    for (let at = 0; at < size;) {
      const count = readSync(file, buffer, 0, buffer.byteLength, at);
      if (count === 0) break;
      for (let index = 0; index < count; index += 1) buffer[index] = (buffer[index] ?? 0) ^ FLIP;
      writeSync(file, buffer, 0, count, at);
      at += count;
    }
    const seconds = Math.max(Date.now(), mtimeMs + LATER_MS) / 1000;
    futimesSync(file, seconds, seconds);
  } finally {
    closeSync(file);
  }
}

/** An app continues recording: the file grows by half, without an event. */
export function growInPlace(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    const more = Buffer.alloc(Math.max(1, Math.ceil(size / 2)), FLIP);
    writeSync(file, more, 0, more.byteLength, size);
  } finally {
    closeSync(file);
  }
}

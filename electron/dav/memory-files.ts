import { isWithin, keyOf, type Segments } from './address.ts';
import { DavError } from './status.ts';

/**
 * Files that systems leave in every folder they look at. They are kept here, so that those who made them find them again, and
 * never reach the phone.
 */

/** A file or folder that only this drive knows. */
export interface MemoryFile {
  readonly path: Segments;
  readonly folder: boolean;
  readonly bytes: Uint8Array;
  readonly modified: number;
  /** A number that no other version has. */
  readonly version: number;
}

/** All together, bytes, and how many of them. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_FILES = 10_000;

const LITTER = /^(?:\._.*|\.DS_Store|\.Trashes|\.Spotlight-V100|\.hidden|desktop\.ini|Thumbs\.db)$/i;

/** Whether a way leads to or into such a file. */
export const isLitter = (segments: Segments): boolean => segments.some((name) => LITTER.test(name));

/** What lies in memory, by its way. */
export class MemoryFiles {
  readonly #files = new Map<string, MemoryFile>();
  #bytes = 0;
  #version = 0;

  get(path: Segments): MemoryFile | undefined {
    return this.#files.get(keyOf(path));
  }

  /** Makes or replaces it. Throws 507 where there would be too much. */
  put(path: Segments, bytes: Uint8Array | undefined, modified: number): MemoryFile {
    const before = this.get(path);
    const size = bytes?.byteLength ?? 0;
    if (this.#bytes - (before?.bytes.byteLength ?? 0) + size > MOST_BYTES || this.#files.size >= MOST_FILES)
      throw new DavError(507);
    if (before !== undefined) this.#drop(before);
    this.#version += 1;
    const file: MemoryFile = {
      path,
      folder: bytes === undefined,
      bytes: bytes ?? new Uint8Array(0),
      modified,
      version: this.#version,
    };
    this.#files.set(keyOf(path), file);
    this.#bytes += size;
    return file;
  }

  /** What lies directly in a folder. */
  in(folder: Segments): readonly MemoryFile[] {
    return [...this.#files.values()].filter(({ path }) => path.length === folder.length + 1 && isWithin(path, folder));
  }

  /** Removes it and all below. */
  remove(path: Segments): void {
    for (const file of this.#below(path)) this.#drop(file);
  }

  /** What lay at or below `from` lies at `to`, too. */
  copy(from: Segments, to: Segments): void {
    for (const file of this.#below(from))
      this.put([...to, ...file.path.slice(from.length)], file.folder ? undefined : file.bytes, file.modified);
  }

  #below(path: Segments): readonly MemoryFile[] {
    return [...this.#files.values()].filter((file) => isWithin(file.path, path));
  }

  #drop(file: MemoryFile): void {
    if (this.#files.delete(keyOf(file.path))) this.#bytes -= file.bytes.byteLength;
  }
}

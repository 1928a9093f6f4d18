import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fail } from '../../../shared/errors.ts';
import type { Disk } from '../local/disk.ts';
import { readFully, writeFully } from '../local/local-files.ts';

/** A small picture, ready to be drawn. */
export interface Picture {
  readonly mime: string;
  readonly bytes: Uint8Array;
}

/** As a `data:` URL. */
export const urlOf = (picture: Picture | undefined): string | undefined =>
  picture === undefined ? undefined : `data:${picture.mime};base64,${Buffer.from(picture.bytes).toString('base64')}`;

/** Where pictures are kept and how many: 200 MB where no limit is given. */
export interface PictureCacheOptions {
  readonly disk: Disk;
  /** Made when the first picture is kept. */
  readonly folder: string;
  /** Bytes of all files together; beyond it the least recently used go. */
  readonly limit?: number;
  readonly now?: () => number;
}

const LIMIT = 200_000_000;
/** Larger ones are read from the phone again: a few of them would drive out all thumbnails. */
export const LARGEST_KEPT = 1024 * 1024;
/** A file's time is its last use; a use soon after another is not worth a write. */
const TOUCH_AFTER_MS = 60_000;

const MAGIC = Buffer.from('RPLGPIC1', 'latin1');
const DIGEST = 16;
const HEAD = MAGIC.length + 1 + DIGEST;
const MIMES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

const OURS = /^[0-9a-f]{64}\.pic$/;
const UNFINISHED = /^[0-9a-f]{64}\.[0-9a-f]{12}\.part$/;

interface Kept {
  readonly bytes: number;
  usedAt: number;
}

/**
 * Pictures on disk between runs. Nothing depends on it: a file that is damaged, cut short or gone is a picture that is
 * asked of the phone again, and a disk that takes no more is no error. Only files of our own naming are ever removed.
 */
export class PictureCache {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #limit: number;
  readonly #now: () => number;
  /** By file name, least recently used first. */
  #kept: Promise<Map<string, Kept>> | undefined;
  #bytes = 0;
  /** What changes the folder goes one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: PictureCacheOptions) {
    this.#disk = options.disk;
    this.#folder = options.folder;
    this.#limit = options.limit ?? LIMIT;
    this.#now = options.now ?? Date.now;
  }

  async get(key: string): Promise<Picture | undefined> {
    const name = nameOf(key);
    const kept = await this.#look();
    const entry = kept.get(name);
    if (entry === undefined) return undefined;
    const file = join(this.#folder, name);
    const picture = await this.#read(file).then(
      (content) => content && decode(key, content),
      () => undefined,
    );
    if (kept.get(name) !== entry) return picture;
    kept.delete(name);
    if (picture === undefined) {
      this.#bytes -= entry.bytes;
      await this.#disk.unlink(file).catch(() => undefined);
      return undefined;
    }
    kept.set(name, entry);
    const now = this.#now();
    if (now - entry.usedAt > TOUCH_AFTER_MS) {
      entry.usedAt = now;
      await this.#disk.utimes(file, new Date(now), new Date(now)).catch(() => undefined);
    }
    return picture;
  }

  /** Keeps it, where the disk lets us. */
  async put(key: string, picture: Picture): Promise<void> {
    const content = encode(key, picture);
    if (content === undefined || content.byteLength > this.#limit) return;
    await this.#change(async (kept) => {
      const name = nameOf(key);
      const now = this.#now();
      const unfinished = join(this.#folder, `${name.slice(0, 64)}.${randomBytes(6).toString('hex')}.part`);
      try {
        await this.#disk.mkdir(this.#folder, { recursive: true, mode: 0o700 });
        // somebody's photographs: for nobody else's eyes, also where the folder was there before
        await this.#disk.chmod(this.#folder, 0o700);
        await this.#write(unfinished, content, now);
        await this.#disk.rename(unfinished, join(this.#folder, name));
      } catch {
        await this.#disk.unlink(unfinished).catch(() => undefined);
        return;
      }
      this.#bytes += content.byteLength - (kept.get(name)?.bytes ?? 0);
      kept.delete(name);
      kept.set(name, { bytes: content.byteLength, usedAt: now });
      for (const [oldest, { bytes }] of kept) {
        if (this.#bytes <= this.#limit) break;
        kept.delete(oldest);
        this.#bytes -= bytes;
        await this.#disk.unlink(join(this.#folder, oldest)).catch(() => undefined);
      }
    });
  }

  /** Bytes on disk. */
  async size(): Promise<number> {
    await this.#look();
    return this.#bytes;
  }

  /** Rejects with `local-io` where a file does not go. */
  async clear(): Promise<void> {
    await this.#change(async (kept) => {
      kept.clear();
      this.#bytes = 0;
      let trouble: Error | undefined;
      for (const name of await this.#disk.readdir(this.#folder).catch(() => [])) {
        if (!OURS.test(name) && !UNFINISHED.test(name)) continue;
        await this.#disk.unlink(join(this.#folder, name)).catch((error: Error & { readonly code?: unknown }) => {
          if (error.code !== 'ENOENT') trouble ??= error;
        });
      }
      if (trouble === undefined) return;
      // what is left is counted again at the next look
      this.#kept = undefined;
      throw fail('local-io', 'clear thumbnails', trouble.message, { subject: this.#folder }, trouble);
    });
  }

  async #read(path: string): Promise<Buffer | undefined> {
    const file = await this.#disk.open(path, 'read');
    try {
      const { size } = await file.stat();
      if (size > HEAD + LARGEST_KEPT) return undefined;
      const content = Buffer.alloc(size);
      return content.subarray(0, await readFully(file, content, 0));
    } finally {
      await file.close();
    }
  }

  async #write(path: string, content: Buffer, now: number): Promise<void> {
    const file = await this.#disk.open(path, 'create', 0o600);
    try {
      await writeFully(file, [content], 0);
      await file.utimes(new Date(now), new Date(now));
    } finally {
      await file.close();
    }
  }

  #look(): Promise<Map<string, Kept>> {
    this.#kept ??= this.#list();
    return this.#kept;
  }

  async #list(): Promise<Map<string, Kept>> {
    const found: (readonly [name: string, kept: Kept])[] = [];
    for (const name of await this.#disk.readdir(this.#folder).catch(() => [])) {
      const file = join(this.#folder, name);
      // a write that a crash cut short
      if (UNFINISHED.test(name)) await this.#disk.unlink(file).catch(() => undefined);
      if (!OURS.test(name)) continue;
      const info = await this.#disk.stat(file).catch(() => undefined);
      if (info?.isFile() === true) found.push([name, { bytes: info.size, usedAt: info.mtimeMs }]);
    }
    found.sort(([, one], [, other]) => one.usedAt - other.usedAt);
    this.#bytes = found.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    return new Map(found);
  }

  #change(work: (kept: Map<string, Kept>) => Promise<void>): Promise<void> {
    const done = this.#changing.then(async () => work(await this.#look()));
    this.#changing = done.catch(() => undefined);
    return done;
  }
}

const nameOf = (key: string): string => `${createHash('sha256').update(key).digest('hex')}.pic`;

/** Of the key too: a file under another's name is as good as damaged. */
const digestOf = (key: string, type: number, bytes: Uint8Array): Buffer =>
  createHash('sha256').update(`${key}\0${type}\0`).update(bytes).digest().subarray(0, DIGEST);

function encode(key: string, { mime, bytes }: Picture): Buffer | undefined {
  const type = (MIMES as readonly string[]).indexOf(mime);
  if (type < 0 || bytes.byteLength === 0 || bytes.byteLength > LARGEST_KEPT) return undefined;
  return Buffer.concat([MAGIC, Buffer.of(type), digestOf(key, type, bytes), bytes]);
}

function decode(key: string, content: Buffer): Picture | undefined {
  if (content.length <= HEAD || !content.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const type = content[MAGIC.length] ?? 0;
  const mime = MIMES[type];
  const bytes = content.subarray(HEAD);
  const digest = content.subarray(MAGIC.length + 1, HEAD);
  return mime !== undefined && digest.equals(digestOf(key, type, bytes)) ? { mime, bytes } : undefined;
}

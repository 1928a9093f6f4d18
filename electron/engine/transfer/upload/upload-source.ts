import { basename, dirname, join, relative, sep } from 'node:path';
import { fail, failRequest, PhoneError, problemOf } from '../../../../shared/errors.ts';
import type { SourceReader } from '../../devices/beginning-of-source.ts';
import { deleteLocal } from '../../local/destroy-local.ts';
import type { Disk, FileStats, OpenFile } from '../../local/disk.ts';
import type { Checkpoint } from '../../model/transfer-store.ts';
import { originalMissing } from '../delete-source.ts';
import { TwoBuffers, giveBytesBack, takeBytes } from '../transfer-buffers.ts';
import { PassingDigest, digestChunk, digestOf } from '../digest.ts';
import { local, modifiedOf, readFully } from '../../local/local-files.ts';
import type { ItemRun } from '../../model/item-run.ts';
import { fingerprintFile } from '../fingerprint.ts';
import { MEGABYTE } from '../chunk-size.ts';
import type { Ours } from '../compare-bytes.ts';
import { SMALL } from '../sample.ts';
import { load } from '../../local/single-calls.ts';

/** How often an original is compared again that changes in some way while it is compared. */
const LOOKS = 3;

/** A chunk of the source as it was read; `digest` is its SHA-256 in hex. */
export interface SourceChunk {
  readonly offset: number;
  /** Good until the chunk after the next one is read. */
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** A file of this computer, for `destroyOnPhone` to compare with. */
export const readerOf = (file: OpenFile, size: number): SourceReader => ({
  size,
  read: async (offset, length) => {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, await readFully(file, bytes, offset));
  },
});

/** The file of the computer that is being sent: read once, hashed as it passes, and at the end still what it was. */
export class UploadSource {
  readonly #disk: Disk;
  readonly #run: ItemRun;
  #file: OpenFile | undefined;
  /** When it was last opened. */
  #opened: FileStats | undefined;
  /** A small file as it is sent: what is read back is compared with this, not with the disk again. */
  #sent: Uint8Array | undefined;
  #sentDigest: string | undefined;
  /** The small file was read in one go with its stats: nobody wrote to it meanwhile, and it is not open. */
  #isLoaded = false;
  #isSent = false;
  #digest = new PassingDigest();
  /** A chunk is on the wire while the next one is read. */
  #chunks = new TwoBuffers();

  constructor(disk: Disk, run: ItemRun) {
    this.#disk = disk;
    this.#run = run;
  }

  get #path(): string {
    return this.#run.row.local;
  }

  get file(): OpenFile {
    if (this.#file === undefined) throw fail('internal', 'upload', 'the source is not open');
    return this.#file;
  }
  get reader(): SourceReader {
    const sent = this.#isLoaded ? this.#sent : undefined;
    if (sent === undefined) return readerOf(this.file, this.#run.row.size);
    return {
      size: sent.byteLength,
      read: (offset, length) => Promise.resolve(sent.subarray(offset, offset + length)),
    };
  }
  /** All of it, where it is small and is in memory. */
  get sent(): Uint8Array | undefined {
    return this.#sent;
  }
  /** What the phone's bytes are compared with. */
  get ours(): Ours {
    return this.#sent ?? this.file;
  }

  /**
   * Opens it, once more where it was open; resolves with what it is now. One that `isWanted` whole is read at once where it
   * is small, and stays closed.
   */
  async open(isWanted = false): Promise<{ readonly size: number; readonly modified: number }> {
    await this.close();
    if (isWanted && this.#run.row.size <= SMALL) {
      const loaded = await this.#load();
      if (loaded !== undefined) return { size: loaded.size, modified: modifiedOf(loaded) };
    }
    const file = await local('source', 'open', this.#path, () => this.#disk.open(this.#path, 'read'));
    this.#file = file;
    const stats = await file.stat();
    if (!stats.isFile())
      throw fail('source-unreadable', 'open', 'not a file', {
        subject: this.#path,
        advice: { id: 'no-file-any-more' },
      });
    if (stats.size === 0) await this.#requireEmpty(file);
    this.#opened = stats;
    return { size: stats.size, modified: modifiedOf(stats) };
  }

  /** Reads all of a small file; `undefined` where it has grown, is written to, or is something else than a file. */
  async #load(): Promise<FileStats | undefined> {
    const into = takeBytes(this.#run.row.size + 1);
    const { stats, bytesRead, sha256, isSteady } = await local('source', 'open', this.#path, () =>
      load(this.#disk, this.#path, into),
    );
    if (!isSteady) {
      giveBytesBack(into);
      return undefined;
    }
    this.#opened = stats;
    this.#sent = into.subarray(0, bytesRead);
    this.#sentDigest = sha256;
    this.#isLoaded = true;
    return stats;
  }

  /**
   * Rejects with `source-changed` where it was written to since: what was sent of it then is no copy of anything. One that
   * was deleted or renamed after it was read is judged by the file that is still open here; of one that was read in one go
   * all is known.
   */
  async requireUnchanged(): Promise<void> {
    const { row } = this.#run;
    const stats = await local('source', 'stat', this.#path, () => this.#disk.stat(this.#path)).catch(
      (error: unknown) => {
        if (problemOf(error).kind !== 'source-missing') throw error;
        if (this.#isLoaded && this.#opened !== undefined) return this.#opened;
        if (this.#file === undefined) throw error;
        return local('source', 'stat', this.#path, () => this.file.stat());
      },
    );
    if (stats.size !== row.size || modifiedOf(stats) !== row.modified)
      throw fail('source-changed', 'upload', `was ${row.size} bytes, is ${stats.size}`, { subject: this.#path });
  }

  /**
   * Ends a move. The original goes only if it still is what was copied, by its size, its date and its samples, and if no
   * link leads to it: what lies behind a link is not in the folder that was named. Rejects with `source-changed`,
   * `source-missing` and, for a link, `bad-request`.
   */
  async delete(underWay: (isUnderWay: boolean) => void): Promise<void> {
    const { row, transfer } = this.#run;
    const link = await linkOnTheWay(
      this.#disk,
      this.#path,
      transfer.sources.kind === 'local' ? transfer.sources.paths : [],
    );
    if (link !== undefined)
      throw failRequest(
        'delete',
        { id: 'behind-link' },
        { id: 'delete-behind-link', with: { link } },
        { subject: this.#path },
      );
    for (let look = 1; ; look += 1) {
      const { ctimeMs } = await local('source', 'lstat', this.#path, () => this.#disk.lstat(this.#path));
      await this.requireUnchanged();
      if (
        row.fingerprint === undefined ||
        (await fingerprintFile(this.#disk, this.#path, transfer.id)) !== row.fingerprint
      )
        throw fail('source-changed', 'delete', 'other content, of the same size and date', { subject: this.#path });
      await this.#requireSentBytes();
      underWay(true);
      const deleted = await deleteLocal(this.#disk, this.#path, {
        kind: 'file',
        size: row.size,
        modified: row.modified ?? Number.NaN,
        changed: ctimeMs,
      });
      if (deleted.kind === 'done') return;
      underWay(false);
      if (deleted.kind === 'nothing') throw new PhoneError(originalMissing(this.#path));
      // its name or its permissions may be all that changed: what it holds is compared again
      if (deleted.why === 'not-a-file' || look === LOOKS)
        throw fail('source-changed', 'delete', deleted.why, { subject: this.#path });
    }
  }

  /**
   * A date can be set back after a rewrite, but not the time at which the system saw the change: where that is another
   * one, or another file has the name, every byte is compared with the digests of what was sent.
   */
  async #requireSentBytes(): Promise<void> {
    const file = await local('source', 'open', this.#path, () => this.#disk.open(this.#path, 'read'));
    try {
      const now = await file.stat();
      const before = this.#opened;
      if (before?.ino === now.ino && before.dev === now.dev && before.ctimeMs === now.ctimeMs) return;
      let end = 0;
      for (const chunk of this.#run.checkpoints()) {
        if (!(await holds(file, chunk)))
          throw fail('source-changed', 'delete', 'other bytes, of the same size and date', { subject: this.#path });
        end += chunk.length;
      }
      if (end !== this.#run.row.size) throw fail('source-changed', 'delete', 'written to', { subject: this.#path });
    } finally {
      await file.close();
    }
  }

  /**
   * A file that is made while it is read (of /proc, of some network drives) says that it has no bytes and then has some.
   * Its copy would be empty, and called complete.
   */
  async #requireEmpty(file: OpenFile): Promise<void> {
    const { bytesRead } = await local('source', 'read', this.#path, () => file.read(Buffer.alloc(1), 0, 1, 0));
    if (bytesRead > 0)
      throw fail('source-unreadable', 'open', 'has bytes but says it has none', {
        subject: this.#path,
        advice: { id: 'no-size' },
      });
  }

  /** All of it from the start, in pieces of at most 1 MiB. */
  async *whole(): AsyncGenerator<Uint8Array> {
    const { size } = this.#run.row;
    if (this.#isLoaded && this.#sent !== undefined) {
      this.#isSent = true;
      if (size > 0) yield this.#sent;
      return;
    }
    this.#digest = new PassingDigest();
    for (let at = 0; at < size; at += MEGABYTE) {
      const buffer = takeBytes(Math.min(MEGABYTE, size - at));
      await this.#fill(buffer, at);
      if (buffer.byteLength === size) {
        this.#sent = buffer;
        this.#sentDigest = digestOf([buffer]);
      } else this.#digest.update(at, [buffer]);
      yield buffer;
    }
  }

  /** Chunks follow: from the start, or from where an earlier run stopped. */
  beginChunks(): void {
    // what a broken move has left on the wire keeps its memory
    this.#chunks = new TwoBuffers();
    if (this.#run.row.confirmed === 0) this.#digest = new PassingDigest();
  }

  /** All chunks are on the phone: nobody reads their memory any more. */
  endChunks(): void {
    this.#chunks.giveBack();
  }

  /** At most `length` bytes from `offset` on, with their digest. */
  async chunk(offset: number, length: number): Promise<SourceChunk> {
    const bytes = this.#chunks.take(Math.max(0, Math.min(length, this.#run.row.size - offset)));
    await this.#fill(bytes, offset);
    return { offset, bytes, digest: await digestChunk([bytes]) };
  }

  /** The chunk goes into the digest of the whole. */
  async pass({ offset, bytes }: SourceChunk): Promise<void> {
    await this.#digest.updateInTurns(offset, [bytes]);
  }

  /** SHA-256, hex, where all of it has passed here in order; else `undefined`. */
  async sha256(): Promise<string | undefined> {
    return this.#sentDigest ?? this.#digest.finish(this.#run.row.size);
  }

  /** What was sent has been compared: its memory serves another file. */
  forgetSent(): void {
    if (this.#sent !== undefined) giveBytesBack(this.#sent);
    this.#sent = undefined;
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    // what a broken transaction has left on the wire keeps its memory
    if (this.#isLoaded && !this.#isSent) this.forgetSent();
    this.#sent = undefined;
    this.#sentDigest = undefined;
    this.#isLoaded = false;
    this.#isSent = false;
  }

  async #fill(buffer: Uint8Array, offset: number): Promise<void> {
    const filled = await local('source', 'read', this.#path, async () => {
      // one that was read in one go, and then goes another way
      this.#file ??= await this.#disk.open(this.#path, 'read');
      return readFully(this.#file, buffer, offset);
    });
    if (filled !== buffer.byteLength)
      throw fail('source-changed', 'upload', `ends at ${offset + filled} of ${this.#run.row.size} bytes`, {
        subject: this.#path,
      });
  }
}

/** Whether the file has the bytes of a chunk that was sent; one may be a whole file of gigabytes. */
async function holds(file: OpenFile, { offset, length, digest }: Checkpoint): Promise<boolean> {
  const passing = new PassingDigest();
  const bytes = Buffer.allocUnsafe(Math.min(length, MEGABYTE));
  for (let at = 0; at < length;) {
    const filled = await readFully(file, bytes.subarray(0, Math.min(bytes.byteLength, length - at)), offset + at);
    if (filled === 0) return false;
    await passing.updateInTurns(at, [bytes.subarray(0, filled)]);
    at += filled;
  }
  return passing.finish(length) === digest;
}

/** The first link between the source that was named and `path`, both included. */
async function linkOnTheWay(disk: Disk, path: string, sources: readonly string[]): Promise<string | undefined> {
  const root = sources.find(
    (source) => path === source || path.startsWith(source.endsWith(sep) ? source : source + sep),
  );
  let at = root === undefined ? dirname(path) : dirname(root);
  for (const part of root === undefined ? [basename(path)] : relative(at, path).split(sep)) {
    at = join(at, part);
    const stats = await local('source', 'lstat', at, () => disk.lstat(at));
    if (stats.isSymbolicLink()) return at;
  }
  return undefined;
}

import { basename, dirname, join } from 'node:path';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Phone } from '../../../mtp/index.ts';
import { deleteLocal, publishLocal, syncFile, syncFolder, truncateOwn } from '../../local/destroy-local.ts';
import type { Disk, FileStats, OpenFile } from '../../local/disk.ts';
import { PART_SUFFIX, local, lookAt, modifiedOf, openPart, writeFully } from '../../local/local-files.ts';
import { cutName } from '../../local/local-names.ts';
import type { Checkpoint } from '../../model/transfer-store.ts';
import { agreedOffset, trustedCheckpoints, type Readable } from '../compare-bytes.ts';
import { FIRST_CHUNK, MEGABYTE } from '../chunk-size.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import type { DownloadTarget } from './download-target.ts';

/** Bytes read again from the phone before a download goes on, to see that both sides still mean the same file. */
const OVERLAP = 64 * 1024;
/** The longest name of nearly every file system, in bytes of UTF-8. */
const MOST_BYTES = 255;
/** Coarser dates (FAT: two seconds) are kept dates. */
const DATE_TOLERANCE_MS = 2_000;

/** `film.mkv`, `a1b2` → `film.mkv.a1b2.replug-part`, cut where it would not fit. */
function partNameOf(name: string, unique: string): string {
  const suffix = `.${unique}${PART_SUFFIX}`;
  return cutName(name, MOST_BYTES - suffix.length) + suffix;
}

/** What publishing led to: `changed`, something else lies at the target than was expected; `gone`, there is no part file. */
export type Published =
  { readonly kind: 'done'; readonly stats: FileStats } | { readonly kind: 'changed' } | { readonly kind: 'gone' };

/**
 * The file that a download grows in, beside its target, under a name that no other item has. It becomes the target in
 * one step when it is complete and verified.
 */
export class PartFile {
  readonly #context: ItemTransferContext;
  readonly #target: DownloadTarget;
  #file: OpenFile | undefined;
  /** Made in this run: it holds what was written to it and nothing else. */
  #isNew = false;
  #isWritten = false;
  #isDurable = false;
  /** As it was when it got its date, while nothing has been written since. */
  #dated: FileStats | undefined;

  constructor(context: ItemTransferContext, target: DownloadTarget) {
    this.#context = context;
    this.#target = target;
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  /** The open part file. */
  get file(): OpenFile {
    if (this.#file === undefined) throw fail('internal', 'download', 'the part file is not open');
    return this.#file;
  }
  get #path(): string {
    const { temporary } = this.#run.row;
    if (temporary === undefined) throw fail('internal', 'download', 'no part file');
    return temporary;
  }
  /** Whether the disk has promised that the copy outlives a power cut. */
  get isDurable(): boolean {
    return this.#isDurable;
  }

  /**
   * Opens what an earlier run left and decides where to go on: after the last checkpoint whose chunks are on disk and
   * agree with the phone. `undefined` for a fresh start; what is of no use then is removed.
   */
  async resume(phone: Phone, object: Readable): Promise<number | 'stopped' | undefined> {
    const { row } = this.#run;
    if (row.temporary === undefined || row.creation === 'none') return undefined;
    const there = await lookAt(this.#context.disk, row.temporary);
    if (row.mode !== 'chunks' || there?.isFile() !== true) {
      await this.discard();
      return undefined;
    }
    await this.release();
    const file = await openPart(this.#context.disk, row.temporary, false, this.#target.path);
    this.#file = file;
    const trusted = await trustedCheckpoints(file, this.#run.checkpoints(), () => this.#run.stopRequested);
    // looked at only in part: nothing is thrown away on that ground
    if (this.#run.stopRequested) return 'stopped';
    const offset = await agreedOffset(phone, object, file, trusted, (last, end) =>
      Math.max(last.offset, end - OVERLAP),
    );
    await truncateOwn(file, row.temporary, offset);
    this.#run.dropCheckpoints(offset);
    this.#run.update({ resumed: true, creation: 'created' });
    return offset;
  }

  /** Opens it for writing; makes it, exclusively, where `resume` found none. */
  async open(): Promise<void> {
    if (this.#file !== undefined) return;
    const target = this.#target.path;
    const { row, transfer } = this.#run;
    for (let attempt = 1; ; attempt += 1) {
      const path = join(dirname(target), partNameOf(basename(target), this.#context.unique()));
      this.#run.update({
        temporary: path,
        creation: 'creating',
        reached: Math.max(row.reached, Math.min(row.size, FIRST_CHUNK)),
      });
      try {
        this.#file = await openPart(this.#context.disk, path, true, target);
        break;
      } catch (error) {
        this.#run.update({ temporary: undefined, creation: 'none' });
        if (!isPhoneError(error) || attempt === 3) throw error;
        // a name that somebody else has already: another one. The folder went away since it was last seen: it is made
        if (error.kind === 'local-missing') {
          this.#context.folders.forget();
          await this.#context.folders.make(transfer, dirname(target));
        } else if (error.kind !== 'local-exists') throw error;
      }
    }
    this.#isNew = true;
    this.#run.update({ creation: 'created' });
  }

  /** Writes `pieces`, joined, at `offset`. Errors name the file that is fetched, not this one. */
  async write(pieces: readonly Uint8Array[], offset: number): Promise<void> {
    this.#dated = undefined;
    this.#isWritten = true;
    await local('target', 'write', this.#target.path, () => writeFully(this.file, pieces, offset));
  }

  /** What is in it is fetched again from the start. */
  async empty(): Promise<void> {
    if (!this.#isNew || this.#isWritten) await truncateOwn(this.file, this.#path, 0);
  }

  /** Everything is written: cuts what is beyond `size`, gives it its date and brings it to the disk. Answers whether the date was kept. */
  async finish(size: number, modified: number | undefined, durable: boolean): Promise<{ readonly dateKept: boolean }> {
    const { file } = this;
    const target = this.#target.path;
    if (!this.#isNew) {
      const stats = await local('target', 'stat', target, () => file.stat());
      if (stats.size !== size) await truncateOwn(file, this.#path, size);
    }
    const dateKept = modified === undefined || (await this.#date(modified));
    this.#isDurable = await syncFile(file, target, durable ? 'all' : 'content');
    return { dateKept };
  }

  /** A date is no content: a share or a folder of another owner that refuses it holds up no copy. */
  async #date(modified: number): Promise<boolean> {
    try {
      // as Dates: a number before 1970 is taken for now
      const date = new Date(modified);
      await this.file.utimes(date, date);
      this.#dated = await this.file.stat();
      return Math.abs(modifiedOf(this.#dated) - modified) <= DATE_TOLERANCE_MS;
    } catch {
      return false;
    }
  }

  /** Gives it its name, if what lies there is what was decided upon. */
  async publish(durable: boolean): Promise<Published> {
    const { row } = this.#run;
    const target = this.#target.path;
    const stats = this.#dated ?? (await local('target', 'stat', target, () => this.file.stat()));
    // of a small file no step is stored between its part and its end: after a restart it is compared with the phone
    if (row.size > MEGABYTE) this.#run.update({ creation: 'renaming' });
    const published = await publishLocal(
      this.#context.disk,
      this.#path,
      stats,
      target,
      row.expectation ?? { kind: 'nothing' },
    );
    switch (published.kind) {
      case 'kept':
        return { kind: 'changed' };
      case 'nothing':
        // with its disk away it is not gone
        this.#context.folders.forget();
        await this.#context.folders.make(this.#run.transfer, dirname(target));
        // and may have come back by now
        if ((await lookAt(this.#context.disk, this.#path)) !== undefined) return this.publish(durable);
        this.#run.dropCheckpoints(0);
        this.#run.update({ temporary: undefined, creation: 'none', confirmed: 0 });
        return { kind: 'gone' };
      case 'done':
        if (durable) await syncFolders(this.#context.disk, target, this.#run.transfer.destination);
        this.#run.update({ temporary: undefined });
        return { kind: 'done', stats };
    }
  }

  /**
   * The published file, open for reading, if it holds exactly the chunks that were confirmed; `undefined` where it does
   * not. After a restart this proves that it got its name before the program ended.
   */
  static async holding(
    disk: Disk,
    path: string,
    checkpoints: readonly Checkpoint[],
    size: number,
  ): Promise<OpenFile | undefined> {
    const last = checkpoints.at(-1);
    if (last === undefined || last.offset + last.length !== size) return undefined;
    const file = await local('target', 'open', path, () => disk.open(path, 'read'));
    const trusted = await trustedCheckpoints(file, checkpoints, () => false);
    if (trusted.length === checkpoints.length) return file;
    await file.close();
    return undefined;
  }

  /** Brings the published file to the disk; answers whether the disk promises to keep it. */
  static async sync(disk: Disk, path: string): Promise<boolean> {
    const file = await local('target', 'open', path, () => disk.open(path, 'update'));
    try {
      return await syncFile(file, path, 'all');
    } finally {
      await file.close();
    }
  }

  /** Removes it: what it holds is of no use any more. Rejects with `local-missing` while its disk is away. */
  async discard(): Promise<void> {
    await this.release();
    const { temporary, creation } = this.#run.row;
    if (temporary !== undefined && creation !== 'none') await this.#remove(temporary);
    this.#run.dropCheckpoints(0);
    this.#run.update({ temporary: undefined, creation: 'none', confirmed: 0 });
  }

  /** What is not found may be on a disk that is away, and come back with it. */
  async #remove(path: string): Promise<void> {
    const { disk, folders } = this.#context;
    if ((await deleteLocal(disk, path, { kind: 'own-name' })).kind !== 'nothing') return;
    folders.forget();
    await folders.requireDisk(this.#run.transfer);
    await deleteLocal(disk, path, { kind: 'own-name' });
  }

  /** Lets go of the file. Never rejects. */
  async release(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    this.#dated = undefined;
    this.#isNew = false;
    this.#isWritten = false;
  }
}

/** Brings a file’s name to the disk, and those of the folders above it that may have been made for it. */
export async function syncFolders(disk: Disk, path: string, root: string): Promise<void> {
  const last = dirname(root);
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    await syncFolder(disk, folder);
    if (folder === last || dirname(folder) === folder) return;
  }
}

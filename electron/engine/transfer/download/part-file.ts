import { basename, dirname, join } from 'node:path';
import { PhoneError, fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Phone } from '../../../mtp/index.ts';
import { deleteLocal, publishLocal, syncFile, syncFolder, truncateOwn } from '../../local/destroy-local.ts';
import type { FileStats, NewFile, OpenFile } from '../../local/disk.ts';
import { PART_SUFFIX, local, localError, lookAt, modifiedOf, openPart, writeFully } from '../../local/local-files.ts';
import { make } from '../../local/single-calls.ts';
import { cutName } from '../../local/local-names.ts';
import { agreedOffset, trustedCheckpoints, type Readable } from '../compare-bytes.ts';
import { FIRST_CHUNK, MEGABYTE } from '../chunk-size.ts';
import { giveBytesBack, joinedIn, takeBytes } from '../transfer-buffers.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import type { DownloadTarget } from './download-target.ts';
import { keepNamed } from './published-file.ts';

/** Bytes read again from the phone before a download goes on, to see that both sides still mean the same file. */
const OVERLAP = 64 * 1024;
/** The longest name of nearly every file system, in bytes of UTF-8. */
const MOST_BYTES = 255;
/** A date within two seconds counts as kept: FAT stores even seconds only. */
const DATE_TOLERANCE_MS = 2_000;

/** `film.mkv`, `a1b2` → `film.mkv.a1b2.replug-part`, cut where it would not fit. */
function partNameOf(name: string, unique: string): string {
  const suffix = `.${unique}${PART_SUFFIX}`;
  return cutName(name, MOST_BYTES - suffix.length) + suffix;
}

/** What publishing led to: `changed`, something else lies at the target than was expected; `gone`, there is no part file. */
export type Published =
  { readonly kind: 'done'; readonly stats: FileStats } | { readonly kind: 'changed' } | { readonly kind: 'gone' };

/** How completing it ended. */
export interface Completed {
  readonly dateKept: boolean;
  readonly published: Published;
}

/** What failed of a file that is made in one go, by the system's name of it. */
const OPERATIONS: ReadonlyMap<unknown, string> = new Map([
  ['open', 'open'],
  ['fsync', 'sync'],
  ['fdatasync', 'sync'],
]);

const isDate = (stats: FileStats, modified: number): boolean =>
  Math.abs(modifiedOf(stats) - modified) <= DATE_TOLERANCE_MS;

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
  /** All of a small file, before there is a part file. */
  #held: Uint8Array | undefined;

  constructor(context: ItemTransferContext, target: DownloadTarget) {
    this.#context = context;
    this.#target = target;
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  /** The open part file; what was only held is in it once `onDisk` has resolved. */
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

  /** Whether what was fetched in this run is here, in the file or held. */
  get isFilled(): boolean {
    return this.#held !== undefined || (this.#file !== undefined && (this.#isWritten || !this.#isNew));
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Opens it for writing; makes it, exclusively, where `resume` found none. */
  async open(): Promise<void> {
    if (this.#file !== undefined) return;
    this.#file = await this.#create((path) => openPart(this.#context.disk, path, true, this.#target.path));
    this.#isNew = true;
  }

  /** Notes the name under which it will be made. */
  async announce(): Promise<void> {
    const target = this.#target.path;
    const { row } = this.#run;
    await this.#run.announce({
      temporary: join(dirname(target), partNameOf(basename(target), this.#context.unique())),
      creation: 'creating',
      reached: Math.max(row.reached, Math.min(row.size, FIRST_CHUNK)),
    });
  }

  /** Makes it by `make`, under a name that was announced and that nobody has. Rejects as `make` does. */
  async #create<Made>(make: (path: string) => Promise<Made>): Promise<Made> {
    const target = this.#target.path;
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 1 || this.#run.row.creation !== 'creating') await this.announce();
      try {
        const made = await make(this.#path);
        this.#run.update({ creation: 'created' });
        return made;
      } catch (error) {
        if (isPhoneError(error) && error.problem.operation !== 'open') this.#run.update({ creation: 'created' });
        else this.#run.update({ temporary: undefined, creation: 'none' });
        if (!isPhoneError(error) || error.problem.operation !== 'open' || attempt === 3) throw error;
        // a name that somebody else has already: another one. The folder went away since it was last seen: it is made
        if (error.kind === 'local-missing') {
          this.#context.folders.forget();
          await this.#context.folders.make(this.#run.transfer, dirname(target));
        } else if (error.kind !== 'local-exists') throw error;
      }
    }
  }

  /** Keeps all of a small file until `complete`, which makes it, dates it and names it in one go. */
  hold(pieces: readonly Uint8Array[], length: number): void {
    this.#letGo();
    this.#held = joinedIn(takeBytes(length), pieces);
  }

  /** Writes what is held: from here on it is a part file like any other. */
  async onDisk(): Promise<void> {
    const held = this.#held;
    if (held === undefined) return;
    await this.open();
    await this.write([held], 0);
    this.#letGo();
  }

  #letGo(): void {
    if (this.#held !== undefined) giveBytesBack(this.#held);
    this.#held = undefined;
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

  /**
   * Everything is here: cuts what is beyond `size`, gives it its date, brings it to the disk, and gives it its name if
   * what lies there is what was decided upon. `dateKept`: the disk took the date.
   */
  async complete(size: number, modified: number | undefined, durable: boolean): Promise<Completed> {
    if (this.#held?.byteLength === size) return this.#completeHeld(this.#held, modified, durable);
    await this.onDisk();
    const { dateKept } = await this.#finish(size, modified, durable);
    const stats = this.#dated ?? (await local('target', 'stat', this.#target.path, () => this.file.stat()));
    return { dateKept, published: await this.#publish(stats, durable) };
  }

  async #completeHeld(held: Uint8Array, modified: number | undefined, durable: boolean): Promise<Completed> {
    const target = this.#target.path;
    const isFree = (this.#run.row.expectation?.kind ?? 'nothing') === 'nothing';
    const how: NewFile = {
      modified,
      sync: durable ? 'all' : 'content',
      name: isFree && !durable ? target : undefined,
    };
    const made = await this.#create((path) =>
      make(this.#context.disk, path, held, how).catch((error: unknown) => {
        throw localError(
          error,
          'target',
          OPERATIONS.get((error as { readonly syscall?: unknown }).syscall) ?? 'write',
          target,
        );
      }),
    );
    this.#letGo();
    this.#isDurable = made.isDurable;
    const { stats, isDated, isNamed } = made;
    const dateKept = modified === undefined || (isDated && isDate(stats, modified));
    if (!isNamed) return { dateKept, published: await this.#publish(stats, durable) };
    this.#run.update({ temporary: undefined });
    return { dateKept, published: { kind: 'done', stats } };
  }

  async #finish(size: number, modified: number | undefined, durable: boolean): Promise<{ readonly dateKept: boolean }> {
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
      return isDate(this.#dated, modified);
    } catch {
      return false;
    }
  }

  async #publish(stats: FileStats, durable: boolean): Promise<Published> {
    const { row } = this.#run;
    const target = this.#target.path;
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
        if ((await lookAt(this.#context.disk, this.#path)) !== undefined) return this.#publish(stats, durable);
        this.#run.dropCheckpoints(0);
        this.#run.update({ temporary: undefined, creation: 'none', confirmed: 0 });
        return { kind: 'gone' };
      case 'done':
        if (durable) await keepNamed(this.#context.disk, target, this.#run.transfer.destination);
        // a power cut would bring the old file back, which would count as a person's edit of what is noted as done
        else if (row.expectation?.kind === 'file') await syncFolder(this.#context.disk, dirname(target));
        this.#run.update({ temporary: undefined });
        return { kind: 'done', stats };
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

  /**
   * The target has its name: removes the one that it was made under, where that is left. Changes nothing of the item, so that
   * one that is killed now is found in the same way again. Rejects as `discard` does.
   */
  async dropOtherName(): Promise<void> {
    await this.release();
    const { temporary } = this.#run.row;
    if (temporary !== undefined) await this.#remove(temporary);
  }

  /** What is not found may be on a disk that is away, and come back with it. */
  async #remove(path: string): Promise<void> {
    const { disk, folders } = this.#context;
    try {
      if ((await deleteLocal(disk, path, { kind: 'own-name' })).kind !== 'nothing') return;
      folders.forget();
      await folders.requireDisk(this.#run.transfer);
      await deleteLocal(disk, path, { kind: 'own-name' });
    } catch (error) {
      // as in `write`
      if (!isPhoneError(error) || error.problem.subject !== path) throw error;
      throw new PhoneError({ ...error.problem, subject: this.#target.path }, { cause: error });
    }
  }

  /** Lets go of the file. Never rejects. */
  async release(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#letGo();
    this.#file = undefined;
    this.#dated = undefined;
    this.#isNew = false;
    this.#isWritten = false;
  }
}

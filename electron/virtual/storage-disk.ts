import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  openSync,
  statfsSync,
  truncateSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { VirtualPhoneOptions, VirtualStorageOptions } from './options.ts';
import { Spool, moveInto } from './spool.ts';

const writeLater = promisify(write);

/** FAT32 ends at 4 GiB - 1 for one file. */
const FAT_LARGEST_FILE = 0xffffffff;
const FAT_ILLEGAL = /["*:<>?\\|]/;
/** More would look odd for a phone; a stable number, since the capacity is part of a storage's identity. */
const LARGEST_DEFAULT_CAPACITY = 512 * 1024 ** 3;
/** What others did in the folder is noticed no more often than this. */
const RECOUNT_MS = 500;
/** Up to here a write is made at once: handing it to another thread costs more. */
const SMALL_WRITE = 128 * 1024;

/** An error as node throws it for a full disk, a file beyond the limit, or a disk that is gone. */
const diskError = (code: 'ENOSPC' | 'EFBIG' | 'EIO'): Error => Object.assign(new Error(code), { code });

/** How many more bytes may be written before the phone says it is full; shared by all disks of a phone. */
export interface WriteBudget {
  left(): number;
  wrote(bytes: number): void;
  /** It has said so once, and says so until there is room again. */
  readonly isFull: boolean;
}

/** An open file of a disk: the only way bytes get onto it. */
export class StorageFile {
  readonly #disk: StorageDisk;
  readonly #descriptor: number;
  #isOpen = true;
  #isWriting = false;
  size: number;

  constructor(disk: StorageDisk, descriptor: number, size: number) {
    this.#disk = disk;
    this.#descriptor = descriptor;
    this.size = size;
  }

  /** Writes all of it, or what fits and then throws: ENOSPC, EFBIG, or what the computer's disk says. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    if (bytes.byteLength === 0) return;
    const fits = this.#disk.fits(position, bytes.byteLength, this.size);
    let done = 0;
    while (done < fits.bytes) {
      // its storage was taken out meanwhile
      if (!this.#isOpen) throw diskError('EIO');
      const rest = fits.bytes - done;
      if (rest <= SMALL_WRITE) done += writeSync(this.#descriptor, bytes, done, rest, position + done);
      else done += await this.#writeLater(bytes, done, rest, position + done);
    }
    const end = position + done;
    this.#disk.account(done, Math.max(0, end - this.size));
    this.size = Math.max(this.size, end);
    if (done < bytes.byteLength) throw diskError(fits.because);
  }

  truncate(size: number): void {
    if (size > this.#disk.largestFile) throw diskError('EFBIG');
    ftruncateSync(this.#descriptor, size);
    this.#disk.account(0, size - this.size);
    this.size = size;
  }

  setTimes(seconds: number): void {
    futimesSync(this.#descriptor, seconds, seconds);
  }
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#isWriting) closeSync(this.#descriptor);
  }

  /** A descriptor that is being written to is closed after that: its number may be another file's by then. */
  async #writeLater(bytes: Uint8Array, from: number, count: number, position: number): Promise<number> {
    this.#isWriting = true;
    try {
      return (await writeLater(this.#descriptor, bytes, from, count, position)).bytesWritten;
    } finally {
      this.#isWriting = false;
      if (!this.#isOpen) closeSync(this.#descriptor);
    }
  }
}

/** A file being received: outside the folder until it is whole, so that a killed process leaves nothing visible. */
export interface Body {
  readonly file: StorageFile;
  commit(): void;
  discard(): void;
}

/** What a storage is. */
export interface StorageDiskOptions {
  readonly root: string;
  readonly description: string;
  readonly removable: boolean;
  /** FAT32: 4 GiB - 1 for a file, no FAT-illegal characters, names trimmed. */
  readonly fat: boolean;
  readonly capacity: number | undefined;
  /** Names that FAT cannot hold are refused although it is not FAT. */
  readonly fatNames?: boolean | undefined;
  /** Mounted so many milliseconds after the session was opened. */
  readonly afterMs?: number | undefined;
  readonly isAbsent?: boolean | undefined;
}

/** One storage: a folder on the computer's disk with the limits of a phone's file system around it. */
export class StorageDisk {
  readonly root: string;
  readonly removable: boolean;
  readonly fat: boolean;
  readonly afterMs: number | undefined;
  readonly isAbsent: boolean;
  readonly #fatNames: boolean;
  #description: string;
  #capacity: number | undefined;
  readonly #budget: WriteBudget;
  readonly #spool: Spool;
  #used: number | undefined;
  #countedAt = 0;
  /** Bytes that apps' own data leaves, and how many that data takes, once it is known what is used otherwise. */
  #leaving: number | undefined;
  #taken: number | undefined;

  constructor(options: StorageDiskOptions, budget: WriteBudget) {
    this.root = options.root;
    this.#description = options.description;
    this.afterMs = options.afterMs;
    this.#fatNames = options.fat || options.fatNames === true;
    this.isAbsent = options.isAbsent === true;
    this.removable = options.removable;
    this.fat = options.fat;
    this.#capacity = options.capacity;
    this.#budget = budget;
    this.#spool = new Spool(options.root);
  }

  get description(): string {
    return this.#description;
  }

  /** From the next GetStorageInfo on it has another name or another capacity in bytes. */
  describe(as: { readonly name?: string | undefined; readonly capacity?: number | undefined }): void {
    if (as.name !== undefined) this.#description = as.name;
    if (as.capacity === undefined) return;
    this.#capacity = as.capacity;
    this.#used = undefined;
  }

  /** What is not in its folder takes all but so many bytes; `undefined`: nothing more. */
  fill(leaving: number | undefined): void {
    this.#leaving = leaving;
    this.#taken = undefined;
  }

  /** Bytes that may still be written, once it was counted what is used. */
  #room(): number | undefined {
    if (this.#capacity === undefined || this.#used === undefined) return undefined;
    const left = this.#capacity - this.#used;
    if (this.#leaving !== undefined) this.#taken ??= left - this.#leaving;
    return Math.max(0, left - Math.max(0, this.#taken ?? 0));
  }

  get largestFile(): number {
    return this.fat ? FAT_LARGEST_FILE : Number.MAX_SAFE_INTEGER;
  }

  /** Called at each plug: makes the folder, clears what a killed process left in the spool. */
  async prepare(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    this.#used = undefined;
    this.#spool.sweep();
  }
  /** Called when a connection has ended. */
  leave(): void {
    this.#spool.close();
  }

  /** `fresh`: what others did in the folder counts too. */
  async space(fresh: boolean): Promise<{ readonly capacity: number; readonly free: number }> {
    const disk = statfsSync(this.root);
    // also when nothing was refused yet: the last byte that fitted has filled it
    const full = this.#budget.isFull || this.#budget.left() === 0;
    if (this.#capacity === undefined) {
      const capacity = Math.min(disk.blocks * disk.bsize, LARGEST_DEFAULT_CAPACITY);
      return { capacity, free: full ? 0 : Math.min(disk.bavail * disk.bsize, capacity) };
    }
    if (this.#used === undefined || (fresh && performance.now() - this.#countedAt > RECOUNT_MS)) await this.recount();
    return { capacity: this.#capacity, free: full ? 0 : (this.#room() ?? this.#capacity) };
  }

  async recount(): Promise<void> {
    if (this.#capacity === undefined) return;
    this.#used = await measure(this.root);
    this.#countedAt = performance.now();
  }

  fits(
    position: number,
    bytes: number,
    size: number,
  ): { readonly bytes: number; readonly because: 'ENOSPC' | 'EFBIG' } {
    const belowLimit = Math.max(0, this.largestFile - position);
    const free = this.#room() ?? Number.MAX_SAFE_INTEGER;
    const withinSpace = Math.max(0, Math.min(this.#budget.left(), Math.max(0, size - position) + free));
    return { bytes: Math.min(bytes, belowLimit, withinSpace), because: belowLimit < withinSpace ? 'EFBIG' : 'ENOSPC' };
  }
  account(written: number, growth: number): void {
    if (written > 0) this.#budget.wrote(written);
    if (this.#used !== undefined) this.#used += growth;
  }

  /** Whether the file system takes such a name; length is left to the real one. */
  acceptsName(name: string): boolean {
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) return false;
    return !this.#fatNames || !(FAT_ILLEGAL.test(name) || [...name].some((character) => character < ' '));
  }

  async openForEdit(path: string): Promise<StorageFile> {
    await this.#countOnce();
    const descriptor = openSync(path, constants.O_RDWR | noFollow);
    return new StorageFile(this, descriptor, fstatSync(descriptor).size);
  }

  /** For CopyObject onto an existing name: opened without truncation, as AOSP does. */
  async openToOverwrite(path: string): Promise<StorageFile> {
    await this.#countOnce();
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | noFollow, 0o640);
    return new StorageFile(this, descriptor, fstatSync(descriptor).size);
  }

  /** A new file that appears at `path` when it is committed. What is there already is emptied at once, as O_TRUNC would. */
  async receive(path: string, overwrites: boolean): Promise<Body> {
    await this.#countOnce();
    if (overwrites) {
      const before = lstatSync(path);
      truncateSync(path, 0);
      this.account(0, -before.size);
    } else judge(path);
    const spooled = this.#spool.create();
    const file = new StorageFile(this, spooled.descriptor, 0);
    return {
      file,
      commit: () => {
        file.close();
        moveInto(spooled.path, path);
      },
      discard: () => {
        file.close();
        for (const leftover of overwrites ? [spooled.path, path] : [spooled.path])
          if (lstatSync(leftover, { throwIfNoEntry: false }) !== undefined) unlinkSync(leftover);
        this.account(0, -file.size);
      },
    };
  }

  /** Bytes that went away by deletion. */
  freed(bytes: number): void {
    this.account(0, -bytes);
  }

  async #countOnce(): Promise<void> {
    if (this.#capacity !== undefined && this.#used === undefined) await this.recount();
  }
}

/** The real file system's verdict on a name and its folder, as open(O_CREAT) would have it. */
function judge(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined) throw new Error('EEXIST');
  accessSync(dirname(path), constants.W_OK);
}

/** Windows has no such flag; there the folder is ours alone anyway. */
const noFollow = (constants as { readonly O_NOFOLLOW?: number }).O_NOFOLLOW ?? 0;

async function measure(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await measure(path);
    else if (entry.isFile()) bytes += (await stat(path).catch(() => ({ size: 0 }))).size;
  }
  return bytes;
}

/** The phone's own storage, its card if it has one, and whatever else it is to have. */
export function disksOf(
  options: VirtualPhoneOptions,
  hasCard: boolean,
  budget: WriteBudget,
): readonly [StorageDisk, ...StorageDisk[]] {
  const internalName = options.storageName ?? 'Internal shared storage';
  const disks: [StorageDisk, ...StorageDisk[]] = [
    new StorageDisk(
      {
        root: resolve(options.directory),
        description: internalName,
        removable: false,
        fat: false,
        fatNames: options.quirks?.some(([quirk]) => quirk === 'fat-names'),
        capacity: options.capacity,
      },
      budget,
    ),
  ];
  if (!hasCard) return disks;
  const card: VirtualStorageOptions[] =
    options.sdDirectory === undefined
      ? []
      : [
          {
            directory: options.sdDirectory,
            name: options.sdName ?? 'SD card',
            removable: true,
            capacity: options.sdCapacity,
            afterMs: options.sdAfterMs,
          },
        ];
  for (const more of [...card, ...(options.storages ?? [])]) {
    const removable = more.removable === true;
    disks.push(
      new StorageDisk(
        {
          root: resolve(more.directory),
          description: more.name ?? internalName,
          removable,
          fat: removable,
          capacity: more.capacity,
          afterMs: more.afterMs,
          isAbsent: more.absent,
        },
        budget,
      ),
    );
  }
  return disks;
}

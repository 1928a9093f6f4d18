import path from 'node:path';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import { fail, type Problem } from '../../shared/errors.ts';
import { mediaKindOf } from '../../shared/media-kinds.ts';
import { skippedName } from '../../shared/skipped-names.ts';
import { diskFor, isMounted, modifiedOf, sampleFile, type Disk, type FileStats } from '../engine/index.ts';
import type { LibraryDisk, LibraryFile, PhotoStore } from './photo-store.ts';

/**
 * The index of photos that are on this computer already, in folders that the person named. Looking again costs a stat per
 * file; a file is read, 48 KiB of it at most, only where one on a phone has its size.
 */

const STATS_AT_ONCE = 64;
const ROWS_AT_ONCE = 1_000;
/** Folders inside folders: links are not followed, so only a damaged disk has more. */
const MOST_DEPTH = 64;

/** What a refresh needs and tells. */
export interface RefreshOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((files: number) => void) | undefined;
}

/** The library of this computer. */
export class Library {
  readonly #disk: Disk;
  readonly #store: PhotoStore;

  constructor(disk: Disk, store: PhotoStore) {
    this.#disk = disk;
    this.#store = store;
  }

  /**
   * Brings the index of these folders up to date. Of a folder that is away what was indexed stays, and a problem is told;
   * likewise of one below it that cannot be listed. An empty mount point is a disk that is away, too. Rejects with `cancelled` and as the store does.
   */
  async refresh(folders: readonly LocalPath[], options: RefreshOptions = {}): Promise<readonly Problem[]> {
    const problems: Problem[] = [];
    let files = 0;
    for (const folder of topmost(folders)) {
      const known = new Map(this.#store.libraryBelow(folder).map((row) => [row.path, row]));
      const all = [...known.keys()];
      const before = await this.#diskOf(folder);
      const unlisted: string[] = [];
      const mounts: LocalPath[] = [];
      let changed: LibraryFile[] = [];
      const put = (): void => {
        this.#store.putLibrary(changed);
        changed = [];
      };
      for await (const batch of this.#walk(folder, unlisted, mounts)) {
        if (options.signal?.aborted === true) throw fail('cancelled', 'index');
        for (const row of batch) {
          const indexed = known.get(row.path);
          known.delete(row.path);
          if (indexed?.size !== row.size || indexed.modified !== row.modified) changed.push(row);
        }
        if (changed.length >= ROWS_AT_ONCE) put();
        files += batch.length;
        options.onProgress?.(files);
      }
      put();
      const after = await this.#diskOf(folder);
      const noted = this.#store.folders().find((one) => one.path === folder)?.disk;
      unlisted.push(...(await this.#away(folder, { noted, before, after, mounts, all, missing: known })));
      const isUnlisted = (file: string): boolean =>
        unlisted.some((below) => file === below || file.startsWith(withSeparator(below)));
      if (after !== undefined && !unlisted.includes(folder)) {
        // a disk that is away is still to be known as one
        const stillAway = (noted?.mounts ?? []).filter((mount) => unlisted.includes(mount));
        const disk = { ...after, mounts: [...mounts, ...stillAway] };
        if (JSON.stringify(noted) !== JSON.stringify(disk)) this.#store.putFolder({ path: folder, disk });
      }
      this.#store.dropLibrary([...known.keys()].filter((file) => !isUnlisted(file)));
      for (const below of new Set(unlisted))
        problems.push(fail('local-missing', 'index', 'it cannot be listed', { subject: below }).problem);
    }
    return problems;
  }

  /** Where a folder is now; `undefined` where there is none. */
  async #diskOf(folder: LocalPath): Promise<Omit<LibraryDisk, 'mounts'> | undefined> {
    const stats = await this.#disk.stat(folder).catch(() => undefined);
    if (stats?.isDirectory() !== true) return undefined;
    return { root: numbersOf(stats), mount: await diskFor(this.#disk, folder).catch(() => undefined) };
  }

  /** Whether the disk of a folder that was looked into is not mounted any more. */
  async isAway(folder: LocalPath): Promise<boolean> {
    const mount = this.#store.folders().find((one) => one.path === folder)?.disk?.mount;
    return mount !== undefined && !(await isMounted(this.#disk, mount));
  }

  /** Disks that were mounted below a folder at the last look, and are not now: what is put there lands in their stead. */
  async awayBelow(folder: LocalPath): Promise<readonly LocalPath[]> {
    const mounts = this.#store
      .folders()
      .flatMap(({ disk }) => disk?.mounts ?? [])
      .filter((mount) => isWithin(mount, folder));
    const are = await Promise.all(mounts.map((mount) => isMounted(this.#disk, mount)));
    return mounts.filter((_, index) => are[index] === false);
  }

  /**
   * Which of a folder and the disks below it are away, though something can be listed there: the folder is another one than
   * at the last look, or became another one during this, and more than half of what was indexed is missing.
   */
  async #away(
    folder: LocalPath,
    { noted, before, after, mounts, all, missing }: Looked,
  ): Promise<readonly LocalPath[]> {
    if (missing.size === 0) return [];
    if (before?.root !== after?.root) return [folder];
    const isMostMissing = (below: LocalPath): boolean => {
      const isIn = (file: string): boolean => file.startsWith(withSeparator(below));
      return [...missing.keys()].filter(isIn).length * 2 > all.filter(isIn).length;
    };
    // of an index that is older than the notes nobody knows where it was: nothing at all is there, as where no disk is
    if (noted === undefined) return missing.size === all.length ? [folder] : [];
    const isUnmounted = noted.mount !== undefined && !(await isMounted(this.#disk, noted.mount));
    if ((isUnmounted || isOtherFolder(folder, noted, after)) && isMostMissing(folder)) return [folder];
    return noted.mounts.filter((mount) => !mounts.includes(mount) && isMostMissing(mount));
  }

  /** Files in batches; what cannot be looked at goes into `unlisted`, folders on other disks into `mounts`. */
  async *#walk(root: LocalPath, unlisted: string[], mounts: LocalPath[]): AsyncGenerator<readonly LibraryFile[]> {
    const stack: { readonly folder: string; readonly depth: number; readonly above: number | undefined }[] = [
      { folder: root, depth: 0, above: undefined },
    ];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { folder, depth, above } = next;
      const dev = (await this.#disk.stat(folder).catch(() => undefined))?.dev;
      if (above !== undefined && dev !== undefined && dev !== above) mounts.push(localPath(folder));
      const entries = await this.#disk.entries(folder).catch(() => undefined);
      if (entries === undefined || depth > MOST_DEPTH) {
        unlisted.push(folder);
        continue;
      }
      const names: string[] = [];
      for (const entry of entries) {
        if (skippedName(entry.name, 'computer') !== undefined) continue;
        if (entry.isDirectory()) stack.push({ folder: path.join(folder, entry.name), depth: depth + 1, above: dev });
        else if (entry.isFile() && isOfLibrary(entry.name)) names.push(entry.name);
      }
      for (let from = 0; from < names.length; from += STATS_AT_ONCE) {
        const batch = await Promise.all(
          names.slice(from, from + STATS_AT_ONCE).map((name) => this.#look(path.join(folder, name), unlisted)),
        );
        yield batch.filter((row) => row !== undefined);
      }
    }
  }

  /** A file that is there but cannot be looked at goes into `unlisted`. */
  async #look(file: string, unlisted: string[] = []): Promise<LibraryFile | undefined> {
    const stats = await this.#disk.lstat(file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unlisted.push(file);
    });
    if (stats?.isFile() !== true || stats.size === 0) return undefined;
    return { path: localPath(file), size: stats.size, modified: modifiedOf(stats), sample: undefined };
  }

  /**
   * Whether the library has a file of this size and these samples. A file that was indexed and is away counts by what was
   * read of it then. Rejects as the store does.
   */
  async has(folders: readonly LocalPath[], size: number, sample: string): Promise<boolean> {
    for (const row of this.#store.libraryOfSize(size)) {
      if (!folders.some((folder) => row.path === folder || row.path.startsWith(withSeparator(folder)))) continue;
      const known = row.sample ?? (await this.#sampleOf(row));
      if (known === sample) return true;
    }
    return false;
  }

  async #sampleOf(row: LibraryFile): Promise<string | undefined> {
    // a file that cannot be read now is unlike any other
    const sample = await sampleFile(this.#disk, row.path).catch(() => undefined);
    const now = await this.#look(row.path);
    if (sample === undefined || now?.size !== row.size || now.modified !== row.modified) return undefined;
    this.#store.putLibrary([{ ...row, sample }]);
    return sample;
  }
}

/** What a look has found, beside what was known. */
interface Looked {
  readonly noted: LibraryDisk | undefined;
  readonly before: Omit<LibraryDisk, 'mounts'> | undefined;
  readonly after: Omit<LibraryDisk, 'mounts'> | undefined;
  readonly mounts: readonly LocalPath[];
  readonly all: readonly LocalPath[];
  readonly missing: ReadonlyMap<LocalPath, LibraryFile>;
}

const numbersOf = ({ dev, ino }: FileStats): string => `${dev}:${ino}`;

/** A disk gets another device number each time it is plugged in; its top folder has the same inode number on many. */
function isOtherFolder(folder: LocalPath, noted: LibraryDisk, now: Omit<LibraryDisk, 'mounts'> | undefined): boolean {
  const [dev, ino] = noted.root.split(':');
  const [devNow, inoNow] = now?.root.split(':') ?? [];
  return dev !== devNow && (ino !== inoNow || folder === noted.mount);
}

const isOfLibrary = (name: string): boolean => {
  const kind = mediaKindOf(name);
  return kind === 'photos' || kind === 'videos';
};

/** Whether a file lies in a folder, at whatever depth. */
export const isWithin = (file: string, folder: string): boolean => file.startsWith(withSeparator(folder));

const withSeparator = (folder: string): string => (folder.endsWith(path.sep) ? folder : folder + path.sep);

/** Without folders that lie in another one. */
const topmost = (folders: readonly LocalPath[]): readonly LocalPath[] =>
  [...new Set(folders)].filter(
    (folder) => !folders.some((other) => other !== folder && folder.startsWith(withSeparator(other))),
  );

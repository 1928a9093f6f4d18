import path from 'node:path';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import { fail, type Problem } from '../../shared/errors.ts';
import { mediaKindOf } from '../../shared/media-kinds.ts';
import { skippedName } from '../../shared/skipped-names.ts';
import { modifiedOf, sampleFile, type Disk } from '../engine/index.ts';
import type { LibraryFile, PhotoStore } from './photo-store.ts';

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
   * likewise of one below it that cannot be listed. Rejects with `cancelled` and as the store does.
   */
  async refresh(folders: readonly LocalPath[], options: RefreshOptions = {}): Promise<readonly Problem[]> {
    const problems: Problem[] = [];
    let files = 0;
    for (const folder of topmost(folders)) {
      const known = new Map(this.#store.libraryBelow(folder).map((row) => [row.path, row]));
      const unlisted: string[] = [];
      let changed: LibraryFile[] = [];
      const put = (): void => {
        this.#store.putLibrary(changed);
        changed = [];
      };
      for await (const batch of this.#walk(folder, unlisted)) {
        if (options.signal?.aborted === true) throw fail('cancelled', 'index');
        for (const row of batch) {
          const before = known.get(row.path);
          known.delete(row.path);
          if (before?.size !== row.size || before.modified !== row.modified) changed.push(row);
        }
        if (changed.length >= ROWS_AT_ONCE) put();
        files += batch.length;
        options.onProgress?.(files);
      }
      put();
      const isUnlisted = (file: string): boolean =>
        unlisted.some((below) => file === below || file.startsWith(below + path.sep));
      this.#store.dropLibrary([...known.keys()].filter((file) => !isUnlisted(file)));
      for (const below of unlisted)
        problems.push(fail('local-missing', 'index', 'it cannot be listed', { subject: below }).problem);
    }
    return problems;
  }

  /** Files in batches; folders that cannot be listed go into `unlisted`. */
  async *#walk(root: LocalPath, unlisted: string[]): AsyncGenerator<readonly LibraryFile[]> {
    const stack: { readonly folder: string; readonly depth: number }[] = [{ folder: root, depth: 0 }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { folder, depth } = next;
      const entries = await this.#disk.entries(folder).catch(() => undefined);
      if (entries === undefined || depth > MOST_DEPTH) {
        unlisted.push(folder);
        continue;
      }
      const names: string[] = [];
      for (const entry of entries) {
        if (skippedName(entry.name, 'computer') !== undefined) continue;
        if (entry.isDirectory()) stack.push({ folder: path.join(folder, entry.name), depth: depth + 1 });
        else if (entry.isFile() && isOfLibrary(entry.name)) names.push(entry.name);
      }
      for (let from = 0; from < names.length; from += STATS_AT_ONCE) {
        const batch = await Promise.all(
          names.slice(from, from + STATS_AT_ONCE).map((name) => this.#look(path.join(folder, name))),
        );
        yield batch.filter((row) => row !== undefined);
      }
    }
  }

  async #look(file: string): Promise<LibraryFile | undefined> {
    const stats = await this.#disk.lstat(file).catch(() => undefined);
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

const isOfLibrary = (name: string): boolean => {
  const kind = mediaKindOf(name);
  return kind === 'photos' || kind === 'videos';
};

const withSeparator = (folder: string): string => (folder.endsWith(path.sep) ? folder : folder + path.sep);

/** Without folders that lie in another one. */
const topmost = (folders: readonly LocalPath[]): readonly LocalPath[] =>
  [...new Set(folders)].filter(
    (folder) => !folders.some((other) => other !== folder && folder.startsWith(withSeparator(other))),
  );

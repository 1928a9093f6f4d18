import { lstatSync, statSync, type Stats } from 'node:fs';
import { mkdir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fail, problemOf, type Problem } from '../../shared/errors.ts';
import { fingerprintFile, modifiedOf } from '../engine/index.ts';
import type { Copy, Found } from './diff.ts';
import { SALT, type Listing, type ScanRequest, type Endpoint } from './endpoint.ts';

/** Stats are made at once in runs of this many: a promise for each of 50,000 files costs more than the stats. */
const STATS_PER_TURN = 500;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const copyOf = (stats: Stats): Copy => ({ size: stats.size, modified: modifiedOf(stats) });

/** The computer's end of a pair. Files are looked at, never opened, but for a fingerprint that was asked for. */
export class LocalEndpoint implements Endpoint {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  resolve(below: string): string {
    const resolved = path.resolve(this.root, ...below.split('/'));
    // a damaged record must not lead out of the folder
    if (resolved !== this.root && !resolved.startsWith(this.root.endsWith(path.sep) ? this.root : this.root + path.sep))
      throw fail('internal', 'sync', `${below} leads out of ${this.root}`);
    return resolved;
  }

  below(file: string): string {
    return path.relative(this.root, file).split(path.sep).join('/');
  }

  exists(): boolean {
    return statSync(this.root, { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  look(below: string): Copy | undefined {
    const stats = this.#lstat(this.resolve(below));
    return stats?.isFile() === true ? copyOf(stats) : undefined;
  }

  /** Looks at many, with a turn for others in between. */
  async lookAll(paths: Iterable<string>): Promise<ReadonlyMap<string, Copy>> {
    const found = new Map<string, Copy>();
    let looked = 0;
    for (const one of paths) {
      const copy = this.look(one);
      if (copy !== undefined) found.set(one, copy);
      looked += 1;
      if (looked % STATS_PER_TURN === 0) await turn();
    }
    return found;
  }

  async scan({ signal, enters, onProgress }: ScanRequest): Promise<Listing> {
    if (!this.exists()) throw fail('source-missing', 'sync', 'ENOENT', { subject: this.root });
    const files: Found[] = [];
    const unknown: string[] = [];
    const problems: Problem[] = [];
    const stack = [''];
    let folders = 0;
    for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
      if (signal?.aborted === true) throw fail('cancelled', 'scan');
      folders += 1;
      try {
        const entries = await readdir(this.resolve(folder), { withFileTypes: true });
        let looked = 0;
        for (const entry of entries) {
          const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
          if (entry.isDirectory()) {
            if (enters(below)) stack.push(below);
            else unknown.push(below);
            continue;
          }
          // a link to a file is its file; a link to a folder may lead round in a circle and is left out
          const stats = statSync(this.resolve(below), { throwIfNoEntry: false });
          if (stats?.isFile() === true) files.push({ path: below, ...copyOf(stats) });
          looked += 1;
          if (looked % STATS_PER_TURN === 0) await turn();
        }
      } catch (error) {
        unknown.push(folder);
        problems.push({ ...problemOf(error, 'list'), kind: 'source-unreadable', subject: this.resolve(folder) });
      }
      onProgress(folders, files.length);
    }
    return { files, unknown, problems, complete: problems.length === 0, folders };
  }

  fingerprint(below: string): Promise<string> {
    return fingerprintFile(this.resolve(below), SALT);
  }

  async rename(from: string, to: string): Promise<boolean> {
    const target = this.resolve(to);
    if (this.#lstat(target) !== undefined) return false;
    await mkdir(path.dirname(target), { recursive: true });
    try {
      await rename(this.resolve(from), target);
    } catch {
      return false;
    }
    await this.#tidy(from);
    return true;
  }

  async delete(
    files: readonly { readonly path: string; readonly expected: (copy: Copy) => boolean }[],
  ): Promise<readonly string[]> {
    const deleted: string[] = [];
    for (const { path: below, expected } of files) {
      const copy = this.look(below);
      if (copy === undefined) deleted.push(below);
      else if (expected(copy)) {
        await unlink(this.resolve(below));
        await this.#tidy(below);
        deleted.push(below);
      }
    }
    return deleted;
  }

  /** Folders that this made empty go too, up to the pair's own. */
  async #tidy(below: string): Promise<void> {
    for (let folder = path.posix.dirname(below); folder !== '.'; folder = path.posix.dirname(folder)) {
      try {
        // succeeds on empty folders only
        await rmdir(this.resolve(folder));
      } catch {
        return;
      }
    }
  }

  #lstat(file: string): Stats | undefined {
    try {
      return lstatSync(file, { throwIfNoEntry: false });
    } catch (error) {
      // a file where a folder should be: nothing is there under this name
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
      throw fail('local-io', 'lstat', String(error), { subject: file }, error);
    }
  }
}

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { foldName } from '../../shared/domain.ts';
import { fail, problemOf, type Problem } from '../../shared/errors.ts';
import { skippedName } from '../../shared/skipped-names.ts';
import {
  deleteLocal,
  digestFile,
  diskFor,
  fingerprintFile,
  tryNames,
  type Disk,
  type FileStats,
  makeFolderBelow,
  removeEmptyFolder,
  renameLocal,
  type TriedNames,
} from '../engine/index.ts';
import { copyOf, fileAt, inBatches, isNothing, lookAtCopies, type CopiesHere } from './copies-here.ts';
import type { Found } from './diff.ts';
import type { Copy } from './untouched.ts';
import {
  SALT,
  type Deleted,
  type Deletion,
  type Endpoint,
  type Listing,
  type Renamed,
  type ScanRequest,
} from './endpoint.ts';

/** What Node puts where bytes of a name are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** Copies that are looked for to learn how the disk spells, before a file is made for it. */
const MOST_SPELLINGS = 100;

/** The computer's end of a pair. Files are looked at, never opened, except for a fingerprint that was asked for. */
export class LocalEndpoint implements Endpoint {
  readonly #disk: Disk;
  /** Absolute path of the pair's folder. */
  readonly root: string;

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.root = root;
  }

  /** The absolute path of one below the folder. Throws `internal` for one that leads out of it. */
  resolve(below: string): string {
    const resolved = path.resolve(this.root, ...below.split('/'));
    // a damaged record must not lead out of the folder
    if (resolved !== this.root && !resolved.startsWith(this.root.endsWith(path.sep) ? this.root : this.root + path.sep))
      throw fail('internal', 'sync', `${below} leads out of ${this.root}`);
    return resolved;
  }

  /** The reverse of `resolve`. */
  below(file: string): string {
    return path.relative(this.root, file).split(path.sep).join('/');
  }

  /** Identifies the folder on its disk; `undefined` where there is no such folder. Differs when another disk is there. */
  async identity(): Promise<string | undefined> {
    const stats = await this.#disk.stat(this.root).catch(() => undefined);
    return stats?.isDirectory() === true ? `${stats.dev}:${stats.ino}` : undefined;
  }

  /** Mount point of the disk on which the folder is, or would be made; `undefined` where it cannot be found out. */
  mount(): Promise<string | undefined> {
    return diskFor(this.#disk, this.root).catch(() => undefined);
  }

  /** Whether nothing of a person is in the folder: what a disk's own system keeps at its top does not count. */
  async isEmpty(): Promise<boolean> {
    const names = await this.#disk.readdir(this.root).catch(() => []);
    return names.every((name) => skippedName(name, 'computer') !== undefined || name === 'lost+found');
  }

  /** What names the disk takes, tried with files of our own, which go at once. Never rejects. */
  names(platform: NodeJS.Platform): Promise<TriedNames> {
    return tryNames(this.#disk, this.root, platform, randomBytes(4).toString('hex'));
  }

  /**
   * Whether `A.jpg` and `a.jpg` are one file in the folder: asked of what lies there (`known`: paths of copies), under
   * another spelling. Where nothing does, what the disk showed otherwise counts (`tried`).
   */
  async foldsCase(tried: boolean, known: Iterable<string>): Promise<boolean> {
    let looked = 0;
    for (const below of known) {
      const name = path.posix.basename(below);
      const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
      if (other === name) continue;
      const file = this.resolve(below);
      const [one, same] = await Promise.all(
        [file, path.join(path.dirname(file), other)].map((spelling) =>
          this.#disk.lstat(spelling).catch(() => undefined),
        ),
      );
      if (one !== undefined) return same?.dev === one.dev && same.ino === one.ino;
      looked += 1;
      if (looked === MOST_SPELLINGS) break;
    }
    return tried;
  }

  /** The path under which its folders list a file whose name's ends the disk dropped; else the path itself. Never rejects. */
  async listedAs(below: string): Promise<string> {
    try {
      let listed = '';
      for (const name of below.split('/')) {
        const names = await this.#disk.readdir(this.resolve(listed));
        const without = name.replace(/[. ]+$/, '');
        listed = path.posix.join(listed, !names.includes(name) && names.includes(without) ? without : name);
      }
      return (await this.#areSame(this.resolve(below), this.resolve(listed))) ? listed : below;
    } catch {
      return below;
    }
  }

  /** Whether two paths lead to one file, which is there. Rejects as `lstat` does. */
  async #areSame(one: string, other: string): Promise<boolean> {
    const [first, second] = await Promise.all([this.#disk.lstat(one), this.#disk.lstat(other)]);
    return first.dev === second.dev && first.ino === second.ino;
  }

  /** A file as it is now; `undefined` where there is none. A link is not followed. Rejects with `local-io` and the like. */
  async stat(below: string): Promise<Copy | undefined> {
    const there = await this.#look(below);
    return there && copyOf(there);
  }

  #look(below: string): Promise<FileStats | undefined> {
    return fileAt(this.#disk, this.resolve(below));
  }

  /** Copies as they are now; see `lookAtCopies`. Never rejects. */
  copies(paths: readonly string[], mounts: readonly string[]): Promise<CopiesHere> {
    return lookAtCopies({ disk: this.#disk, resolve: (below) => this.resolve(below) }, paths, mounts);
  }

  /** Many files as they are now, by path; those that are not there are left out. Rejects as `stat` does. */
  async statAll(paths: Iterable<string>): Promise<ReadonlyMap<string, Copy>> {
    const found = new Map<string, Copy>();
    await inBatches([...paths], async (one) => {
      const copy = await this.stat(one);
      if (copy !== undefined) found.set(one, copy);
    });
    return found;
  }

  async scan({ signal, enters, onProgress }: ScanRequest): Promise<Listing> {
    const top = await this.#disk.stat(this.root).catch(() => undefined);
    if (top?.isDirectory() !== true) throw fail('source-missing', 'sync', 'ENOENT', { subject: this.root });
    const files: Found[] = [];
    const unknown: string[] = [];
    const problems: Problem[] = [];
    const mounts: string[] = [];
    const note = (error: unknown, operation: string, below: string): void => {
      unknown.push(below);
      problems.push({ ...problemOf(error, operation), kind: 'source-unreadable', subject: this.resolve(below) });
    };
    const stack = [{ folder: '', dev: top.dev }];
    let folders = 0;
    let complete = true;
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { folder, dev } = next;
      if (signal?.aborted === true) throw fail('cancelled', 'scan');
      folders += 1;
      const others: string[] = [];
      let here = dev;
      try {
        if (folder !== '') here = (await this.#disk.lstat(this.resolve(folder))).dev;
        if (here !== dev) mounts.push(folder);
        for (const entry of await this.#disk.entries(this.resolve(folder))) {
          const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
          if (!entry.isDirectory()) others.push(below);
          else if (enters(below)) stack.push({ folder: below, dev: here });
          else unknown.push(below);
        }
      } catch (error) {
        complete = false;
        note(error, 'list', folder);
      }
      const found = new Map<string, Copy>();
      await inBatches(others, async (below) => {
        try {
          // a link to a file is its file; a link to a folder may lead round in a circle and is left out
          const stats = await this.#disk.stat(this.resolve(below));
          if (stats.isFile()) found.set(below, copyOf(stats));
          // where a folder was, nothing is known of what lies in it now
          else if (stats.isDirectory()) unknown.push(below);
        } catch (error) {
          // a link to itself, a file of which not even the size may be known
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') note(error, 'stat', below);
          // a link that leads nowhere: the disk of what it led to may be away
          else if (await this.#isLink(below)) unknown.push(below);
          // it was listed, under a name that is no text: nothing can be opened by it
          else if (below.includes(REPLACEMENT)) note(error, 'stat', below);
        }
      });
      for (const below of others) {
        const copy = found.get(below);
        if (copy !== undefined) files.push({ path: below, ...copy });
      }
      onProgress(folders, files.length);
    }
    return { files, unknown, problems, complete, folders, mounts };
  }

  async mayBeThere(paths: readonly string[]): Promise<ReadonlySet<string>> {
    if ((await this.identity()) === undefined) throw fail('source-missing', 'sync', 'ENOENT', { subject: this.root });
    const there = new Set<string>();
    await inBatches(paths, async (below) => {
      const isThere = await this.#disk.stat(this.resolve(below)).then(
        (stats) => stats.isFile(),
        // as in `scan`: gone is what is neither there nor behind a link that leads nowhere
        async (error: unknown) => !isNothing(error) || (await this.#isBehindLink(below)),
      );
      if (isThere && !(await this.#isOtherwiseSpelled(below))) there.add(below);
    });
    return there;
  }

  /** Whether what is at a path has another name there, which the disk takes for this one: then it is another file. */
  async #isOtherwiseSpelled(below: string): Promise<boolean> {
    const names = await this.#disk.readdir(path.dirname(this.resolve(below))).catch((): string[] => []);
    const name = path.posix.basename(below);
    return !names.includes(name) && names.some((one) => foldName(one) === foldName(name));
  }

  /** Whether a file that is not there, or a folder on the way to it, is a link. */
  async #isBehindLink(below: string): Promise<boolean> {
    for (let at = below; at !== '.'; at = path.posix.dirname(at)) if (await this.#isLink(at)) return true;
    return false;
  }

  async #isLink(below: string): Promise<boolean> {
    const stats = await this.#disk.lstat(this.resolve(below)).catch(() => undefined);
    return stats?.isSymbolicLink() === true;
  }

  fingerprint(below: string): Promise<string> {
    return fingerprintFile(this.#disk, this.resolve(below), SALT);
  }
  digest(below: string): Promise<string> {
    return digestFile(this.#disk, this.resolve(below));
  }

  async rename(from: string, to: string, expected: (copy: Copy) => boolean): Promise<Renamed> {
    const made: string[] = [];
    if (await this.#renamed(from, to, expected, made)) {
      await this.#tidy(from);
      return { at: to };
    }
    // whatever else is empty there is a person's
    for (const folder of made.toReversed()) await this.#removeIfEmpty(folder);
    return { at: from };
  }

  /** Whether it has its new name. `made` gets the folders that were made for it. Never rejects. */
  async #renamed(from: string, to: string, expected: (copy: Copy) => boolean, made: string[]): Promise<boolean> {
    try {
      const copy = await this.stat(from);
      if (copy?.modified === undefined || !expected(copy)) return false;
      const [source, target] = [this.resolve(from), this.resolve(to)];
      await makeFolderBelow(this.#disk, this.root, path.dirname(target), made);
      const { kind } = await renameLocal(this.#disk, source, target, {
        kind: 'file',
        size: copy.size,
        modified: copy.modified,
      });
      return kind === 'done';
    } catch {
      // a name this disk cannot hold, a file in the way of a folder: the copy is whole where it is
      return false;
    }
  }

  async delete(files: readonly Deletion[], signal?: AbortSignal): Promise<Deleted> {
    const deleted: string[] = [];
    const missing: string[] = [];
    const kept: { readonly path: string; readonly problem: Problem | undefined }[] = [];
    for (const { path: below, expected, undated, sha256 } of files) {
      if (signal?.aborted === true) break;
      try {
        const there = await this.#look(below);
        if (there === undefined) {
          missing.push(below);
          continue;
        }
        const copy = copyOf(there);
        const isProved = expected(copy) && (!undated(copy) || (await this.digest(below)) === sha256);
        if (copy.modified === undefined || !isProved) {
          kept.push({ path: below, problem: undefined });
          continue;
        }
        const { kind } = await deleteLocal(this.#disk, this.resolve(below), {
          kind: 'file',
          size: copy.size,
          modified: copy.modified,
          changed: there.ctimeMs,
        });
        if (kind === 'kept') {
          kept.push({ path: below, problem: undefined });
          continue;
        }
        if (kind === 'nothing') {
          missing.push(below);
          continue;
        }
        deleted.push(below);
        await this.#tidy(below);
      } catch (error) {
        kept.push({ path: below, problem: problemOf(error, 'delete') });
      }
    }
    return { deleted, missing, kept };
  }

  /** Folders that this made empty go too, up to the pair's own. Never rejects. */
  async #tidy(below: string): Promise<void> {
    for (let folder = path.posix.dirname(below); folder !== '.'; folder = path.posix.dirname(folder))
      if (!(await this.#removeIfEmpty(this.resolve(folder)))) return;
  }

  #removeIfEmpty(folder: string): Promise<boolean> {
    return removeEmptyFolder(this.#disk, folder).catch(() => false);
  }
}

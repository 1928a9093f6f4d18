import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { localPath, type Instant, type LocalPath } from '../../../shared/domain.ts';
import { deleteLocal, isOwnName, removeEmptyFolder } from './destroy-local.ts';
import type { Disk } from './disk.ts';
import { local, lookAt } from './local-files.ts';

/** Their names begin with it. */
export const DRAG_PREFIX = 'replug-drag-';
/** A folder without a process in its name is of a version before; after a day nobody drags out of it any more. */
const LONGEST_DRAG_MS = 24 * 60 * 60_000;
const NAME = new RegExp(`^${DRAG_PREFIX}(?:(\\d+)-)?[^-]+$`);

/** Whether downloads into `path` are copies for a drag, which nobody asks for again after a restart. */
export const isDragFolder = (path: string): boolean =>
  basename(path).startsWith(DRAG_PREFIX) && dirname(path) === tmpdir();

/** A file that was fetched into such a folder, as it was published there. */
export interface DraggedFile {
  readonly path: string;
  readonly size: number;
  readonly modified: Instant;
}

/**
 * Folders of the system's temporary folder into which files are fetched that are dragged out of the window. What takes
 * them copies them at its own pace, so they stay while the program runs. Then only what was fetched goes: a program that a
 * file was dropped on may have opened it there, and saved it.
 */
export class DragFolders {
  readonly #disk: Disk;
  readonly #fetchedInto: (folder: string) => Iterable<DraggedFile>;
  readonly #made = new Set<LocalPath>();

  /** `fetchedInto`: what any run of the program has fetched into a folder, as far as that is known. */
  constructor(disk: Disk, fetchedInto: (folder: string) => Iterable<DraggedFile>) {
    this.#disk = disk;
    this.#fetchedInto = fetchedInto;
  }

  /** A new empty folder. Rejects with kinds of the computer's side. */
  async make(): Promise<LocalPath> {
    const prefix = join(tmpdir(), `${DRAG_PREFIX}${process.pid}-`);
    const folder = localPath(await local('target', 'mkdir', tmpdir(), () => this.#disk.mkdtemp(prefix)));
    this.#made.add(folder);
    return folder;
  }

  /** Removes those of programs that died. `now`: the date. Never rejects. */
  async removeOrphans(now: number): Promise<void> {
    for (const name of await this.#disk.readdir(tmpdir()).catch(() => [])) {
      const match = NAME.exec(name);
      if (match === null) continue;
      const path = join(tmpdir(), name);
      const process = match[1];
      const isOver =
        process === undefined
          ? now - ((await lookAt(this.#disk, path).catch(() => undefined))?.mtimeMs ?? now) > LONGEST_DRAG_MS
          : !isAlive(Number(process));
      if (isOver) await this.#remove(path).catch(() => undefined);
    }
  }

  /** Removes those made here: the program ends. Never rejects. */
  async removeAll(): Promise<void> {
    for (const folder of this.#made) await this.#remove(folder).catch(() => undefined);
    this.#made.clear();
  }

  /** Removes what was fetched and is as it was then, and the folder with it if nothing else is in it. */
  async #remove(folder: string): Promise<void> {
    const there = await lookAt(this.#disk, folder);
    if (there?.isDirectory() !== true || (process.getuid !== undefined && there.uid !== process.getuid())) return;
    for (const { path, size, modified } of this.#fetchedInto(folder))
      await deleteLocal(this.#disk, path, { kind: 'file', size, modified }).catch(() => undefined);
    await this.#removeIfDone(folder);
  }

  /** Removes what Replug had not completed, and each folder in which nothing else is. */
  async #removeIfDone(folder: string): Promise<void> {
    for (const entry of await this.#disk.entries(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await this.#removeIfDone(path);
      else if (isOwnName(path)) await deleteLocal(this.#disk, path, { kind: 'own-name' });
    }
    await removeEmptyFolder(this.#disk, folder);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // somebody else's program
    return (error as { readonly code?: unknown }).code === 'EPERM';
  }
}

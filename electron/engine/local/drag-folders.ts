import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { localPath, type LocalPath } from '../../../shared/domain.ts';
import { DRAG_PREFIX, removeDragFolder } from './destroy-local.ts';
import type { Disk } from './disk.ts';
import { local, lookAt } from './local-files.ts';

/** A folder without a process in its name is of a version before; after a day nobody drags out of it any more. */
const LONGEST_DRAG_MS = 24 * 60 * 60_000;
const NAME = new RegExp(`^${DRAG_PREFIX}(?:(\\d+)-)?[^-]+$`);

/** Whether downloads into `path` are copies for a drag, which nobody asks for again after a restart. */
export const isDragFolder = (path: string): boolean =>
  basename(path).startsWith(DRAG_PREFIX) && dirname(path) === tmpdir();

/**
 * Folders of the system's temporary folder into which files are fetched that are dragged out of the window. What takes
 * them copies them at its own pace, so they stay while the program runs.
 */
export class DragFolders {
  readonly #disk: Disk;
  readonly #made = new Set<LocalPath>();

  constructor(disk: Disk) {
    this.#disk = disk;
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
      if (isOver) await removeDragFolder(this.#disk, path);
    }
  }

  /** Removes those made here: the program ends. Never rejects. */
  async removeAll(): Promise<void> {
    for (const folder of this.#made) await removeDragFolder(this.#disk, folder);
    this.#made.clear();
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

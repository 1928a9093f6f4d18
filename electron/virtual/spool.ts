import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, openSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/**
 * Where files are stored while they are received: beside the phone's folder, on the same file system, so that a
 * rename publishes them and a killed process leaves nothing a phone would not have kept. Exists only while in use.
 * Synchronous, since a call costs a tenth of its asynchronous counterpart and each small file needs several.
 */
export class Spool {
  readonly #folder: string;
  #isOpen = false;

  constructor(root: string) {
    this.#folder = join(dirname(root), `.${basename(root)}.replug-virtual`);
  }

  /** Deletes what killed processes left. */
  sweep(): void {
    quietly(() => {
      for (const name of readdirSync(this.#folder))
        if (!isRunning(Number(name.split('-', 1)[0]))) quietly(() => unlinkSync(join(this.#folder, name)));
    });
    this.close();
  }

  create(): { readonly path: string; readonly descriptor: number } {
    const name = `${process.pid}-${randomUUID()}`;
    try {
      if (!this.#isOpen) this.#open();
      const path = join(this.#folder, name);
      return { path, descriptor: openSync(path, 'wx', 0o640) };
    } catch {
      // nothing may be written there, or it was deleted: any other folder will do
      this.#isOpen = false;
      const path = join(tmpdir(), `replug-virtual-${name}`);
      return { path, descriptor: openSync(path, 'wx', 0o640) };
    }
  }

  #open(): void {
    mkdirSync(this.#folder, { recursive: true });
    this.#isOpen = true;
    OPEN.add(this);
    if (OPEN.size === 1) process.on('exit', closeAll);
  }

  /** Deletes the folder if it is empty. */
  close(): void {
    this.#isOpen = false;
    if (OPEN.delete(this) && OPEN.size === 0) process.off('exit', closeAll);
    quietly(() => rmdirSync(this.#folder));
  }
}

/** Moves a received file to its target. */
export function moveInto(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(from, to);
    unlinkSync(from);
  }
}

const OPEN = new Set<Spool>();
const closeAll = (): void => {
  for (const spool of [...OPEN]) spool.close();
};

const quietly = (work: () => void): void => {
  try {
    work();
  } catch {
    // already deleted
  }
};

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

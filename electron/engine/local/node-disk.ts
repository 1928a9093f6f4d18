import { constants } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  open,
  opendir,
  readdir,
  realpath,
  rename,
  rmdir,
  stat,
  statfs,
  unlink,
  utimes,
} from 'node:fs/promises';
import { renameIfSeen, unlinkIfSeen } from './destroy-local.ts';
import type { Disk, FileStats, OpenMode } from './disk.ts';
import { DiskThreads, ThreadLost } from './node-disk-threads.ts';
import { loadStepwise, makeStepwise } from './single-calls.ts';

/** Windows has neither. */
const NO_WAITING = constants.O_NONBLOCK ?? 0;
const NO_LINK = constants.O_NOFOLLOW ?? 0;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY | NO_WAITING,
  update: constants.O_RDWR,
  continue: constants.O_RDWR | constants.O_CREAT | NO_LINK,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_LINK,
};

const threads = new DiskThreads();

/** Several calls in one hop, and by single calls where no thread can be had. */
const together: Pick<Disk, 'load' | 'make' | 'unlinkIf' | 'renameIf'> = {
  load: (path, into) =>
    threads.load(path, into).catch((error: unknown) => unlessLost(error, () => loadStepwise(nodeDisk, path, into))),
  make: async (path, content, how) => {
    if (!threads.areAvailable) return makeStepwise(nodeDisk, path, content, how);
    try {
      return await threads.make(path, content, how);
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      // it may have been made, in part: whoever asked looks for it and begins again
      throw Object.assign(new Error(error.message, { cause: error }), { code: 'EIO', syscall: 'write' });
    }
  },
  // where a thread was lost after it had done it, the second look finds something else, and the caller looks for itself
  unlinkIf: (path, seen) =>
    threads
      .unlinkIf(path, seen)
      .catch((error: unknown) => unlessLost(error, () => unlinkIfSeen({ ...nodeDisk }, path, seen))),
  renameIf: (from, to, seen) =>
    threads
      .renameIf(from, to, seen)
      .catch((error: unknown) => unlessLost(error, () => renameIfSeen({ ...nodeDisk }, from, to, seen))),
};

function unlessLost<T>(error: unknown, otherwise: () => Promise<T>): Promise<T> {
  if (error instanceof ThreadLost) return otherwise();
  throw error;
}

const look =
  (call: 'stat' | 'lstat', otherwise: (path: string) => Promise<FileStats>) =>
  (path: string): Promise<FileStats> =>
    threads.isRunning
      ? threads.stats(call, path).catch((error: unknown) => unlessLost(error, () => otherwise(path)))
      : otherwise(path);

/**
 * The real disk: `node:fs` itself, whose handles and stats have the shapes of the port, so that nothing is wrapped. What
 * it does together is no property of its own: a copy of it with other calls (of a test) must not be gone round.
 */
export const nodeDisk: Disk = Object.assign(Object.create(together) as object, {
  open: (path: string, how: OpenMode, permissions?: number) => open(path, FLAGS[how], permissions),
  stat: look('stat', stat),
  lstat: look('lstat', lstat),
  realpath,
  readdir,
  readdirBytes: (path: string) => readdir(path, { encoding: 'buffer' }),
  entries: (path: string) => readdir(path, { withFileTypes: true }),
  walk: async function* (path: string) {
    yield* await opendir(path);
  },
  mkdir,
  mkdtemp,
  link,
  rename,
  unlink,
  rmdir,
  utimes,
  chmod,
  statfs,
});

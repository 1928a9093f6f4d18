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
  rm,
  rmdir,
  stat,
  statfs,
  unlink,
  utimes,
} from 'node:fs/promises';
import type { Disk, OpenMode } from './disk.ts';

/** Windows has neither. */
const NO_WAITING = constants.O_NONBLOCK ?? 0;
const NO_LINK = constants.O_NOFOLLOW ?? 0;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY | NO_WAITING,
  update: constants.O_RDWR,
  continue: constants.O_RDWR | constants.O_CREAT | NO_LINK,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_LINK,
};

/** The real disk: `node:fs` itself, whose handles and stats have the shapes of the port, so that nothing is wrapped. */
export const nodeDisk: Disk = {
  open: (path, how, permissions) => open(path, FLAGS[how], permissions),
  stat,
  lstat,
  realpath,
  readdir,
  readdirBytes: (path) => readdir(path, { encoding: 'buffer' }),
  entries: (path) => readdir(path, { withFileTypes: true }),
  walk: async function* (path) {
    yield* await opendir(path);
  },
  mkdir,
  mkdtemp,
  link,
  rename,
  unlink,
  rmdir,
  rm,
  utimes,
  chmod,
  statfs,
};

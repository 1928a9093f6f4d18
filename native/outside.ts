import { access, constants, readdir, readFile, readlink } from 'node:fs/promises';
import type { Outside } from './native.ts';

/** The real system. */
export const systemOutside: Outside = {
  run: async (program, args, limitMs) => {
    // most runs start no program
    const { execFile } = await import('node:child_process');
    return new Promise((resolve) => {
      // No shell, so nothing in an argument is interpreted.
      execFile(program, [...args], { timeout: limitMs, windowsHide: true }, (error, output) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, output });
      });
    });
  },
  list: (folder) => readdir(folder).catch(() => []),
  read: (file) => readFile(file, 'utf8').catch(() => undefined),
  link: (file) => readlink(file).catch(() => undefined),
  mayWrite: (file) =>
    access(file, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    ),
  pid: process.pid,
};

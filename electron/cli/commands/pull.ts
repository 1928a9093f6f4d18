import fs from 'node:fs/promises';
import path from 'node:path';
import { localPath } from '../../../shared/domain.ts';
import { fail, failRequest } from '../../../shared/errors.ts';
import type { CommandOf } from '../arguments.ts';
import type { ExitStatus } from '../exit.ts';
import { placeOf } from '../phone-path.ts';
import { readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { answeringOf, optionsOf, transferAll } from '../transfer-all.ts';

/** `replug pull`: files and folders from the phone. What is under way already is resumed. */
export async function pull(context: CommandContext, { sources, to, moving }: CommandOf<'pull'>): Promise<ExitStatus> {
  const answering = answeringOf(context, moving, 'download');
  const folder = localPath(path.resolve(to));
  return withReplug(context, { phones: true }, async (replug) => {
    const device = await readyDevice(context, replug);
    const places = sources.map((source) => placeOf(device, source));
    await makeLocalFolder(folder);
    return transferAll(
      context,
      replug,
      { direction: 'download', sources: places, to: folder, options: optionsOf(moving, answering) },
      answering,
    );
  });
}

async function makeLocalFolder(folder: string): Promise<void> {
  try {
    await fs.mkdir(folder, { recursive: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw failRequest('mkdir', { id: 'not-a-folder', with: { path: folder } }, { id: 'name-a-folder' });
    const kind =
      code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'local-read-only'
        : code === 'ENOSPC'
          ? 'local-full'
          : 'local-io';
    throw fail(kind, 'mkdir', code, { subject: folder }, error);
  }
}

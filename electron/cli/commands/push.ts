import fs from 'node:fs/promises';
import path from 'node:path';
import { localPath } from '../../../shared/domain.ts';
import type { CommandOf } from '../arguments.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { placeOf } from '../phone-path.ts';
import { readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { answeringOf, optionsOf, transferAll } from '../transfer-all.ts';

/** `replug push`: files and folders to the phone. What is under way already is resumed. */
export async function push(context: CommandContext, { sources, to, moving }: CommandOf<'push'>): Promise<ExitStatus> {
  const answering = answeringOf(context, moving);
  const paths = sources.map((source) => localPath(path.resolve(source)));
  const there = await Promise.all(
    paths.map((one) =>
      fs.lstat(one).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (!there.includes(true)) {
    // nothing to do: no transfer is begun for it
    for (const one of paths)
      context.output.problem({ kind: 'source-missing', operation: 'push', detail: 'ENOENT', subject: one });
    context.output.result(Exit.failed, { files: [], bytesMoved: 0, bytesResent: 0, verified: false });
    return Exit.failed;
  }
  return withReplug(context, { phones: true }, async (replug) => {
    const device = await readyDevice(context, replug);
    const place = placeOf(device, to);
    return transferAll(
      context,
      replug,
      { direction: 'upload', sources: paths, to: place, options: optionsOf(moving, answering) },
      answering,
    );
  });
}

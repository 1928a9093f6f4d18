import type { Device } from '../../../shared/domain.ts';
import { isPhoneError } from '../../../shared/errors.ts';
import { count, formatBytes } from '../../../shared/format.ts';
import type { Replug } from '../../compose.ts';
import { UsageError, type CommandOf } from '../arguments.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { each, onPhone } from '../on-phone.ts';
import { placeOf, type TypedPath } from '../phone-path.ts';
import type { CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';

/**
 * `replug rm`: deletes on the phone, folders with all in them. A person is asked first; where nobody can be asked,
 * folders need `--yes`.
 */
export async function rm(context: CommandContext, { paths, yes }: CommandOf<'rm'>): Promise<ExitStatus> {
  const { output } = context;
  return onPhone(context, async (replug, device) => {
    let agreement: string | undefined;
    if (!yes) {
      if (!output.terminal.isInteractive) await refuseFolders(replug, device, paths);
      else {
        agreement = await agreementTo(context, replug, device, paths);
        if (agreement === undefined) {
          output.say('Nothing was deleted.');
          return Exit.failed;
        }
      }
    }
    return each(context, paths, async (path) => {
      await replug.engine.execute('delete', { sources: [placeOf(device, path)], agreement });
    });
  });
}

/** Before anything is deleted, so that a script that forgot `--yes` has lost nothing. Throws `UsageError`. */
async function refuseFolders(replug: Replug, device: Device, paths: readonly TypedPath[]): Promise<void> {
  for (const path of paths) {
    const isFolder = await replug.engine.entries(placeOf(device, path)).then(
      ({ kind }) => kind === 'folder',
      (error: unknown) => {
        // told when its turn to be deleted comes
        if (isPhoneError(error) && error.kind === 'missing') return false;
        throw error;
      },
    );
    if (isFolder)
      throw new UsageError(
        `${printable(path.text)} is a folder, and there is no terminal to ask at. Nothing was deleted. Add --yes to delete it with everything in it.`,
      );
  }
}

/** Asks; answers what was agreed to, `undefined` for a no. */
async function agreementTo(
  { output }: CommandContext,
  replug: Replug,
  device: Device,
  paths: readonly TypedPath[],
): Promise<string | undefined> {
  const sources = paths.map((path) => placeOf(device, path));
  const { files, folders, bytes, agreement } = await replug.engine.execute('measure', { sources });
  const names = paths.map((path) => printable(path.text)).join(', ');
  const all = [count(files, 'file'), folders > 0 ? count(folders, 'folder') : '']
    .filter((part) => part !== '')
    .join(' and ');
  const answer = await output.ask(
    `Delete ${names} from ${printable(device.name)}: ${all}, ${formatBytes(bytes)}? [y/N] `,
  );
  return answer !== undefined && /^\s*y(es)?\s*$/i.test(answer) ? agreement : undefined;
}

import { commas } from '../../../shared/words/locale.ts';
import type { Device } from '../../../shared/domain.ts';
import { isPhoneError } from '../../../shared/errors.ts';
import { formatBytes } from '../../../shared/format.ts';
import type { Phones } from '../../compose/phones.ts';
import type { CommandOf } from '../arguments.ts';
import { UsageError } from '../option-values.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { each, onPhone } from '../on-phone.ts';
import { placeOf, type TypedPath } from '../phone-path.ts';
import type { CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';
import { askYesNo } from '../questions.ts';
import { commonWords } from '../../../shared/words/made/common.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';

/**
 * `replug rm`: deletes on the phone, folders with all in them. A person is asked first; where nobody can be asked,
 * folders need `--yes`.
 */
export async function rm(context: CommandContext, { paths, yes }: CommandOf<'rm'>): Promise<ExitStatus> {
  const { output } = context;
  return onPhone(context, async (phones, device) => {
    let agreement: string | undefined;
    if (!yes) {
      if (!output.terminal.isInteractive) await refuseFolders(phones, device, paths);
      else {
        agreement = await agreementTo(context, phones, device, paths);
        if (agreement === undefined) {
          output.say(terminalWords.say.nothingDeleted);
          return Exit.failed;
        }
      }
    }
    return each(context, paths, async (path) => {
      await phones.engine.execute('delete', { sources: [placeOf(device, path)], agreement });
    });
  });
}

/** Before anything is deleted, so that a script that forgot `--yes` has lost nothing. Throws `UsageError`. */
async function refuseFolders(phones: Phones, device: Device, paths: readonly TypedPath[]): Promise<void> {
  for (const path of paths) {
    const isFolder = await phones.engine.entries(placeOf(device, path)).then(
      ({ kind }) => kind === 'folder',
      (error: unknown) => {
        // told when its turn to be deleted comes
        if (isPhoneError(error) && error.kind === 'missing') return false;
        throw error;
      },
    );
    if (isFolder) throw new UsageError(terminalWords.usage.rmFolder({ path: path.text }));
  }
}

/** Asks; answers what was agreed to, `undefined` for a no. */
async function agreementTo(
  { output }: CommandContext,
  phones: Phones,
  device: Device,
  paths: readonly TypedPath[],
): Promise<string | undefined> {
  const sources = paths.map((path) => placeOf(device, path));
  const { files, folders, bytes, agreement } = await phones.engine.execute('measure', { sources });
  const names = commas(paths.map((path) => printable(path.text)));
  const contents =
    folders === 0 ? commonWords.count.files({ count: files }) : commonWords.count.filesInFolders({ files, folders });
  const question = terminalWords.ask.delete({
    names,
    device: printable(device.name),
    contents,
    size: formatBytes(bytes),
  });
  return (await askYesNo(output, question)) === true ? agreement : undefined;
}

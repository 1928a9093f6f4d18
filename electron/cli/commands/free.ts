import { formatBytes } from '../../../shared/format.ts';
import type { Freeable, FreeReport, PhotoCounts, PhotoPart } from '../../../shared/photos.ts';
import { commonWords } from '../../../shared/words/made/common.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';
import type { CommandOf } from '../arguments.ts';
import { readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { lookAtPhotos } from '../photos-look.ts';
import { askYesNo } from '../questions.ts';
import { printable } from '../text.ts';

/** `replug free`: deletes on the phone what was imported and whose copy is proved. */

/** Lines told to a person one by one; `--json` tells all. */
const TOLD = 50;

/** Looks, asks, deletes and reports; answers the exit status. */
export async function free(context: CommandContext, command: CommandOf<'free'>): Promise<ExitStatus> {
  const { output, interruption } = context;
  return withReplug(context, { phones: true }, async (replug) => {
    const { photos } = replug;
    const device = await readyDevice(context, replug);
    interruption.hold();
    const messengers = command.messengers || photos.settings.messengers;
    // what could not be looked at may be freeable
    const whenDone = (await lookAtPhotos(context, replug, device.key, { messengers })) ? Exit.done : Exit.failed;
    const found = await photos.freeable(device.key, {
      takenBefore: command.olderThan === undefined ? undefined : Date.now() - command.olderThan,
      largerThan: command.largerThan,
    });
    const counts = countsOf(found);
    tellFreeable(context, found);
    if (found.length === 0) {
      output.say(terminalWords.photos.nothingFreeable);
      output.result(whenDone, { dryRun: command.dryRun, freed: counts, kept: counts });
      return whenDone;
    }
    output.say(terminalWords.photos.freeable({ count: counts.shots, size: formatBytes(counts.bytes) }));
    if (command.dryRun) {
      output.say(terminalWords.photos.dryRun);
      output.result(whenDone, { dryRun: true, freeable: counts });
      return whenDone;
    }
    const question = terminalWords.photos.ask({ device: printable(device.name) });
    if (!command.yes && !(output.terminal.isInteractive && (await askYesNo(output, question)) === true)) {
      output.say(output.terminal.isInteractive ? terminalWords.photos.dryRun : terminalWords.photos.noTerminal);
      output.result(Exit.failed, { dryRun: false, freeable: counts });
      return Exit.failed;
    }
    const report = await photos.free(
      device.key,
      found.map(({ shot }) => shot.id),
      interruption.signal,
    );
    return tellReport(context, device.name, report, whenDone);
  });
}

const countsOf = (found: readonly Freeable[]): PhotoCounts => ({
  shots: found.length,
  files: found.reduce((sum, { shot }) => sum + shot.parts.length, 0),
  bytes: found.reduce((sum, { shot }) => sum + shot.bytes, 0),
});

function tellFreeable({ output }: CommandContext, found: readonly Freeable[]): void {
  for (const { shot, copies } of output.json ? found : found.slice(0, TOLD)) {
    const paths = shot.parts.map(({ path }) => path);
    output.event('freeable', { phone: paths, copies, size: shot.bytes, taken: shot.taken });
    output.say(`  ${printable(paths[0] ?? '')} (${formatBytes(shot.bytes)}) = ${printable(copies[0] ?? '')}`);
  }
  if (found.length > TOLD) output.say(`  ${terminalWords.sync.moreActions({ count: found.length - TOLD })}`);
}

const pathsOf = (parts: readonly PhotoPart[]): readonly string[] => parts.map(({ path }) => path);

function tellReport(
  { output, interruption }: CommandContext,
  device: string,
  { freed, gone, kept, shots }: FreeReport,
  whenDone: ExitStatus,
): ExitStatus {
  for (const { shot, why, path, problem, ...told } of shots) {
    output.event('shot', {
      phone: pathsOf(shot.parts),
      freed: told.freed,
      deleted: pathsOf(told.deleted),
      gone: pathsOf(told.gone),
      why,
      path,
    });
    if (why === undefined) continue;
    if (problem !== undefined) output.problem({ ...problem, subject: path });
    else output.say(`  ${printable(path)}: ${commonWords.kept[why]}`);
  }
  output.say(
    terminalWords.photos.freed({
      count: freed.shots,
      size: formatBytes(freed.bytes),
      device: printable(device),
    }),
  );
  if (gone.shots > 0) output.say(terminalWords.photos.gone({ count: gone.shots }));
  if (kept.shots > 0) output.say(terminalWords.photos.kept({ count: kept.shots }));
  const exit = interruption.signal.aborted ? Exit.interrupted : kept.shots > 0 ? Exit.failed : whenDone;
  output.result(exit, { dryRun: false, freed, gone, kept });
  return exit;
}

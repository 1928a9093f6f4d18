import { isAnonymous } from '../../../shared/domain.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { CommandOf } from '../arguments.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { follow } from '../follow.ts';
import { answerIdentity, identifyStorages } from '../identity.ts';
import { report } from '../result.ts';
import { readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';
import { announce, answeringOf } from '../transfer-all.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';

/** `replug resume`: resumes every unfinished transfer and tries again what failed, on whichever phones are there. */
export async function resume(context: CommandContext, { thisPhone }: CommandOf<'resume'>): Promise<ExitStatus> {
  const { output, globals } = context;
  return withReplug(context, { phones: true }, async (replug) => {
    const { engine } = replug;
    // what failed in a transfer that was cancelled is not wanted any more
    const isFailed = ({ id, counts }: TransferView): boolean =>
      counts.failed > 0 && engine.transferRow(id)?.intent !== 'cancel';
    const unfinished = (): readonly TransferView[] =>
      engine.transfers().filter((view) => view.finishedAt === undefined || isFailed(view));
    if (unfinished().length === 0) {
      output.say(terminalWords.say.nothingToResume);
      output.result(Exit.done, { transfers: [], files: [], bytesMoved: 0, bytesResent: 0, verified: true });
      return Exit.done;
    }
    const device = globals.phone === undefined && !thisPhone ? undefined : await readyDevice(context, replug);
    // nothing goes to a phone that does not say who it is before a person has
    if (device === undefined && unfinished().some((view) => isAnonymous(view.device)))
      await readyDevice(context, replug).catch(() => undefined);
    for (const question of engine.identityQuestions)
      if (device === undefined || question.device === device.key)
        await answerIdentity(context, replug, question, thisPhone);
    await identifyStorages(context, replug, device?.key);
    const wanted = unfinished().filter((view) => device === undefined || view.device === device.key);
    if (wanted.length === 0 && device !== undefined) {
      output.say(terminalWords.say.nothingWaits({ device: printable(device.name) }));
      output.result(Exit.failed, { transfers: [], files: [], bytesMoved: 0, bytesResent: 0, verified: false });
      return Exit.failed;
    }
    const keys = new Set(wanted.map((view) => view.device));
    let sawPhone = false;
    const stop = engine.watch('devices', undefined, ({ devices }) => {
      sawPhone ||= devices.some((one) => keys.has(one.key) && one.state.kind === 'ready');
    });
    const ids = wanted.map((view) => view.id);
    for (const view of wanted) {
      await engine.execute('resume', { transfer: view.id });
      if (view.finishedAt === undefined && view.counts.failed > 0) await engine.execute('retry', { transfer: view.id });
      announce(context, replug, view.id, true);
    }
    await follow(context, replug, ids, answeringOf(context, undefined));
    stop();
    return report(context, replug, ids, sawPhone ? Exit.interrupted : Exit.noPhone);
  });
}

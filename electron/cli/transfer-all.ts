import type { Direction, TransferId, TransferOptions } from '../../shared/domain.ts';
import type { Replug } from '../compose.ts';
import type { EnqueueRequest } from '../engine/api.ts';
import type { Moving } from './arguments.ts';
import { UsageError } from './option-values.ts';
import type { ExitStatus } from './exit.ts';
import { follow } from './follow.ts';
import type { Answering } from './questions.ts';
import { report } from './result.ts';
import type { CommandContext } from './command-context.ts';
import { printable } from './text.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** What `push`, `pull` and `resume` have in common. */

/** Begins the transfer (or resumes the same one), stays with it to its end and reports. */
export async function transferAll(
  context: CommandContext,
  replug: Replug,
  request: EnqueueRequest,
  answering: Answering,
): Promise<ExitStatus> {
  const { transfer, continued } = await replug.engine.enqueue(request);
  announce(context, replug, transfer, continued);
  await follow(context, replug, [transfer], answering);
  return report(context, replug, [transfer]);
}

/** Says which transfer this is; `continued` where it was under way already. */
export function announce({ output }: CommandContext, replug: Replug, id: TransferId, continued: boolean): void {
  const view = replug.engine.view(id);
  output.event('transfer', {
    id,
    direction: view.direction,
    title: view.title,
    phone: view.deviceName,
    storage: view.storageName,
    destination: view.destination,
    continued,
  });
  if (continued) output.say(terminalWords.say.continued({ title: printable(view.title) }));
}

/**
 * How questions are answered: by the options, at a terminal by the person. Where nobody can be asked a name that the
 * other side cannot hold fails an upload, while a download is saved under the nearest one. Throws `UsageError` for `ask`
 * without a terminal.
 */
export function answeringOf(
  { output }: CommandContext,
  moving: Moving | undefined,
  direction: Direction = 'upload',
): Answering {
  const { isInteractive } = output.terminal;
  if (!isInteractive && (moving?.onConflict === 'ask' || moving?.onName === 'ask'))
    throw new UsageError(terminalWords.usage.askTerminal);
  return {
    isInteractive,
    onConflict: moving?.onConflict ?? (isInteractive ? 'ask' : 'skip'),
    onName: moving?.onName ?? (isInteractive ? 'ask' : direction === 'upload' ? 'fail' : 'legal'),
  };
}

/** The options of `push` and `pull` as the engine has them. */
export function optionsOf(moving: Moving, { onConflict, onName }: Answering): Partial<TransferOptions> {
  return {
    onConflict,
    onName,
    move: moving.move,
    ...(moving.verify === undefined ? {} : { verify: moving.verify }),
    ...(moving.large === undefined ? {} : { large: moving.large }),
  };
}

import type { Device } from '../../shared/domain.ts';
import { problemOf } from '../../shared/errors.ts';
import type { Phones } from '../compose/phones.ts';
import { Exit, exitOf, type ExitStatus } from './exit.ts';
import type { TypedPath } from './phone-path.ts';
import { readyDevice, withPhones, type CommandContext } from './command-context.ts';

/** Runs `body` with the phone that is meant, without the queue, and ends with the result line of its exit status. */
export async function onPhone(
  context: CommandContext,
  body: (phones: Phones, device: Device) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  return withPhones(context, async (phones) => {
    const exit = await body(phones, await readyDevice(context, phones));
    context.output.result(exit);
    return exit;
  });
}

/** Does `body` for one path after the other. What fails is told and the rest goes on, unless the phone is gone. */
export async function each(
  context: CommandContext,
  paths: readonly TypedPath[],
  body: (path: TypedPath) => Promise<void>,
): Promise<ExitStatus> {
  let exit: ExitStatus = Exit.done;
  for (const path of paths)
    try {
      await body(path);
      context.output.event('done', { path: path.text });
    } catch (error) {
      const problem = problemOf(error);
      if (exitOf(problem.kind) === Exit.noPhone) throw error;
      context.output.problem({ subject: path.text, ...problem });
      exit = Exit.failed;
    }
  return exit;
}

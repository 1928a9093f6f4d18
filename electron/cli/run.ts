import { problemOf } from '../../shared/errors.ts';
import { parseArguments, UsageError, type Command, type Invocation } from './arguments.ts';
import { Exit, exitOf, type ExitStatus } from './exit.ts';
import { Output, type Terminal } from './output.ts';
import type { Interruption, Session } from './session.ts';
import { HELP } from './usage.ts';

export type { Terminal } from './output.ts';

/** One command line, from its words to its exit status. Never rejects. */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  interruption: Interruption,
): Promise<ExitStatus> {
  let invocation: Invocation;
  try {
    invocation = parseArguments(args);
  } catch (error) {
    // what was asked for could not be read, but the wish for JSON can
    const output = new Output(terminal, { json: args.includes('--json'), verbose: false });
    return usageError(output, error);
  }
  const { globals, command } = invocation;
  const output = new Output(terminal, globals);
  const waitMs = globals.waitMs ?? (terminal.isTerminal && !globals.json ? Infinity : 0);
  try {
    return await execute({ globals, output, interruption, waitMs }, command);
  } catch (error) {
    output.endBar();
    if (error instanceof UsageError) return usageError(output, error);
    const problem = problemOf(error, command.name);
    output.problem(problem);
    if (problem.kind === 'internal' && error instanceof Error) output.log(error.stack ?? error.message);
    const exit = exitOf(problem.kind);
    output.result(exit);
    return exit;
  }
}

async function execute(session: Session, command: Command): Promise<ExitStatus> {
  const { output } = session;
  switch (command.name) {
    case 'help':
      output.terminal.out.write(HELP);
      return Exit.done;
    case 'version': {
      const { VERSION } = await import('../compose.ts');
      output.terminal.out.write(`replug ${VERSION}\n`);
      return Exit.done;
    }
    case 'devices':
      return (await import('./commands/devices.ts')).devices(session);
    case 'ls':
      return (await import('./commands/ls.ts')).ls(session, command);
    case 'queue':
      return (await import('./commands/queue.ts')).queue(session);
    case 'doctor':
      return (await import('./commands/doctor.ts')).doctor(session);
    case 'push':
      return (await import('./commands/push.ts')).push(session, command);
    case 'pull':
      return (await import('./commands/pull.ts')).pull(session, command);
    case 'resume':
      return (await import('./commands/resume.ts')).resume(session, command);
    case 'mkdir':
      return (await import('./commands/mkdir.ts')).mkdir(session, command);
    case 'rm':
      return (await import('./commands/rm.ts')).rm(session, command);
    case 'mv':
      return (await import('./commands/mv.ts')).mv(session, command);
    case 'cancel':
      return (await import('./commands/cancel.ts')).cancel(session, command.id);
    case 'sync':
      return (await import('./commands/sync.ts')).sync(session, command.sync);
    case 'serve':
      return (await import('./commands/serve.ts')).serve(session, command);
  }
}

function usageError(output: Output, error: unknown): ExitStatus {
  const message = error instanceof Error ? error.message : String(error);
  if (output.json) output.event('problem', { kind: 'bad-request', message, remedy: 'See “replug --help”.' });
  else output.terminal.error.write(`replug: ${message}\n`);
  output.result(Exit.usage);
  return Exit.usage;
}

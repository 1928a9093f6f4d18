import { problemOf } from '../../shared/errors.ts';
import { parseArguments, type Command, type Invocation } from './arguments.ts';
import { UsageError } from './option-values.ts';
import { Exit, exitOf, type ExitStatus } from './exit.ts';
import { Output, type Terminal } from './output.ts';
import type { Interruption, CommandContext } from './command-context.ts';
import { chooseLanguage } from './language.ts';
import { printable } from './text.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

export type { Terminal } from './output.ts';

/** One command line, from its words to its exit status. Never rejects. */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  interruption: Interruption,
): Promise<ExitStatus> {
  await chooseLanguage(args, terminal.languages);
  let invocation: Invocation;
  try {
    invocation = parseArguments(args);
  } catch (error) {
    // what was asked for could not be read, but the wish for JSON can
    const output = new Output(terminal, { json: args.includes('--json'), verbose: false, quiet: false });
    return usageError(output, error);
  }
  const { globals, command } = invocation;
  const output = new Output(terminal, { ...globals, quiet: globals.quiet && !isAnswer(command) });
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

/** Whether what a command prints is what it was asked for, and not news of what it does. */
function isAnswer(command: Command): boolean {
  switch (command.name) {
    case 'devices':
    case 'ls':
    case 'find':
    case 'du':
    case 'top':
    case 'queue':
    case 'verify':
    case 'doctor':
    case 'serve':
    case 'mount':
      return true;
    case 'sync':
      return ['list', 'status', 'files', 'history'].includes(command.sync.action);
    default:
      return false;
  }
}

async function execute(context: CommandContext, command: Command): Promise<ExitStatus> {
  const { output } = context;
  switch (command.name) {
    case 'help': {
      const { commandHelp, helpText } = await import('./usage.ts');
      output.terminal.out.write(command.of === undefined ? helpText() : commandHelp(command.of));
      return Exit.done;
    }
    case 'version': {
      const { VERSION } = await import('../compose/version.ts');
      output.terminal.out.write(`replug ${VERSION}\n`);
      return Exit.done;
    }
    case 'devices':
      return (await import('./commands/devices.ts')).devices(context);
    case 'ls':
      return (await import('./commands/ls.ts')).ls(context, command);
    case 'find':
      return (await import('./commands/remembered.ts')).find(context, command);
    case 'du':
      return (await import('./commands/remembered.ts')).du(context, command);
    case 'top':
      return (await import('./commands/remembered.ts')).top(context, command);
    case 'queue':
      return (await import('./commands/queue.ts')).queue(context);
    case 'doctor':
      return (await import('./commands/doctor.ts')).doctor(context, command);
    case 'push':
      return (await import('./commands/push.ts')).push(context, command);
    case 'pull':
      return (await import('./commands/pull.ts')).pull(context, command);
    case 'verify':
      return (await import('./commands/verify.ts')).verify(context, command);
    case 'resume':
      return (await import('./commands/resume.ts')).resume(context, command);
    case 'mkdir':
      return (await import('./commands/mkdir.ts')).mkdir(context, command);
    case 'rm':
      return (await import('./commands/rm.ts')).rm(context, command);
    case 'mv':
      return (await import('./commands/mv.ts')).mv(context, command);
    case 'cancel':
      return (await import('./commands/cancel.ts')).cancel(context, command.id);
    case 'sync':
      return (await import('./commands/sync.ts')).sync(context, command.sync);
    case 'import':
      return (await import('./commands/import.ts')).importPhotos(context, command);
    case 'free':
      return (await import('./commands/free.ts')).free(context, command);
    case 'complete':
      return (await import('./commands/complete.ts')).complete(context, command);
    case 'serve':
      return (await import('./commands/serve.ts')).serve(context, command);
    case 'mount':
      return (await import('./commands/mount.ts')).mount(context, command);
  }
}

function usageError(output: Output, error: unknown): ExitStatus {
  const message = error instanceof Error ? error.message : String(error);
  if (output.json) output.event('problem', { kind: 'bad-request', message, remedy: terminalWords.usage.see });
  else output.terminal.error.write(`replug: ${printable(message)}\n`);
  output.result(Exit.usage);
  return Exit.usage;
}

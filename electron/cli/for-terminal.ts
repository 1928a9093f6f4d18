import { DESCRIBED, GLOBAL_OPTIONS, isCommandName } from './description.ts';

const WITH_VALUES: ReadonlySet<string> = new Set(
  [...GLOBAL_OPTIONS, ...Object.values(DESCRIBED).flatMap(({ options }) => options)]
    .filter(({ value }) => value !== undefined)
    .map(({ name }) => `--${name}`),
);

/**
 * Whether a line typed behind the name of the installed program, which has a window as well, is one for the terminal: its
 * first word is a command, or it asks for help or the version. All else opens the window: no word at all, and files to be
 * sent, which file managers name by their whole path (a file called `push` in this folder is `./push`).
 */
export function isForTerminal(args: readonly string[]): boolean {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return false;
    if (arg === '--help' || arg === '--version') return true;
    if (WITH_VALUES.has(arg)) at += 1;
    else if (!arg.startsWith('-')) return arg === 'help' || arg === 'complete' || isCommandName(arg);
  }
  return false;
}

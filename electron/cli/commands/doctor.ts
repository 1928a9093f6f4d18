import { Exit, type ExitStatus } from '../exit.ts';
import { withReplug, type CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';

/** `replug doctor`: looks at everything a transfer needs and says what to do about what is missing. */
export async function doctor(context: CommandContext): Promise<ExitStatus> {
  const { output, globals } = context;
  const { defaultDatabase, diagnosticsText, isDatabaseOpen } = await import('../../compose.ts');
  const db = globals.db ?? defaultDatabase();
  // a Replug that runs keeps its database; what is to be looked at can be looked at without
  const inUse = (await isDatabaseOpen(db)) ? db : undefined;
  return withReplug(context, { queue: inUse === undefined, phones: true }, async (replug) => {
    const findings = await replug.examine(inUse);
    for (const finding of findings) output.event('finding', { ...finding });
    output.say(printableLines(diagnosticsText(findings)));
    const exit = findings.every((finding) => finding.ok) ? Exit.done : Exit.failed;
    output.result(exit, { findings: findings.length });
    return exit;
  });
}

const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

import type { Phones } from '../../compose/phones.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import type { CommandOf } from '../arguments.ts';
import { withClosedPhones, withPhones, withReplug, type CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';

/** `replug doctor`: looks at everything a transfer needs and says what to do about what is missing. */
export async function doctor(context: CommandContext, command: CommandOf<'doctor'>): Promise<ExitStatus> {
  if (command.report) return (await import('../phone-report.ts')).phoneReportOf(context);
  if (command.trace) return withClosedPhones(context, (phones) => traced(context, phones));
  const { output, globals } = context;
  const [{ defaultDatabase, isDatabaseOpen }, { diagnosticsText }] = await Promise.all([
    import('../../compose.ts'),
    import('../../compose/doctor.ts'),
  ]);
  const db = globals.db ?? defaultDatabase();
  // a Replug that runs keeps its database; what is to be looked at can be looked at without
  const inUse = (await isDatabaseOpen(db)) ? db : undefined;
  const look = async (phones: Phones): Promise<ExitStatus> => {
    const findings = await phones.examine(inUse);
    for (const finding of findings) output.event('finding', { ...finding });
    output.say(printableLines(diagnosticsText(findings)));
    const exit = findings.every((finding) => finding.ok) ? Exit.done : Exit.failed;
    output.result(exit, { findings: findings.length });
    return exit;
  };
  return inUse === undefined ? withReplug(context, { phones: true }, look) : withPhones(context, look);
}

/** `replug doctor --trace`: for a report that everyone may read. */
async function traced({ output }: CommandContext, { bus, version }: Phones): Promise<ExitStatus> {
  const [{ trace }, { setTimeout: sleep }] = await Promise.all([
    import('../../compose/trace.ts'),
    import('node:timers/promises'),
  ]);
  const clock = { now: () => performance.now(), sleep: (ms: number) => sleep(ms) };
  const lines = await trace({ version, bus, clock });
  for (const line of lines) output.event('trace', { line });
  output.say(printableLines(lines.join('\n')));
  output.result(Exit.done, { lines: lines.length });
  return Exit.done;
}

const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

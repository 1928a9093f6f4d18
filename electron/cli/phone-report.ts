import fs from 'node:fs/promises';
import path from 'node:path';
import { fail } from '../../shared/errors.ts';
import type { PhoneReport } from '../../shared/phone-report.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';
import type { TransferStore } from '../engine/model/transfer-store.ts';
import { withClosedPhones, withReplug, type CommandContext } from './command-context.ts';
import { noDevices } from './device-problems.ts';
import { Exit, type ExitStatus } from './exit.ts';
import { askYesNo } from './questions.ts';
import { printable } from './text.ts';

/** Names that are tried for the file. */
const MOST_NAMES = 100;

/**
 * `replug doctor --report`: shows what the report says, then writes it to a file of the current folder, at a terminal only
 * if the person wants it. It is there also without a phone, for whoever wonders why none appears.
 */
export async function phoneReportOf(context: CommandContext): Promise<ExitStatus> {
  const { output } = context;
  const report = await withQueue(context, (store) => made(context, store));
  const { reportName, reportText } = await import('../compose/phone-report.ts');
  const text = reportText(report);
  output.say(text.split('\n').map(printable).join('\n'));
  const isKnown = report.phones.length > 0;
  if (!isKnown) output.problem(noDevices(context.globals.phone));
  const name = reportName(report);
  const wanted =
    !output.terminal.isInteractive ||
    output.json ||
    (await askYesNo(output, terminalWords.ask.saveReport({ file: name }))) === true;
  const file = wanted ? await save(name, text) : undefined;
  output.say(
    file === undefined ? terminalWords.say.reportNotSaved : terminalWords.say.reportSaved({ file: printable(file) }),
  );
  const exit = isKnown ? Exit.done : Exit.noPhone;
  output.result(exit, { file, report });
  return exit;
}

const made = (context: CommandContext, store: TransferStore | undefined): Promise<PhoneReport> =>
  withClosedPhones(context, async ({ bus, version }) => {
    const [{ phoneReport }, { setTimeout: sleep }] = await Promise.all([
      import('../compose/phone-report.ts'),
      import('node:timers/promises'),
    ]);
    const clock = { now: () => performance.now(), sleep: (ms: number) => sleep(ms) };
    return phoneReport({ version, bus, clock, now: new Date(), store });
  });

/** With the queue, if there is one and no other Replug has it open. */
async function withQueue<T>(
  context: CommandContext,
  body: (store: TransferStore | undefined) => Promise<T>,
): Promise<T> {
  const { defaultDatabase, isDatabaseOpen } = await import('../compose.ts');
  const db = context.globals.db ?? defaultDatabase();
  const isThere = await fs.access(db).then(
    () => true,
    () => false,
  );
  if (!isThere || (await isDatabaseOpen(db))) return body(undefined);
  return withReplug(context, { phones: false }, ({ store }) => body(store));
}

/** Writes a new file and answers its name: nothing that is there is written over. */
async function save(name: string, text: string): Promise<string> {
  const { name: stem, ext } = path.parse(name);
  for (let number = 1; ; number += 1) {
    const file = number === 1 ? name : `${stem}-${number}${ext}`;
    try {
      await fs.writeFile(file, text, { flag: 'wx' });
      return file;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (code === 'EEXIST' && number < MOST_NAMES) continue;
      const kind =
        code === 'ENOSPC' ? 'local-full' : code === 'EACCES' || code === 'EROFS' ? 'local-read-only' : 'local-io';
      throw fail(kind, 'write the report', code, { subject: path.resolve(file) }, error);
    }
  }
}

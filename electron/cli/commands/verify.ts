import path from 'node:path';
import { localPath, type Device } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { differenceWords, summaryOfCopies, verifyNotes } from '../../../shared/verify-words.ts';
import { isAllSame, type ComparedCopy, type VerifyProgress } from '../../../shared/verify.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';
import type { CommandOf } from '../arguments.ts';
import { readyDevice, withPhones, type CommandContext } from '../command-context.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { placeOf } from '../phone-path.ts';
import { shareText } from '../progress.ts';
import { dateText, printable } from '../text.ts';

/** Progress for programs, at most so often. */
const PROGRESS_MS = 500;

/** `replug verify`: copies of any age compared with what is on the other side now. Nothing is written anywhere. */
export async function verify(
  context: CommandContext,
  { local, path: typed, level }: CommandOf<'verify'>,
): Promise<ExitStatus> {
  const { output, interruption, waitMs } = context;
  return withPhones(context, async (phones) => {
    const device = await readyDevice(context, phones);
    interruption.hold();
    const place = placeOf(device, typed);
    const copies: ComparedCopy[] = [];
    const { ended, counts, hint } = await phones.engine.verifyCopies(
      { local: localPath(path.resolve(local)), place, level },
      {
        signal: interruption.signal,
        waitMs,
        onProgress: progressOf(context, device),
        onCopy: (copy) => {
          copies.push(copy);
          if (copy.state !== 'same') difference(context, copy);
        },
      },
    );
    output.endBar();
    output.say(printable(summaryOfCopies(counts)));
    for (const note of verifyNotes(counts, hint)) output.say(printable(note));
    if (ended === 'stopped') output.say(terminalWords.verify.stopped);
    if (ended === 'away') output.say(terminalWords.verify.away);
    const exit = ended !== 'done' ? Exit.interrupted : isAllSame(counts) ? Exit.done : Exit.failed;
    const { states, ...others } = counts;
    output.result(exit, { local, phone: typed.text, level, ended, ...states, ...others, hint }, copies.map(asLine));
    return exit;
  });
}

function progressOf({ output }: CommandContext, { name }: Device): (progress: VerifyProgress) => void {
  let phase: VerifyProgress['phase'] | undefined;
  let told = 0;
  return (progress) => {
    const { files, filesTotal, bytes, bytesTotal, current } = progress;
    if (progress.phase !== phase) {
      phase = progress.phase;
      output.event('state', { state: phase });
      if (phase === 'away') output.say(terminalWords.wait.phone({ device: printable(name) }));
    }
    if (phase === 'listing') output.bar(() => terminalWords.verify.listing);
    if (phase !== 'comparing') return;
    output.bar(() => shareText({ done: bytes, total: bytesTotal, items: files, itemsTotal: filesTotal }, current));
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    output.event('progress', { files, filesTotal, bytes, bytesTotal, current });
  };
}

function difference({ output }: CommandContext, copy: ComparedCopy): void {
  output.event('difference', asLine(copy));
  output.say(printable(terminalWords.say.subject({ subject: copy.path, what: differenceWords(copy, dateText) })));
}

/** A file for programs: a problem with what is told of it. */
function asLine({ problem, ...copy }: ComparedCopy): Record<string, unknown> {
  if (problem === undefined) return copy;
  const { what, remedy } = describeProblem(problem);
  return { ...copy, error: { ...problem, message: what, remedy } };
}

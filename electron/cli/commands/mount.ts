import { terminalWords } from '../../../shared/words/made/terminal.ts';
import type { CommandOf } from '../arguments.ts';
import { closeDrive } from '../close-drive.ts';
import { aborted, withReplug, type CommandContext } from '../command-context.ts';
import { Exit, type ExitStatus } from '../exit.ts';

/** `replug mount`: phones as a drive of this computer, until Ctrl-C. */
export async function mount(context: CommandContext, { port, addressOnly }: CommandOf<'mount'>): Promise<ExitStatus> {
  const { output, interruption } = context;
  return withReplug(context, { phones: true }, async (replug) => {
    const { ShownDrive } = await import('../../dav/index.ts');
    const words = terminalWords.say;
    const drive = new ShownDrive({ engine: replug.engine, port, log: (line) => output.log(line) });
    const server = await drive.start();
    interruption.hold();
    try {
      const { location, problem } = addressOnly ? {} : await drive.show();
      output.event('drive', { url: server.url, port: server.port, mounted: location ?? null });
      if (location !== undefined) output.say(words.driveMounted({ location }));
      else {
        if (problem !== undefined) output.log(`${problem.operation}: ${problem.detail}`);
        output.say(words.driveAddress({ url: server.url }));
      }
      await aborted(interruption.signal);
    } finally {
      await closeDrive(drive, output);
    }
    output.result(Exit.done);
    return Exit.done;
  });
}

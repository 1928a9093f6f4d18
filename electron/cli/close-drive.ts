import { terminalWords } from '../../shared/words/made/terminal.ts';
import type { ShownDrive } from '../dav/index.ts';
import type { Output } from './output.ts';
import { printable } from './text.ts';

/** How often what is being written is looked at before the drive ends, milliseconds. */
const LOOK_AGAIN_MS = 100;

/** Ends the drive when nothing is being written to a phone any more, and says what is waited for. Never rejects. */
export async function closeDrive(drive: ShownDrive, output: Output): Promise<void> {
  if (drive.writing.length > 0)
    output.say(terminalWords.say.driveWriting({ files: drive.writing.map(printable).join(', ') }));
  while (drive.writing.length > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  await drive.close();
}

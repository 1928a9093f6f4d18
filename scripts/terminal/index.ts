import fs from 'node:fs';
import path from 'node:path';
import { bashCompletions, fishCompletions, zshCompletions } from './completions.ts';
import { manual } from './manual.ts';

/** What comes with the terminal program: its manual, and completions for three shells. All from its own description. */

/** Names of the files, below `out/terminal`. */
export const TERMINAL_FILES = {
  'replug.1': () => manual(released()),
  'replug.bash': bashCompletions,
  _replug: zshCompletions,
  'replug.fish': fishCompletions,
} as const satisfies Readonly<Record<string, () => string>>;

/** Writes them all. */
export function writeTerminalFiles(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, make] of Object.entries(TERMINAL_FILES)) fs.writeFileSync(path.join(folder, name), make());
}

/** The date that reproducible builds are told; otherwise today. */
function released(): Date {
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? '');
  return epoch > 0 ? new Date(epoch * 1000) : new Date();
}

import os from 'node:os';
import { clipboard, dialog, type BrowserWindow } from 'electron';
import { diagnosticsWithLog, withoutHome } from './diagnostics-text.ts';
import type { LogFile } from './log.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

/** Bytes of the log: enough for recent events, small enough to paste. */
const LOG_BYTES = 16 * 1024;

/** *Help → Copy Diagnostics*. File names occur only in the log, which is included only with the user's consent. */
export async function copyDiagnostics(
  window: BrowserWindow | undefined,
  findings: () => Promise<string>,
  log: LogFile,
): Promise<void> {
  const words = desktopWords.dialog;
  const question = {
    type: 'question' as const,
    message: words.diagnostics,
    detail: words.diagnosticsBody,
    checkboxLabel: words.diagnosticsLog,
    checkboxChecked: false,
    buttons: [words.copy, words.cancel],
    defaultId: 0,
    cancelId: 1,
  };
  const { response, checkboxChecked } = await (window === undefined
    ? dialog.showMessageBox(question)
    : dialog.showMessageBox(window, question));
  if (response !== 0) return;
  const text = `${await findings()}\nElectron ${process.versions['electron'] ?? '?'}, Chromium ${process.versions['chrome'] ?? '?'}\n`;
  await clipboard.writeText(
    withoutHome(checkboxChecked ? diagnosticsWithLog(text, log.tail(LOG_BYTES)) : text, os.homedir()),
  );
}

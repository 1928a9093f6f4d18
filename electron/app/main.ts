/**
 * The desktop application: the same engine and the same window inside Electron.
 *
 * May import: `compose`, `engine`, `sync`, `shared`, `electron`, `electron-updater`; of `cli` what tells a command.
 *
 * Invariant: no page but our own reaches the engine, and quitting never interrupts a transaction.
 *
 * Begin reading here, then `application.ts`. `preload.ts` is the entry point of the window's process.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, dialog } from 'electron';
import { isForTerminal } from '../cli/for-terminal.ts';
import { Application } from './application.ts';
import { readInvocation } from './invocation.ts';
import { LogFile } from './log.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

// Packaged, the arguments start after the program; unpackaged, after Electron and the app's folder.
const typed = process.argv.slice(app.isPackaged ? 1 : 2);
// Windows gives a program with a window no terminal.
if (process.platform !== 'win32' && isForTerminal(typed)) await runInTerminal();
else openWindow();

/**
 * Runs the terminal's own program, which lies beside this one, and does not return. Electron waits for this module before
 * it is ready and before it looks for a display, so a command needs none.
 */
async function runInTerminal(): Promise<void> {
  // as plain Node has them; Chromium's own switch, without which root cannot start it, is not for us
  process.argv = [process.execPath, app.getName(), ...typed.filter((one) => one !== '--no-sandbox')];
  await import(/* @vite-ignore */ pathToFileURL(path.join(import.meta.dirname, '../cli/main.js')).href);
}

function openWindow(): void {
  const invocation = readInvocation(typed, process.cwd());
  if (!app.requestSingleInstanceLock({ paths: [...invocation.paths] })) {
    // the first instance has been notified and shows its window
    app.exit(0);
    return;
  }
  const log = new LogFile(app.getPath('logs'));
  log.write(`Replug ${app.getVersion()} starts, process ${process.pid}`);
  process.on('unhandledRejection', (reason) => {
    log.write(`unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
  });
  process.on('uncaughtException', (error) => {
    // The state is unknown now, but the store is consistent, so the safe way is to restart.
    log.write(`uncaught exception: ${error.stack ?? error.message}`);
    dialog.showErrorBox(desktopWords.dialog.mustClose, desktopWords.dialog.mustCloseBody({ error: error.message }));
    app.quit();
  });
  new Application(invocation, log).run();
}

/**
 * The desktop application: the same engine and the same window inside Electron.
 *
 * May import: `compose`, `engine`, `sync`, `shared`, `electron`, `electron-updater`.
 *
 * Invariant: no page but our own reaches the engine, and quitting never interrupts a transaction.
 *
 * Begin reading here, then `application.ts`. `preload.ts` is the entry point of the window's process.
 */
import { app, dialog } from 'electron';
import { Application } from './application.ts';
import { readInvocation } from './invocation.ts';
import { LogFile } from './log.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

// Packaged, the arguments start after the program; unpackaged, after Electron and the app's folder.
const invocation = readInvocation(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());

if (!app.requestSingleInstanceLock({ paths: [...invocation.paths] })) {
  // the first instance has been notified and shows its window
  app.exit(0);
} else {
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

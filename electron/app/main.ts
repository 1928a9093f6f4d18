/**
 * The desktop application: the same engine and the same window inside Electron.
 *
 * May import: `compose`, `engine`, `sync`, `shared`, `electron`, `electron-updater`.
 * Invariant: no page but our own reaches the engine, and Replug never ends in the middle of a transaction.
 *
 * Begin reading here, then `application.ts`; `preload.ts` is the other entry, in the window's process.
 */
import { app, dialog } from 'electron';
import { Application } from './application.ts';
import { readInvocation } from './invocation.ts';
import { LogFile } from './log.ts';

// Packed, the program is the first argument; unpacked, it is Electron, and the app's folder the second.
const invocation = readInvocation(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());

if (!app.requestSingleInstanceLock({ paths: [...invocation.paths] })) {
  // the first one has been told, and shows itself
  app.exit(0);
} else {
  const log = new LogFile(app.getPath('logs'));
  log.write(`Replug ${app.getVersion()} starts, process ${process.pid}`);
  process.on('unhandledRejection', (reason) => {
    log.write(`unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
  });
  process.on('uncaughtException', (error) => {
    // Nobody knows what state this leaves: the store is safe, so the way on is out and in again.
    log.write(`uncaught exception: ${error.stack ?? error.message}`);
    dialog.showErrorBox(
      'Replug has to close',
      `${error.message}\nTransfers go on where they stopped at the next start.`,
    );
    app.quit();
  });
  new Application(invocation, log).run();
}

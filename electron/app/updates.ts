import fs from 'node:fs';
import path from 'node:path';
import { app } from 'electron';
import type { CancellationToken } from 'electron-updater';

/** What updates ask of the app and tell it. */
export interface UpdatesOptions {
  /** Whether a transfer is running or about to start. If so, nothing is checked, downloaded or installed. */
  readonly running: () => boolean;
  /** The update has been downloaded; it is installed when Replug quits. */
  readonly onReady: (version: string) => void;
  readonly log: (line: string) => void;
}

/**
 * How a check ended: `later` because a transfer runs, `newest` nothing newer, `loading` a newer one is being downloaded
 * or waits for the end of Replug, `failed` no answer.
 */
export type CheckResult = 'later' | 'newest' | 'loading' | 'failed';

const FIRST_MS = 60_000;
const AGAIN_MS = 6 * 60 * 60 * 1000;

/** Only packages built with an update address contain this file (scripts/dist.ts); all others never check. */
export const updatesConfigured = (): boolean =>
  app.isPackaged && fs.existsSync(path.join(process.resourcesPath, 'app-update.yml'));

/** Checks for updates periodically, but never during a transfer, since both would share the network and the disk. */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  #loading: CancellationToken | undefined;
  #ready = false;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  start(): void {
    const look = (): void => void this.check();
    this.#timers.push(setTimeout(look, FIRST_MS), setInterval(look, AGAIN_MS));
    for (const timer of this.#timers) timer.unref();
  }

  async check(): Promise<CheckResult> {
    const { running, onReady, log } = this.#options;
    if (running()) return 'later';
    if (this.#loading !== undefined || this.#ready) return 'loading';
    try {
      const { default: updater } = await import('electron-updater');
      const { autoUpdater, CancellationToken: Token } = updater;
      autoUpdater.autoDownload = false;
      autoUpdater.autoInstallOnAppQuit = true;
      autoUpdater.logger = null;
      const found = await autoUpdater.checkForUpdates();
      if (found?.isUpdateAvailable !== true) return 'newest';
      if (running()) return 'later';
      const token = new Token();
      this.#loading = token;
      void autoUpdater
        .downloadUpdate(token)
        .then(
          () => {
            this.#ready = true;
            onReady(found.updateInfo.version);
          },
          (error: unknown) => log(`the update was not downloaded: ${String(error)}`),
        )
        .finally(() => (this.#loading = undefined));
      return 'loading';
    } catch (error) {
      log(`looking for an update failed: ${String(error)}`);
      return 'failed';
    }
  }

  /** A transfer is starting: cancels a download, which is retried at the next check. */
  giveWay(): void {
    this.#loading?.cancel();
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.giveWay();
  }
}

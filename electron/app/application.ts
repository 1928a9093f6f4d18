import path from 'node:path';
import { app, dialog, shell } from 'electron';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import { describeProblem, problemOf } from '../../shared/errors.ts';
import { compose, dataFolder, defaultDatabase, type Replug } from '../compose.ts';
import { diagnosticsText } from '../compose/doctor.ts';
import { Desktop } from './desktop.ts';
import { copyDiagnostics } from './diagnostics.ts';
import { guardBeforeReady, guardSession } from './guards.ts';
import { ElectronHost } from './host.ts';
import { pathsOf, type Invocation } from './invocation.ts';
import type { LogFile } from './log.ts';
import { DesktopLanguage } from './language.ts';
import { setMenu, type MenuActions } from './menu.ts';
import { noticeWordsOf, photoWordsOf } from './notice-words.ts';
import { syncWordsOf } from './sync-words.ts';
import { notify } from './notices.ts';
import { PowerSaveBlocker, watchPower } from './power-save.ts';
import { EMPTY, summaryOf, type Summary } from './summary.ts';
import { Updates, updatesConfigured, type CheckResult } from './updates.ts';
import { KeptState } from './window-state.ts';
import { MainWindow } from './window.ts';
import { Wire } from './wire.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';
import type { TransfersSnapshot } from '../../shared/snapshots.ts';

/** Milliseconds that quitting waits for the chunk in flight. Confirmed chunks are stored in any case. */
const QUIT_LIMIT_MS = 15_000;

/**
 * Milliseconds. macOS delivers ten opened files as ten events; to the user that is one action, so they become one
 * transfer.
 */
const TOGETHER_MS = 200;

/**
 * Connects Electron's lifecycle to the engine's: a single instance, one window, and a shutdown that never interrupts
 * a transaction. Each concern has its own file; this class only decides the order.
 */
export class Application {
  readonly #invocation: Invocation;
  readonly #log: LogFile;
  readonly #wakefulness = new PowerSaveBlocker();
  readonly #kept: KeptState;
  readonly #window: MainWindow;
  readonly #desktop: Desktop;
  readonly #updates: Updates | undefined;
  readonly #language: DesktopLanguage;
  #menu: MenuActions | undefined;
  #replug: Replug | undefined;
  #wire: Wire | undefined;
  #host: ElectronHost | undefined;
  #summarised: TransfersSnapshot = EMPTY;
  #summary: Summary = summaryOf(EMPTY);
  #settings = { notifications: true, preventSleep: true };
  #ending: 'no' | 'stopping' | 'stopped' = 'no';
  /** Files the system has passed to us and the window has not received yet. */
  readonly #handed: LocalPath[] = [];
  #handing: NodeJS.Timeout | undefined;

  constructor(invocation: Invocation, log: LogFile) {
    this.#invocation = invocation;
    this.#log = log;
    const write = log.write;
    this.#language = new DesktopLanguage(invocation.language, () => this.#relabel(), write);
    const folder = invocation.db === undefined ? dataFolder() : path.dirname(invocation.db);
    this.#kept = new KeptState(path.join(folder, 'window.json'));
    this.#window = new MainWindow({
      kept: this.#kept,
      log: write,
      onCreated: (window) => {
        this.#wire?.join(window.webContents);
        this.#desktop.showOn(window);
        // When Windows ends a session it notifies windows only.
        window.on('session-end', () => void this.#stop());
      },
      staysOnClose: () => this.#ending === 'no' && this.#summary.busy,
      onHidden: () => this.#sayBackground(),
      onShown: (shown) => {
        if (this.#replug !== undefined && this.#ending === 'no') this.#replug.engine.foreground = shown;
      },
    });
    this.#desktop = new Desktop(
      {
        open: () => this.#window.show(),
        pauseAll: () => this.#all('pauseAll'),
        resumeAll: () => this.#all('resumeAll'),
        quit: () => app.quit(),
      },
      write,
    );
    this.#updates = updatesConfigured()
      ? new Updates({
          running: () => this.#summary.running,
          onReady: (version) => this.#say(desktopWords.notice.updated({ version }), desktopWords.notice.updatedBody),
          log: write,
        })
      : undefined;
  }

  /** Registers what must be registered before Electron is ready, then starts. */
  run(): void {
    guardBeforeReady();
    app.on('second-instance', (_event, _arguments, _folder, data) => {
      // while the first instance is starting, its window opens by itself
      if (this.#wire !== undefined) this.#window.show();
      this.#take(pathsOf(data));
    });
    // macOS passes files one by one, possibly before anything is ready
    app.on('open-file', (event, file) => {
      event.preventDefault();
      this.#take([localPath(file)]);
    });
    app.on('activate', () => {
      if (this.#wire !== undefined) this.#window.show();
    });
    app.on('window-all-closed', () => {
      // on a Mac a program keeps running without windows
      if (process.platform !== 'darwin') app.quit();
    });
    app.on('before-quit', (event) => {
      if (this.#ending === 'stopped') return;
      event.preventDefault();
      void this.#quit();
    });
    app.on('child-process-gone', (_event, { type, reason }) => {
      if (reason !== 'clean-exit') this.#log.write(`a process of Electron has gone: ${type}, ${reason}`);
    });
    void app.whenReady().then(() =>
      this.#language
        .start()
        .then(() => this.#begin())
        .catch((error: unknown) => {
          this.#log.write(
            `the start failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
          );
          const { what, remedy } = describeProblem(problemOf(error, 'start'));
          dialog.showErrorBox(desktopWords.dialog.cannotStart, `${what}\n${remedy}`);
          app.exit(1);
        }),
    );
  }

  async #begin(): Promise<void> {
    const log = this.#log.write;
    if (process.platform === 'win32') app.setAppUserModelId('app.replug.desktop');
    app.setAboutPanelOptions({ applicationName: 'Replug', applicationVersion: app.getVersion() });
    guardSession(
      path.join(import.meta.dirname, '../renderer'),
      (pathname) => this.#replug?.engine.opening.lookedAt(pathname),
      log,
    );

    const { db = defaultDatabase(), virtual, faults, usb } = this.#invocation;
    const replug = await compose({ db, virtual, faults, usb, log });
    this.#replug = replug;
    const host = new ElectronHost(replug, () => this.#window.current, log);
    this.#host = host;
    this.#wire = new Wire({ bridge: host.bridge, drag: host.drag, log });

    this.#menu = {
      perform: (command) => {
        this.#window.show();
        this.#wire?.request({ kind: 'perform', command });
      },
      pauseAll: () => this.#all('pauseAll'),
      resumeAll: () => this.#all('resumeAll'),
      copyDiagnostics: () => {
        const findings = async (): Promise<string> => diagnosticsText(await replug.examine());
        copyDiagnostics(this.#window.current, findings, this.#log).catch((error: unknown) => log(String(error)));
      },
      showLog: () => shell.showItemInFolder(this.#log.file),
      checkForUpdates: this.#updates === undefined ? undefined : () => void this.#checkForUpdates(),
    };
    setMenu(this.#menu);
    this.#desktop.start();
    this.#follow(replug);
    watchPower({
      onResume: () => this.#wake(replug),
      onShutdown: (event) => {
        event.preventDefault();
        app.quit();
      },
    });
    this.#updates?.start();

    await replug.engine.start();
    if (this.#ending !== 'no') return;
    this.#window.show();
    this.#take(this.#invocation.paths);
    this.#handOver();
  }

  #follow({ engine, sync, photos, verifications }: Replug): void {
    const stayAwake = (): void =>
      this.#wakefulness.set(
        this.#ending === 'no' &&
          this.#settings.preventSleep &&
          ((this.#summary.running && engine.moving) || verifications.isReading),
      );
    verifications.onChange(stayAwake);
    engine.watch('transfers', undefined, (snapshot) => {
      const before = this.#summary;
      this.#summarised = snapshot;
      this.#summary = summaryOf(snapshot);
      this.#desktop.show(this.#summary, this.#window.current);
      stayAwake();
      if (this.#summary.running && !before.running) this.#updates?.giveWay();
    });
    engine.watch('settings', undefined, (settings) => {
      this.#settings = settings;
      stayAwake();
      this.#language.choose(settings.language);
    });
    engine.onNotice((notice) => {
      // a visible window shows it already
      if (this.#ending !== 'no' || this.#window.isWatched) return;
      // a folder pair announces the end of its run itself
      if (notice.kind === 'transfer-finished' && engine.transferRow(notice.transfer.id)?.sources.kind === 'items')
        return;
      const words = noticeWordsOf(notice);
      if (words !== undefined) this.#say(words.title, words.body);
    });
    sync.onNotice((notice) => {
      if (this.#ending !== 'no' || this.#window.isWatched) return;
      const words = syncWordsOf(notice);
      if (words !== undefined) this.#say(words.title, words.body);
    });
    photos.onNotice((notice) => {
      if (this.#ending !== 'no' || this.#window.isWatched) return;
      const words = photoWordsOf(notice);
      if (words !== undefined) this.#say(words.title, words.body);
    });
  }

  #say(title: string, body: string): void {
    if (this.#settings.notifications) notify({ title, body }, () => this.#window.show(), this.#log.write);
  }

  #sayBackground(): void {
    if (this.#kept.kept.saidBackground) return;
    this.#kept.change({ saidBackground: true });
    this.#say(desktopWords.notice.background, desktopWords.notice.backgroundBody);
  }

  /** Everything outside the window, in the language that was just chosen. */
  #relabel(): void {
    if (this.#menu !== undefined) setMenu(this.#menu);
    if (this.#replug === undefined) return;
    this.#summary = summaryOf(this.#summarised);
    this.#desktop.show(this.#summary, this.#window.current);
  }

  /** Files passed to Replug from outside. Only the window knows which folder of the phone is open. */
  #take(paths: readonly LocalPath[]): void {
    if (paths.length === 0 || this.#ending !== 'no') return;
    this.#log.write(`paths from the system: ${paths.length}`);
    this.#handed.push(...paths);
    clearTimeout(this.#handing);
    this.#handing = setTimeout(() => this.#handOver(), TOGETHER_MS);
  }

  #handOver(): void {
    // nobody can receive them until the start has finished; `#begin` calls this again
    if (this.#wire === undefined || this.#handed.length === 0) return;
    this.#wire.request({ kind: 'send', paths: this.#handed.splice(0) });
  }

  #all(command: 'pauseAll' | 'resumeAll'): void {
    this.#replug?.engine.execute(command, undefined).catch((error: unknown) => this.#log.write(String(error)));
  }

  /** After the computer wakes up: tries again to open phones that did not reconnect by themselves. */
  #wake({ engine }: Replug): void {
    const absent = engine.devices.filter(({ state }) => !['ready', 'gone', 'opening'].includes(state.kind));
    this.#log.write(`awake again; phones asked again: ${absent.length}`);
    for (const { key } of absent) {
      engine.execute('retryDevice', { device: key }).catch((error: unknown) => this.#log.write(String(error)));
    }
  }

  async #checkForUpdates(): Promise<void> {
    const { dialog: words } = desktopWords;
    const messages: Readonly<Record<CheckResult, string>> = {
      later: words.updateLater,
      newest: words.updateNewest,
      loading: words.updateLoading,
      failed: words.updateFailed,
    };
    const result = await this.#updates?.check();
    if (result !== undefined) await dialog.showMessageBox({ type: 'info', message: messages[result] });
  }

  async #quit(): Promise<void> {
    if (this.#ending !== 'no') return;
    const writing = this.#host?.drive.writing ?? [];
    if (writing.length > 0) {
      // what another program writes is no transfer that resumes: it would be thrown away
      const { driveWriting, driveWritingBody } = desktopWords.dialog;
      const detail = driveWritingBody({ files: writing.join(', ') });
      await dialog.showMessageBox({ type: 'warning', message: driveWriting, detail });
      return;
    }
    await this.#stop();
    app.quit();
  }

  /** Finishes the chunk in flight and closes the store, once, within a time limit. */
  async #stop(): Promise<void> {
    if (this.#ending !== 'no') return;
    this.#ending = 'stopping';
    this.#window.hide();
    this.#desktop.stopping();
    this.#updates?.stop();
    try {
      await this.#host?.drive.close();
      await this.#replug?.close(QUIT_LIMIT_MS);
    } catch (error) {
      this.#log.write(`closing failed: ${String(error)}`);
    }
    this.#wire?.close();
    this.#wakefulness.set(false);
    this.#desktop.close();
    this.#ending = 'stopped';
    this.#log.write('stopped');
  }
}

import { app, Menu, nativeImage, Tray, type BrowserWindow } from 'electron';
import { iconFile, trayIcon } from './icons.ts';
import { EMPTY, summaryOf, type Summary, type TrayLook } from './summary.ts';
import { spokenLanguage } from '../../shared/words/locale.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

/** What the tray’s menu can do. */
export interface DesktopActions {
  readonly open: () => void;
  readonly pauseAll: () => void;
  readonly resumeAll: () => void;
  readonly quit: () => void;
}

/** Shows the state of transfers outside the window: tray, taskbar or dock, badge. */
export class Desktop {
  readonly #actions: DesktopActions;
  readonly #log: (line: string) => void;
  #tray: Tray | undefined;
  #shown: Summary = summaryOf(EMPTY);
  #look: TrayLook | undefined;
  #menu = '';

  constructor(actions: DesktopActions, log: (line: string) => void) {
    this.#actions = actions;
    this.#log = log;
  }

  start(): void {
    try {
      this.#tray = new Tray(trayIcon('idle'));
      this.#tray.on('click', () => {
        // on a Mac a click opens the menu, as usual in its menu bar
        if (process.platform !== 'darwin') this.#actions.open();
      });
    } catch (error) {
      // some Linux desktops have no tray; starting Replug again opens the window there
      this.#log(`there is no tray: ${String(error)}`);
    }
    this.show(summaryOf(EMPTY), undefined);
  }

  show(summary: Summary, window: BrowserWindow | undefined): void {
    this.#shown = summary;
    this.#showTray(summary);
    if (window !== undefined) this.showOn(window);
    if (process.platform !== 'win32') app.setBadgeCount(summary.attention);
  }

  /** Taskbar and dock progress belong to a window, so a new window gets the current one. */
  showOn(window: BrowserWindow): void {
    const { progress, attention } = this.#shown;
    switch (progress.kind) {
      case 'none':
        window.setProgressBar(-1);
        break;
      case 'unknown':
        window.setProgressBar(2, { mode: 'indeterminate' });
        break;
      case 'known':
        window.setProgressBar(progress.fraction, { mode: progress.mode });
        break;
    }
    if (process.platform === 'win32')
      window.setOverlayIcon(
        attention === 0 ? null : nativeImage.createFromPath(iconFile('overlay-attention')),
        attention === 0 ? '' : desktopWords.tray.attention,
      );
  }

  /** Quitting has begun; the tray no longer offers to pause. */
  stopping(): void {
    const words = desktopWords.tray;
    this.#tray?.setToolTip(words.tooltip({ line: words.stopping }));
    this.#tray?.setContextMenu(Menu.buildFromTemplate([{ label: words.stopping, enabled: false }]));
  }

  close(): void {
    this.#tray?.destroy();
    this.#tray = undefined;
  }

  #showTray({ look, line, canPause, canResume }: Summary): void {
    const tray = this.#tray;
    if (tray === undefined) return;
    if (look !== this.#look) tray.setImage(trayIcon(look));
    this.#look = look;
    // On some Linux desktops a replaced menu closes under the pointer, so it is rebuilt only if its content has
    // changed.
    const menu = JSON.stringify([spokenLanguage(), line, canPause, canResume]);
    if (menu === this.#menu) return;
    this.#menu = menu;
    tray.setToolTip(desktopWords.tray.tooltip({ line }));
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: line, enabled: false },
        { type: 'separator' },
        { label: desktopWords.tray.open, click: () => this.#actions.open() },
        { label: desktopWords.menu.pauseAll, enabled: canPause, click: () => this.#actions.pauseAll() },
        { label: desktopWords.menu.resumeAll, enabled: canResume, click: () => this.#actions.resumeAll() },
        { type: 'separator' },
        { label: desktopWords.menu.quit, click: () => this.#actions.quit() },
      ]),
    );
  }
}

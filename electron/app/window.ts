import path from 'node:path';
import { app, BrowserWindow, screen } from 'electron';
import { iconFile } from './icons.ts';
import { HOME } from './pages.ts';
import { placeFor, SMALLEST, type KeptState } from './window-state.ts';

/** What the window asks of the app and tells it. */
export interface MainWindowOptions {
  readonly kept: KeptState;
  readonly log: (line: string) => void;
  /** Called before a page is loaded. */
  readonly onCreated: (window: BrowserWindow) => void;
  /** Whether closing only hides the window. */
  readonly staysOnClose: () => boolean;
  readonly onHidden: () => void;
  /** Whether the window is visible now. */
  readonly onShown: (shown: boolean) => void;
}

/** A page that crashes at once is not reloaded more often than this. */
const RELOADS = 3;

/** The only window: created when first needed, hidden or destroyed when closed. */
export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | undefined;
  #reloads = 0;

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  /** `undefined` if there is no window now. */
  get current(): BrowserWindow | undefined {
    return this.#window;
  }

  get isWatched(): boolean {
    return this.#window?.isVisible() === true && this.#window.isFocused();
  }

  show(): void {
    const window = this.#window ?? this.#create();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  hide(): void {
    this.#window?.hide();
  }

  #create(): BrowserWindow {
    const { kept, log, onCreated, staysOnClose, onHidden, onShown } = this.#options;
    const screens = screen.getAllDisplays().map((display) => display.workArea);
    const window = new BrowserWindow({
      ...placeFor(kept.kept.bounds, screens),
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      title: 'Replug',
      show: false,
      autoHideMenuBar: true,
      ...(process.platform === 'linux' ? { icon: iconFile('app') } : {}),
      webPreferences: {
        preload: path.join(import.meta.dirname, '../preload/preload.cjs'),
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        devTools: !app.isPackaged,
      },
    });
    this.#window = window;
    if (kept.kept.maximized) window.maximize();
    onCreated(window);

    window.on('show', () => onShown(true));
    window.on('hide', () => onShown(false));
    window.on('close', (event) => {
      const maximized = window.isMaximized();
      kept.change({ maximized, bounds: window.getNormalBounds() });
      if (!staysOnClose()) return;
      event.preventDefault();
      window.hide();
      onHidden();
    });
    window.on('closed', () => {
      this.#window = undefined;
      onShown(false);
    });
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      log(`the window’s process has gone: ${reason} (${exitCode})`);
      if (reason === 'clean-exit' || this.#reloads >= RELOADS) return;
      this.#reloads += 1;
      void this.#load(window);
    });
    void this.#load(window);
    return window;
  }

  async #load(window: BrowserWindow): Promise<void> {
    try {
      await window.loadURL(HOME);
    } catch (error) {
      this.#options.log(`the window’s page could not be loaded: ${String(error)}`);
    }
  }
}

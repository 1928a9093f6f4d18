/**
 * A stand-in for Electron in plain Node: the few calls Replug makes, each recorded, with Electron's own rules about
 * what may happen before it is ready. Any other call throws, so that a new one is noticed. It shows what Replug asks
 * of Electron, not that Electron does it.
 */
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

const folder = process.env['FAKE_FOLDER'] ?? '';
const root = process.env['FAKE_ROOT'] ?? '';
const packaged = process.env['FAKE_PACKAGED'] === '1';

/** For code a test runs inside the program, which can import nothing. */
export const exists = (file: string): boolean => fs.existsSync(file);

export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}
export const calls: Call[] = [];
let ready = false;

function record(name: string, ...args: unknown[]): void {
  calls.push({ name, args });
}
function needsReady(name: string): void {
  if (!ready) throw new Error(`${name} was used before Electron was ready`);
}

/** Throws for any property that does not exist. */
function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get: (object, key) => {
      // accessed by `await` and by printing
      if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return Reflect.get(object, key) as unknown;
      if (!(key in object)) throw new Error(`the stand-in for Electron has no ${name}.${key}`);
      const value = Reflect.get(object, key) as unknown;
      return typeof value === 'function' ? (value.bind(object) as unknown) : value;
    },
  });
}

/** Copies properties, keeping accessors. */
const extended = <T extends object, U extends object>(target: T, more: U): T & U =>
  Object.defineProperties(target, Object.getOwnPropertyDescriptors(more)) as T & U;

/** Emits an event that can be prevented; returns whether it was. */
function ask(emitter: EventEmitter, name: string, extra: object = {}, ...args: unknown[]): boolean {
  let prevented = false;
  emitter.emit(name, { ...extra, preventDefault: () => (prevented = true) }, ...args);
  return prevented;
}

// --- windows

export interface Frame {
  url: string;
}
type OpenHandler = (details: { readonly url: string }) => { readonly action: string };

let contentsMade = 0;
export class Contents extends EventEmitter {
  readonly id = (contentsMade += 1);
  readonly mainFrame: Frame = { url: '' };
  readonly sent: { readonly channel: string; readonly message: unknown }[] = [];
  openHandler: OpenHandler | undefined;
  destroyed = false;

  send(channel: string, message: unknown): void {
    if (this.destroyed) throw new Error('Object has been destroyed');
    // only what survives the transfer between processes
    this.sent.push({ channel, message: structuredClone(message) });
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  getURL(): string {
    return this.mainFrame.url;
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
  startDrag(item: unknown): void {
    record('webContents.startDrag', item);
  }
}

export const windows: Window[] = [];
class Window extends EventEmitter {
  readonly options: Record<string, unknown>;
  readonly contents = new Contents();
  readonly webContents = strict('webContents', this.contents);
  visible = false;
  focused = false;
  maximized = false;
  gone = false;
  progress: unknown[] = [];

  constructor(options: Record<string, unknown>) {
    super();
    needsReady('BrowserWindow');
    this.options = options;
    record('new BrowserWindow', options);
    windows.push(this);
    appEvents.emit('web-contents-created', {}, this.webContents);
    return strict('BrowserWindow', this);
  }
  async loadURL(url: string): Promise<void> {
    record('window.loadURL', url);
    this.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, url });
    const response = await handlerOf(new URL(url).protocol)({ url, method: 'GET' });
    if (!response.ok) throw new Error(`ERR_FAILED ${response.status} ${url}`);
    this.contents.mainFrame.url = url;
  }
  show(): void {
    if (this.visible) return;
    this.visible = true;
    this.emit('show');
  }
  hide(): void {
    this.focused = false;
    if (!this.visible) return;
    this.visible = false;
    this.emit('hide');
  }
  focus(): void {
    this.focused = this.visible;
  }
  isVisible(): boolean {
    return this.visible;
  }
  isFocused(): boolean {
    return this.focused;
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {
    record('window.restore');
  }
  maximize(): void {
    this.maximized = true;
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  getNormalBounds(): object {
    return { x: 40, y: 50, width: 900, height: 600 };
  }
  setProgressBar(...args: unknown[]): void {
    this.progress = args;
    record('window.setProgressBar', ...args);
  }
  setOverlayIcon(...args: unknown[]): void {
    record('window.setOverlayIcon', ...args);
  }
  /** Closes the window as a user does. */
  close(): void {
    if (this.gone || ask(this, 'close')) return;
    this.gone = true;
    this.visible = false;
    windows.splice(windows.indexOf(this), 1);
    this.contents.destroyed = true;
    this.contents.emit('destroyed');
    this.emit('closed');
    if (windows.length === 0 && !quitting) appEvents.emit('window-all-closed');
  }
}
export const BrowserWindow = Window;

// --- app

let quitting = false;
export const appEvents = new EventEmitter();

function leave(code: number): never {
  appEvents.emit('quit', {}, code);
  process.exit(code);
}

export const app = strict(
  'app',
  extended(appEvents, {
    // packaged, the program's own arguments start one position earlier; by now Node knows its entry file
    get isPackaged() {
      if (packaged && process.argv[1]?.endsWith('main.js') === true) process.argv.splice(1, 1);
      return packaged;
    },
    getName: () => 'Replug',
    enableSandbox: () => {
      if (ready) throw new Error('app.enableSandbox() came too late');
      record('app.enableSandbox');
    },
    requestSingleInstanceLock: (data: unknown) => {
      record('app.requestSingleInstanceLock', data);
      if (process.env['FAKE_SECOND'] !== '1') return true;
      process.send?.({ kind: 'second', data });
      return false;
    },
    whenReady: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      ready = true;
      appEvents.emit('ready');
    },
    getPath: (name: string) => path.join(folder, name),
    getAppPath: () => root,
    getVersion: () => '0.0.0-fake',
    getPreferredSystemLanguages: () => (process.env['FAKE_LANGUAGES'] ?? 'en-US').split(','),
    setAppUserModelId: (id: string) => record('app.setAppUserModelId', id),
    setAboutPanelOptions: (options: unknown) => record('app.setAboutPanelOptions', options),
    setBadgeCount: (count: number) => record('app.setBadgeCount', count),
    quit: () => {
      record('app.quit');
      if (ask(appEvents, 'before-quit')) return;
      quitting = true;
      for (const window of [...windows]) window.close();
      quitting = windows.length === 0;
      if (!quitting || ask(appEvents, 'will-quit')) return;
      leave(0);
    },
    exit: (code = 0) => leave(code),
  }),
);

// --- what is before and around pages

type Handler = (request: {
  readonly url: string;
  readonly method: string;
  readonly headers?: Headers;
}) => Response | Promise<Response>;
const handlers = new Map<string, Handler>();
export function handlerOf(scheme: string): Handler {
  const handler = handlers.get(scheme.replace(':', ''));
  if (handler === undefined) throw new Error(`ERR_UNKNOWN_URL_SCHEME ${scheme}`);
  return handler;
}

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: unknown) => {
    if (ready) throw new Error('protocol.registerSchemesAsPrivileged came too late');
    record('protocol.registerSchemesAsPrivileged', schemes);
  },
});

type RequestListener = (details: { readonly url: string }, answer: (reply: { cancel?: boolean }) => void) => void;
export const sessionHandlers: {
  request?: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void;
  check?: (contents: unknown, permission: string, origin: string) => boolean;
  device?: (details: unknown) => boolean;
  before?: RequestListener;
} = {};
const defaultSession = strict('session.defaultSession', {
  protocol: strict('session.protocol', {
    handle: (scheme: string, handler: Handler) => {
      handlers.set(scheme, handler);
      record('protocol.handle', scheme);
    },
  }),
  setPermissionRequestHandler: (handler: NonNullable<typeof sessionHandlers.request>) => {
    sessionHandlers.request = handler;
  },
  setPermissionCheckHandler: (handler: NonNullable<typeof sessionHandlers.check>) => {
    sessionHandlers.check = handler;
  },
  setDevicePermissionHandler: (handler: NonNullable<typeof sessionHandlers.device>) => {
    sessionHandlers.device = handler;
  },
  webRequest: strict('session.webRequest', {
    onBeforeRequest: (listener: RequestListener) => {
      sessionHandlers.before = listener;
    },
  }),
});
export const session = strict('session', {
  /** Session of electron-updater, used by no window. */
  fromPartition: (name: string) => ({ name }),
  get defaultSession() {
    needsReady('session.defaultSession');
    return defaultSession;
  },
});

export const ipcEvents = new EventEmitter();
export const ipcMain = strict('ipcMain', {
  on: (channel: string, listener: (...args: unknown[]) => void) => {
    record('ipcMain.on', channel);
    ipcEvents.on(channel, listener);
  },
});

/** The network as electron-updater uses it: every address is recorded, and nothing answers. */
export const net = strict('net', {
  request: (options: { readonly protocol?: string; readonly hostname?: string; readonly path?: string }) => {
    record('net.request', `${options.protocol}//${options.hostname}${options.path}`);
    const request = new EventEmitter();
    return Object.assign(request, {
      setHeader: () => undefined,
      abort: () => undefined,
      end: () => setImmediate(() => request.emit('error', new Error('the stand-in has no network'))),
    });
  },
});

// --- the desktop

export interface MenuItem {
  readonly label?: string;
  readonly role?: string;
  readonly enabled?: boolean;
  readonly accelerator?: string;
  readonly click?: () => void;
  readonly submenu?: readonly MenuItem[];
}
export const desktop: {
  menu: readonly MenuItem[];
  tray: { image: string; tip: string; menu: readonly MenuItem[]; gone: boolean };
} = { menu: [], tray: { image: '', tip: '', menu: [], gone: true } };

export const Menu = strict('Menu', {
  buildFromTemplate: (template: readonly MenuItem[]) => template,
  setApplicationMenu: (menu: readonly MenuItem[]) => {
    desktop.menu = menu;
  },
});

class FakeTray extends EventEmitter {
  constructor(image: string) {
    super();
    needsReady('Tray');
    if (!fs.existsSync(image)) throw new Error(`Failed to load image from path '${image}'`);
    desktop.tray = { image, tip: '', menu: [], gone: false };
    return strict('Tray', this);
  }
  setImage(image: string): void {
    if (!fs.existsSync(image)) throw new Error(`Failed to load image from path '${image}'`);
    desktop.tray.image = image;
  }
  setToolTip(tip: string): void {
    desktop.tray.tip = tip;
  }
  setContextMenu(menu: readonly MenuItem[]): void {
    desktop.tray.menu = menu;
  }
  destroy(): void {
    desktop.tray.gone = true;
  }
}
export const Tray = FakeTray;

export const notifications: FakeNotification[] = [];
class FakeNotification extends EventEmitter {
  readonly options: unknown;
  constructor(options: unknown) {
    super();
    this.options = options;
    return strict('Notification', this);
  }
  static isSupported(): boolean {
    return true;
  }
  show(): void {
    notifications.push(this);
  }
}
export const Notification = FakeNotification;

/** Answers to the next dialogs. */
export const answers: { messageBox: object; openDialog: object } = {
  messageBox: { response: 0, checkboxChecked: false },
  openDialog: { canceled: true, filePaths: [] },
};
export const dialog = strict('dialog', {
  showErrorBox: (...args: unknown[]) => record('dialog.showErrorBox', ...args),
  showMessageBox: async (...args: unknown[]) => {
    record('dialog.showMessageBox', args.at(-1));
    return answers.messageBox;
  },
  showOpenDialog: async (...args: unknown[]) => {
    record('dialog.showOpenDialog', args.at(-1));
    return answers.openDialog;
  },
});
export const clipboard = strict('clipboard', {
  writeText: async (text: string) => record('clipboard.writeText', text),
});
export const shell = strict('shell', {
  showItemInFolder: (file: string) => record('shell.showItemInFolder', file),
  openPath: async (file: string) => {
    record('shell.openPath', file);
    return '';
  },
});
export const nativeImage = strict('nativeImage', {
  createFromPath: (file: string) => {
    if (!fs.existsSync(file)) throw new Error(`there is no picture ${file}`);
    return { file };
  },
});
export const screen = strict('screen', {
  getAllDisplays: () => {
    needsReady('screen');
    return [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }];
  },
});

export const powerEvents = new EventEmitter();
export const powerMonitor = strict('powerMonitor', {
  on: (name: string, listener: (...args: unknown[]) => void) => powerEvents.on(name, listener),
});
export const blockers = new Set<number>();
export const powerSaveBlocker = strict('powerSaveBlocker', {
  start: (kind: string) => {
    record('powerSaveBlocker.start', kind);
    blockers.add(calls.length);
    return calls.length;
  },
  stop: (id: number) => {
    record('powerSaveBlocker.stop');
    if (!blockers.delete(id)) throw new Error(`there is no blocker ${id}`);
  },
});

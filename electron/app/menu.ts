import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../shared/window-requests.ts';

/** What the menu’s items do. */
export interface MenuActions {
  /** Executed by the window, which also handles the shortcuts where no menu has the focus. */
  readonly perform: (command: MenuCommand) => void;
  readonly pauseAll: () => void;
  readonly resumeAll: () => void;
  readonly copyDiagnostics: () => void;
  readonly showLog: () => void;
  /** Only if updates are configured. */
  readonly checkForUpdates: (() => void) | undefined;
}

type Item = MenuItemConstructorOptions;
const LINE: Item = { type: 'separator' };

/** The menu in the order, wording and shortcuts of this system. */
function menuTemplate(platform: NodeJS.Platform, packaged: boolean, actions: MenuActions): Item[] {
  const mac = platform === 'darwin';
  // The window has the same shortcuts in one table (renderer/view-models/keys.ts) and handles them first. The menu
  // only displays them, except on a Mac, where menus own the shortcuts.
  const entry = (label: string, command: MenuCommand, accelerator: string): Item => ({
    label,
    accelerator,
    registerAccelerator: mac,
    click: () => actions.perform(command),
  });
  const settings = entry(mac ? 'Settings…' : 'Settings', 'settings', 'CommandOrControl+,');
  const about: Item = { role: 'about', label: 'About Replug' };
  const updates: Item[] =
    actions.checkForUpdates === undefined
      ? []
      : [{ label: 'Check for Updates…', click: () => actions.checkForUpdates?.() }];

  const application: Item = {
    label: 'Replug',
    submenu: [
      about,
      ...updates,
      LINE,
      settings,
      LINE,
      { role: 'services' },
      LINE,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      LINE,
      { role: 'quit' },
    ],
  };
  const file: Item = {
    label: mac ? 'File' : '&File',
    submenu: [
      entry('Copy to Phone…', 'upload', 'CommandOrControl+U'),
      entry('Save to Computer…', 'save', 'CommandOrControl+S'),
      entry('New Folder', 'new-folder', 'CommandOrControl+Shift+N'),
      LINE,
      { label: 'Pause All', click: () => actions.pauseAll() },
      { label: 'Resume All', click: () => actions.resumeAll() },
      LINE,
      ...(mac ? [] : [settings, LINE]),
      { role: 'close' },
      ...(mac ? [] : [{ role: 'quit' } satisfies Item]),
    ],
  };
  const edit: Item = {
    label: mac ? 'Edit' : '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      LINE,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
      LINE,
      entry('Filter', 'filter', 'CommandOrControl+F'),
    ],
  };
  const view: Item = {
    label: mac ? 'View' : '&View',
    submenu: [
      entry('As List', 'list', 'CommandOrControl+1'),
      entry('As Grid', 'grid', 'CommandOrControl+2'),
      LINE,
      entry('Details', 'inspector', 'CommandOrControl+I'),
      entry('Transfers', 'drawer', 'CommandOrControl+J'),
      entry('History', 'history', 'CommandOrControl+Y'),
      entry('Hidden Files', 'hidden', mac ? 'Command+.' : 'Control+H'),
      LINE,
      entry('List Again', 'refresh', mac ? 'Command+R' : 'F5'),
      LINE,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      LINE,
      { role: 'togglefullscreen' },
      ...(packaged ? [] : [{ role: 'toggleDevTools' } satisfies Item]),
    ],
  };
  const go: Item = {
    label: mac ? 'Go' : '&Go',
    submenu: [
      entry('Back', 'back', mac ? 'Command+[' : 'Alt+Left'),
      entry('Forward', 'forward', mac ? 'Command+]' : 'Alt+Right'),
      entry('Folder Above', 'up', mac ? 'Command+Up' : 'Alt+Up'),
    ],
  };
  const help: Item = {
    role: 'help',
    label: mac ? 'Help' : '&Help',
    submenu: [
      entry('Keyboard Shortcuts', 'shortcuts', mac ? 'Command+/' : 'F1'),
      LINE,
      { label: 'Copy Diagnostics…', click: () => actions.copyDiagnostics() },
      { label: 'Show Log', click: () => actions.showLog() },
      ...(mac ? [] : [LINE, ...updates, about]),
    ],
  };
  return mac ? [application, file, edit, view, go, { role: 'windowMenu' }, help] : [file, edit, view, go, help];
}

/** Sets the application menu for this system; a packaged app has no developer items. */
export function setMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, app.isPackaged, actions)));
}

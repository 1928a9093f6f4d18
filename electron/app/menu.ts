import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../shared/window-requests.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

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
  const words = desktopWords.menu;
  // The window has the same shortcuts in one table (renderer/view-models/keys.ts) and handles them first. The menu
  // only displays them, except on a Mac, where menus own the shortcuts.
  const entry = (label: string, command: MenuCommand, accelerator: string): Item => ({
    label,
    accelerator,
    registerAccelerator: mac,
    click: () => actions.perform(command),
  });
  const settings = entry(mac ? words.settingsMac : words.settings, 'settings', 'CommandOrControl+,');
  const about: Item = { role: 'about', label: words.about };
  const updates: Item[] =
    actions.checkForUpdates === undefined ? [] : [{ label: words.updates, click: () => actions.checkForUpdates?.() }];

  const application: Item = {
    label: 'Replug',
    submenu: [
      about,
      ...updates,
      LINE,
      settings,
      LINE,
      { role: 'services', label: words.services },
      LINE,
      { role: 'hide', label: words.hide },
      { role: 'hideOthers', label: words.hideOthers },
      { role: 'unhide', label: words.showAll },
      LINE,
      { role: 'quit', label: words.quit },
    ],
  };
  const file: Item = {
    label: mac ? words.file : words.fileKey,
    submenu: [
      entry(words.copyToPhone, 'upload', 'CommandOrControl+U'),
      entry(words.saveToComputer, 'save', 'CommandOrControl+S'),
      entry(words.newFolder, 'new-folder', 'CommandOrControl+Shift+N'),
      LINE,
      { label: words.pauseAll, click: () => actions.pauseAll() },
      { label: words.resumeAll, click: () => actions.resumeAll() },
      LINE,
      ...(mac ? [] : [settings, LINE]),
      { role: 'close', label: words.close },
      ...(mac ? [] : [{ role: 'quit', label: words.quit } satisfies Item]),
    ],
  };
  const edit: Item = {
    label: mac ? words.edit : words.editKey,
    submenu: [
      { role: 'undo', label: words.undo },
      { role: 'redo', label: words.redo },
      LINE,
      { role: 'cut', label: words.cut },
      { role: 'copy', label: words.copy },
      { role: 'paste', label: words.paste },
      { role: 'selectAll', label: words.selectAll },
      LINE,
      entry(words.filter, 'filter', 'CommandOrControl+F'),
      entry(words.find, 'find', 'CommandOrControl+Shift+F'),
    ],
  };
  const view: Item = {
    label: mac ? words.view : words.viewKey,
    submenu: [
      entry(words.asList, 'list', 'CommandOrControl+1'),
      entry(words.asGrid, 'grid', 'CommandOrControl+2'),
      LINE,
      entry(words.details, 'inspector', 'CommandOrControl+I'),
      entry(words.transfers, 'drawer', 'CommandOrControl+J'),
      entry(words.history, 'history', 'CommandOrControl+Y'),
      entry(words.hidden, 'hidden', mac ? 'Command+.' : 'Control+H'),
      LINE,
      entry(words.refresh, 'refresh', mac ? 'Command+R' : 'F5'),
      LINE,
      { role: 'resetZoom', label: words.actualSize },
      { role: 'zoomIn', label: words.zoomIn },
      { role: 'zoomOut', label: words.zoomOut },
      LINE,
      { role: 'togglefullscreen', label: words.fullScreen },
      ...(packaged ? [] : [{ role: 'toggleDevTools' } satisfies Item]),
    ],
  };
  const go: Item = {
    label: mac ? words.go : words.goKey,
    submenu: [
      entry(words.back, 'back', mac ? 'Command+[' : 'Alt+Left'),
      entry(words.forward, 'forward', mac ? 'Command+]' : 'Alt+Right'),
      entry(words.parentFolder, 'up', mac ? 'Command+Up' : 'Alt+Up'),
    ],
  };
  const help: Item = {
    role: 'help',
    label: mac ? words.help : words.helpKey,
    submenu: [
      entry(words.shortcuts, 'shortcuts', mac ? 'Command+/' : 'F1'),
      LINE,
      { label: words.reportPhone, click: () => actions.perform('report-phone') },
      { label: words.diagnostics, click: () => actions.copyDiagnostics() },
      { label: words.showLog, click: () => actions.showLog() },
      ...(mac ? [] : [LINE, ...updates, about]),
    ],
  };
  return mac
    ? [
        application,
        file,
        edit,
        view,
        go,
        {
          role: 'windowMenu',
          label: words.window,
          submenu: [
            { role: 'minimize', label: words.minimize },
            { role: 'zoom', label: words.zoom },
            LINE,
            { role: 'front', label: words.front },
          ],
        },
        help,
      ]
    : [file, edit, view, go, help];
}

/** Sets the application menu for this system; a packaged app has no developer items. */
export function setMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, app.isPackaged, actions)));
}

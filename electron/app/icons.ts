import path from 'node:path';
import { app } from 'electron';
import type { TrayLook } from './summary.ts';

/** Drawn by `scripts/icons.ts`; the files are in the app's own folder, packed or not. */
export type IconName = 'app' | 'drag' | 'overlay-attention' | `tray-${TrayLook}` | `tray-${TrayLook}Template`;

/** Path of an icon’s PNG file. */
export const iconFile = (name: IconName): string => path.join(app.getAppPath(), 'resources', 'icons', `${name}.png`);

/** macOS colours menu bar icons itself, black or white, if the file name ends in `Template`. */
export const trayIcon = (look: TrayLook): string =>
  iconFile(process.platform === 'darwin' ? `tray-${look}Template` : `tray-${look}`);

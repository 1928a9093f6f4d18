import path from 'node:path';
import { app } from 'electron';
import type { TrayLook } from './summary.ts';

/** What `scripts/icons.ts` draws; the files lie in the app's own folder, packed or not. */
export type IconName = 'app' | 'drag' | 'overlay-attention' | `tray-${TrayLook}` | `tray-${TrayLook}Template`;

export const iconFile = (name: IconName): string => path.join(app.getAppPath(), 'resources', 'icons', `${name}.png`);

/** macOS draws menu bar icons itself, in black or white; the name's ending tells it so. */
export const trayIcon = (look: TrayLook): string =>
  iconFile(process.platform === 'darwin' ? `tray-${look}Template` : `tray-${look}`);

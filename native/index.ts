/**
 * Who holds the phone's USB interface, how to make them let go, and which permission is missing: one file per
 * operating system behind `Native`.
 *
 * May import `shared` and `node:*`. Used by `electron/usb` alone.
 *
 * Invariant: looking never changes anything; only `release` does, and only after the user has agreed.
 */
import { LinuxNative } from './linux.ts';
import { MacNative } from './macos.ts';
import type { Native } from './native.ts';
import { systemOutside } from './outside.ts';
import { WindowsNative } from './windows.ts';

export type { Native, UsbPlace } from './native.ts';

export function systemNative(platform: NodeJS.Platform = process.platform): Native {
  switch (platform) {
    case 'darwin':
      return new MacNative(systemOutside);
    case 'win32':
      return new WindowsNative();
    default:
      return new LinuxNative(systemOutside);
  }
}

/**
 * Finds out which program holds a phone's USB interface, makes it release the phone, and says which permission is
 * missing. One file per operating system behind `Native`.
 *
 * May import: `shared` and `node:*`. Used by `electron/usb` only.
 *
 * Invariant: queries change nothing; only `release` does, and only after the user has agreed.
 *
 * Begin reading with `native.ts` (the interface), then the file of your system.
 */
import { LinuxNative } from './linux.ts';
import { MacNative } from './macos.ts';
import type { Native } from './native.ts';
import { systemOutside } from './outside.ts';
import { WindowsNative } from './windows.ts';

export type { Native, UsbPlace } from './native.ts';

/** The help for one operating system; any that is neither macOS nor Windows counts as Linux. */
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

/**
 * Finds out which program holds a phone's USB interface, makes it release the phone, and says which permission is
 * missing, for one phone or before there is any. One file per operating system behind `Native`.
 *
 * May import: `shared` and `node:*`. Used by `electron/usb` only.
 *
 * Invariant: queries change nothing; only `release` and `quitProgram` do, and only after the user has agreed.
 *
 * Begin reading with `native.ts` (the interface), then the file of your system.
 */
import { LinuxNative } from './linux.ts';
import { MacNative } from './macos.ts';
import type { Native } from './native.ts';
import { systemOutside } from './outside.ts';

export type { Native, UsbPlace } from './native.ts';

/** The help for one operating system; any that is not macOS counts as Linux. Windows has no use for it (`electron/wpd`). */
export const systemNative = (platform: NodeJS.Platform = process.platform): Native =>
  platform === 'darwin' ? new MacNative(systemOutside) : new LinuxNative(systemOutside);

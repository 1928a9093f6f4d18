/**
 * The real bus: `Transport` and `DeviceBus` of `electron/mtp/ports.ts` over the `usb` addon (libusb).
 *
 * May import `electron/mtp`, `shared`, `native` and `node:*`; the only room that imports `usb`, and only when a bus is
 * first used.
 *
 * Invariant: bulk-IN bytes reach the caller in bus order and none is lost, whatever limit runs out: a read that was
 * given up on stays in flight, and what it brings belongs to the next call.
 */
import { systemNative } from '../../native/index.ts';
import { loadAddon } from './addon.ts';
import { UsbBus } from './bus.ts';
import { wordsFromSysfs } from './strings.ts';
import { systemTimers } from './urbs.ts';

export { UsbBus } from './bus.ts';

/** The bus of this computer. Makes nothing and loads nothing until it is used. */
export function createUsbBus(): UsbBus {
  return new UsbBus({
    load: loadAddon,
    native: systemNative(),
    timers: systemTimers,
    words: process.platform === 'linux' ? wordsFromSysfs : undefined,
  });
}

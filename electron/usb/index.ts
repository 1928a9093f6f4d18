/**
 * The USB bus: implements `Transport` and `DeviceBus` of `electron/mtp/ports.ts` on the `usb` addon (libusb).
 *
 * May import: `electron/mtp`, `shared`, `native` and `node:*`. It is the only room that imports `usb`, and it does so
 * when a bus is first used.
 *
 * Invariant: bulk-IN bytes reach the caller in bus order and none is lost, whichever time limit expires. A read whose
 * caller gave up stays in flight, and its bytes go to the next call.
 *
 * Begin reading with `bus.ts` (finding and opening phones), then `transport.ts` (one open phone) and `bulk-in.ts`
 * (the invariant).
 */
import { systemNative } from '../../native/index.ts';
import { loadAddon } from './addon.ts';
import { UsbBus, type OpenedBefore } from './bus.ts';
import { wordsFromSysfs } from './strings.ts';
import { systemTimers } from './urbs.ts';

export { UsbBus } from './bus.ts';
export type { UsbDescriptors } from './descriptors.ts';

/** The USB bus of this computer. Loads nothing until it is first used. */
export function createUsbBus(openedBefore?: OpenedBefore): UsbBus {
  return new UsbBus({
    openedBefore,
    load: loadAddon,
    native: systemNative(),
    timers: systemTimers,
    words: process.platform === 'linux' ? wordsFromSysfs : undefined,
  });
}

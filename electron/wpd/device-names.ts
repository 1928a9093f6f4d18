/** Portable devices by the names Windows gives them. Pure; no COM. */

/** A portable device as Windows lists it. */
export interface ListedDevice {
  /** `\\?\usb#vid_18d1&pid_4ee1#SERIAL#{…}`: names the device as long as it is plugged in there. */
  readonly id: string;
  readonly manufacturer: string;
  /** What Windows calls it. */
  readonly name: string;
}

/** What the name of a USB device says: its numbers, and its serial number where it has one of its own. */
export function identifyUsb(
  id: string,
): { readonly vendorId: number; readonly productId: number; readonly serial: string } | undefined {
  const found = /^\\\\\?\\usb#vid_([0-9a-f]{4})&pid_([0-9a-f]{4})[^#]*#([^#]*)#/iu.exec(id);
  if (found === null) return undefined;
  const [, vendor = '', product = '', instance = ''] = found;
  return {
    vendorId: Number.parseInt(vendor, 16),
    productId: Number.parseInt(product, 16),
    // an ampersand marks a name that Windows made up from the port
    serial: instance.includes('&') ? '' : instance,
  };
}

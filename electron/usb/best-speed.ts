import type { LinkSpeed } from '../../shared/domain.ts';
import type { Addon, AddonDevice } from './addon.ts';
import { readDescriptor } from './strings.ts';
import { Urbs, type Timers } from './urbs.ts';

/**
 * The fastest speed a device supports, from its BOS descriptor (USB 3.2 §9.6.2). Android's kernel reports its
 * SuperSpeed capability there even on a high-speed link, and then declares USB 2.1. The request goes to the phone's
 * kernel, not to its MTP responder, and the computer's kernel has already read the same bytes when the phone was
 * plugged in.
 */

/** Devices with a lower bcdUSB do not support the request. */
const KNOWS_BOS = 0x0201;
const BOS = 0x0f;
const HEAD_BYTES = 5;
/** Limit for the length; real descriptors have about 50 bytes. */
const MOST_BYTES = 1024;

const DEVICE_CAPABILITY = 0x10;
const SUPER_SPEED = 0x03;
const SUPER_SPEED_PLUS = 0x0a;
/** Bit of wSpeedsSupported. */
const SPEED_5_GBIT = 1 << 3;
const FIVE_GBIT = 5e9;

/** `undefined` if the device does not report it. The device must be open; never rejects. */
export async function bestSpeed(addon: Addon, device: AddonDevice, timers: Timers): Promise<LinkSpeed | undefined> {
  if ((device.deviceDescriptor.bcdUSB ?? 0) < KNOWS_BOS) return undefined;
  const urbs = new Urbs(addon, device, timers);
  const head = await readDescriptor(urbs, BOS, 0, 0, HEAD_BYTES);
  if (head?.length !== HEAD_BYTES || head[1] !== BOS) return undefined;
  const all = await readDescriptor(urbs, BOS, 0, 0, Math.min(head.readUInt16LE(2), MOST_BYTES));
  return all === undefined ? undefined : speedInBos(all);
}

/** Parses untrusted bytes; any input is safe. */
export function speedInBos(bytes: Uint8Array): LinkSpeed | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < HEAD_BYTES || view.getUint8(1) !== BOS) return undefined;
  let best: LinkSpeed | undefined;
  const first = view.getUint8(0);
  for (let at = Math.max(first, HEAD_BYTES); at + 3 <= bytes.byteLength;) {
    const length = view.getUint8(at);
    if (length < 3 || at + length > bytes.byteLength) break;
    if (view.getUint8(at + 1) === DEVICE_CAPABILITY) {
      const kind = view.getUint8(at + 2);
      if (kind === SUPER_SPEED_PLUS && isFasterThanFive(view, at, length)) return 'super-plus';
      if (kind === SUPER_SPEED && length >= 6 && (view.getUint16(at + 4, true) & SPEED_5_GBIT) !== 0) best = 'super';
    }
    at += length;
  }
  return best;
}

/** Whether a lane of a SuperSpeedPlus capability is faster than SuperSpeed (5 Gbit/s). */
function isFasterThanFive(view: DataView, at: number, length: number): boolean {
  for (let field = 12; field + 4 <= length; field += 4) {
    const attributes = view.getUint32(at + field, true);
    const exponent = (attributes >>> 4) & 3;
    if ((attributes >>> 16) * 1000 ** exponent > FIVE_GBIT) return true;
  }
  return false;
}

import { readFile } from 'node:fs/promises';
import type { Device } from '../../shared/domain.ts';
import { CONTROL, type Addon, type AddonDevice } from './addon.ts';
import { COMPLETED } from './problems.ts';
import { Urbs, type Timers } from './urbs.ts';

/** String descriptors of a device, and the speed of its link. */
export interface DeviceWords {
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  /** By interface number; missing if the interface has no string or it could not be read. */
  readonly interfaces: ReadonlyMap<number, string>;
  readonly linkSpeed: Device['linkSpeed'];
}

/**
 * An interface whose name is to be read: Linux files it by configuration and number, the device by the string’s index.
 */
export interface InterfaceToRead {
  readonly number: number;
  /** Index of its string descriptor; 0 if it has none. */
  readonly string: number;
  readonly configuration: number;
}

type ReadText = (file: string) => Promise<string>;
const readText: ReadText = (file) => readFile(file, 'utf8');

/** Linux' name for the device's port, such as `3-1.2`; `undefined` for a root hub. */
export const portName = (device: AddonDevice): string | undefined =>
  device.portNumbers === undefined || device.portNumbers.length === 0
    ? undefined
    : `${device.busNumber}-${device.portNumbers.join('.')}`;

/**
 * Reads from sysfs, where Linux caches the strings. Needs no permission, opens nothing and sends nothing to the
 * phone. `undefined` if sysfs is not available.
 */
export async function wordsFromSysfs(
  device: AddonDevice,
  interfaces: readonly InterfaceToRead[],
  read: ReadText = readText,
): Promise<DeviceWords | undefined> {
  const port = portName(device);
  if (port === undefined) return undefined;
  const folder = `/sys/bus/usb/devices/${port}`;
  const text = (file: string): Promise<string> =>
    read(`${folder}/${file}`).then(
      (value) => value.trim(),
      () => '',
    );
  // Another device may be on this port by now; the address shows it.
  if ((await text('devnum')) !== String(device.deviceAddress)) return undefined;
  const [manufacturer, product, serial, speed] = await Promise.all(
    ['manufacturer', 'product', 'serial', 'speed'].map(text),
  );
  const names = new Map<number, string>();
  for (const wanted of interfaces) {
    const name = await text(`${port}:${wanted.configuration}.${wanted.number}/interface`);
    if (name !== '') names.set(wanted.number, name);
  }
  return {
    manufacturer: manufacturer ?? '',
    product: product ?? '',
    serial: serial ?? '',
    interfaces: names,
    linkSpeed: speedOf(speed ?? ''),
  };
}

/** Parses sysfs `speed`, in Mbit/s. */
function speedOf(text: string): Device['linkSpeed'] {
  switch (text) {
    case '1.5':
      return 'low';
    case '12':
      return 'full';
    case '480':
      return 'high';
    case '5000':
      return 'super';
    case '10000':
    case '20000':
      return 'super-plus';
    default:
      return undefined;
  }
}

/** Derives the speed from the packet size of a bulk endpoint, where there is no sysfs: 64, 512 or 1024 bytes. */
export function speedOfPackets(maxPacketSize: number): Device['linkSpeed'] {
  if (maxPacketSize >= 1024) return 'super';
  if (maxPacketSize >= 512) return 'high';
  return 'full';
}

const DESCRIPTOR_LIMIT_MS = 500;
const ENGLISH = 0x0409;

/** Reads from the device: opens it, requests its strings, closes it. Strings that do not arrive are empty. */
export async function wordsFromDevice(
  addon: Addon,
  device: AddonDevice,
  interfaces: readonly InterfaceToRead[],
  timers: Timers,
): Promise<DeviceWords> {
  const empty: DeviceWords = { manufacturer: '', product: '', serial: '', interfaces: new Map(), linkSpeed: undefined };
  try {
    device.open(false);
  } catch {
    return empty;
  }
  try {
    const urbs = new Urbs(addon, device, timers);
    const { iManufacturer, iProduct, iSerialNumber } = device.deviceDescriptor;
    const names = new Map<number, string>();
    // Sequentially, because some phones handle only one control request at a time.
    for (const wanted of interfaces) {
      const name = await readString(urbs, wanted.string);
      if (name !== '') names.set(wanted.number, name);
    }
    return {
      manufacturer: await readString(urbs, iManufacturer),
      product: await readString(urbs, iProduct),
      serial: await readString(urbs, iSerialNumber),
      interfaces: names,
      linkSpeed: undefined,
    };
  } finally {
    try {
      device.close();
    } catch {
      // A control transfer that never completes ends with the device or the process.
    }
  }
}

const STRING = 3;

async function readString(urbs: Urbs, index: number): Promise<string> {
  if (index === 0) return '';
  const bytes = await readDescriptor(urbs, STRING, index, ENGLISH, 255);
  if (bytes === undefined) return '';
  const length = Math.min(bytes[0] ?? 0, bytes.length) & ~1;
  return bytes.toString('utf16le', 2, length).replace(/\0+$/u, '').trim();
}

/** GET_DESCRIPTOR: the device's answer, at most `length` bytes; `undefined` if nothing usable arrives in time. */
export function readDescriptor(
  urbs: Urbs,
  type: number,
  index: number,
  language: number,
  length: number,
): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(8 + length);
  buffer.set([0x80, 6, index, type, language & 0xff, language >> 8, length & 0xff, length >> 8]);
  return new Promise((resolve) => {
    try {
      urbs.submit(
        0,
        CONTROL,
        buffer,
        ({ status, actual }) => {
          resolve(status === COMPLETED && actual >= 4 ? buffer.subarray(8, 8 + actual) : undefined);
        },
        DESCRIPTOR_LIMIT_MS,
      );
    } catch {
      resolve(undefined);
    }
  });
}

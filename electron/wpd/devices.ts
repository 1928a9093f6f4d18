import type { ListedDevice } from './device-names.ts';
import { ClassId, InterfaceId, Key } from './keys.ts';
import { type Com, type ComObject } from './com.ts';
import { failed } from './hresults.ts';
import { Values } from './values.ts';

/** `PortableDeviceManager`: which portable devices Windows knows now. Blocks; for the worker thread. */

const Method = { getDevices: 3, refresh: 4, friendlyName: 5, description: 6, manufacturer: 7 } as const;
const DEVICE_OPEN = 3;

const GENERIC_READ = 0x8000_0000;
const GENERIC_WRITE = 0x4000_0000;
/** SECURITY_IMPERSONATION in SECURITY_QUALITY_OF_SERVICE, without which the driver may refuse. */
const IMPERSONATION = 2 << 16;

/** Everything Windows lists now. Throws `ComError`. */
export function listDevices(com: Com): readonly ListedDevice[] {
  const manager = com.create(ClassId.manager, InterfaceId.manager);
  try {
    com.call(manager.pointer, Method.refresh, []);
    return deviceIds(com, manager).map((id) => ({
      id,
      manufacturer: words(com, manager, Method.manufacturer, id),
      name: words(com, manager, Method.friendlyName, id) || words(com, manager, Method.description, id),
    }));
  } finally {
    manager.release();
  }
}

function deviceIds(com: Com, manager: ComObject): readonly string[] {
  const count = [0];
  com.must('GetDevices', manager.pointer, Method.getDevices, ['pointer', 'inout u32'], null, count);
  const most = count[0] ?? 0;
  if (most === 0) return [];
  const pointers = new BigUint64Array(most);
  com.must('GetDevices', manager.pointer, Method.getDevices, ['pointer', 'inout u32'], pointers, count);
  const ids: string[] = [];
  for (const pointer of pointers) if (pointer !== 0n) ids.push(com.takeText(pointer));
  return ids;
}

/** A text of the manager's, of which it first tells the length. Empty where it has none. */
function words(com: Com, manager: ComObject, method: number, id: string): string {
  const kinds = ['text', 'pointer', 'inout u32'] as const;
  const length = [0];
  if (failed(com.call(manager.pointer, method, kinds, id, null, length)) || (length[0] ?? 0) === 0) return '';
  const characters = new Uint16Array(length[0] ?? 0);
  if (failed(com.call(manager.pointer, method, kinds, id, characters, length))) return '';
  const end = characters.indexOf(0);
  return String.fromCharCode(...characters.subarray(0, end === -1 ? undefined : end));
}

/** Opens a device for reading and writing. Throws `ComError`. */
export function openDevice(com: Com, id: string, version: string): ComObject {
  const device = com.create(ClassId.device, InterfaceId.device);
  const client = Values.make(com);
  try {
    const [major = 0, minor = 0, revision = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
    client
      .setText(Key.clientName, 'Replug')
      .setU32(Key.clientMajorVersion, major)
      .setU32(Key.clientMinorVersion, minor)
      .setU32(Key.clientRevision, revision)
      .setU32(Key.clientSecurity, IMPERSONATION)
      .setU32(Key.clientAccess, GENERIC_READ + GENERIC_WRITE);
    com.must('IPortableDevice::Open', device.pointer, DEVICE_OPEN, ['text', 'pointer'], id, client.pointer);
    return device;
  } catch (error) {
    device.release();
    throw error;
  } finally {
    client.release();
  }
}

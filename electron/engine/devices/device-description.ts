import type { Device, DeviceKey, DeviceState, StorageInfo } from '../../../shared/domain.ts';
import type { Problem } from '../../../shared/errors.ts';
import type { AttachedDevice, Phone, PhoneStorage } from '../../mtp/index.ts';

/** How devices and their storages are shown. Pure. */

/** A device of which only the bus has told yet. */
export const describeUnopened = (attached: AttachedDevice, key: DeviceKey): Device => ({
  key,
  name: attached.product !== '' ? attached.product : 'Phone',
  maker: attached.manufacturer,
  model: attached.product,
  serial: attached.serial,
  virtual: attached.virtual,
  state: { kind: 'opening' },
  battery: undefined,
  storages: [],
  resumableUpload: false,
  resumableDownload: false,
  linkSpeed: undefined,
});

/** What an open session adds: the name its owner gave it, maker, model and serial number. */
export const describePhone = (
  { identity }: Phone,
  attached: AttachedDevice,
): Pick<Device, 'name' | 'maker' | 'model' | 'serial'> => ({
  name: nameOf(identity.friendlyName, identity.model, attached.product, 'Phone'),
  maker: identity.manufacturer,
  model: identity.model,
  serial: identity.serial,
});

const nameOf = (...names: readonly (string | undefined)[]): string =>
  names.find((name) => name !== undefined && name !== '') ?? '';

/** The state of a phone that this problem keeps from being opened; `undefined` where nobody stands in between. */
export function keptBy({ kind, holder, fault, advice }: Problem): DeviceState | undefined {
  // its driver is kept busy: nobody says by whom
  if (fault?.id === 'phone-shared') return { kind: 'held', holder: undefined, fault, advice };
  if (kind === 'held') return { kind, holder };
  return kind === 'forbidden' ? { kind, advice } : undefined;
}

/** With names distinct within the phone: two cards of one description are `SD card` and `SD card 2`. */
export function storageInfos(storages: readonly PhoneStorage[]): readonly StorageInfo[] {
  const seen = new Map<string, number>();
  return storages.map((storage) => {
    const base = storage.description === '' ? (storage.removable ? 'SD card' : 'Storage') : storage.description;
    const number = (seen.get(base) ?? 0) + 1;
    seen.set(base, number);
    return {
      key: storage.key,
      name: number === 1 ? base : `${base} ${number}`,
      removable: storage.removable,
      readOnly: storage.readOnly,
      capacity: storage.capacity,
      free: storage.free,
    };
  });
}

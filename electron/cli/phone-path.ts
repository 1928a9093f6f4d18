import { commas } from '../../shared/words/locale.ts';
import {
  foldName,
  phonePath,
  type Device,
  type PhonePath,
  type PhonePlace,
  type StorageInfo,
} from '../../shared/domain.ts';
import { fail, failRequest } from '../../shared/errors.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';
import { commonWords } from '../../shared/words/made/common.ts';

/** A phone path as it was typed: the storage is known by name only, and only once there is a phone. */
export interface TypedPath {
  /** `undefined`: the first storage. */
  readonly storage: string | undefined;
  readonly path: PhonePath;
  /** As typed, for messages. */
  readonly text: string;
}

/** `/DCIM/Camera`, or `NAME:/DCIM/Camera`, or `NAME:`. */
export function parsePhonePath(text: string): TypedPath {
  const [, storage, path = ''] = /^(?:([^/]*?):)?(\/.*)?$/s.exec(text) ?? [];
  if (text === '' || (storage === undefined && path === '') || storage === '')
    throw new RangeError(terminalWords.usage.phonePath({ path: text }));
  try {
    return { storage, path: phonePath(path), text };
  } catch {
    throw new RangeError(terminalWords.usage.phoneDots({ path: text }));
  }
}

/** The place on this phone that a typed path means. */
export function placeOf(device: Device, typed: TypedPath): PhonePlace {
  return { device: device.key, storage: storageOf(device, typed.storage).key, path: typed.path };
}

function storageOf(device: Device, name: string | undefined): StorageInfo {
  const { storages } = device;
  if (name === undefined) {
    const [first] = storages;
    if (first === undefined) throw fail('locked', 'storage', 'no storage', { subject: device.name });
    return first;
  }
  return storageCalled(storages, name, device.name);
}

/** The storage of this name, else the only one whose name begins so. Throws `bad-request` where there is none, or several. */
export function storageCalled<T extends { readonly name: string }>(
  storages: readonly T[],
  name: string,
  device: string,
): T {
  const known = commas(storages.map((storage) => commonWords.quoted({ name: storage.name })));
  const wanted = foldName(name);
  const exact = storages.filter((storage) => foldName(storage.name) === wanted);
  const found = exact.length > 0 ? exact : storages.filter((storage) => foldName(storage.name).startsWith(wanted));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  throw failRequest(
    'storage',
    { id: only === undefined ? 'no-storage' : 'several-storages', with: { device, storage: name } },
    { id: 'known-storages', with: { storages: known } },
  );
}

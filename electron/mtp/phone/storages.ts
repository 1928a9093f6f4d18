import { storageKey } from '../../../shared/domain.ts';
import { fail, isPhoneError, type PhoneError } from '../../../shared/errors.ts';
import type { Requests } from './requests.ts';
import { isRefusal, readable, storageIdOf } from './object-info.ts';
import type { CallOptions } from '../ports.ts';
import type { PhoneStorage, StorageId } from './phone-types.ts';
import { DeviceProp, Operation } from '../wire/codes.ts';
import { decodeStorageInfo, decodeString, decodeU32Array, type StorageInfoDataset } from '../wire/datasets.ts';

/** Storages and the few device properties that Android has. */

const REMOVABLE_ROM = 2;
const REMOVABLE_RAM = 4;
const READ_WRITE = 0;
/** More is no phone. */
const MOST_STORAGES = 64;

/** Empty while the phone is locked, or shows nothing for another reason. */
export async function storages(requests: Requests, options: CallOptions | undefined): Promise<readonly PhoneStorage[]> {
  const ids = await storageIds(requests, options);
  const found: PhoneStorage[] = [];
  let failure: PhoneError | undefined;
  for (const id of ids) {
    try {
      found.push(await storage(requests, id, options));
    } catch (error) {
      // It went away in between, or its card is not ready; the others are still there.
      if (isPhoneError(error) && isRefusal(error, 'refused', 'unsupported')) failure ??= error;
      else if (!isRefusal(error, 'stale', 'locked')) throw error;
    }
  }
  // Storages that are there and cannot be described are not a locked phone.
  if (found.length === 0 && failure !== undefined) throw failure;
  return found;
}

async function storageIds(requests: Requests, options: CallOptions | undefined): Promise<readonly StorageId[]> {
  try {
    const bytes = await requests.dataset(Operation.GetStorageIDs, [], options);
    const ids = readable('GetStorageIDs', () => decodeU32Array(bytes, 'StorageIDs'));
    // No logical part means "slot without a card"; 0 and all ones are no storage (0 crashes some Androids, §3.2).
    const real = ids.filter((id) => (id & 0xffff) !== 0 && id !== 0xffff_ffff);
    return [...new Set(real)].slice(0, MOST_STORAGES).map(storageIdOf);
  } catch (error) {
    if (isRefusal(error, 'locked', 'stale', 'refused')) return [];
    throw error;
  }
}

async function storage(requests: Requests, id: StorageId, options: CallOptions | undefined): Promise<PhoneStorage> {
  const info = await storageInfo(requests, id, options);
  return {
    id,
    key: storageKey(info.storageType, info.description, info.maxCapacity),
    description: info.description,
    removable: info.storageType === REMOVABLE_ROM || info.storageType === REMOVABLE_RAM,
    readOnly: info.access !== READ_WRITE,
    volume: info.volumeIdentifier.trim(),
    capacity: info.maxCapacity,
    free: info.freeSpace,
  };
}

async function storageInfo(
  requests: Requests,
  id: StorageId,
  options: CallOptions | undefined,
): Promise<StorageInfoDataset> {
  const bytes = await requests.dataset(Operation.GetStorageInfo, [id], options);
  return readable('GetStorageInfo', () => decodeStorageInfo(bytes));
}

/** Bytes, as the phone tells; some tell 0 or all ones. */
export async function freeSpace(requests: Requests, id: StorageId, options: CallOptions | undefined): Promise<number> {
  return (await storageInfo(requests, id, options)).freeSpace;
}

/**
 * A phone whose disk fills up in the middle of a write stalls and gives no reason (§2.2); the free space does.
 * Gives the error to reject with.
 */
export async function explainStall(
  requests: Requests,
  id: StorageId,
  needed: number,
  error: unknown,
): Promise<unknown> {
  if (!isPhoneError(error) || error.kind !== 'stalled') return error;
  try {
    const free = await freeSpace(requests, id, { priority: 'browse' });
    if (free >= needed) return error;
    return fail('full', error.problem.operation, `${free} bytes free, ${needed} needed`, {}, error);
  } catch {
    return error;
  }
}

/** Per cent; `undefined` where the phone does not tell. */
export async function battery(requests: Requests, options: CallOptions | undefined): Promise<number | undefined> {
  if (!requests.capabilities.current().battery) return undefined;
  try {
    const level = (await requests.dataset(Operation.GetDevicePropValue, [DeviceProp.BatteryLevel], options))[0];
    return level !== undefined && level <= 100 ? level : undefined;
  } catch (error) {
    if (isRefusal(error, 'unsupported', 'refused', 'stalled')) return undefined;
    throw error;
  }
}

/** The name its owner gave the phone; often empty. */
export async function friendlyName(requests: Requests, deviceProps: readonly number[]): Promise<string | undefined> {
  if (
    !deviceProps.includes(DeviceProp.DeviceFriendlyName) ||
    !requests.capabilities.supports(Operation.GetDevicePropValue)
  )
    return undefined;
  try {
    const bytes = await requests.dataset(Operation.GetDevicePropValue, [DeviceProp.DeviceFriendlyName], undefined);
    const name = readable('GetDevicePropValue', () => decodeString(bytes, 'DeviceFriendlyName')).trim();
    return name === '' ? undefined : name;
  } catch (error) {
    if (isRefusal(error, 'unsupported', 'refused', 'stalled', 'locked')) return undefined;
    throw error;
  }
}

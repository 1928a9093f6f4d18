import { fail, isPhoneError, type PhoneError, type PhoneErrorKind } from '../../../shared/errors.ts';
import type { Instant } from '../../../shared/domain.ts';
import type { Requests } from './requests.ts';
import type { CallOptions } from '../ports.ts';
import type { FolderRef, ObjectHandle, PhoneObject, StorageId } from './phone-types.ts';
import { Reader } from '../wire/bytes.ts';
import { Format, ObjectProp, Operation, SIZE_UNKNOWN } from '../wire/codes.ts';
import { decodeObjectInfo, type ObjectInfo } from '../wire/datasets.ts';
import { parseDate } from '../wire/dates.ts';

/** One object's metadata: ObjectInfo, and the 64-bit size where ObjectInfo's 32 bits do not hold it. */

/** A 32-bit number of the wire as a handle. */
export const handleOf = (value: number): ObjectHandle => value as ObjectHandle;
/** A 32-bit number of the wire as a storage id. */
export const storageIdOf = (value: number): StorageId => value as StorageId;

/** The root is spelled 0 or all ones (rule 0.10). */
export const parentOf = ({ parent }: ObjectInfo): FolderRef =>
  parent === 0 || parent === SIZE_UNKNOWN ? 'root' : handleOf(parent);

/** Whether a format code stands for a folder. */
export const isFolder = (format: number): boolean => format === Format.Association;
/** DateModified, else DateCreated; `undefined` where neither is a date. */
const modifiedOf = (info: ObjectInfo): Instant | undefined =>
  parseDate(info.dateModified) ?? parseDate(info.dateCreated);

/** GetObjectInfo. Rejects with `stale` for a handle the phone does not know, `refused` for a dataset that makes no sense. */
export async function objectInfo(
  requests: Requests,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<ObjectInfo> {
  const bytes = await requests.dataset(Operation.GetObjectInfo, [handle], options);
  return readable('GetObjectInfo', () => decodeObjectInfo(bytes));
}

/** One object by its handle, its size completed where ObjectInfo's 32 bits do not hold it. */
export async function objectOf(
  requests: Requests,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<PhoneObject> {
  const info = await objectInfo(requests, handle, options);
  return await describe(requests, handle, info, parentOf(info), options);
}

/** The object of an ObjectInfo, with its size completed. */
export async function describe(
  requests: Requests,
  handle: ObjectHandle,
  info: ObjectInfo,
  parent: FolderRef,
  options: CallOptions | undefined,
): Promise<PhoneObject> {
  const folder = isFolder(info.format);
  const size = folder
    ? 0
    : info.compressedSize === SIZE_UNKNOWN
      ? await longSize(requests, handle, options)
      : info.compressedSize;
  return {
    handle,
    parent,
    format: info.format,
    name: info.filename,
    kind: folder ? 'folder' : 'file',
    size: size ?? SIZE_UNKNOWN,
    modified: modifiedOf(info),
  };
}

/** Whether the phone answered, and in one of these ways: the conversation is in order, only the answer is no. */
export const isRefusal = (error: unknown, ...kinds: readonly PhoneErrorKind[]): boolean =>
  isPhoneError(error) && kinds.includes(error.kind);

/** Decodes a dataset that came whole: nonsense in it is this object's fault ("refused"), not the connection's. */
export function readable<T>(operation: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!isRefusal(error, 'confused')) throw error;
    throw fail('refused', operation, (error as PhoneError).problem.detail, {}, error);
  }
}

/** DC04, where the phone has it. Some devices answer with 32 bits. */
async function longSize(
  requests: Requests,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<number | undefined> {
  if (!requests.capabilities.supports(Operation.GetObjectPropValue)) return undefined;
  try {
    const bytes = await requests.dataset(Operation.GetObjectPropValue, [handle, ObjectProp.ObjectSize], options);
    const reader = new Reader(bytes, 'ObjectSize');
    return readable('GetObjectPropValue', () => (bytes.byteLength >= 8 ? reader.size64() : reader.u32()));
  } catch (error) {
    if (isRefusal(error, 'unsupported', 'refused')) return undefined;
    throw error;
  }
}

/**
 * The live size. From Android 9 on DC04 asks the file; before, it asks the media database, which lags behind, and
 * ObjectInfo is better (§3.4). MoveObject came with Android 9 and tells the two apart.
 */
export async function sizeOf(
  requests: Requests,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<number> {
  if (requests.capabilities.supports(Operation.MoveObject)) {
    const size = await longSize(requests, handle, options);
    if (size !== undefined) return size;
  }
  return (await sizeInInfo(requests, handle, options)).size;
}

/** The size as the phone's open edit sees it: what SendPartialObject compares offsets with. */
export async function sizeInInfo(
  requests: Requests,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<{ readonly size: number; readonly storage: StorageId }> {
  const info = await objectInfo(requests, handle, options);
  const storage = storageIdOf(info.storageId);
  if (info.compressedSize !== SIZE_UNKNOWN) return { size: info.compressedSize, storage };
  const size = await longSize(requests, handle, options);
  if (size === undefined) throw fail('unsupported', 'GetObjectPropValue', 'no way to learn a size beyond 4 GiB');
  return { size, storage };
}

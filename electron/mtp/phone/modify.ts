import { fail, isPhoneError, type PhoneErrorKind } from '../../../shared/errors.ts';
import { handles, list } from './listing.ts';
import type { Requests } from './requests.ts';
import { explainRefusal, type RefusedName } from './explain-refusal.ts';
import { complaintAbout } from './legal-names.ts';
import { isRefusal, objectInfo, objectOf, parentOf, storageIdOf } from './object-info.ts';
import type { CallOptions } from '../ports.ts';
import type {
  ChangeOptions,
  DeleteOptions,
  FolderRef,
  Looking,
  ObjectHandle,
  PhoneObject,
  RenameOptions,
  StorageId,
} from './phone-types.ts';
import { ObjectProp, Operation, ROOT_WHEN_MOVING } from '../wire/codes.ts';
import { encodeString, type ObjectInfo } from '../wire/datasets.ts';

/**
 * Changing what exists: delete, rename, move, copy. Some phones answer OK and do nothing (reported of iPhones; the server of
 * Ubuntu Touch does it to MoveObject), so what was deleted or renamed is looked at again. Where a moved or copied object has
 * to be is the caller's to look at, who knows the folder.
 */

/** Milliseconds after which an object that did not change with the answer is looked at once more. */
const SECOND_LOOK_MS = 500;

/** Answers about an object that is not there any more. */
const GONE: ReadonlySet<PhoneErrorKind> = new Set(['stale', 'missing', 'refused', 'stalled']);

/**
 * Whether an object still is as it was before an operation that was answered with OK. One that the phone cannot describe any
 * more is not. Rejects where it cannot be asked (the cable or the storage went): then nobody knows whether the operation was
 * done, as when its answer is lost.
 */
async function isUnchanged(
  requests: Requests,
  handle: ObjectHandle,
  isAsBefore: (now: PhoneObject) => boolean,
  options: CallOptions | undefined,
): Promise<boolean> {
  const look = async (): Promise<boolean> => {
    try {
      return isAsBefore(await objectOf(requests, handle, options));
    } catch (error) {
      if (!isPhoneError(error) || !GONE.has(error.kind)) throw error;
      return false;
    }
  };
  if (!(await look())) return false;
  await requests.clock.sleep(SECOND_LOOK_MS);
  return await look();
}

/**
 * DeleteObject: a file, or a folder with all in it. Rejects with `stale`, `read-only`, or `refused` where something of a
 * folder was left (PartialDeletion).
 */
async function deleteObject(requests: Requests, handle: ObjectHandle, options: CallOptions | undefined): Promise<void> {
  requests.need(Operation.DeleteObject);
  // All ones would mean "everything" to phones that know it.
  if (handle === 0 || handle === 0xffff_ffff) throw fail('bad-request', 'DeleteObject', `handle ${handle}`);
  await requests.ask({ operation: Operation.DeleteObject, parameters: [handle, 0] }, options);
}

/**
 * GetObjectInfo, for a folder GetObjectHandles, and DeleteObject in the same turn if `isStill` says that the object is what the
 * caller means and `nothingBut` that nothing has come into it: nothing this program does comes in between. What is left is the moment between two transactions, since MTP has no *delete if
 * unchanged*. Resolves with whether it was deleted; rejects as `deleteObject` and `objectOf` do, also where the connection ends
 * before it was seen to be gone, and with `refused` where the phone answered OK and the object is still there.
 */
export async function deleteIf(
  requests: Requests,
  handle: ObjectHandle,
  isStill: (now: PhoneObject) => boolean,
  options: DeleteOptions | undefined,
): Promise<boolean> {
  requests.need(Operation.DeleteObject);
  const nothingBut = options?.nothingBut;
  return await requests.turn(options, async (within) => {
    if (!isStill(await objectOf(within, handle, undefined))) return false;
    if (nothingBut !== undefined) {
      const there = await handles(within, nothingBut.storage, handle, undefined);
      if (there?.some((one) => !nothingBut.handles.has(one)) === true) return false;
    }
    await deleteObject(within, handle, undefined);
    if (await isUnchanged(within, handle, isStill, undefined))
      throw fail('refused', 'DeleteObject', 'answered OK, and the object is still there');
    return true;
  });
}

/**
 * Changes something in the turn in which `onlyIf` has looked whether it may be: nothing this program does comes in between. What
 * is left is the moment between two transactions, since MTP has no *rename if free*. Resolves with whether it may.
 */
async function changeIf(
  requests: Requests,
  options: ChangeOptions | undefined,
  change: (within: Requests) => Promise<void>,
): Promise<boolean> {
  return await requests.turn(options, async (within) => {
    const looking: Looking = {
      handles: (storage, folder) => handles(within, storage, folder, undefined),
      list: (storage, folder, how) => list(within, storage, folder, how),
      stat: (handle) => objectOf(within, handle, undefined),
    };
    if ((await options?.onlyIf?.(looking)) === false) return false;
    await change(within);
    return true;
  });
}

/**
 * SetObjectPropValue of DC07 (ObjectFileName), if `onlyIf` allows it. Rejects with `bad-name`, `exists`, `stale`, or
 * `unsupported`, also where the phone answered OK and the object still has its old name: then it is not asked again in this
 * connection.
 */
export async function rename(
  requests: Requests,
  handle: ObjectHandle,
  name: string,
  options: RenameOptions | undefined,
): Promise<boolean> {
  requests.need(Operation.SetObjectPropValue);
  const complaint = complaintAbout(name, 'SetObjectPropValue');
  if (complaint !== undefined) throw complaint;
  return await changeIf(requests, options, (within) => renameNow(within, handle, name, options?.was));
}

async function renameNow(
  requests: Requests,
  handle: ObjectHandle,
  name: string,
  was: string | undefined,
): Promise<void> {
  try {
    await requests.ask(
      {
        operation: Operation.SetObjectPropValue,
        parameters: [handle, ObjectProp.ObjectFileName],
        data: { kind: 'bytes', bytes: encodeString(name) },
      },
      undefined,
      name,
    );
  } catch (error) {
    throw await explained(requests, handle, error, (info) => ({
      storage: storageIdOf(info.storageId),
      folder: parentOf(info),
      name,
    }));
  }
  if (was === undefined || was === name) return;
  if (!(await isUnchanged(requests, handle, (now) => now.name === was, undefined))) return;
  requests.capabilities.correct(Operation.SetObjectPropValue);
  throw fail('unsupported', 'SetObjectPropValue', 'answered OK, and the name is as it was', { subject: name });
}

/**
 * MoveObject or CopyObject into a folder, if `onlyIf` allows it: AOSP overwrites on a copy without truncating (field notes
 * §10). Rejects with `exists`, `full`, `stale` or `unsupported`.
 */
export async function moveOrCopy(
  requests: Requests,
  operation: typeof Operation.MoveObject | typeof Operation.CopyObject,
  handle: ObjectHandle,
  storage: StorageId,
  folder: FolderRef,
  options: ChangeOptions | undefined,
): Promise<boolean> {
  requests.need(operation);
  // The root is 0 here and 0xFFFFFFFF when listing or sending (rule 0.10).
  const parent = folder === 'root' ? ROOT_WHEN_MOVING : folder;
  return await changeIf(requests, options, async (within) => {
    try {
      await within.ask({ operation, parameters: [handle, storage, parent] }, undefined);
    } catch (error) {
      throw await explained(within, handle, error, ({ filename }) => ({ storage, folder, name: filename }));
    }
  });
}

/** `explainRefusal` for an object of which only the handle is known. */
async function explained(
  requests: Requests,
  handle: ObjectHandle,
  error: unknown,
  refused: (info: ObjectInfo) => RefusedName,
): Promise<unknown> {
  if (!isRefusal(error, 'refused')) return error;
  try {
    return await explainRefusal(requests, refused(await objectInfo(requests, handle, { priority: 'browse' })), error);
  } catch {
    return error;
  }
}

import { fail } from '../../../shared/errors.ts';
import type { Requests } from './requests.ts';
import { complaintAbout } from './legal-names.ts';
import type { CallOptions } from '../ports.ts';
import type { FolderRef, ObjectHandle, StorageId } from './phone-types.ts';
import { ObjectProp, Operation, ROOT_WHEN_MOVING } from '../wire/codes.ts';
import { encodeString } from '../wire/datasets.ts';

/** Changing what exists: delete, rename, move, copy. */

export async function deleteObject(
  line: Requests,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<void> {
  line.need(Operation.DeleteObject);
  // All ones would mean "everything" to phones that know it.
  if (handle === 0 || handle === 0xffff_ffff) throw fail('bad-request', 'DeleteObject', `handle ${handle}`);
  await line.ask({ operation: Operation.DeleteObject, parameters: [handle, 0] }, options);
}

export async function rename(
  line: Requests,
  handle: ObjectHandle,
  name: string,
  options: CallOptions | undefined,
): Promise<void> {
  line.need(Operation.SetObjectPropValue);
  const complaint = complaintAbout(name, 'SetObjectPropValue');
  if (complaint !== undefined) throw complaint;
  await line.ask(
    {
      operation: Operation.SetObjectPropValue,
      parameters: [handle, ObjectProp.ObjectFileName],
      data: { kind: 'bytes', bytes: encodeString(name) },
    },
    options,
    name,
  );
}

export async function moveOrCopy(
  line: Requests,
  operation: typeof Operation.MoveObject | typeof Operation.CopyObject,
  handle: ObjectHandle,
  storage: StorageId,
  folder: FolderRef,
  options: CallOptions | undefined,
): Promise<void> {
  line.need(operation);
  // The root is 0 here and 0xFFFFFFFF when listing or sending (rule 0.10).
  const parent = folder === 'root' ? ROOT_WHEN_MOVING : folder;
  await line.ask({ operation, parameters: [handle, storage, parent] }, options);
}

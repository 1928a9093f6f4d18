import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { Requests } from './requests.ts';
import { explainRefusal } from './explain-refusal.ts';
import { complaintAbout } from './legal-names.ts';
import { handleOf } from './object-info.ts';
import { explainStall } from './storages.ts';
import { Source, type Pieces } from '../session/data-out.ts';
import type { CallOptions } from '../ports.ts';
import type { FolderRef, NewObject, ObjectHandle, StorageId } from './phone-types.ts';
import type { Transact, TransactionRequest } from '../session/transaction-request.ts';
import { Format, Operation, ROOT_WHEN_SENDING, SIZE_UNKNOWN } from '../wire/codes.ts';
import { encodeObjectInfo } from '../wire/datasets.ts';
import { formatDate } from '../wire/dates.ts';

/** Creating objects (field notes §3.2). */

interface Creation {
  readonly storage: StorageId;
  readonly folder: FolderRef;
  readonly name: string;
  readonly size: number;
  readonly modified: number | undefined;
  readonly format: number;
}

const SMALLEST_ASSOCIATION_TYPE = 1;

function sendObjectInfo(creation: Creation): TransactionRequest {
  const folder = creation.format === Format.Association;
  const parent = creation.folder === 'root' ? ROOT_WHEN_SENDING : creation.folder;
  const date = creation.modified === undefined ? '' : formatDate(creation.modified);
  const info = encodeObjectInfo({
    storageId: creation.storage,
    format: creation.format,
    protection: 0,
    compressedSize: Math.min(creation.size, SIZE_UNKNOWN),
    thumbFormat: 0,
    thumbSize: 0,
    // 0xFFFFFFFF in the dataset as well for the root: AOSP ignores it, others read it.
    parent,
    associationType: folder ? SMALLEST_ASSOCIATION_TYPE : 0,
    filename: creation.name,
    dateCreated: date,
    dateModified: date,
  });
  return {
    operation: Operation.SendObjectInfo,
    parameters: [creation.storage, parent],
    data: { kind: 'bytes', bytes: info },
  };
}

/** Storage 0 means "the first one" and crashes Android 10 and later when there is none. */
function checkPlace(creation: Creation): void {
  if (creation.storage === 0 || creation.storage === SIZE_UNKNOWN)
    throw fail('bad-request', 'SendObjectInfo', `storage ${creation.storage}`);
  const complaint = complaintAbout(creation.name, 'SendObjectInfo');
  if (complaint !== undefined) throw complaint;
}

/** SendObjectInfo within a held turn; resolves with the new handle. */
async function announce(
  requests: Requests,
  transact: Transact,
  announcement: TransactionRequest,
  name: string,
): Promise<ObjectHandle> {
  const result = await requests.askWithin(transact, announcement, name);
  const handle = result.parameters[2];
  // uMTP answers OK with the handle 0xFFFFFFFF when it could not read the dataset (§7).
  if (handle === undefined || handle === 0 || handle === SIZE_UNKNOWN)
    throw fail('refused', 'SendObjectInfo', `no handle in the answer (${result.parameters.join(', ')})`, {
      subject: name,
    });
  return handleOf(handle);
}

/**
 * SendObjectInfo and SendObject in one turn; see `Phone.writeWhole`. Rejects with `source-changed` or `source-unreadable`
 * when the source fails, `exists`, `bad-name`, `full`, `too-large`, `refused` or `stalled` when the phone does.
 */
export async function writeWhole(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  object: NewObject,
  pieces: Pieces,
  options: (CallOptions & { readonly onSent?: (bytes: number) => void }) | undefined,
): Promise<ObjectHandle> {
  requests.need(Operation.SendObjectInfo);
  requests.need(Operation.SendObject);
  const announced = object.announced ?? object.size;
  // only "until the data ends" may end before the size that was told
  if (announced !== object.size && announced < SIZE_UNKNOWN)
    throw fail('bad-request', 'writeWhole', `announced ${announced}, sends ${object.size}`);
  const creation: Creation = { storage, folder, ...object, size: announced, format: Format.Undefined };
  checkPlace(creation);
  if (!Number.isSafeInteger(object.size) || object.size < 0)
    throw fail('bad-request', 'writeWhole', `size ${object.size}`);
  const source = new Source(pieces, object.size);
  try {
    const announcement = sendObjectInfo(creation);
    await source.ready();
    return await requests.session.turn(options, async (transact) => {
      const handle = await announce(requests, transact, announcement, object.name);
      await sendObject(requests, transact, handle, source, options?.onSent, object.name);
      return handle;
    });
  } catch (error) {
    throw await explainRefusal(requests, creation, await explainStall(requests, storage, object.size, error));
  } finally {
    await source.close();
  }
}

/** The body must follow its announcement with nothing in between, or a phantom blocks the name (§3.2). */
async function sendObject(
  requests: Requests,
  transact: Transact,
  handle: ObjectHandle,
  source: Source,
  onSent: ((bytes: number) => void) | undefined,
  name: string,
): Promise<void> {
  try {
    const data = { kind: 'source', source, onSent } as const;
    await requests.askWithin(transact, { operation: Operation.SendObject, data }, name);
  } catch (error) {
    // AOSP has deleted the object by itself; others, and the old kernel driver, keep a truncated file.
    // A phone that has fallen silent may still wait for data and is told nothing more.
    if (!isPhoneError(error) || (error.kind !== 'disconnected' && error.kind !== 'silent'))
      await transact({ operation: Operation.DeleteObject, parameters: [handle, 0] }).catch(() => undefined);
    throw error;
  }
}

/** An empty file: its body is the bare 12-byte header, and no empty packet follows it. */
export async function createEmpty(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  object: Omit<NewObject, 'size'>,
  options: CallOptions | undefined,
): Promise<ObjectHandle> {
  return await writeWhole(requests, storage, folder, { ...object, size: 0 }, [], options);
}

/** A folder exists as soon as it is announced; it has no body. */
export async function makeFolder(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  name: string,
  options: CallOptions | undefined,
): Promise<ObjectHandle> {
  requests.need(Operation.SendObjectInfo);
  const creation: Creation = { storage, folder, name, size: 0, modified: undefined, format: Format.Association };
  checkPlace(creation);
  try {
    const announcement = sendObjectInfo(creation);
    return await requests.session.turn(options, (transact) => announce(requests, transact, announcement, name));
  } catch (error) {
    throw await explainRefusal(requests, creation, error);
  }
}

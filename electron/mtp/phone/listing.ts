import { fail, isPhoneError, type PhoneError } from '../../../shared/errors.ts';
import type { Requests } from './requests.ts';
import { describe, handleOf, isRefusal, isFolder, objectInfo, readable } from './object-info.ts';
import type { CallOptions } from '../ports.ts';
import type { FolderRef, ListOptions, ObjectHandle, PhoneObject, StorageId } from './phone-types.ts';
import { columnsOf, handlesIn, sizesOf, type Columns } from './prop-lists.ts';
import { Operation, ROOT_WHEN_LISTING } from '../wire/codes.ts';
import { MOST_ENTRIES } from '../wire/columns.ts';
import { decodeU32Array, type ObjectInfo } from '../wire/datasets.ts';
import { parseDate } from '../wire/dates.ts';

/**
 * Listing one folder (field notes §4). Four single-property lists where the phone has proved that they name the same
 * objects as GetObjectHandles; else the handles and one ObjectInfo each, which on Android opens every picture.
 */

/** Entries per `onBatch` while ObjectInfos come in one by one. */
const BATCH = 64;
const NO_FILTER = 0;

interface Listing {
  readonly entries: readonly PhoneObject[];
  /** What could not be described, and why; the folder's other entries are listed all the same. */
  readonly skipped: readonly PhoneError[];
}

/**
 * The objects in one folder, in the phone's order. What the phone names and cannot describe is left out and told to
 * `onSkipped`; rejects with `refused` where that is all of them, with `stale` where the folder is gone.
 */
export async function list(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  options: ListOptions | undefined,
): Promise<readonly PhoneObject[]> {
  const { entries, skipped } = await listEither(requests, storage, folder, options);
  for (const why of skipped) options?.onSkipped?.(why);
  return entries;
}

async function listEither(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  options: ListOptions | undefined,
): Promise<Listing> {
  const verdict = requests.capabilities.current().propList;
  if (verdict !== 'no') {
    // The root needs the handles besides: a list at the root names the children of all storages.
    const handles =
      verdict === 'trusted' && folder !== 'root' ? undefined : await handlesOf(requests, storage, folder, options);
    const listing = await listByProps(requests, storage, folder, handles, options);
    if (listing !== undefined) return listing;
    return await listByInfo(
      requests,
      handles ?? (await handlesOf(requests, storage, folder, options)),
      storage,
      folder,
      options,
    );
  }
  return await listByInfo(requests, await handlesOf(requests, storage, folder, options), storage, folder, options);
}

/** The handles in a folder; `undefined` where the phone does not say which of a storage's objects are at its root. */
export async function handles(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  options: CallOptions | undefined,
): Promise<readonly ObjectHandle[] | undefined> {
  const { values, unfiltered } = await handlesOf(requests, storage, folder, options);
  return unfiltered ? undefined : values;
}

/**
 * The sizes of some objects of a folder, in one GetObjectPropList for all that is in it. What the list leaves out is
 * left out here; `undefined` where the phone has no such lists or refuses this one.
 */
export async function sizes(
  requests: Requests,
  folder: FolderRef,
  of: readonly ObjectHandle[],
  options: CallOptions | undefined,
): Promise<ReadonlyMap<ObjectHandle, number> | undefined> {
  if (requests.capabilities.current().propList === 'no') return undefined;
  try {
    const column = await sizesOf(requests, folder, options);
    const found = new Map<ObjectHandle, number>();
    for (const handle of of) {
      const size = column.get(handle);
      if (typeof size === 'number') found.set(handle, size);
    }
    // uMTP-Responder ignores the depth and names the folder alone; no folder may have been listed yet that shows it
    if (found.size === 0 && of.length > 0 && requests.capabilities.current().propList === 'unproven')
      requests.capabilities.judgePropList('no');
    return found;
  } catch (error) {
    if (isRefusal(error, 'unsupported', 'stalled')) requests.capabilities.judgePropList('no');
    else if (!isRefusal(error, 'refused', 'stale')) throw error;
    return undefined;
  }
}

interface Handles {
  readonly values: readonly ObjectHandle[];
  /** They are not known to be children of the folder: each one's parent has to be looked at. */
  readonly unfiltered: boolean;
}

async function handlesOf(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  options: Pick<ListOptions, 'mostEntries' | keyof CallOptions> | undefined,
): Promise<Handles> {
  const most = Math.min(MOST_ENTRIES, options?.mostEntries ?? MOST_ENTRIES);
  const ask = async (parent: number): Promise<ObjectHandle[]> => {
    const bytes = await requests.dataset(Operation.GetObjectHandles, [storage, NO_FILTER, parent], options);
    // Some phones name an object twice, or the folder among its own children.
    const named = readable('GetObjectHandles', () => decodeU32Array(bytes, 'ObjectHandles'));
    if (named.length > most) throw fail('refused', 'GetObjectHandles', `${named.length} entries in one folder`);
    const distinct = new Set(named);
    distinct.delete(0);
    distinct.delete(ROOT_WHEN_LISTING);
    if (folder !== 'root') distinct.delete(folder);
    return [...distinct].map(handleOf);
  };
  if (folder !== 'root') return { values: await ask(folder), unfiltered: false };
  try {
    return { values: await ask(ROOT_WHEN_LISTING), unfiltered: false };
  } catch (error) {
    // Parent 0 is the whole storage on Android, so it is asked only after all ones was rejected (§4.1).
    if (!isRefusal(error, 'stale', 'refused', 'unsupported', 'stalled')) throw error;
    return { values: await ask(0), unfiltered: true };
  }
}

/** Undefined: this phone's lists are not to be used; the caller takes the other way. */
async function listByProps(
  requests: Requests,
  storage: StorageId,
  folder: FolderRef,
  handles: Handles | undefined,
  options: ListOptions | undefined,
): Promise<Listing | undefined> {
  if (handles?.unfiltered === true) return undefined;
  if (handles !== undefined && handles.values.length === 0) return { entries: [], skipped: [] };
  let columns: Columns;
  try {
    const found = await columnsOf(requests, folder, options, (names) => judge(requests, folder, handles, names));
    if (found === undefined) return undefined;
    columns = found;
  } catch (error) {
    // "Unsupported" in any of its forms ends the attempt for good; a plain refusal only for this folder.
    if (isRefusal(error, 'unsupported', 'stalled')) requests.capabilities.judgePropList('no');
    else if (!isRefusal(error, 'refused', 'stale')) throw error;
    return undefined;
  }
  const entries: PhoneObject[] = [];
  const incomplete: ObjectHandle[] = [];
  for (const handle of handles?.values ?? handlesIn(columns, folder)) {
    const name = columns.names.get(handle);
    const format = columns.formats.get(handle);
    const size = columns.sizes.get(handle);
    const folderItself = typeof format === 'number' && isFolder(format);
    if (
      typeof name !== 'string' ||
      name === '' ||
      typeof format !== 'number' ||
      (typeof size !== 'number' && !folderItself && options?.namesOnly !== true)
    ) {
      incomplete.push(handle);
      continue;
    }
    const date = columns.dates.get(handle);
    entries.push({
      handle,
      parent: folder,
      format,
      name,
      kind: folderItself ? 'folder' : 'file',
      size: folderItself || typeof size !== 'number' ? 0 : size,
      modified: typeof date === 'string' ? parseDate(date) : undefined,
    });
  }
  const expected = entries.length + incomplete.length;
  if (entries.length > 0) options?.onBatch?.(entries, { done: entries.length, expected });
  const rest = await describeAll(
    requests,
    incomplete,
    { storage, folder, unfiltered: false },
    entries.length,
    expected,
    options,
  );
  return { entries: [...entries, ...rest.entries], skipped: rest.skipped };
}

/**
 * The proof, on the first folder that has something in it: the list must name exactly the handles that
 * GetObjectHandles gave (besides the folder itself; at the root, besides other storages' objects). uMTP-Responder
 * ignores the depth, Android 4 leaves objects out, and libmtp distrusts all of Android for it.
 */
function judge(
  requests: Requests,
  folder: FolderRef,
  handles: Handles | undefined,
  names: ReadonlyMap<number, unknown>,
): boolean {
  if (handles === undefined || requests.capabilities.current().propList === 'trusted') return true;
  const complete = handles.values.every((handle) => names.has(handle));
  const surplus = folder === 'root' ? 0 : names.size - (names.has(folder) ? 1 : 0) - handles.values.length;
  const proved = complete && surplus === 0;
  requests.capabilities.judgePropList(proved ? 'trusted' : 'no');
  return proved;
}

interface Place {
  readonly storage: StorageId;
  readonly folder: FolderRef;
  readonly unfiltered: boolean;
}

async function listByInfo(
  requests: Requests,
  handles: Handles,
  storage: StorageId,
  folder: FolderRef,
  options: ListOptions | undefined,
): Promise<Listing> {
  const place: Place = { storage, folder, unfiltered: handles.unfiltered };
  const listing = await describeAll(
    requests,
    handles.values,
    place,
    0,
    handles.unfiltered ? undefined : handles.values.length,
    options,
  );
  const [first] = listing.skipped;
  // All failing is an error, not an empty folder.
  if (first !== undefined && listing.skipped.length === handles.values.length) throw first;
  return listing;
}

async function describeAll(
  requests: Requests,
  handles: readonly ObjectHandle[],
  place: Place,
  before: number,
  expected: number | undefined,
  options: ListOptions | undefined,
): Promise<Listing> {
  const entries: PhoneObject[] = [];
  const skipped: PhoneError[] = [];
  let told = 0;
  const tell = (): void => {
    if (entries.length > told) options?.onBatch?.(entries.slice(told), { done: before + entries.length, expected });
    told = entries.length;
  };
  const known = new Set<number>(handles);
  const ask = (handle: ObjectHandle | undefined): Promise<ObjectInfo> | undefined => {
    if (handle === undefined) return undefined;
    const asked = objectInfo(requests, handle, options);
    // waited for below, or in vain after another has failed
    asked.catch(() => undefined);
    return asked;
  };
  // one is asked ahead, so that the phone need not wait while an answer is read; but a listing that gives way to all others
  // begins nothing that it may not end with
  const isAhead = requests.mayAskAhead && options?.priority !== 'idle';
  let next = isAhead ? ask(handles[0]) : undefined;
  for (const [index, handle] of handles.entries()) {
    if (options?.signal?.aborted === true) throw fail('cancelled', 'list');
    const asked = next ?? objectInfo(requests, handle, options);
    next = isAhead ? ask(handles[index + 1]) : undefined;
    try {
      const info = await asked;
      if (belongs(info, place, known)) entries.push(await describe(requests, handle, info, place.folder, options));
    } catch (error) {
      // One entry that cannot be described does not hide the others.
      if (!isPhoneError(error) || !isRefusal(error, 'stale', 'refused', 'unsupported', 'missing', 'stalled'))
        throw error;
      skipped.push(error);
    }
    if (entries.length - told >= BATCH) tell();
  }
  tell();
  return { entries, skipped };
}

/**
 * Whether an object is where it was looked for. Of a whole storage only those at its root are kept: their parent is 0
 * or all ones, or the storage's id where that is nobody's handle (Nintendo Switch).
 */
function belongs(info: ObjectInfo, place: Place, known: ReadonlySet<number>): boolean {
  if (!place.unfiltered) return true;
  if (info.parent === 0 || info.parent === ROOT_WHEN_LISTING) return true;
  return info.parent === place.storage && !known.has(info.parent);
}

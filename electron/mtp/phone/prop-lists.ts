import { fail } from '../../../shared/errors.ts';
import type { Requests } from './requests.ts';
import { handleOf, isFolder, isRefusal, readable } from './object-info.ts';
import type { CallOptions } from '../ports.ts';
import type { FolderRef, ListOptions, ObjectHandle } from './phone-types.ts';
import { ObjectProp, Operation } from '../wire/codes.ts';
import { decodePropColumn } from '../wire/columns.ts';
import type { PropValue } from '../wire/prop-values.ts';

/**
 * A folder as four columns, one GetObjectPropList each: name, format, size, date. Single-property lists touch only
 * the file system on Android 9 and later; asking for all properties at once costs a database query per file (§4.2).
 */
export interface Columns {
  readonly names: ReadonlyMap<number, PropValue>;
  readonly formats: ReadonlyMap<number, PropValue>;
  readonly sizes: ReadonlyMap<number, PropValue>;
  readonly dates: ReadonlyMap<number, PropValue>;
}

const NO_VALUES: ReadonlyMap<number, PropValue> = new Map();
/** Entries of a folder whose properties may be asked for all at once. */
const FEW = 64;
const ALL_PROPERTIES = 0xffffffff;
const ALL_FORMATS = 0;
const NO_GROUP = 0;
const CHILDREN = 1;
/** As the handle: the root children of all storages. */
const ROOTS = 0;

/** `judge` looks at the names before anything else is asked; when it says no the result is undefined. */
export async function columnsOf(
  requests: Requests,
  folder: FolderRef,
  options: ListOptions | undefined,
  judge: (names: ReadonlyMap<number, PropValue>) => boolean,
): Promise<Columns | undefined> {
  const column = (prop: number): Promise<Map<number, PropValue>> => columnOf(requests, folder, prop, options);
  const names = await columnOf(requests, folder, ObjectProp.ObjectFileName, options, options?.mostEntries);
  if (!judge(names)) return undefined;
  // an empty folder names at most itself: there is nothing more to ask
  if ([...names.keys()].every((handle) => handle === folder || handle === 0))
    return { names, formats: NO_VALUES, sizes: NO_VALUES, dates: NO_VALUES };
  if (options?.compact === true && names.size <= FEW && requests.capabilities.allProps) {
    const all = await allColumns(requests, folder, options);
    if (all !== undefined) return { names, ...all };
    requests.capabilities.allProps = false;
  }
  const formats = await column(ObjectProp.ObjectFormat);
  if (options?.namesOnly === true) return { names, formats, sizes: NO_VALUES, dates: NO_VALUES };
  // folders have no size, and whoever walks a tree does not look at their dates
  const foldersOnly = [...names.keys()].every((handle) => {
    const format = formats.get(handle);
    return handle === folder || (typeof format === 'number' && isFolder(format));
  });
  return {
    names,
    formats,
    sizes: foldersOnly ? NO_VALUES : await column(ObjectProp.ObjectSize),
    dates: foldersOnly && options?.folderDates === false ? NO_VALUES : await column(ObjectProp.DateModified),
  };
}

/**
 * Format, size and date from one list of all properties. `undefined` where the phone refuses it or leaves formats out. The
 * phone looks up media in its database for it, one query a file (§4.2), so only small folders are asked for this way.
 */
async function allColumns(
  requests: Requests,
  folder: FolderRef,
  options: CallOptions,
): Promise<Omit<Columns, 'names'> | undefined> {
  const handle = folder === 'root' ? ROOTS : folder;
  const parameters = [handle, ALL_FORMATS, ALL_PROPERTIES, NO_GROUP, CHILDREN];
  try {
    const bytes = await requests.dataset(Operation.GetObjectPropList, parameters, options);
    const column = (prop: number): Map<number, PropValue> =>
      readable('GetObjectPropList', () => decodePropColumn(bytes, prop));
    const formats = column(ObjectProp.ObjectFormat);
    if (formats.size === 0) return undefined;
    return { formats, sizes: column(ObjectProp.ObjectSize), dates: column(ObjectProp.DateModified) };
  } catch (error) {
    if (isRefusal(error, 'unsupported', 'stalled', 'refused', 'confused')) return undefined;
    throw error;
  }
}

/** The column of sizes alone. */
export const sizesOf = (
  requests: Requests,
  folder: FolderRef,
  options: CallOptions | undefined,
): Promise<Map<number, PropValue>> => columnOf(requests, folder, ObjectProp.ObjectSize, options);

async function columnOf(
  requests: Requests,
  folder: FolderRef,
  prop: number,
  options: CallOptions | undefined,
  most?: number,
): Promise<Map<number, PropValue>> {
  if (options?.signal?.aborted === true) throw fail('cancelled', 'list');
  const handle = folder === 'root' ? ROOTS : folder;
  const parameters = [handle, ALL_FORMATS, prop, NO_GROUP, CHILDREN];
  const bytes = await requests.dataset(Operation.GetObjectPropList, parameters, options);
  return readable('GetObjectPropList', () => decodePropColumn(bytes, prop, most));
}

/** Everything that has a name, but for the folder itself, which Android lists among its children. */
export const handlesIn = (columns: Columns, folder: FolderRef): ObjectHandle[] =>
  [...columns.names.keys()].filter((handle) => handle !== folder && handle !== 0).map(handleOf);

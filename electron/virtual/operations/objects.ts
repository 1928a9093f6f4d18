import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Response, encodeU32Array } from '../../mtp/wire/index.ts';
import { formatOf } from '../objects.ts';
import type { Entry, Slot } from '../objects.ts';
import type { StorageDisk } from '../storage-disk.ts';
import { objectInfo } from './describe.ts';
import { entryOf, hasStorage, ok, param, refuse, slotOf } from './handler.ts';
import type { Handler, OperationResult, Command, ServerState } from './handler.ts';

const EVERYWHERE = 0xffffffff;

/** AOSP getObjects: parent 0 means a whole storage with everything in it, 0xFFFFFFFF the children of its root. */
export async function objectsUnder(
  state: ServerState,
  storage: number,
  format: number,
  parent: number,
): Promise<Entry[] | undefined> {
  const recursive = parent === 0;
  const found: Entry[] = [];
  const visit = async (folder: Entry): Promise<boolean> => {
    const children = await state.table.list(folder);
    if (children === undefined) return false;
    for (const child of children) {
      if (format === 0 || formatOf(child) === format) found.push(child);
      if (recursive && child.isFolder && child.planted?.cyclic !== true && child.parent === folder) await visit(child);
    }
    return true;
  };
  if (parent === 0 || parent === EVERYWHERE) {
    const one = slotOf(state, storage);
    const slots: readonly Slot[] = storage === EVERYWHERE ? state.slots : one === undefined ? [] : [one];
    for (const slot of slots) await visit(slot.root);
    return found;
  }
  const folder = await entryOf(state, parent);
  return folder !== undefined && (await visit(folder)) ? found : undefined;
}

async function handles(state: ServerState, request: Command): Promise<Entry[] | number> {
  if (state.sessionId === 0) return Response.SessionNotOpen;
  if (request.parameters.length < 3) return Response.InvalidParameter;
  const storage = param(request, 1);
  let parent = param(request, 3);
  if (!hasStorage(state, storage)) return Response.InvalidStorageID;
  if (parent === 0 && state.profile.parentZero === 'invalid') return Response.InvalidObjectHandle;
  if (state.quirks.has('root-is-zero')) {
    if (parent === EVERYWHERE) return Response.InvalidObjectHandle;
    if (parent === 0) parent = EVERYWHERE;
  }
  return (await objectsUnder(state, storage, param(request, 2), parent)) ?? Response.InvalidObjectHandle;
}

/** 2008 for an unknown storage, 2009 for a parent that is not a folder. */
export const getObjectHandles: Handler = async (state, request) => {
  const found = await handles(state, request);
  if (typeof found === 'number') return refuse(found);
  return { code: Response.OK, data: encodeU32Array(found.map((entry) => entry.handle)) };
};

/** Like GetObjectHandles; the count is the response parameter. */
export const getNumObjects: Handler = async (state, request) => {
  const found = await handles(state, request);
  return typeof found === 'number' ? refuse(found) : ok([found.length]);
};

/** While an edit is open, the size is that of the edit. */
export const getObjectInfo: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  const entry = await entryOf(state, param(request, 1));
  if (entry === undefined) return refuse(Response.InvalidObjectHandle);
  if (state.quirks.has('none-describable')) return refuse(Response.GeneralError);
  if (state.quirks.has('one-undescribable') && isFirst(entry)) return refuse(Response.GeneralError);
  const facts = state.table.facts(entry);
  if (facts === undefined) return refuse(Response.InvalidObjectHandle);
  return { code: Response.OK, data: objectInfo(state, entry, facts) };
};

const isFirst = (entry: Entry): boolean => entry.parent?.children.values().next().value === entry;

/** AOSP deletes the files itself, folders with everything in them; if anything remains it responds 2012. */
export const deleteObject: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  const entry = await entryOf(state, param(request, 1));
  if (entry === undefined) return refuse(Response.InvalidObjectHandle);
  if (entry.phantom) return refuse(Response.PartialDeletion);
  if (entry.planted !== undefined) return refuse(Response.ObjectWriteProtected);
  const path = state.table.path(entry);
  if (entry.isFolder && state.quirks.has('only-empty-folders') && (await readdir(path).catch(() => [])).length > 0)
    return refuse(Response.PartialDeletion);
  const { size } = await lstat(path).catch(() => ({ size: 0 }));
  try {
    await rm(path, { recursive: true });
  } catch {
    return refuse(Response.PartialDeletion);
  }
  if (!entry.isFolder) entry.slot.disk.freed(size);
  else await entry.slot.disk.recount();
  state.table.forget(entry);
  return ok();
};

interface Destination {
  readonly entry: Entry;
  readonly parent: Entry;
}

/** Target of a move or copy: parent 0 is the root, 0xFFFFFFFF a handle that does not exist. */
async function destination(state: ServerState, request: Command): Promise<Destination | number> {
  if (!hasStorage(state)) return Response.GeneralError;
  if (request.parameters.length < 3) return Response.InvalidParameter;
  const slot = slotOf(state, param(request, 2));
  if (slot === undefined) return Response.InvalidStorageID;
  const entry = await entryOf(state, param(request, 1));
  if (entry === undefined) return Response.InvalidObjectHandle;
  const wanted = param(request, 3);
  const parent = wanted === 0 ? slot.root : await entryOf(state, wanted);
  if (parent === undefined) return Response.InvalidObjectHandle;
  if (!parent.isFolder) return Response.InvalidParentObject;
  if (entry.planted !== undefined || entry.phantom) return Response.GeneralError;
  return { entry, parent };
}

const isWithin = (inner: Entry, outer: Entry): boolean => {
  for (let at: Entry | undefined = inner; at !== undefined; at = at.parent) if (at === outer) return true;
  return false;
};

/**
 * Moving a folder into itself crashes the server with its process (Android 14): MtpStorageManager walks a tree that
 * has just become a cycle until its stack overflows. If a card fills up during the move, it keeps what fitted, and
 * the original stays.
 */
export const moveObject: Handler = async (state, request) => {
  const to = await destination(state, request);
  if (typeof to === 'number') return refuse(to);
  const { entry, parent } = to;
  if (isWithin(parent, entry)) {
    state.harm(`MoveObject of ${state.table.phonePath(entry)} into ${state.table.phonePath(parent)}`);
    return 'end';
  }
  if ((await state.table.find(parent, entry.name)) !== undefined) return refuse(Response.GeneralError);
  const from = state.table.path(entry);
  const there = join(state.table.path(parent), state.table.diskNameFor(parent, entry.name));
  try {
    if (parent.slot === entry.slot) await rename(from, there);
    else {
      await copyTree(from, there, parent.slot.disk);
      await rm(from, { recursive: true });
      await entry.slot.disk.recount();
    }
  } catch {
    return refuse(Response.GeneralError);
  }
  state.table.place(entry, parent, entry.name);
  return ok();
};

/** Copying onto an existing name: OK, handle 0xFFFF, overwritten without truncation (observed). */
export const copyObject: Handler = async (state, request) => {
  const to = await destination(state, request);
  if (typeof to === 'number') return refuse(to);
  const { entry, parent } = to;
  if (isWithin(parent, entry)) return refuse(Response.GeneralError);
  const facts = state.table.facts(entry);
  if (BigInt(facts?.size ?? 0) > BigInt((await parent.slot.disk.space(false)).free)) return refuse(Response.StoreFull);
  const isTaken = (await state.table.find(parent, entry.name)) !== undefined;
  const there = join(state.table.path(parent), state.table.diskNameFor(parent, entry.name));
  if (there === state.table.path(entry)) return ok([0xffff]);
  try {
    await copyTree(state.table.path(entry), there, parent.slot.disk);
  } catch {
    return refuse(Response.GeneralError);
  }
  if (isTaken) return ok([0xffff]);
  const copy = state.table.add(parent, entry.name, entry.isFolder);
  // the handle is returned in 16 bits
  return ok([copy.handle & 0xffff]);
};

async function copyTree(from: string, to: string, disk: StorageDisk): Promise<void> {
  if ((await lstat(from)).isDirectory()) {
    await mkdir(to, { recursive: true });
    for (const name of await readdir(from)) await copyTree(join(from, name), join(to, name), disk);
    return;
  }
  const source = await open(from, 'r');
  try {
    const target = await disk.openToOverwrite(to);
    try {
      const buffer = new Uint8Array(1024 * 1024);
      for (let position = 0; ;) {
        const { bytesRead } = await source.read(buffer, 0, buffer.byteLength, position);
        if (bytesRead === 0) break;
        await target.write(buffer.subarray(0, bytesRead), position);
        position += bytesRead;
      }
    } finally {
      target.close();
    }
  } finally {
    await source.close();
  }
}

/**
 * SetObjectPropValue of the name. Refuses an existing name if it matches exactly, and overwrites it if only the case
 * differs.
 */
export async function renameObject(state: ServerState, entry: Entry, name: string): Promise<OperationResult> {
  const parent = entry.parent;
  if (parent === undefined || entry.phantom || entry.planted !== undefined) return refuse(Response.GeneralError);
  if (!entry.slot.disk.acceptsName(name)) return refuse(Response.GeneralError);
  if ((await state.table.find(parent, name)) !== undefined) return refuse(Response.GeneralError);
  const folder = state.table.path(parent);
  const other = state.table.diskNameFor(parent, name);
  try {
    await rename(join(folder, entry.diskName), join(folder, other === entry.diskName ? name : other));
    if (other !== entry.diskName && other !== name) await rename(join(folder, other), join(folder, name));
  } catch {
    return refuse(Response.GeneralError);
  }
  state.table.place(entry, parent, name);
  return ok();
}

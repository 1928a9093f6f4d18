import { closeSync, fstatSync, openSync, read as readSoon, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { Event, Format, HEADER_SIZE, Reader, Response, SIZE_UNKNOWN, parseDate } from '../../mtp/wire/index.ts';
import { foldOnPhone } from '../case-fold.ts';
import { thumbnailOf } from '../exif.ts';
import { FIRST_READ, TransferFailure } from '../handle.ts';
import type { Source } from '../handle.ts';
import { LinkBreak } from '../link.ts';
import type { Entry } from '../objects.ts';
import { believedSize, entryOf, hasStorage, ok, param, refuse, slotOf } from './handler.ts';
import type { Handler, OperationResult, Command, ServerState } from './handler.ts';

const ROOT = 0xffffffff;
const SPARSE = 1024 * 1024;
const READ_AT_ONCE = 128 * 1024;
const readLater = promisify(readSoon);

/** An object's bytes and how many of them there are now. */
async function openSource(
  state: ServerState,
  entry: Entry,
): Promise<{ readonly read: Source; readonly size: number; close(): void } | undefined> {
  const { planted } = entry;
  if (planted !== undefined) {
    const size = planted.content?.byteLength ?? planted.realSize ?? Number(planted.size);
    const read: Source = (target, position) => {
      const part = planted.content?.subarray(position, position + target.byteLength);
      if (part === undefined) target.fill(0);
      else target.set(part);
      return Promise.resolve(part?.byteLength ?? target.byteLength);
    };
    return planted.directory === true ? undefined : { read, size, close: () => undefined };
  }
  if (entry.phantom || entry.isFolder) return undefined;
  let file: number;
  try {
    file = openSync(state.table.path(entry), 'r');
  } catch {
    return undefined;
  }
  const { size } = fstatSync(file);
  // small ones at once, as the spool writes: a call costs a tenth of what its asynchronous twin does
  const read: Source = async (target, position) => {
    let done = 0;
    while (done < target.byteLength && isThere(state, entry)) {
      const left = target.byteLength - done;
      const count =
        left <= READ_AT_ONCE
          ? readSync(file, target, done, left, position + done)
          : (await readLater(file, target, done, left, position + done)).bytesRead;
      if (count === 0) break;
      done += count;
    }
    return done;
  };
  return {
    read,
    size,
    close: () => {
      closeSync(file);
    },
  };
}

/** Whether the storage of an object can still be reached: a card may go in the middle of a transfer. */
const isThere = (state: ServerState, entry: Entry): boolean => state.slots.includes(entry.slot);

/** A transaction that was cut is not answered; one that failed is 2002. The end of the link is nobody's answer. */
function outcomeOf(error: unknown): OperationResult {
  if (error instanceof TransferFailure)
    return error.outcome === 'cancelled' ? 'no-answer' : refuse(Response.GeneralError);
  throw error;
}

/** The whole file as it is now, in one data phase. */
export const getObject: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  const entry = await entryOf(state, param(request, 1));
  if (entry === undefined) return refuse(Response.InvalidObjectHandle);
  const source = await openSource(state, entry);
  if (source === undefined) return refuse(Response.GeneralError);
  try {
    await state.handle.sendFile(source.read, 0, source.size, request.operation, request.transactionId);
    return ok();
  } catch (error) {
    return outcomeOf(error);
  } finally {
    source.close();
  }
};

async function partial(state: ServerState, request: Command, offset: number, length: number): Promise<OperationResult> {
  const entry = await entryOf(state, param(request, 1));
  if (entry === undefined) return refuse(Response.InvalidObjectHandle);
  const source = await openSource(state, entry);
  if (source === undefined) return refuse(Response.GeneralError);
  try {
    // observed: past the end 2002 without data, exactly at the end OK with none
    // a phone that believes in a doubled size reads on past the real end, fails there and stalls
    const believed = Number(believedSize(state, source.size));
    if (offset > believed) return refuse(Response.GeneralError);
    let size = Math.min(length, believed - offset);
    const atEnd = offset + size === believed;
    if (state.profile.hangsAtAlignedEnd && atEnd && size > 0 && (size + HEADER_SIZE) % 512 === 0) return 'end';
    if (state.quirks.has('zero-reads')) size = 0;
    if (state.quirks.has('short-reads') && size > 1) size = Math.ceil(size / 2);
    await state.handle.sendFile(source.read, offset, size, request.operation, request.transactionId);
    return ok([size]);
  } catch (error) {
    return outcomeOf(error);
  } finally {
    source.close();
  }
}

/** A range with a 32-bit offset. */
export const getPartialObject: Handler = (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 3) return refuse(Response.InvalidParameter);
  return partial(state, request, param(request, 2), param(request, 3));
};

/** A range with a 64-bit offset. */
export const getPartialObject64: Handler = (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 4) return refuse(Response.InvalidParameter);
  return partial(state, request, param(request, 2) + param(request, 3) * 2 ** 32, param(request, 4));
};

/** The EXIF thumbnail of a JPEG; whatever has none is 2002, not 2010. */
export const getThumb: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  const entry = await entryOf(state, param(request, 1));
  if (entry === undefined) return refuse(Response.InvalidObjectHandle);
  const source = await openSource(state, entry);
  if (source === undefined) return refuse(Response.GeneralError);
  try {
    const head = new Uint8Array(Math.min(source.size, SPARSE));
    await source.read(head, 0);
    const thumbnail = thumbnailOf(head);
    return thumbnail === undefined ? refuse(Response.GeneralError) : { code: Response.OK, data: thumbnail };
  } finally {
    source.close();
  }
};

/** Announces an object: a folder is made at once, a file is a phantom until SendObject (field notes, 3.2). */
export const sendObjectInfo: Handler = async (state, request) => {
  if (request.parameters.length < 2) return refuse(Response.InvalidParameter);
  const storageId = param(request, 1);
  // AOSP: storage 0 finds the first storage, then no parent; without any storage Android 10 and later crashes
  if (storageId === 0) return state.slots.length === 0 ? 'end' : refuse(Response.GeneralError);
  const slot = slotOf(state, storageId);
  if (slot === undefined) return refuse(Response.InvalidStorageID);
  const parentHandle = param(request, 2);
  const parent = parentHandle === ROOT ? slot.root : await entryOf(state, parentHandle);
  if (parent === undefined) return refuse(Response.InvalidObjectHandle);
  if (!parent.isFolder) return refuse(Response.InvalidParentObject);

  const said = readInfo(request.data);
  if (said === undefined) return refuse(Response.InvalidParameter);
  const name = slot.disk.removable ? said.name.replace(/^ +| +$/g, '') : said.name;
  if (name === '' || name === '.' || name === '..' || name.includes('/')) return refuse(Response.InvalidParameter);
  const { free } = await slot.disk.space(false);
  if (said.size > free) return refuse(Response.StoreFull);
  if (slot.disk.fat && said.size >= SIZE_UNKNOWN) return refuse(Response.ObjectTooLarge);
  if (parent.phantom || parent.planted !== undefined || (await state.table.find(parent, name)) !== undefined)
    return refuse(Response.GeneralError);

  const diskName = state.table.diskNameFor(parent, name);
  const path = join(state.table.path(parent), diskName);
  const isFolder = said.format === Format.Association;
  const entry = state.table.add(parent, name, isFolder);
  // listed from now on, with no file behind it: a phantom until SendObject has made one
  entry.phantom = true;
  entry.diskName = diskName;
  parent.folded.set(foldOnPhone(diskName), diskName);
  if (isFolder) {
    const made =
      slot.disk.acceptsName(name) &&
      (await mkdir(path).then(
        () => true,
        () => false,
      ));
    if (!made) return refuse(Response.GeneralError);
    entry.phantom = false;
  }
  state.pending = { entry, path, size: said.size, modified: said.modified, overwrites: diskName !== name };
  return ok([slot.id, parent.handle, entry.handle]);
};

/** Only the fields AOSP reads; storage and parent inside the dataset are ignored. */
function readInfo(
  data: Uint8Array,
):
  | { readonly format: number; readonly size: number; readonly name: string; readonly modified: number | undefined }
  | undefined {
  try {
    const reader = new Reader(data, 'ObjectInfo');
    reader.skip(4);
    const format = reader.u16();
    reader.skip(2);
    const size = reader.u32();
    reader.skip(40);
    const name = reader.string();
    reader.string();
    const date = reader.string();
    // AOSP understands "Z" and nothing else: another zone is read as the phone's own time
    const modified = parseDate(date.replace(/[+-]\d{4}$/, ''));
    return { format, size, name, modified: modified === undefined ? undefined : Math.floor(modified / 1000) };
  } catch {
    return undefined;
  }
}

/** Receives what was announced; whatever goes wrong, nothing of it stays (AOSP doSendObject). */
export const sendObject: Handler = async (state) => {
  if (!hasStorage(state)) return refuse(Response.GeneralError);
  const pending = state.pending;
  // answered without reading the data phase
  if (pending === undefined) return refuse(Response.NoValidObjectInfo);
  state.pending = undefined;
  const { entry } = pending;
  const { disk } = entry.slot;
  let start: Uint8Array;
  try {
    start = await state.handle.readData(pending.size === SIZE_UNKNOWN ? 2 ** 32 : pending.size);
  } catch (error) {
    state.table.forget(entry);
    if (error instanceof LinkBreak && error.reason === 'cancelled') return refuse(Response.GeneralError);
    throw error;
  }
  if (entry.isFolder) return start.byteLength < HEADER_SIZE ? refuse(Response.GeneralError) : ok();
  if (start.byteLength < HEADER_SIZE) {
    state.table.forget(entry);
    return refuse(Response.GeneralError);
  }
  const body = disk.acceptsName(entry.name)
    ? await disk.receive(pending.path, pending.overwrites).catch(() => undefined)
    : undefined;
  if (body === undefined) {
    // only the first 16 KiB are consumed: what follows is read as a command
    state.table.forget(entry);
    return refuse(Response.GeneralError);
  }
  try {
    const initial = start.byteLength - HEADER_SIZE;
    try {
      await body.file.write(start.subarray(HEADER_SIZE), 0);
    } catch (error) {
      throw new TransferFailure('error', `first bytes: ${String(error)}`);
    }
    const length = pending.size === SIZE_UNKNOWN ? SIZE_UNKNOWN : pending.size - initial;
    await state.handle.receiveFile(
      (bytes, at) => body.file.write(bytes, at),
      initial,
      length,
      length === 0 && initial === FIRST_READ - HEADER_SIZE,
    );
    if (!isThere(state, entry)) throw new TransferFailure('error', 'its storage was taken out');
    if (pending.modified !== undefined && pending.modified !== 0) body.file.setTimes(pending.modified);
    body.commit();
  } catch (error) {
    body.discard();
    state.table.forget(entry);
    return outcomeOf(error);
  }
  entry.phantom = false;
  state.emit(Event.ObjectInfoChanged, entry.handle);
  return ok();
};

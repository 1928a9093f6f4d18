import { Event, HEADER_SIZE, Response } from '../../mtp/wire/index.ts';
import { FIRST_READ, TransferFailure } from '../handle.ts';
import { LinkBreak } from '../link.ts';
import { entryOf, hasStorage, ok, param, refuse } from './handler.ts';
import type { Handler } from './handler.ts';

/** AOSP's extension for writing in place. */

export const beginEdit: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.GeneralError);
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  const handle = param(request, 1);
  if (state.edits.get(handle) !== undefined) return refuse(Response.GeneralError);
  const entry = await entryOf(state, handle);
  if (entry === undefined) return refuse(Response.InvalidObjectHandle);
  if (entry.phantom || entry.isFolder || entry.planted !== undefined) return refuse(Response.GeneralError);
  const file = await entry.slot.disk.openForEdit(state.table.path(entry)).catch(() => undefined);
  if (file === undefined) return refuse(Response.GeneralError);
  state.edits.add(handle, file);
  return ok();
};

/** 2002 without an edit. */
export const endEdit: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.GeneralError);
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  const handle = param(request, 1);
  if (!state.edits.end(handle)) return refuse(Response.GeneralError);
  // the rescan of our own object is reported as an event
  state.emit(Event.ObjectInfoChanged, handle);
  return ok();
};

/** Shrinks or extends; an extended file is sparse. 2002 without an edit. */
export const truncate: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.GeneralError);
  if (request.parameters.length < 3) return refuse(Response.InvalidParameter);
  const edit = state.edits.get(param(request, 1));
  if (edit === undefined) return refuse(Response.GeneralError);
  const size = param(request, 2) + param(request, 3) * 2 ** 32;
  try {
    edit.file.truncate(size);
  } catch {
    return refuse(Response.GeneralError);
  }
  edit.size = size;
  return ok();
};

/**
 * Without an edit, or beyond its size, the response is sent before the data phase is read, which the main loop then
 * reads as a command. The response parameter is an AOSP quirk: the length minus the bytes of the first read.
 */
export const sendPartialObject: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 4) return refuse(Response.InvalidParameter);
  const offset = param(request, 2) + param(request, 3) * 2 ** 32;
  const declared = param(request, 4);
  const edit = state.edits.get(param(request, 1));
  if (edit === undefined || offset > edit.size) return refuse(Response.GeneralError);
  let start: Uint8Array;
  try {
    start = await state.handle.readData(declared);
  } catch (error) {
    if (error instanceof LinkBreak && error.reason === 'cancelled') return refuse(Response.GeneralError);
    throw error;
  }
  if (start.byteLength < HEADER_SIZE) return refuse(Response.GeneralError);
  const initial = start.byteLength - HEADER_SIZE;
  // AOSP does not clear its buffer on failure: up to 16 KiB of our own payload are returned as a data phase
  const echo = start.slice(HEADER_SIZE);
  const length = (declared - initial) >>> 0;
  try {
    try {
      await edit.file.write(start.subarray(HEADER_SIZE), offset);
    } catch (error) {
      throw new TransferFailure('error', `first bytes: ${String(error)}`);
    }
    await state.handle.receiveFile(
      (bytes, at) => edit.file.write(bytes, at),
      offset + initial,
      length,
      length === 0 && initial === FIRST_READ - HEADER_SIZE,
    );
  } catch (error) {
    if (!(error instanceof TransferFailure)) throw error;
    if (error.outcome === 'cancelled') return 'no-answer';
    return { code: Response.GeneralError, parameters: [0], ...(echo.byteLength > 0 && { data: echo }) };
  }
  edit.size = Math.max(edit.size, offset + initial + length);
  return ok([length]);
};

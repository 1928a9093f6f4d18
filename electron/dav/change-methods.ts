import { isPhoneError } from '../../shared/errors.ts';
import { isWithin, keyOf, type Segments } from './address.ts';
import type { Resource } from './drive.ts';
import { isLitter } from './memory-files.ts';
import type { DavRequest } from './request.ts';
import { DavError } from './status.ts';

/** DELETE, MKCOL, COPY and MOVE. */

/** Deletes a file, or a folder with all in it: with another depth it would be an empty one, which nobody here can tell. */
export async function remove(request: DavRequest): Promise<void> {
  const { drive, segments } = request;
  const resource = await drive.existing(segments);
  if (resource.folder && request.depth !== 'infinity') throw new DavError(400);
  await request.check(resource);
  request.requireUnlocked(segments, { deep: true, member: true });
  await removeAt(request, resource);
  request.done(204);
}

async function removeAt({ drive }: DavRequest, { segments, memory, entry }: Resource): Promise<void> {
  if (memory === undefined) {
    const place = drive.writable(segments);
    drive.requireNothingWritten(segments);
    await drive.engine.files.remove(place, entry);
  }
  drive.forget(segments);
  drive.locks.forget(segments);
}

/** Makes a folder in one that is there. */
export async function mkcol(request: DavRequest): Promise<void> {
  const { drive, segments } = request;
  if ((request.header('content-length') ?? '0') !== '0' || request.header('transfer-encoding') !== undefined)
    throw new DavError(415);
  const before = await drive.find(segments);
  if (before !== undefined) throw new DavError(405);
  await request.check(before);
  request.requireUnlocked(segments, { member: true });
  await drive.requireParent(segments);
  if (isLitter(segments)) drive.memory.put(segments, undefined, Date.now());
  else await drive.engine.files.makeFolder(drive.writable(segments));
  drive.changed(segments);
  request.done(201);
}

/** COPY and MOVE, with `Overwrite`. */
export async function copyOrMove(request: DavRequest): Promise<void> {
  const { drive, segments: from } = request;
  const isMove = request.incoming.method === 'MOVE';
  const to = request.destination;
  const source = await drive.existing(from);
  await request.check(source);
  if (keyOf(from) === keyOf(to) || isWithin(to, from) || isWithin(from, to)) throw new DavError(403);
  const { depth } = request;
  if (depth === '1' || (isMove && source.folder && depth === '0')) throw new DavError(400);
  const found = await drive.find(to);
  // of a name that changes in case alone, the storage finds the thing itself
  const before = isMove && isOne(found, source) ? undefined : found;
  if (isMove) request.requireUnlocked(from, { deep: true, member: true });
  request.requireUnlocked(to, { deep: true, member: before === undefined });
  const replaces = request.header('overwrite')?.trim().toUpperCase() !== 'F';
  if (before !== undefined && !replaces) throw new DavError(412);
  await drive.requireParent(to);
  if (isMove) drive.requireNothingWritten(from);
  if (before?.folder === true) drive.requireNothingWritten(to);
  const ended = drive.noteWriting(to);
  try {
    await transfer(request, source, to, { before, isMove, isShallow: depth === '0', replaces });
  } finally {
    ended();
  }
  request.done(before === undefined ? 201 : 204);
}

interface How {
  readonly before: Resource | undefined;
  readonly isMove: boolean;
  readonly isShallow: boolean;
  readonly replaces: boolean;
}

/** Whether both are one file or folder of a phone. */
const isOne = (one: Resource | undefined, other: Resource): boolean =>
  one?.entry !== undefined && one.entry.session === other.entry?.session && one.entry.handle === other.entry.handle;

async function transfer(request: DavRequest, source: Resource, to: Segments, how: How): Promise<void> {
  const { drive } = request;
  const { segments: from } = source;
  const { before, isMove, isShallow, replaces } = how;
  const isPlaceholder = before?.memory !== undefined && !isLitter(to);
  if (isLitter(to) || source.memory !== undefined) await transferMemory(request, source, to, how);
  else {
    if (isPlaceholder) drive.memory.remove(to);
    if (from.length < 3) throw new DavError(403);
    const places = [drive.writable(from), drive.writable(to)] as const;
    const shown = before?.entry ?? 'nothing';
    try {
      if (isMove) await drive.engine.files.move(...places, shown);
      else await drive.engine.files.copy(...places, { shallow: isShallow && source.folder, shown });
    } catch (error) {
      throw isPhoneError(error) && error.kind === 'exists' ? new DavError(replaces ? 409 : 412) : error;
    }
    drive.forget(to);
    if (!isShallow) drive.memory.copy(from, to);
  }
  drive.properties.copy(from, to);
  drive.changed(to);
  if (!isMove) return;
  if (source.memory !== undefined && !isLitter(to)) drive.memory.remove(from);
  drive.forget(from);
  // a lock does not move with what it was on
  drive.locks.forget(from);
}

/** What lies in memory, or goes there. */
async function transferMemory(
  { drive }: DavRequest,
  { segments: from, memory, folder, place, size }: Resource,
  to: Segments,
  { before, isMove }: How,
): Promise<void> {
  if (isLitter(to)) {
    if (memory === undefined && (folder || size > LARGEST_LITTER || place === undefined)) throw new DavError(403);
    // what is in memory ends with the drive: a file of the phone is not moved there
    if (memory === undefined && isMove) throw new DavError(403);
    if (before !== undefined) drive.forget(to);
    if (memory !== undefined) return drive.memory.copy(from, to);
    const file = await drive.engine.files.open(place as NonNullable<typeof place>);
    try {
      drive.memory.put(to, (await file.read(0, file.size)).slice(), Date.now());
    } finally {
      file.close();
    }
    return;
  }
  if (memory === undefined || folder) throw new DavError(403);
  const shown = before?.entry ?? 'nothing';
  const file = await drive.engine.files.write(drive.writable(to), { size: memory.bytes.byteLength, shown });
  try {
    await file.write(memory.bytes);
    await file.finish();
  } finally {
    await file.abandon();
  }
  if (before?.memory !== undefined) drive.memory.remove(to);
}

/** A file that may become one in memory, bytes. */
const LARGEST_LITTER = 1024 * 1024;

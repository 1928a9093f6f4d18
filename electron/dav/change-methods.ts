import { isPhoneError } from '../../shared/errors.ts';
import { isWithin, keyOf, type Segments } from './address.ts';
import type { Resource } from './drive.ts';
import { isLitter } from './memory-files.ts';
import type { DavRequest } from './request.ts';
import { DavError } from './status.ts';

/** DELETE, MKCOL, COPY and MOVE. */

/** Deletes a file, or a folder with all in it. */
export async function remove(request: DavRequest): Promise<void> {
  const { drive, segments } = request;
  const resource = await drive.existing(segments);
  await request.check(resource);
  request.requireUnlocked(segments, { deep: true, member: true });
  await removeAt(request, resource);
  request.done(204);
}

async function removeAt({ drive }: DavRequest, { segments, memory }: Resource): Promise<void> {
  if (memory === undefined) await drive.engine.files.remove(drive.writable(segments));
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
  const before = await drive.find(to);
  if (isMove) request.requireUnlocked(from, { deep: true, member: true });
  request.requireUnlocked(to, { deep: true, member: before === undefined });
  if (before !== undefined && request.header('overwrite')?.trim().toUpperCase() === 'F') throw new DavError(412);
  await drive.requireParent(to);
  const ended = drive.noteWriting(to);
  try {
    await transfer(request, source, to, { before, isMove, isShallow: depth === '0' });
  } finally {
    ended();
  }
  request.done(before === undefined ? 201 : 204);
}

interface How {
  readonly before: Resource | undefined;
  readonly isMove: boolean;
  readonly isShallow: boolean;
}

async function transfer(request: DavRequest, source: Resource, to: Segments, how: How): Promise<void> {
  const { drive } = request;
  const { segments: from } = source;
  const { before, isMove, isShallow } = how;
  const isPlaceholder = before?.memory !== undefined && !isLitter(to);
  if (isLitter(to) || source.memory !== undefined) await transferMemory(request, source, to, before);
  else {
    if (isPlaceholder) drive.memory.remove(to);
    if (from.length < 3) throw new DavError(403);
    const places = [drive.writable(from), drive.writable(to)] as const;
    try {
      if (isMove) await drive.engine.files.move(...places);
      else await drive.engine.files.copy(...places, isShallow && source.folder);
    } catch (error) {
      throw isPhoneError(error) && error.kind === 'exists' ? new DavError(409) : error;
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
  before: Resource | undefined,
): Promise<void> {
  if (isLitter(to)) {
    if (memory === undefined && (folder || size > LARGEST_LITTER || place === undefined)) throw new DavError(403);
    if (before !== undefined) drive.forget(to);
    if (memory !== undefined) return drive.memory.copy(from, to);
    const file = await drive.engine.files.open(place as NonNullable<typeof place>);
    try {
      drive.memory.put(to, (await file.read(0, file.size)).slice(), Date.now());
    } finally {
      file.close();
    }
    if (place !== undefined) await drive.engine.files.remove(place);
    return;
  }
  if (memory === undefined || folder) throw new DavError(403);
  const file = await drive.engine.files.write(drive.writable(to), { size: memory.bytes.byteLength });
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

import { isPhoneError } from '../../shared/errors.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { rangeOf } from './conditional.ts';
import type { Resource } from './drive.ts';
import { written } from './find-methods.ts';
import { isLitter } from './memory-files.ts';
import type { DavRequest } from './request.ts';
import { DavError } from './status.ts';

/** GET, HEAD and PUT. */

/** A file that is kept in memory, bytes. */
const LARGEST_IN_MEMORY = 1024 * 1024;
/** How long a body may pause, milliseconds. */
const LONGEST_PAUSE_MS = 60_000;

/** Nothing on the phone is a page: a browser that is shown its address saves the file. */
const FILE_HEADERS = {
  'content-type': 'application/octet-stream',
  'content-disposition': 'attachment',
  'accept-ranges': 'bytes',
} as const;

/** A file or one range of it, streamed from the phone. Folders have no page: 405. */
export async function get(request: DavRequest): Promise<void> {
  const isHead = request.incoming.method === 'HEAD';
  const resource = await request.drive.existing(request.segments);
  if (resource.folder) throw new DavError(405);
  await request.check(resource, true);
  if (resource.memory !== undefined) return await sendBytes(request, resource, resource.memory.bytes, isHead);
  if (resource.place === undefined) throw new DavError(404);
  if (isHead) return sendHead(request, resource, { start: 0, length: resource.size, whole: true }, true);
  await stream(request, resource, resource.place);
}

async function stream(request: DavRequest, listed: Resource, place: PhonePlace): Promise<void> {
  const { drive, response } = request;
  const file = await drive.engine.files.open(place, { reuse: true });
  const close = (): void => {
    file.close();
  };
  response.once('close', close);
  try {
    const { entry } = listed;
    const etag = entry && drive.etags.of(place, { ...entry, size: file.told, modified: file.modified }, true);
    const resource = { ...listed, size: file.size, modified: file.modified, etag };
    const range = rangeOf(request.incoming.headers, file.size, { etag: etag ?? '', modified: file.modified });
    const pieces = file.stream(range.start, range.length);
    // the first piece before the head: a phone that is away can still be told as such
    let piece = await pieces.next();
    sendHead(request, resource, range, false);
    while (piece.done !== true) {
      if (!(await written(response, piece.value))) return;
      piece = await pieces.next();
    }
    response.end();
  } finally {
    response.off('close', close);
    close();
  }
}

async function sendBytes(request: DavRequest, resource: Resource, bytes: Uint8Array, isHead: boolean): Promise<void> {
  const version = { etag: resource.etag ?? '', modified: resource.modified };
  const range = rangeOf(request.incoming.headers, bytes.byteLength, version);
  sendHead(request, resource, range, isHead);
  if (isHead) return;
  await written(request.response, bytes.subarray(range.start, range.start + range.length));
  request.response.end();
}

function sendHead(
  { response }: DavRequest,
  { size, modified, etag }: Resource,
  { start, length, whole }: ReturnType<typeof rangeOf>,
  ends: boolean,
): void {
  const lastModified = modified === undefined ? undefined : new Date(modified);
  response.writeHead(whole ? 200 : 206, {
    ...FILE_HEADERS,
    'content-length': String(length),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined || Number.isNaN(lastModified.getTime())
      ? {}
      : { 'last-modified': lastModified.toUTCString() }),
    ...(whole ? {} : { 'content-range': `bytes ${start}-${start + length - 1}/${size}` }),
  });
  if (ends) response.end();
}

/** A file, whole: it has its name when all of it is on the phone, and until then the old one stays. */
export async function put(request: DavRequest): Promise<void> {
  const { drive, segments, incoming } = request;
  if (request.header('content-range') !== undefined) throw new DavError(400);
  // its bytes would be those of no file
  if (!['identity', undefined].includes(request.header('content-encoding'))) throw new DavError(415);
  const isInMemory = segments.length >= 2 && isLitter(segments);
  const before = await drive.find(segments);
  if (before?.folder === true) throw new DavError(405);
  await request.check(before);
  request.requireUnlocked(segments, { member: before === undefined });
  if (isInMemory) await drive.requireParent(segments);
  const size = sizeOf(request);
  incoming.setTimeout(LONGEST_PAUSE_MS, () => incoming.destroy());
  const ended = drive.noteWriting(segments);
  try {
    const headers = isInMemory ? await keep(request) : await write(request, size, before);
    request.done(before === undefined ? 201 : 204, headers);
  } finally {
    ended();
  }
}

/** The length of the body as it is announced; a chunked one may say it in a header of its own (macOS). */
function sizeOf(request: DavRequest): number | undefined {
  const text = request.header('content-length') ?? request.header('x-expected-entity-length');
  if (text === undefined) return undefined;
  const size = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(size)) throw new DavError(400);
  return size;
}

async function keep({ drive, segments, body }: DavRequest): Promise<Record<string, string>> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.byteLength;
    if (length > LARGEST_IN_MEMORY) throw new DavError(413);
    pieces.push(piece);
  }
  const file = drive.memory.put(segments, Buffer.concat(pieces), Date.now());
  return { etag: `"m${file.version}"` };
}

async function write(
  request: DavRequest,
  size: number | undefined,
  before: Resource | undefined,
): Promise<Record<string, string>> {
  const { drive, segments } = request;
  const place = drive.writable(segments);
  const modified = dateOf(request.header('x-oc-mtime'));
  const shown = before?.entry ?? 'nothing';
  const file = await drive.engine.files.write(place, { size, modified, shown }).catch((error: unknown) => {
    // of a PUT it is the folder that is missing
    throw isPhoneError(error) && error.kind === 'missing' ? new DavError(409) : error;
  });
  try {
    for await (const piece of request.body) await file.write(piece);
    // somebody else may have locked it since
    request.requireUnlocked(segments, { member: before === undefined });
    const entry = await file.finish();
    drive.memory.remove(segments);
    drive.changed(segments);
    const etag = drive.etags.of(place, entry, true);
    return { etag, ...(modified !== undefined && entry.modified === modified ? { 'x-oc-mtime': 'accepted' } : {}) };
  } finally {
    await file.abandon();
  }
}

/** Seconds, as ownCloud's clients and rclone send them. */
function dateOf(header: string | undefined): number | undefined {
  const seconds = /^\d{1,11}(?:\.\d+)?$/.test(header ?? '') ? Number(header) : NaN;
  return Number.isNaN(seconds) ? undefined : Math.floor(seconds) * 1_000;
}

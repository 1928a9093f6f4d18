import { isPhoneError } from '../../shared/errors.ts';
import type { Segments } from './address.ts';
import { isLitter } from './memory-files.ts';
import { lockXml, type Lock } from './locks.ts';
import type { DavRequest } from './request.ts';
import { DavError } from './status.ts';
import { child, DAV, writeXml } from './xml.ts';

/** LOCK and UNLOCK. */

/** A lock, or more time for one. Where nothing is, an empty file is made, as RFC 4918 has it (7.3). */
export async function lock(request: DavRequest): Promise<void> {
  const { drive, segments } = request;
  const body = await request.xml();
  const timeout = request.header('timeout');
  const resource = await drive.find(segments);
  await request.check(resource);
  if (body === undefined) {
    const held = drive.locks.on(segments).find(({ token }) => request.tokens.has(token));
    if (held === undefined) throw new DavError(412, 'lock-token-matches-request-uri');
    return answer(request, drive.locks.refresh(held, timeout), 200);
  }
  if (body.space !== DAV || body.name !== 'lockinfo') throw new DavError(400);
  const scope = child(body, 'lockscope');
  const type = child(body, 'locktype');
  if (scope === undefined || type === undefined || child(type, 'write') === undefined) throw new DavError(400);
  const shared = child(scope, 'shared') !== undefined;
  if (!shared && child(scope, 'exclusive') === undefined) throw new DavError(400);
  const { depth } = request;
  if (depth === '1') throw new DavError(400);
  if (resource === undefined) {
    request.requireUnlocked(segments, { member: true });
    await drive.requireParent(segments);
    if (!isLitter(segments)) drive.writable(segments);
  }
  const owner = child(body, 'owner');
  const added = drive.locks.add(
    { path: segments, deep: depth === 'infinity', shared, owner: owner === undefined ? '' : writeXml(owner) },
    timeout,
  );
  try {
    // kept in memory until something is written: most clients lock a new name right before they write it
    if (resource === undefined) drive.memory.put(segments, new Uint8Array(0), Date.now());
  } catch (error) {
    drive.locks.remove(added);
    throw error;
  }
  answer(request, added, resource === undefined ? 201 : 200, true);
}

function answer(request: DavRequest, held: Lock, status: number, isNew = false): void {
  const active = lockXml([held], (path) => request.address(path, false));
  request.sendXml(
    status,
    `<D:prop xmlns:D="DAV:"><D:lockdiscovery>${active}</D:lockdiscovery></D:prop>`,
    isNew ? { 'lock-token': `<${held.token}>` } : {},
  );
}

/** Ends a lock. What was locked into being and never written is made then, empty. */
export async function unlock(request: DavRequest): Promise<void> {
  const { drive, segments } = request;
  const [, token = ''] = /^\s*<([^>]*)>\s*$/.exec(request.header('lock-token') ?? '') ?? [];
  if (token === '') throw new DavError(400);
  const held = drive.locks.get(token);
  if (held === undefined || !drive.locks.on(segments).includes(held))
    throw new DavError(409, 'lock-token-matches-request-uri');
  const placeholder = drive.memory.get(held.path);
  if (placeholder?.bytes.byteLength === 0 && !isLitter(held.path)) {
    await makeEmpty(request, held.path);
    drive.memory.remove(held.path);
    drive.changed(held.path);
  }
  drive.locks.remove(held);
  request.done(204);
}

async function makeEmpty({ drive }: DavRequest, segments: Segments): Promise<void> {
  try {
    const file = await drive.engine.files.write(drive.writable(segments), { size: 0, shown: 'nothing' });
    try {
      await file.finish();
    } finally {
      await file.abandon();
    }
  } catch (error) {
    // an app has made one of this name meanwhile, which stays
    if (!isPhoneError(error) || error.kind !== 'exists') throw error;
  }
}

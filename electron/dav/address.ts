import { createHash, timingSafeEqual } from 'node:crypto';
import { foldName } from '../../shared/domain.ts';
import { DavError } from './status.ts';

/** Addresses of the drive: `/<secret>/<phone>/<storage>/<folders>/<name>`. Pure. */

/** The names along an address, below the secret. */
export type Segments = readonly string[];

/** Deeper than any folder of a phone, and longer than any name. */
const MOST_SEGMENTS = 256;
const LONGEST = 8 * 1024;

/**
 * The names that an address leads along. Throws 404 for another secret, 400 for what is no name: a path cannot climb, and no
 * name holds a slash, whichever way it is written.
 */
export function segmentsOf(path: string, secret: string): Segments {
  // a fragment is the client's own business: with one it may mean another resource than it names (litmus warns of it)
  if (path.length > LONGEST || !path.startsWith('/') || path.includes('#')) throw new DavError(400);
  const [, first = '', ...rest] = (path.split('?', 1)[0] ?? '').split('/');
  if (!isSame(first, secret)) throw new DavError(404);
  const segments = rest.filter((one) => one !== '').map(decoded);
  if (segments.length > MOST_SEGMENTS) throw new DavError(414);
  return segments;
}

function decoded(written: string): string {
  let name: string;
  try {
    name = decodeURIComponent(written);
  } catch {
    throw new DavError(400);
  }

  if (name === '.' || name === '..' || /[/\u0000-\u001f\u007f]/.test(name)) throw new DavError(400);
  return name;
}

/** Takes as long for one that is nearly right as for any other. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** The address of what lies along these names; of a folder it ends in a slash. */
export const addressOf = (secret: string, segments: Segments, isFolder: boolean): string =>
  `/${[secret, ...segments.map(encodeURIComponent)].join('/')}${isFolder ? '/' : ''}`;

/**
 * The names in a header that holds an address, whole or from the root: `Destination`, `If`. Throws 502 for another server's.
 */
export function segmentsInHeader(text: string, secret: string, hosts: readonly string[]): Segments {
  if (text.startsWith('/')) return segmentsOf(text, secret);
  const [, host, path = '/'] = /^https?:\/\/([^/?#]*)([^]*)$/i.exec(text) ?? [];
  if (host === undefined) throw new DavError(400);
  if (!hosts.includes(host.toLowerCase())) throw new DavError(502);
  return segmentsOf(path, secret);
}

/** Whether `path` is `folder` or below it. */
export const isWithin = (path: Segments, folder: Segments): boolean =>
  folder.length <= path.length && folder.every((name, index) => path[index] === name);

/** One text for a way; no name holds a slash. */
export const keyOf = (segments: Segments): string => segments.join('/');

/** One text for all ways that a storage takes for one: it compares names without case. */
export const foldedKeyOf = (segments: Segments): string => segments.map(foldName).join('/');

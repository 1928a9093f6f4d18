import { isFigure } from '../../shared/storages.ts';
import type { Drive, Resource } from './drive.ts';
import { lockXml } from './locks.ts';
import type { DavRequest } from './request.ts';
import { DAV, escapeXml, emptyXml } from './xml.ts';

/** The properties of resources (RFC 4918, 15; quota: RFC 4331), and what PROPFIND writes of them. */

/** The content of a property as XML; `undefined` where the resource has none of this name. */
type Live = (resource: Resource, request: DavRequest) => string | undefined;

const date = (milliseconds: number | undefined): Date | undefined => {
  const found = milliseconds === undefined ? undefined : new Date(milliseconds);
  return found === undefined || Number.isNaN(found.getTime()) ? undefined : found;
};

const LOCK_ENTRY = (scope: string): string =>
  `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>`;

const LIVE: Readonly<Record<string, Live>> = {
  resourcetype: ({ folder }) => (folder ? '<D:collection/>' : ''),
  displayname: ({ name }) => escapeXml(name),
  getcontentlength: ({ folder, size }) => (folder ? undefined : String(size)),
  getlastmodified: ({ modified }) => date(modified)?.toUTCString(),
  creationdate: ({ modified }) =>
    date(modified)
      ?.toISOString()
      .replace(/\.\d+Z$/, 'Z'),
  getetag: ({ etag }) => etag && escapeXml(etag),
  supportedlock: () => LOCK_ENTRY('exclusive') + LOCK_ENTRY('shared'),
  lockdiscovery: ({ segments }, request) =>
    lockXml(request.drive.locks.on(segments), (path) => request.address(path, false)),
};

/** Of the drive and of a phone: all storages together, as far as they tell. */
function roomOf(
  { folder, segments, volume }: Resource,
  { drive }: DavRequest,
): { free: number; used: number } | undefined {
  if (!folder) return undefined;
  const [name] = segments;
  const phones = drive.volumes.phones().filter((phone) => name === undefined || phone.name === name);
  const volumes = (volume === undefined ? phones.flatMap((phone) => phone.volumes) : [volume]).filter(({ capacity }) =>
    isFigure(capacity),
  );
  if (volumes.length === 0) return undefined;
  const free = volumes.reduce((sum, one) => sum + one.free, 0);
  return { free, used: volumes.reduce((sum, one) => sum + Math.max(0, one.capacity - one.free), 0) };
}

const QUOTA: Readonly<Record<string, Live>> = {
  'quota-available-bytes': (resource, request) => roomOf(resource, request)?.free.toFixed(0),
  'quota-used-bytes': (resource, request) => roomOf(resource, request)?.used.toFixed(0),
};

/** Whether a property is the server’s own, which no client sets. */
export const isLive = (space: string, name: string): boolean =>
  space === DAV && (Object.hasOwn(LIVE, name) || Object.hasOwn(QUOTA, name));

/** Which properties a PROPFIND asks for. */
export type Wanted =
  | { readonly kind: 'all' | 'names' }
  | { readonly kind: 'these'; readonly names: readonly { readonly space: string; readonly name: string }[] };

/** One `response` element. */
export function responseXml(resource: Resource, wanted: Wanted, request: DavRequest): string {
  const { drive } = request;
  const found: string[] = [];
  const missing: string[] = [];
  if (wanted.kind === 'these')
    for (const { space, name } of wanted.names) {
      const xml = propertyXml(resource, space, name, request);
      if (xml === undefined) missing.push(emptyXml(space, name));
      else found.push(xml);
    }
  else {
    for (const [name, live] of Object.entries(LIVE)) {
      const value = live(resource, request);
      if (value !== undefined) found.push(wanted.kind === 'names' ? `<D:${name}/>` : `<D:${name}>${value}</D:${name}>`);
    }
    for (const { space, name, xml } of deadOf(drive, resource))
      found.push(wanted.kind === 'names' ? emptyXml(space, name) : xml);
  }
  const parts = [
    found.length > 0 || missing.length === 0 ? propstat(found, '200 OK') : '',
    missing.length > 0 ? propstat(missing, '404 Not Found') : '',
  ];
  const href = escapeXml(request.address(resource.segments, resource.folder));
  return `<D:response><D:href>${href}</D:href>${parts.join('')}</D:response>\n`;
}

const deadOf = (drive: Drive, { segments }: Resource): ReturnType<Drive['properties']['of']> =>
  drive.properties.of(segments);

function propertyXml(resource: Resource, space: string, name: string, request: DavRequest): string | undefined {
  if (space === DAV) {
    const live = Object.hasOwn(LIVE, name) ? LIVE[name] : Object.hasOwn(QUOTA, name) ? QUOTA[name] : undefined;
    const value = live?.(resource, request);
    if (value !== undefined) return `<D:${name}>${value}</D:${name}>`;
  }
  return request.drive.properties.get(resource.segments, space, name)?.xml;
}

/** A `propstat` element. */
export const propstat = (properties: readonly string[], status: string): string =>
  `<D:propstat><D:prop>${properties.join('')}</D:prop><D:status>HTTP/1.1 ${status}</D:status></D:propstat>`;

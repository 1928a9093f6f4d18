import type { ServerResponse } from 'node:http';
import type { Resource } from './drive.ts';
import { isLive, propstat, responseXml, type Wanted } from './properties.ts';
import type { DavRequest } from './request.ts';
import { DavError } from './status.ts';
import { child, DAV, elementsIn, emptyXml, escapeXml, PROLOGUE, type Element } from './xml.ts';

/** PROPFIND and PROPPATCH. */

/** Of an answer, characters written at once. */
const PIECE = 64 * 1024;
/** Properties asked for, or set, at once. */
const MOST_PROPERTIES = 500;

/** Depth 0 and 1: all of a phone at once would take minutes, and nobody needs it. */
export async function propfind(request: DavRequest): Promise<void> {
  const { depth } = request;
  if (depth === 'infinity') throw new DavError(403, 'propfind-finite-depth');
  const wanted = wantedIn(await request.xml());
  const resource = await request.drive.existing(request.segments);
  await request.check(resource, false);
  const children = depth === '1' && resource.folder ? await request.drive.children(resource) : [];
  const { response } = request;
  response.writeHead(207, { 'content-type': 'application/xml; charset="utf-8"' });
  let text = `${PROLOGUE}<D:multistatus xmlns:D="DAV:">\n${responseXml(resource, wanted, request)}`;
  // what goes out first is small: whoever waits for a folder of many thousands sees it begin
  let most = 1;
  for (const one of children) {
    text += responseXml(one, wanted, request);
    if (text.length < most) continue;
    most = PIECE;
    if (!(await written(response, text))) return;
    text = '';
  }
  response.end(`${text}</D:multistatus>\n`);
}

/** Resolves when the system has taken all of it: its memory may be used again. Answers false where nobody listens any more. */
export async function written(response: ServerResponse, piece: string | Uint8Array): Promise<boolean> {
  if (response.destroyed || response.closed) return false;
  return await new Promise((resolve) => {
    const close = (): void => {
      resolve(false);
    };
    response.once('close', close);
    response.write(piece, (error) => {
      response.off('close', close);
      resolve(error === null || error === undefined);
    });
  });
}

function wantedIn(body: Element | undefined): Wanted {
  if (body === undefined) return { kind: 'all' };
  if (body.space !== DAV || body.name !== 'propfind') throw new DavError(400);
  if (child(body, 'allprop') !== undefined) return { kind: 'all' };
  if (child(body, 'propname') !== undefined) return { kind: 'names' };
  const prop = child(body, 'prop');
  if (prop === undefined) throw new DavError(400);
  const names = elementsIn(prop).map(({ space, name }) => ({ space, name }));
  if (names.length > MOST_PROPERTIES) throw new DavError(413);
  return { kind: 'these', names };
}

/** Dates that clients set after writing: no phone lets them be set, and refusing them would end a copy. */
const isDate = ({ space, name }: Element): boolean =>
  (space === DAV && (name === 'getlastmodified' || name === 'creationdate')) ||
  space === 'urn:schemas-microsoft-com:' ||
  (space === 'http://apache.org/dav/props/' && name === 'executable');

/** All or nothing: dates are accepted and dropped, what clients invent is kept in memory, live properties are refused. */
export async function proppatch(request: DavRequest): Promise<void> {
  const { drive, segments } = request;
  const body = await request.xml();
  if (body?.space !== DAV || body.name !== 'propertyupdate') throw new DavError(400);
  const resource = await drive.existing(segments);
  await request.check(resource);
  request.requireUnlocked(segments);
  const changes = elementsIn(body)
    .filter(({ space, name }) => space === DAV && (name === 'set' || name === 'remove'))
    .flatMap((how) =>
      elementsIn(child(how, 'prop') ?? how).map((element) => ({ remove: how.name === 'remove', element })),
    );
  if (changes.length > MOST_PROPERTIES) throw new DavError(413);
  const refused = changes.filter(({ element }) => isLive(element.space, element.name) && !isDate(element));
  if (refused.length === 0)
    for (const { remove, element } of changes) {
      if (isDate(element)) continue;
      if (remove) drive.properties.remove(segments, element.space, element.name);
      else drive.properties.set(segments, element);
    }
  request.sendXml(207, patched(request, resource, changes, refused));
}

type Change = { readonly element: Element };

function patched(
  request: DavRequest,
  resource: Resource,
  changes: readonly Change[],
  refused: readonly Change[],
): string {
  const names = (of: readonly Change[]): readonly string[] =>
    of.map(({ element }) => emptyXml(element.space, element.name));
  const others = changes.filter((one) => !refused.includes(one));
  const parts =
    refused.length === 0
      ? propstat(names(changes), '200 OK')
      : propstat(names(refused), '403 Forbidden') +
        (others.length > 0 ? propstat(names(others), '424 Failed Dependency') : '');
  const href = escapeXml(request.address(resource.segments, resource.folder));
  return `<D:multistatus xmlns:D="DAV:"><D:response><D:href>${href}</D:href>${parts}</D:response></D:multistatus>`;
}

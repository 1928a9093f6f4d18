import fs from 'node:fs';
import path from 'node:path';
import { PAGE_HEADERS, pageType } from '../../shared/page.ts';
import { answerFor, type ServedFile } from '../engine/looking/served-file.ts';

/** Scheme of the window's address. Not `file:`, because that would let the page read the whole disk. */
export const SCHEME = 'app';
const HOST = 'replug';
/** Address of the window’s page. */
export const HOME = `${SCHEME}://${HOST}/index.html`;

/** Whether an address belongs to the window. Compared by parts, because Node gives such a scheme no origin. */
export function isOwnAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === `${SCHEME}:` && url.host === HOST && url.username === '' && url.password === '';
}

/** A request as Electron hands it to the scheme's handler. */
export interface PageRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Pick<Headers, 'get'>;
}

/**
 * Serves the built window, and the files of phones that are looked at in it (`look`). An address is looked up among the
 * files found at startup and never converted to a path, so no spelling of it can leave the folder.
 */
export function pagesOf(
  folder: string,
  look: (pathname: string) => ServedFile | undefined,
): (request: PageRequest) => Response {
  const files = new Map<string, string>();
  const walk = (below: string, address: string): void => {
    for (const entry of fs.readdirSync(below, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(path.join(below, entry.name), `${address}${entry.name}/`);
      else if (entry.isFile()) files.set(`${address}${entry.name}`, path.join(below, entry.name));
    }
  };
  walk(folder, '/');
  return ({ url, method, headers }) => {
    const seen = isOwnAddress(url) ? look(new URL(url).pathname) : undefined;
    if (seen !== undefined) return served(seen, method, headers?.get('range'));
    if (method !== 'GET' || !isOwnAddress(url)) return new Response(undefined, { status: 403, headers: PAGE_HEADERS });
    const file = files.get(new URL(url).pathname);
    if (file === undefined) return new Response(undefined, { status: 404, headers: PAGE_HEADERS });
    return new Response(fs.readFileSync(file), {
      headers: { ...PAGE_HEADERS, 'content-type': pageType(file) },
    });
  };
}

/** In pieces, as the player asks for them; when it ends its request, nothing more is read. */
function served(file: ServedFile, method: string, range: string | null | undefined): Response {
  const { status, headers, body } = answerFor(file, method, range);
  return new Response(body === undefined ? null : streamOf(body), { status, headers });
}

function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const piece = await pieces.next();
        if (piece.done === true) controller.close();
        // the piece may share its memory with other readers, and a stream may give its memory away
        else controller.enqueue(Uint8Array.from(piece.value));
      },
      cancel: async () => {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

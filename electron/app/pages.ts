import fs from 'node:fs';
import path from 'node:path';
import { PAGE_HEADERS, pageType } from '../../shared/page.ts';

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

/**
 * Serves the built window. An address is looked up among the files found at startup and never converted to a path, so
 * no spelling of it can leave the folder.
 */
export function pagesOf(folder: string): (request: { readonly url: string; readonly method: string }) => Response {
  const files = new Map<string, string>();
  const walk = (below: string, address: string): void => {
    for (const entry of fs.readdirSync(below, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(path.join(below, entry.name), `${address}${entry.name}/`);
      else if (entry.isFile()) files.set(`${address}${entry.name}`, path.join(below, entry.name));
    }
  };
  walk(folder, '/');
  return ({ url, method }) => {
    if (method !== 'GET' || !isOwnAddress(url)) return new Response(undefined, { status: 403, headers: PAGE_HEADERS });
    const file = files.get(new URL(url).pathname);
    if (file === undefined) return new Response(undefined, { status: 404, headers: PAGE_HEADERS });
    return new Response(fs.readFileSync(file), {
      headers: { ...PAGE_HEADERS, 'content-type': pageType(file) },
    });
  };
}

import fs from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { failRequest } from '../../shared/errors.ts';
import { pageType } from '../../shared/page.ts';

/** Folder of the built window: beside the built program, whose chunks lie deeper, or `out` when running from source. */
export function rendererFolder(): string {
  const here = import.meta.dirname;
  // the window's sources have an index.html too, but no assets
  const found = ['../renderer', '../../renderer', '../../out/renderer']
    .map((folder) => path.join(here, folder))
    .find((folder) => fs.existsSync(path.join(folder, 'assets')));
  if (found !== undefined) return found;
  throw failRequest('serve', { id: 'window-not-built' }, { id: 'build-first' });
}

/**
 * Serves the files of one folder. An address is looked up among the existing files and never converted to a path, so
 * no spelling of it can leave the folder or list it.
 */
export class Pages {
  readonly #folder: string;
  #files = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#look();
  }

  /** Sends the page; resolves `false` if there is none. */
  async send(address: string, response: ServerResponse, headOnly: boolean): Promise<boolean> {
    // the window may have been rebuilt
    if (address === '/') this.#look();
    const file = this.#files.get(address === '/' ? '/index.html' : address);
    if (file === undefined) return false;
    const handle = await open(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0)).catch(() => undefined);
    if (handle === undefined) return false;
    try {
      const { size } = await handle.stat();
      response.writeHead(200, {
        'content-type': pageType(file),
        'content-length': size,
      });
      if (headOnly || size === 0) response.end();
      else await pipeline(handle.createReadStream({ end: size - 1, autoClose: false }), response);
      return true;
    } finally {
      await handle.close();
    }
  }

  #look(): void {
    const files = new Map<string, string>();
    const walk = (folder: string, address: string): void => {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue;
        if (entry.isDirectory()) walk(path.join(folder, entry.name), `${address}${entry.name}/`);
        else if (entry.isFile()) files.set(`${address}${entry.name}`, path.join(folder, entry.name));
      }
    };
    walk(this.#folder, '/');
    this.#files = files;
  }
}

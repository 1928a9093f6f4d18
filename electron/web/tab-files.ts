import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { mediaTypeOf } from '../../shared/media-types.ts';
import type { ServedFile } from '../engine/looking/served-file.ts';
import { newToken } from './gate.ts';

/** Path of the addresses of copies. */
const COPY_PATH = 'copies/';

/** A copy as it was handed out: what a browser's tab may show. */
interface Granted {
  readonly path: string;
  readonly name: string;
}

/** What a browser shows in a tab of its own; anything else it is given to save. */
const SHOWN = /^(?:text\/|image\/|video\/|audio\/|application\/pdf$|application\/xhtml\+xml$)/;

/** Copies of phones' files for tabs of the browser. Each has an address that nobody else can know, while the program runs. */
export class TabFiles {
  readonly #granted = new Map<string, Granted>();

  /** An address for the copy, relative to the window's page; the same each time. */
  grant(copy: Granted): string {
    const known = [...this.#granted].find(([, { path }]) => path === copy.path)?.[0];
    const key = known ?? newToken();
    this.#granted.set(key, copy);
    return `${COPY_PATH}${key}/${encodeURIComponent(copy.name.toWellFormed())}`;
  }

  /** What an address shows; `undefined` where nothing does, or the copy has gone. */
  async find(pathname: string): Promise<ServedFile | undefined> {
    if (!pathname.startsWith(`/${COPY_PATH}`)) return undefined;
    const [key = '', ...rest] = pathname.slice(COPY_PATH.length + 1).split('/');
    const copy = this.#granted.get(key);
    if (copy === undefined || rest.length > 1) return undefined;
    const stats = await stat(copy.path).catch(() => undefined);
    if (stats?.isFile() !== true) return undefined;
    const type = mediaTypeOf(copy.name);
    return {
      name: copy.name,
      type,
      size: stats.size,
      inline: SHOWN.test(type),
      stream: (offset, length) => createReadStream(copy.path, { start: offset, end: offset + length - 1 }),
    };
  }
}

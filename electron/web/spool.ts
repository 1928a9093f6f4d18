import { constants } from 'node:fs';
import { mkdir, open, readdir, rm, statfs, utimes, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import { fail, isPhoneError } from '../../shared/errors.ts';

/** Bytes that stay free on the disk of the spool. */
const RESERVE = 128 * 1024 * 1024;
/** Bytes received between two checks of the free space. */
const LOOK_EVERY = 64 * 1024 * 1024;
const LONGEST_NAME = 255;
const DEEPEST = 64;
const BATCH = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where dropped files are kept, and what says which are needed. */
export interface SpoolOptions {
  readonly folder: string;
  /** The local sources of the current transfers. */
  readonly uses: () => readonly SpoolUse[];
  /** Bytes free on the disk of the folder. */
  readonly free?: (folder: string) => Promise<number>;
}

/** A local source of a transfer, which may lie in the spool. */
export interface SpoolUse {
  readonly path: string;
  /** Whether its transfer can still continue or be retried. */
  readonly needed: boolean;
}

/**
 * A dropped file as the browser announces it: `length` in bytes, `modified` in milliseconds since 1970, neither
 * believed.
 */
export interface Arrival {
  /** Below the dropped folder, with `/`; a path that ends in `/` is an empty folder. */
  readonly path: string;
  readonly length: number | undefined;
  readonly modified: number | undefined;
}

/**
 * Stores files dropped into a browser, which reveals no paths. One folder per drop (*batch*), deleted when no
 * transfer needs it any more.
 */
export class Spool {
  readonly #options: SpoolOptions;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  async store(batch: string, arrival: Arrival, body: AsyncIterable<Buffer>): Promise<void> {
    const folder = this.#folderOf(batch);
    const { segments, isFolder } = segmentsOf(arrival.path);
    const target = path.join(folder, ...segments);
    await mkdir(isFolder ? target : path.dirname(target), { recursive: true, mode: 0o700 });
    if (isFolder) return;
    await this.#wantRoom(arrival.length ?? 0, arrival.path);
    const handle = await open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600).catch(
      (error: unknown) => {
        throw spoolError(error, arrival.path);
      },
    );
    try {
      await this.#copy(body, handle, arrival.path);
      // if the disk cannot store the date, the file is still accepted
      if (arrival.modified !== undefined)
        await handle.utimes(new Date(), new Date(arrival.modified)).catch(() => undefined);
      await handle.close();
    } catch (error) {
      // an incomplete file is deleted
      await handle.close().catch(() => undefined);
      await rm(target, { force: true });
      throw spoolError(error, arrival.path);
    }
  }

  /** The dropped items: the top-level files and folders of the batch. */
  async roots(batch: string): Promise<readonly LocalPath[]> {
    const folder = this.#folderOf(batch);
    const names = await readdir(folder).catch(() => [] as string[]);
    await utimes(folder, new Date(), new Date()).catch(() => undefined);
    return names.sort().map((name) => localPath(path.join(folder, name)));
  }

  /** Deletes batches whose transfers are finished. At startup also those that never became a transfer. */
  async sweep(atStart: boolean): Promise<void> {
    const uses = this.#options.uses();
    const batches = (await readdir(this.#options.folder).catch(() => [] as string[])).filter((name) =>
      BATCH.test(name),
    );
    for (const batch of batches) {
      const folder = path.join(this.#options.folder, batch) + path.sep;
      const here = uses.filter((use) => use.path.startsWith(folder));
      // a drop that has just arrived has no transfer yet
      const isOver = here.length === 0 ? atStart : here.every((use) => !use.needed);
      if (isOver) await rm(folder, { recursive: true, force: true });
    }
  }

  #folderOf(batch: string): string {
    if (!BATCH.test(batch)) throw fail('bad-request', 'spool', 'This is no drop.');
    return path.join(this.#options.folder, batch);
  }

  /** Checks the free space while the bytes arrive, since Content-Length may be missing or wrong. */
  async #copy(body: AsyncIterable<Buffer>, handle: FileHandle, name: string): Promise<void> {
    let unseen = 0;
    for await (const piece of body) {
      unseen += piece.length;
      if (unseen >= LOOK_EVERY) {
        await this.#wantRoom(0, name);
        unseen = 0;
      }
      await handle.writeFile(piece);
    }
  }

  async #wantRoom(bytes: number, name: string): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    const free = await (this.#options.free ?? freeBytes)(this.#options.folder);
    if (free - bytes < RESERVE) throw fail('local-full', 'spool', `${free} bytes are free`, { subject: name });
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Splits a relative path into names. Refuses names that could lead elsewhere or have a special meaning to a file
 * system.
 */
function segmentsOf(text: string): { readonly segments: readonly string[]; readonly isFolder: boolean } {
  const isFolder = text.endsWith('/');
  const segments = (isFolder ? text.slice(0, -1) : text).split('/');
  const bad = (why: string): Error => fail('local-bad-name', 'spool', why, { subject: text.slice(0, 200) });
  if (segments.length > DEEPEST) throw bad('too deep');
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..') throw bad('not a plain path');
    if (/[\\\u0000-\u001f]/.test(segment)) throw bad('control character or backslash');
    if (Buffer.byteLength(segment) > LONGEST_NAME) throw bad('name too long');
    if (process.platform === 'win32' && (/[<>:"|?*]/.test(segment) || /[. ]$/.test(segment)))
      throw bad('not for Windows');
  }
  return { segments, isFolder };
}

function spoolError(error: unknown, name: string): Error {
  if (isPhoneError(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const detail = error instanceof Error ? error.message : String(error);
  const about = { subject: name };
  if (code === 'ENOSPC' || code === 'EDQUOT') return fail('local-full', 'spool', detail, about, error);
  if (code === 'EEXIST' || code === 'EISDIR') return fail('local-exists', 'spool', detail, about, error);
  if (code === 'ENAMETOOLONG' || code === 'EILSEQ' || code === 'ENOTDIR')
    return fail('local-bad-name', 'spool', detail, about, error);
  return fail('local-io', 'spool', detail, about, error);
}

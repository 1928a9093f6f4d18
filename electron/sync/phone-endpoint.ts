import { foldName, joinPhonePath, type PhonePath, type PhonePlace } from '../../shared/domain.ts';
import { endsConnection, isPhoneError, problemOf, type Problem } from '../../shared/errors.ts';
import type { Engine } from '../engine/index.ts';
import type { Found } from './diff.ts';
import type { Copy } from './untouched.ts';
import {
  SALT,
  type Deleted,
  type Deletion,
  type Endpoint,
  type Listing,
  type Renamed,
  type ScanRequest,
} from './endpoint.ts';

/** What the phone's end asks of the engine. */
export type PhoneEngine = Pick<Engine, 'scan' | 'stat' | 'fingerprint' | 'digest' | 'execute' | 'deleteSeen'>;

/** The phone's end of a pair: always through the engine, on the phone the pair was made with and no other. */
export class PhoneEndpoint implements Endpoint {
  readonly #engine: PhoneEngine;
  readonly #place: PhonePlace;

  constructor(engine: PhoneEngine, place: PhonePlace) {
    this.#engine = engine;
    this.#place = place;
  }

  /** The path on the phone of one below the folder. */
  resolve(below: string): PhonePath {
    const { path } = this.#place;
    return (path === '/' ? `/${below}` : below === '' ? path : `${path}/${below}`) as PhonePath;
  }
  /** The reverse of `resolve`. */
  below(path: PhonePath): string {
    const base = this.#place.path;
    return path === base ? '' : path.slice(base === '/' ? 1 : base.length + 1);
  }
  #at(below: string): PhonePlace {
    return { ...this.#place, path: this.resolve(below) };
  }

  async scan({ signal, enters, onProgress }: ScanRequest): Promise<Listing> {
    const files: Found[] = [];
    const unknown: string[] = [];
    const problems: Problem[] = [];
    let folders = 0;
    const enter = (path: PhonePath): boolean => {
      const below = this.below(path);
      if (enters(below)) return true;
      unknown.push(below);
      return false;
    };
    for await (const folder of this.#engine.scan(this.#place, { signal, enter })) {
      folders += 1;
      const below = this.below(folder.path);
      if (folder.problem !== undefined) {
        unknown.push(below);
        problems.push(folder.problem);
      } else if (folder.unreadable > 0) {
        // some of its objects were not described: what is missing may be among them
        unknown.push(below);
        problems.push({
          kind: 'confused',
          operation: 'list',
          detail: `${folder.unreadable} objects cannot be described`,
          subject: folder.path,
        });
      }
      for (const { kind, name, size, modified } of folder.entries)
        if (kind === 'file') files.push({ path: this.below(joinPhonePath(folder.path, name)), size, modified });
      onProgress(folders, files.length);
    }
    return { files, unknown, problems, complete: problems.length === 0, folders, mounts: [] };
  }

  /** The folders of these files alone, and those above them. */
  scanFoldersOf(files: readonly string[]): Promise<Listing> {
    const folders = new Set(['']);
    // the record may spell a folder in another way than the phone, to which both are one
    for (const file of files)
      for (let folder = foldName(folderOf(file)); !folders.has(folder); folder = folderOf(folder)) folders.add(folder);
    const enters = (folder: string): boolean => folders.has(foldName(folder));
    return this.scan({ signal: undefined, enters, onProgress: () => undefined });
  }

  async mayBeThere(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const { files, unknown } = await this.scanFoldersOf(paths);
    const there = new Set(files.map(({ path }) => path));
    return new Set(paths.filter((path) => there.has(path) || isIn(path, unknown)));
  }

  fingerprint(below: string): Promise<string> {
    return this.#engine.fingerprint(this.#at(below), SALT);
  }
  digest(below: string): Promise<string> {
    return this.#engine.digest(this.#at(below));
  }

  async rename(from: string, to: string, expected: (copy: Copy) => boolean): Promise<Renamed> {
    const moves = folderOf(from) !== folderOf(to);
    const between = moves ? joined(folderOf(to), nameOf(from)) : from;
    let at = from;
    try {
      // the scan may be a while ago: what somebody else put there since is not moved along with a source
      if (!expected(copyOf(await this.#engine.stat(this.#at(from))))) return { at };
      if (moves) await this.#move(from, folderOf(to));
      at = between;
      if (between !== to) await this.#engine.execute('rename', { place: this.#at(between), name: nameOf(to) });
      return { at: to };
    } catch (error) {
      const problem = problemOf(error, 'rename');
      if (endsConnection(problem.kind)) return { at, lost: problem };
    }
    if (at === from) return { at };
    try {
      // moved but not renamed: back to where it was, so that nothing lies where nobody looks for it
      await this.#move(between, folderOf(from));
      return { at: from };
    } catch (error) {
      const problem = problemOf(error, 'rename');
      return endsConnection(problem.kind) ? { at: between, lost: problem } : { at: between };
    }
  }

  async #move(file: string, folder: string): Promise<void> {
    await this.#engine.execute('moveOnPhone', { sources: [this.#at(file)], to: this.#at(folder) });
  }

  async delete(files: readonly Deletion[], signal?: AbortSignal): Promise<Deleted> {
    const deleted: string[] = [];
    const missing: string[] = [];
    const kept: { readonly path: string; readonly problem: Problem | undefined }[] = [];
    if (files.length === 0) return { deleted, missing, kept };
    const listing = await this.scanFoldersOf(files.map(({ path }) => path));
    const now = byName(listing.files);
    for (const { path, expected, undated, sha256 } of files) {
      if (signal?.aborted === true) break;
      const found = now(path);
      // a folder that could not be listed may hold it
      if (found === undefined && isIn(path, listing.unknown)) kept.push({ path, problem: listing.problems[0] });
      else if (found === undefined) missing.push(path);
      else if (!expected(copyOf(found))) kept.push({ path, problem: undefined });
      else
        try {
          switch (
            await this.#engine.deleteSeen(
              this.#at(found.path),
              undated(copyOf(found)) ? { size: found.size, modified: undefined, sha256 } : found,
            )
          ) {
            case 'done':
              deleted.push(path);
              break;
            case 'gone':
              missing.push(path);
              break;
            default:
              kept.push({ path, problem: undefined });
          }
        } catch (error) {
          const problem = problemOf(error, 'delete');
          if (endsConnection(problem.kind)) throw error;
          kept.push({ path, problem });
        }
    }
    return { deleted, missing, kept };
  }
}

/** Whether a file may lie in one of these folders; one that has the name of such a folder is no file any more. */
const isIn = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => folder === '' || foldName(path).startsWith(`${foldName(folder)}/`));

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const joined = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** A phone's file as what is at a target. */
export const copyOf = ({ size, modified }: Pick<Found, 'size' | 'modified'>): Copy => ({
  size,
  modified,
  ...(size === 0 ? { toldEmpty: true } : {}),
});

/**
 * Looks files up by path, also in another spelling: a phone's storage takes it for the same file. Some tell composed letters from
 * decomposed ones, so that both may be there: then each path has its own.
 */
export function byName(files: readonly Found[]): (path: string) => Found | undefined {
  const exact = new Map(files.map((file) => [file.path, file]));
  const folded = new Map(files.map((file) => [foldName(file.path), file]));
  return (path) => exact.get(path) ?? folded.get(foldName(path));
}

/** Scans a folder as the target of a pair: one that is not there yet counts as empty. */
export async function scanTarget(side: PhoneEndpoint, request: ScanRequest): Promise<Listing> {
  try {
    return await side.scan(request);
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'missing' && error.problem.operation === 'scan')
      return { files: [], unknown: [], problems: [], complete: true, folders: 0, mounts: [] };
    throw error;
  }
}

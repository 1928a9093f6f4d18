import { baseNameOf, foldName, joinPhonePath, parentOf, type PhonePath, type PhonePlace } from '../../shared/domain.ts';
import { isPhoneError, type Problem } from '../../shared/errors.ts';
import type { Engine } from '../engine/index.ts';
import type { Copy, Found } from './diff.ts';
import { SALT, type Listing, type ScanRequest, type Endpoint } from './endpoint.ts';

export type PhoneEngine = Pick<Engine, 'scan' | 'fingerprint' | 'execute'>;

/** The phone's end of a pair: all through the engine, on the phone the pair was made with and no other. */
export class PhoneEndpoint implements Endpoint {
  readonly #engine: PhoneEngine;
  readonly #place: PhonePlace;

  constructor(engine: PhoneEngine, place: PhonePlace) {
    this.#engine = engine;
    this.#place = place;
  }

  resolve(below: string): PhonePath {
    const { path } = this.#place;
    return (path === '/' ? `/${below}` : below === '' ? path : `${path}/${below}`) as PhonePath;
  }
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
        // some of its objects were not told: what is missing may be among them
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
    return { files, unknown, problems, complete: problems.length === 0, folders };
  }

  fingerprint(below: string): Promise<string> {
    return this.#engine.fingerprint(this.#at(below), SALT);
  }

  async rename(from: string, to: string): Promise<boolean> {
    const source = this.#at(from);
    const target = this.resolve(to);
    try {
      if (parentOf(source.path) !== parentOf(target))
        await this.#engine.execute('moveOnPhone', {
          sources: [source],
          to: { ...this.#place, path: parentOf(target) },
        });
      const moved = { ...this.#place, path: joinPhonePath(parentOf(target), baseNameOf(source.path)) };
      if (baseNameOf(source.path) !== baseNameOf(target))
        await this.#engine.execute('rename', { place: moved, name: baseNameOf(target) });
      return true;
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'disconnected') throw error;
      return false;
    }
  }

  async delete(
    files: readonly { readonly path: string; readonly expected: (copy: Copy) => boolean }[],
  ): Promise<readonly string[]> {
    if (files.length === 0) return [];
    const now = copiesOf(
      (await this.scan({ signal: undefined, enters: () => true, onProgress: () => undefined })).files,
    );
    const deleted: string[] = [];
    for (const { path, expected } of files) {
      const copy = now.get(foldName(path));
      if (copy !== undefined && !expected(copy)) continue;
      if (copy !== undefined) await this.#engine.execute('delete', { sources: [this.#at(path)] });
      deleted.push(path);
    }
    return deleted;
  }
}

/** By folded path: phones' storages take two spellings of one name for the same. */
export const copiesOf = (files: readonly Found[]): ReadonlyMap<string, Copy> =>
  new Map(files.map(({ path, size, modified }) => [foldName(path), { size, modified }]));

/** A phone's folder that is not there yet counts as empty where it is the target. */
export async function scanTarget(side: PhoneEndpoint, request: ScanRequest): Promise<Listing> {
  try {
    return await side.scan(request);
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'missing' && error.problem.operation === 'scan')
      return { files: [], unknown: [], problems: [], complete: true, folders: 0 };
    throw error;
  }
}

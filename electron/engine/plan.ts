import { opendir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  baseNameOf,
  foldName,
  joinPhonePath,
  localPath,
  parentOf,
  type LocalPath,
  type PhonePath,
  type PhonePlace,
  type StorageKey,
} from '../../shared/domain.ts';
import { endsConnection, fail, problemOf, type Problem } from '../../shared/errors.ts';
import { localError, localNameOf, numbered } from './local.ts';
import type { NewItem } from './store-types.ts';
import type { Folder } from './tree.ts';

/** One line of a plan; `problem` is set for what cannot be moved: it is listed and reported, the rest goes on. */
export interface PlannedItem {
  readonly item: NewItem;
  readonly problem: Problem | undefined;
}

/** Folders below this depth are refused: deeper than any path of any system, so a cycle or an attack. */
export const MAX_DEPTH = 256;
/** Items handed over at once. */
const BATCH = 1000;

const planned = (item: NewItem): PlannedItem => ({ item, problem: undefined });

/**
 * Walks local sources for an upload: folders before what is in them, names in order, in batches so that a huge tree
 * never stands in memory. Links are followed; a folder that is its own ancestor is reported, not entered.
 */
export async function* planUpload(
  sources: readonly LocalPath[],
  to: { readonly storage: StorageKey; readonly path: PhonePath },
  /** A folder's name as the phone can hold it. Folders are not asked about: what is in them would have to wait. */
  legalFolder: (name: string) => string = (name) => name,
): AsyncGenerator<readonly PlannedItem[]> {
  let batch: PlannedItem[] = [];
  const walk = async function* (
    local: string,
    name: string,
    phone: PhonePath,
    ancestors: readonly string[],
  ): AsyncGenerator<readonly PlannedItem[]> {
    const base = { name, local: localPath(local), storage: to.storage, phone };
    const refuse = (problem: Problem): void => {
      batch.push({ item: { ...base, kind: 'file', size: 0, modified: undefined }, problem });
    };
    let stats;
    try {
      stats = await stat(local);
    } catch (error) {
      refuse(localError(error, 'source', 'stat', local).problem);
      return;
    }
    if (stats.isFile()) {
      batch.push(planned({ ...base, kind: 'file', size: stats.size, modified: Math.floor(stats.mtimeMs) }));
    } else if (stats.isDirectory()) {
      let real: string;
      const names: string[] = [];
      try {
        real = await realpath(local);
        if (ancestors.includes(real) || ancestors.length >= MAX_DEPTH) {
          refuse(fail('source-unreadable', 'walk', 'the folder contains itself', { subject: local }).problem);
          return;
        }
        for await (const entry of await opendir(local)) names.push(entry.name);
      } catch (error) {
        refuse(localError(error, 'source', 'list', local).problem);
        return;
      }
      const folder = joinPhonePath(parentOf(phone), legalFolder(baseNameOf(phone)));
      batch.push(planned({ ...base, phone: folder, kind: 'folder', size: 0, modified: Math.floor(stats.mtimeMs) }));
      names.sort();
      for (const child of names) {
        if (batch.length >= BATCH) {
          yield batch;
          batch = [];
        }
        yield* walk(join(local, child), `${name}/${child}`, joinPhonePath(folder, child), [...ancestors, real]);
      }
    } else {
      refuse(fail('source-unreadable', 'stat', 'neither a file nor a folder', { subject: local }).problem);
    }
  };
  for (const source of sources) {
    const name = basename(source);
    yield* walk(source, name, joinPhonePath(to.path, name), []);
  }
  if (batch.length > 0) yield batch;
}

/** What planning a download needs of a phone. */
export interface PhoneLister {
  folder(storage: StorageKey, path: PhonePath): Promise<Folder>;
}

/** Walks objects of a phone for a download. Names that this computer cannot hold, or that meet, get distinct ones. */
export async function* planDownload(
  sources: readonly PhonePlace[],
  to: LocalPath,
  phone: PhoneLister,
  system: { readonly platform: NodeJS.Platform },
): AsyncGenerator<readonly PlannedItem[]> {
  let batch: PlannedItem[] = [];
  /** Names already given in a folder, so that two that are the same here do not overwrite each other. */
  const insensitive = system.platform === 'win32' || system.platform === 'darwin';
  const distinct = (taken: Set<string>, name: string): string => {
    const wanted = localNameOf(name, system.platform);
    const key = (text: string): string => (insensitive ? foldName(text) : text);
    let given = wanted;
    for (let number = 2; taken.has(key(given)); number += 1) given = numbered(wanted, number);
    taken.add(key(given));
    return given;
  };

  const walk = async function* (
    storage: StorageKey,
    path: PhonePath,
    entry: { readonly kind: 'file' | 'folder'; readonly size: number; readonly modified: number | undefined },
    name: string,
    local: string,
    depth: number,
  ): AsyncGenerator<readonly PlannedItem[]> {
    const base = { name, local: localPath(local), storage, phone: path };
    if (entry.kind === 'file') {
      batch.push(planned({ ...base, kind: 'file', size: entry.size, modified: entry.modified }));
      return;
    }
    if (depth >= MAX_DEPTH) {
      const problem = fail('confused', 'walk', `folders deeper than ${MAX_DEPTH}`, { subject: path }).problem;
      batch.push({ item: { ...base, kind: 'folder', size: 0, modified: undefined }, problem });
      return;
    }
    batch.push(planned({ ...base, kind: 'folder', size: 0, modified: entry.modified }));
    let objects;
    try {
      objects = [...(await phone.folder(storage, path)).objects];
    } catch (error) {
      const problem = problemOf(error, 'list');
      // the connection's end stops the planning; one folder that cannot be listed does not
      if (problem.kind === 'disconnected' || problem.kind === 'silent' || problem.kind === 'confused') throw error;
      batch.push({ item: { ...base, kind: 'folder', name: `${name}/`, size: 0, modified: undefined }, problem });
      return;
    }
    objects.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
    const taken = new Set<string>();
    for (const object of objects) {
      if (batch.length >= BATCH) {
        yield batch;
        batch = [];
      }
      const given = distinct(taken, object.name);
      yield* walk(storage, joinPhonePath(path, object.name), object, `${name}/${given}`, join(local, given), depth + 1);
    }
  };

  const taken = new Set<string>();
  for (const source of sources) {
    const given = distinct(taken, source.path === '/' ? 'phone' : baseNameOf(source.path));
    const local = join(to, given);
    if (source.path === '/') {
      yield* walk(source.storage, source.path, { kind: 'folder', size: 0, modified: undefined }, given, local, 0);
      continue;
    }
    let problem: Problem = fail('missing', 'find', '', { subject: source.path }).problem;
    const found = await phone.folder(source.storage, parentOf(source.path)).then(
      (folder) => folder.find(baseNameOf(source.path)),
      (error: unknown) => {
        const why = problemOf(error, 'list');
        if (endsConnection(why.kind)) throw error;
        // the folder above it may be missing as well: of this source that says the same
        if (why.kind !== 'missing') problem = why;
        return undefined;
      },
    );
    if (found === undefined) {
      batch.push({
        item: {
          name: given,
          local: localPath(local),
          storage: source.storage,
          phone: source.path,
          kind: 'file',
          size: 0,
          modified: undefined,
        },
        problem,
      });
      continue;
    }
    yield* walk(source.storage, joinPhonePath(parentOf(source.path), found.name), found, given, local, 0);
  }
  if (batch.length > 0) yield batch;
}

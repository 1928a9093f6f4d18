import { join } from 'node:path';
import {
  baseNameOf,
  foldName,
  joinPhonePath,
  localPath,
  parentOf,
  segmentOf,
  type LocalPath,
  type NameRule,
  type PhonePath,
  type PhonePlace,
  type StorageKey,
} from '../../../shared/domain.ts';
import { endsConnection, fail, problemOf, type Problem } from '../../../shared/errors.ts';
import { skippedName } from '../../../shared/skipped-names.ts';
import type { ObjectHandle, PhoneObject } from '../../mtp/index.ts';
import { MAX_DEPTH } from '../devices/phone-tree.ts';
import { apart, canHold, localNameOf, type DiskNames } from '../local/local-names.ts';
import { BATCH, planned, skippedItem, unplanned, type PlannedItem } from './plan-upload.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';

/** What planning a download needs of a phone. */
export interface PhoneLister {
  folder(storage: StorageKey, path: PhonePath): Promise<ListedFolder>;
}

/** More than any phone holds, so a tree that has no end. */
const MOST_ITEMS = 3_000_000;

/** Gives each name of one folder a name of its own here. */
class Names {
  readonly #disk: DiskNames;
  readonly #taken = new Set<string>();
  readonly #last = new Map<string, number>();

  constructor(disk: DiskNames) {
    this.#disk = disk;
  }

  give(name: string): string {
    const wanted = localNameOf(name, this.#disk);
    const key = this.#key(wanted);
    let given = wanted;
    // counted on from the last one: a phone may list a hundred thousand spellings of one name
    for (let number = this.#last.get(key) ?? 1; this.#taken.has(this.#key(given));) {
      number += 1;
      given = apart(wanted, number, this.#disk.mostBytes);
      this.#last.set(key, number);
    }
    this.#taken.add(this.#key(given));
    return given;
  }

  #key(text: string): string {
    return this.#disk.insensitive ? foldName(text) : text;
  }
}

/** Whether a listing that failed stops the planning: the end of the connection does, one folder that cannot be listed does not. */
export type StopsAt = (problem: Problem) => boolean;

/**
 * Walks objects of a phone for a download. Names that this computer cannot hold, or that meet, get distinct ones. A
 * folder that was entered already is not entered again: a tree that lists its own parents would never end. Unfinished,
 * thrown-away and system files are skipped; one that was named itself is copied, but never moved. `onName` is about files;
 * folders are not asked about, since what is in them would have to wait.
 */
export async function* planDownload(
  sources: readonly PhonePlace[],
  to: LocalPath,
  phone: PhoneLister,
  disk: DiskNames,
  move = false,
  stopsAt: StopsAt = ({ kind }) => endsConnection(kind),
  onName: NameRule = 'legal',
): AsyncGenerator<readonly PlannedItem[]> {
  let batch: PlannedItem[] = [];
  let count = 0;
  const entered = new Set<ObjectHandle>();

  const walk = async function* (
    storage: StorageKey,
    path: PhonePath,
    entry: Pick<PhoneObject, 'kind' | 'size' | 'modified'> & { readonly handle?: ObjectHandle },
    names: { readonly name: string; readonly local: string; readonly savedAs: string | undefined },
    depth: number,
  ): AsyncGenerator<readonly PlannedItem[]> {
    const { name, local, savedAs } = names;
    const base = { name, local: localPath(local), storage, phone: path };
    count += 1;
    const skipped = depth > 0 || move ? skippedName(baseNameOf(path), 'phone') : undefined;
    if (skipped !== undefined) {
      batch.push(skippedItem({ ...base, kind: entry.kind, size: entry.size, modified: entry.modified }, skipped));
      return;
    }
    if (entry.kind === 'file') {
      // a name that is not agreed to yet is settled when the file has its turn (`DownloadTarget.settleName`)
      const isOpen = onName !== 'legal' && !canHold(baseNameOf(path), disk);
      const file = { ...base, kind: 'file', size: entry.size, modified: entry.modified } as const;
      batch.push(planned(file, isOpen ? undefined : savedAs));
      return;
    }
    const folder = { ...base, kind: 'folder' as const, size: 0, modified: undefined };
    const why =
      entry.handle !== undefined && entered.has(entry.handle)
        ? 'the folder is listed inside itself or twice'
        : depth >= MAX_DEPTH
          ? `folders deeper than ${MAX_DEPTH}`
          : count > MOST_ITEMS
            ? `more than ${MOST_ITEMS} files and folders`
            : undefined;
    if (why !== undefined) {
      batch.push(unplanned(folder, fail('confused', 'walk', why, { subject: path }).problem));
      return;
    }
    if (entry.handle !== undefined) entered.add(entry.handle);
    batch.push(planned({ ...folder, modified: entry.modified }, savedAs));
    let objects;
    try {
      objects = [...(await phone.folder(storage, path)).objects];
    } catch (error) {
      const problem = problemOf(error, 'list');
      if (stopsAt(problem)) throw error;
      batch.push(unplanned({ ...folder, name: `${name}/` }, problem));
      return;
    }
    objects.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
    const here = new Names(disk);
    for (const object of objects) {
      if (batch.length >= BATCH) {
        yield batch;
        batch = [];
      }
      if (count > MOST_ITEMS) return;
      const given = here.give(object.name);
      const child = { ...namesOf(object.name, given), local: join(local, given) };
      yield* walk(
        storage,
        joinPhonePath(path, object.name),
        object,
        { ...child, name: `${name}/${child.name}` },
        depth + 1,
      );
    }
  };

  const top = new Names(disk);
  for (const source of sources) {
    const { storage } = source;
    if (source.path === '/') {
      const name = top.give('phone');
      const root = { kind: 'folder', size: 0, modified: undefined } as const;
      yield* walk(storage, source.path, root, { name, local: join(to, name), savedAs: undefined }, 0);
      continue;
    }
    let problem: Problem = fail('missing', 'find', '', { subject: source.path }).problem;
    const found = await phone.folder(storage, parentOf(source.path)).then(
      (folder) => folder.find(baseNameOf(source.path)),
      (error: unknown) => {
        const why = problemOf(error, 'list');
        if (stopsAt(why)) throw error;
        // the folder above it may be missing as well: of this source that says the same
        if (why.kind !== 'missing') problem = why;
        return undefined;
      },
    );
    const called = found?.name ?? baseNameOf(source.path);
    const given = top.give(called);
    const names = { ...namesOf(called, given), local: join(to, given) };
    if (found === undefined) {
      const base = { name: names.name, local: localPath(names.local), storage, phone: source.path };
      batch.push(unplanned({ ...base, kind: 'file', size: 0, modified: undefined }, problem));
      continue;
    }
    // one folder given twice is fetched twice
    entered.clear();
    yield* walk(storage, joinPhonePath(parentOf(source.path), called), found, names, 0);
  }
  if (batch.length > 0) yield batch;
}

/** What an item is called (the phone's name, as a path spells it) and under which name it is kept, where that differs. */
const namesOf = (name: string, given: string): { readonly name: string; readonly savedAs: string | undefined } => ({
  name: segmentOf(name),
  savedAs: given === name ? undefined : given,
});

import { join } from 'node:path';
import {
  baseNameOf,
  type DeviceKey,
  type Instant,
  type LocalPath,
  type PhonePlace,
  type StorageInfo,
} from '../../../shared/domain.ts';
import { isSameStorage } from '../../../shared/storages.ts';
import { fail, isPhoneError, PhoneError } from '../../../shared/errors.ts';
import type { CopyId, CopyView } from '../../../shared/opening.ts';
import { statOrGone } from '../devices/look-again.ts';
import { isOwnName } from '../local/destroy-local.ts';
import { lookAt, modifiedOf } from '../local/local-files.ts';
import { localNameOf, usualNames } from '../local/local-names.ts';
import { isAsWritten, loadCopies, makeCopyFolder, noteUse, removeCopy, writeRecord, type Copy } from './copy-folder.ts';
import { fetchCopy, type FetchParts } from './fetch-copy.ts';
import { isProgram } from './program-names.ts';

/** What the copies are made of. */
export interface CopiesOptions extends FetchParts {
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  readonly now: () => Instant;
  readonly log: (line: string) => void;
  /** Storages of a phone as it shows them now, under whatever names; none where it is away. */
  readonly present: (device: DeviceKey) => readonly StorageInfo[];
  /** Bytes of all copies that are only read; 4 GiB where none is given. */
  readonly limit?: number | undefined;
  /** Called whenever `views` would answer something else. */
  readonly onChange: () => void;
}

/** A copy that a program may open now. */
export interface OpenableCopy {
  readonly id: CopyId;
  readonly path: LocalPath;
  readonly name: string;
  /** A program or a script: never started, only shown in its folder. */
  readonly isProgram: boolean;
}

interface Fetching {
  readonly id: CopyId;
  readonly place: PhonePlace;
  readonly editable: boolean;
  readonly stop: AbortController;
  state: 'fetching' | 'away' | 'checking';
  fetched: number;
  size: number;
  result: Promise<Copy>;
}

/** An error that names the file that was to be opened, and none of those that Replug makes of it in its own folder. */
function aboutFile(error: unknown, folder: string, name: string): unknown {
  if (!isPhoneError(error) || error.problem.subject?.startsWith(folder) !== true) return error;
  return new PhoneError({ ...error.problem, subject: name }, { cause: error });
}

const LIMIT = 4 * 1024 ** 3;
/** A copy that was not opened for so long goes: 14 days. */
const LONGEST_UNUSED_MS = 14 * 24 * 60 * 60_000;

/**
 * Copies of phones' files that programs of this computer open: fetched once, compared with the phone's file, kept in a
 * folder that only this user can read. Those that are only read go by themselves, least recently used first; one that was
 * edited stays until it is saved back or given up.
 */
export class Copies {
  readonly #options: CopiesOptions;
  readonly #fetching = new Map<CopyId, Fetching>();
  /** Copies that are asked for now, by what they are of: asked for twice at once, a file would get two. */
  readonly #asked = new Map<string, Promise<Copy>>();
  /** Least recently used first. */
  readonly #copies = new Map<CopyId, Copy>();
  #loaded: Promise<void> | undefined;

  constructor(options: CopiesOptions) {
    this.#options = options;
  }

  /** Reads what earlier runs have left; a second call waits for the first. */
  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async #load(): Promise<void> {
    const { disk, folder, now } = this.#options;
    const found = [...(await loadCopies(disk, folder))].sort((one, other) => one.usedAt - other.usedAt);
    for (const { copy } of found) this.#copies.set(copy.id, copy);
    for (const { copy, usedAt } of found)
      if (!copy.editable && now() - usedAt > LONGEST_UNUSED_MS) await this.#remove(copy);
    // one whose phone forgot it while it was not edited is not worth keeping either, but a person may have it open
    if (this.editable().length > 0) this.#options.onChange();
  }

  /** Copies that can be edited. */
  editable(): readonly Copy[] {
    return [...this.#copies.values()].filter((copy) => copy.editable);
  }

  /** What is being fetched, as windows see it. */
  fetching(): readonly CopyView[] {
    return [...this.#fetching.values()].map(({ id, place, editable, state, fetched, size }) => ({
      id,
      place,
      name: baseNameOf(place.path),
      size,
      fetched,
      state,
      editable,
      changed: false,
    }));
  }

  /** Rejects with `missing` where there is no such copy. */
  get(id: CopyId): Copy {
    const copy = this.#copies.get(id);
    if (copy === undefined) throw fail('missing', 'copy', id);
    return copy;
  }

  /** A copy as programs are given it. Rejects with `missing` where there is none. */
  openable(id: CopyId): OpenableCopy {
    const { path, name } = this.get(id);
    return { id, path, name, isProgram: isProgram(name) || isProgram(path) };
  }

  /**
   * A copy of the file as the phone has it now: one that is here already, else fetched. One that was edited and not saved
   * back is answered as it is. Rejects as `fetchCopy` does.
   */
  async fetch(place: PhonePlace, editable: boolean): Promise<OpenableCopy> {
    await this.load();
    const key = JSON.stringify([editable, place.device, place.storage, place.path]);
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#start(place, editable).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    const copy = await asked;
    this.#copies.delete(copy.id);
    this.#copies.set(copy.id, copy);
    await noteUse(this.#options.disk, this.#options.folder, copy, this.#options.now());
    return this.openable(copy.id);
  }

  /** Ends the fetching of a copy: whoever waits for it gets `cancelled`. Nothing happens where it has ended. */
  stop(id: CopyId): void {
    this.#fetching.get(id)?.stop.abort();
  }

  async #start(place: PhonePlace, editable: boolean): Promise<Copy> {
    const kept = await this.#kept(place, editable);
    if (kept !== undefined) return kept;
    const { disk, folder, platform } = this.#options;
    const made = await makeCopyFolder(disk, folder);
    const wanted = localNameOf(baseNameOf(place.path), usualNames(platform));
    const path = join(made.folder, isOwnName(wanted) ? `${wanted}_` : wanted);
    const fetching: Fetching = {
      id: made.id,
      place,
      editable,
      stop: new AbortController(),
      state: 'fetching',
      fetched: 0,
      size: 0,
      result: Promise.reject(fail('internal', 'open', 'not begun')),
    };
    fetching.result.catch(() => undefined);
    fetching.result = this.#run(fetching, path);
    this.#fetching.set(made.id, fetching);
    this.#options.onChange();
    return fetching.result;
  }

  async #run(fetching: Fetching, path: string): Promise<Copy> {
    const { disk, folder, onChange } = this.#options;
    const { id, place, editable, stop } = fetching;
    try {
      const fetched = await fetchCopy(this.#options, place, path, stop.signal, (state, bytes, size) => {
        Object.assign(fetching, { state, fetched: bytes, size });
        onChange();
      });
      await disk.chmod(path, editable ? 0o600 : 0o400);
      const copy: Copy = { id, place, name: baseNameOf(place.path), editable, sentBy: undefined, ...fetched };
      await writeRecord(disk, folder, copy);
      this.#copies.set(id, copy);
      await this.#makeSpace(copy);
      return copy;
    } catch (error) {
      await this.#discardUnfinished(id, path);
      throw aboutFile(error, folder, baseNameOf(place.path));
    } finally {
      this.#fetching.delete(id);
      onChange();
    }
  }

  /** A copy that is the phone's file, byte for byte as far as size and date can tell, or holds edits of it. */
  async #kept(place: PhonePlace, editable: boolean): Promise<Copy | undefined> {
    const { disk, find } = this.#options;
    const present = this.#options.present(place.device);
    const copy = [...this.#copies.values()].findLast(
      (one) =>
        one.editable === editable &&
        one.place.device === place.device &&
        one.place.path === place.path &&
        isSameStorage(one.place.storage, place.storage, present),
    );
    if (copy === undefined) return undefined;
    const there = await lookAt(disk, copy.path);
    if (there === undefined) {
      await this.#remove(copy);
      return undefined;
    }
    const asWritten = there.isFile() && isAsWritten({ size: there.size, modified: modifiedOf(there) }, copy);
    if (editable && !asWritten) return copy;
    const { connection, object } = await find(place);
    // under another handle it was written anew
    const now = await statOrGone(connection, object.handle, undefined);
    if (asWritten && copy.modified !== undefined && now?.size === copy.size && now.modified === copy.modified)
      return copy;
    await this.#remove(copy);
    return undefined;
  }

  /** Replaces what is known of a copy, after it was saved back. */
  async update(copy: Copy): Promise<void> {
    await writeRecord(this.#options.disk, this.#options.folder, copy);
    if (this.#copies.has(copy.id)) this.#copies.set(copy.id, copy);
    this.#options.onChange();
  }

  /** Removes a copy if it still is the file of that size and date; answers whether it went. Never rejects. */
  async discard(copy: Copy, as: Copy['written']): Promise<boolean> {
    const { disk, folder, log } = this.#options;
    try {
      if (!(await removeCopy(disk, folder, copy, as))) return false;
    } catch (error) {
      log(`a copy stays: ${String(error)}`);
      return false;
    }
    this.#copies.delete(copy.id);
    this.#options.onChange();
    return true;
  }

  /** One that was changed since, by whatever means, stays. */
  #remove(copy: Copy): Promise<boolean> {
    return this.discard(copy, copy.written);
  }

  async #discardUnfinished(id: CopyId, path: string): Promise<void> {
    const { disk, folder } = this.#options;
    const there = await lookAt(disk, path).catch(() => undefined);
    const written = there === undefined ? { size: 0, modified: 0 } : { size: there.size, modified: modifiedOf(there) };
    await removeCopy(disk, folder, { id, path: path as LocalPath }, written).catch(() => undefined);
  }

  async #makeSpace(newest: Copy): Promise<void> {
    let bytes = this.bytes;
    for (const copy of [...this.#copies.values()]) {
      if (bytes <= (this.#options.limit ?? LIMIT)) return;
      if (copy.editable || copy.id === newest.id) continue;
      if (await this.#remove(copy)) bytes -= copy.size;
    }
  }

  /** Bytes of all copies that are only read. */
  get bytes(): number {
    return [...this.#copies.values()].reduce((sum, { editable, size }) => sum + (editable ? 0 : size), 0);
  }

  /** Removes all copies that are only read. */
  async clear(): Promise<void> {
    await this.load();
    for (const copy of [...this.#copies.values()]) if (!copy.editable) await this.#remove(copy);
  }

  /** Ends whatever is being fetched; resolves when nothing is any more. */
  async close(): Promise<void> {
    const running = [...this.#fetching.values()];
    for (const { stop } of running) stop.abort();
    await Promise.allSettled(running.map(({ result }) => result));
  }
}

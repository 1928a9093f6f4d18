import { ROOT, foldName, joinPhonePath, segmentsOf, type PhonePath, type PhonePlace } from '../../../shared/domain.ts';
import { fail, failRequest, isPhoneError, PhoneError, requestProblem } from '../../../shared/errors.ts';
import { isFigure } from '../../../shared/storages.ts';
import { isLegalPhoneName, legalPhoneName, type PhoneObject } from '../../mtp/index.ts';
import { objectReader } from './beginning-of-source.ts';
import type { Connection } from './device-connection.ts';
import { inMadeFolder } from './made-folders.ts';
import { destroyOnPhone, publishOnPhone } from './destroy-on-phone.ts';
import { lookAgain } from './look-again.ts';
import type { PhoneBrowser } from './phone-browser.ts';
import { sizeOfBranch, listBranch } from './phone-branch.ts';
import type { ListedFolder } from './listed-folder.ts';
import { copyOnPhone, moveOnPhone } from './move-on-phone.ts';
import { numberedOnPhone } from './temporary-name.ts';

/** What a person changes on the phone outside transfers: make, rename, move, copy; `phone-deletions.ts` deletes. */

const BROWSE = { priority: 'browse' } as const;

/** Whatever a person does to the phone's files by hand; each step looks at the phone again right before. */
export class PhoneChanges {
  readonly #browser: PhoneBrowser;

  constructor(browser: PhoneBrowser) {
    this.#browser = browser;
  }

  #legal(name: string, { storage }: Pick<ListedFolder, 'storage'>): void {
    if (!isLegalPhoneName(name, { strict: storage.removable }))
      throw fail('bad-name', 'name', '', { subject: name, fix: legalPhoneName(name) });
  }

  /** Rejects with `exists` and `bad-name`. */
  makeFolder(place: PhonePlace, name: string): Promise<void> {
    return this.#browser.asItIs(place.device, async () => {
      const connection = this.#browser.connection(place.device);
      const parent = await connection.tree.folder(place.storage, place.path, BROWSE);
      this.#legal(name, parent);
      await this.#requireFree(connection, parent, name);
      await connection.tree.makeFolder(parent, name, BROWSE);
      this.#browser.changed(place.device, parent.path);
    });
  }

  /** Rejects with `exists` where something has the name now: it may have gone since it was listed. */
  async #requireFree(connection: Connection, folder: ListedFolder, name: string): Promise<void> {
    if (folder.find(name) === undefined) return;
    if ((await lookAgain(connection, folder, name, undefined, BROWSE)) === undefined) return;
    throw fail('exists', 'make folder', '', { subject: name });
  }

  /** Also by case alone. Rejects with `exists` when another object has the name now, and with `bad-name`. */
  rename(place: PhonePlace, name: string): Promise<void> {
    return this.#browser.asItIs(place.device, () => this.#renameAt(place, name));
  }

  async #renameAt(place: PhonePlace, name: string): Promise<void> {
    const { connection, parent, object } = await this.#browser.find(place);
    this.#legal(name, parent);
    if (object.name === name) return;
    await this.#rename(connection, parent, object, name);
    if (object.kind === 'folder') {
      connection.tree.forget();
      const at = (its: string): PhonePlace => ({ ...place, path: joinPhonePath(parent.path, its) });
      this.#browser.moved(at(object.name), at(name));
    }
    this.#browser.changed(place.device, parent.path);
  }

  async #rename(connection: Connection, parent: ListedFolder, object: PhoneObject, name: string): Promise<void> {
    const give = async (from: PhoneObject, to: string): Promise<void> => {
      const answer = await publishOnPhone(connection, parent, from, to, { kind: 'nothing' }, BROWSE);
      if (answer !== 'done') throw fail('exists', 'rename', answer, { subject: to });
    };
    try {
      await give(object, name);
    } catch (error) {
      const isCaseAlone = foldName(object.name) === foldName(name);
      if (!isCaseAlone || !isPhoneError(error) || (error.kind !== 'exists' && error.kind !== 'refused')) throw error;
      // to a phone that compares without case the name is taken, by the object itself
      const step = freeName(parent, object.name);
      await give(object, step);
      try {
        await give({ ...object, name: step }, name);
      } catch (second) {
        await give({ ...object, name: step }, object.name);
        throw second;
      }
    }
  }

  /**
   * Moves or copies on the phone. Rejects with `bad-request` for a folder that would come into itself, whatever its
   * spelling, `exists` when the name is taken there now, `full` when another storage has no room for all of it, and `bad-name`
   * when it cannot hold the name.
   */
  async transfer(sources: readonly PhonePlace[], to: PhonePlace, how: 'move' | 'copy'): Promise<void> {
    for (const source of sources) {
      if (source.device !== to.device) throw failRequest(how, { id: 'same-phone' });
      await this.#browser.asItIs(to.device, () => this.#transferOne(source, to, how));
    }
  }

  async #transferOne(source: PhonePlace, to: PhonePlace, how: 'move' | 'copy'): Promise<void> {
    const { connection, parent, object } = await this.#browser.find(source);
    const { tree } = connection;
    const storage = tree.storage(to.storage);
    if (object.kind === 'folder' && storage.id === parent.storage.id && (await leadsThrough(connection, to, object)))
      throw failRequest(how, { id: 'into-itself' });
    const isFar = storage.id !== parent.storage.id;
    // before any folder is made for it
    if (isFar) this.#legal(object.name, { storage });
    const put = (target: ListedFolder): Promise<void> => this.#put(connection, { source, parent, object }, target, how);
    await inMadeFolder(connection, to, put, BROWSE, (above) => this.#browser.changed(to.device, above));
  }

  /** Rejects as `transfer` does. */
  async #put(
    connection: Connection,
    {
      source,
      parent,
      object,
    }: { readonly source: PhonePlace; readonly parent: ListedFolder; readonly object: PhoneObject },
    target: ListedFolder,
    how: 'move' | 'copy',
  ): Promise<void> {
    const { tree } = connection;
    const { storage } = target;
    const isFar = storage.id !== parent.storage.id;
    if (target.ref === parent.ref && storage.id === parent.storage.id && how === 'move') return;
    // nobody else gives that name between the look and what follows it
    await tree.alone(target, object.name, async () => {
      // room first: that may list a whole folder, and the look at the name holds up whoever else asks the phone
      if (isFar || how === 'copy') await this.#requireSpace(connection, source, object, target);
      // it may have grown since it was listed
      const isFarFile = isFar && how === 'move' && object.kind === 'file';
      const size = isFarFile ? await connection.phone.sizeOf(object.handle, BROWSE) : 0;
      let hasBegun = false;
      const onBegin = (): void => {
        hasBegun = true;
      };
      let isFree: boolean;
      try {
        isFree =
          how === 'move'
            ? await moveOnPhone(connection, object, parent, target, BROWSE, { size, onBegin })
            : await copyOnPhone(connection, object, target, BROWSE, onBegin);
      } catch (error) {
        if (!hasBegun || (!isFar && how === 'move')) throw error;
        throw await this.#afterBreak(connection, { object, parent, target, how }, error);
      } finally {
        tree.forget();
        this.#browser.changed(source.device, parent.path);
        this.#browser.changed(source.device, target.path);
      }
      if (!isFree) throw fail('exists', how, '', { subject: object.name });
      if (how === 'move' && object.kind === 'folder') {
        const at = (folder: ListedFolder): PhonePlace => ({
          device: source.device,
          storage: folder.storage.key,
          path: joinPhonePath(folder.path, object.name),
        });
        this.#browser.moved(at(parent), at(target));
      }
    });
  }

  /** To another storage, or copied, all of it is written again. */
  async #requireSpace(
    connection: Connection,
    source: PhonePlace,
    object: PhoneObject,
    target: ListedFolder,
  ): Promise<void> {
    const free = await connection.phone.freeSpace(target.storage.id, BROWSE);
    // 0 is what some cards always say; a full one refuses, and `#afterBreak` tidies up
    if (!isFigure(free)) return;
    const { bytes } = sizeOfBranch(await listBranch(connection, source.storage, source.path, object));
    if (bytes > free)
      throw fail('full', 'free space', `needs ${bytes} bytes, has ${free}`, {
        fix: String(bytes),
        subject: object.name,
      });
  }

  /** A move to another storage, or a copy, that broke off: a beginning of the file may lie there. Gives the error to reject with. */
  async #afterBreak(
    connection: Connection,
    {
      object,
      parent,
      target,
      how,
    }: {
      readonly object: PhoneObject;
      readonly parent: ListedFolder;
      readonly target: ListedFolder;
      readonly how: 'move' | 'copy';
    },
    error: unknown,
  ): Promise<unknown> {
    if (!connection.alive || !isPhoneError(error) || error.kind === 'unsupported') return error;
    try {
      const there = await lookAgain(connection, target, object.name, undefined, BROWSE);
      if (there === undefined) return await this.#wasItFull(connection, object, target, error);
      // moved all the same: what arrived is all that there is, and no beginning of anything else
      if (how === 'move') {
        const original = await lookAgain(connection, parent, object.name, undefined, BROWSE);
        if (original?.handle !== object.handle || there.handle === object.handle) return error;
      }
      const removed =
        object.kind === 'file' &&
        (await destroyOnPhone(
          connection,
          { storage: target.storage.key, folder: target.path, name: there.name, handle: there.handle },
          { kind: 'beginning-of', source: objectReader(connection, object, BROWSE) },
          BROWSE,
        )) === 'done';
      if (removed) return await this.#wasItFull(connection, object, target, error);
      return new PhoneError(
        requestProblem(
          how,
          {
            id: how === 'move' ? 'moved-partly' : 'copied-partly',
            with: { name: object.name, folder: target.path, storage: target.storage.description },
          },
          { id: 'compare-and-delete' },
        ),
        { cause: error },
      );
    } catch {
      return error;
    }
  }

  /** AOSP says GeneralError to a move or copy that filled the storage. */
  async #wasItFull(
    connection: Connection,
    object: PhoneObject,
    target: ListedFolder,
    error: unknown,
  ): Promise<unknown> {
    const free = await connection.phone.freeSpace(target.storage.id, BROWSE);
    if (!isPhoneError(error)) return error;
    const { kind, operation, detail } = error.problem;
    // `exists` was the piece that lay there: a moment before nothing did
    if (kind !== 'refused' && kind !== 'exists') return error;
    const { name, size } = object;
    return free < size
      ? fail('full', operation, `${detail}, ${free} bytes free`, { subject: name, fix: String(size) }, error)
      : fail('refused', operation, detail, { subject: name }, error);
  }
}

/**
 * A name on the way to another one. If the phone goes in between it stays, so it is one that a person can do something
 * with, and no temporary one, which nothing shows or copies. `publishOnPhone` looks whether it is still free.
 */
function freeName(folder: ListedFolder, name: string): string {
  for (let number = 2; ; number += 1) {
    const free = numberedOnPhone(name, number);
    if (folder.find(free) === undefined) return free;
  }
}

/** Whether the way to a place, however it is spelled, leads through this folder or ends at it. */
async function leadsThrough({ tree }: Connection, to: PhonePlace, folder: PhoneObject): Promise<boolean> {
  let at: PhonePath = ROOT;
  for (const segment of segmentsOf(to.path)) {
    const found = (await tree.folder(to.storage, at, BROWSE)).find(segment);
    if (found === undefined || found.kind !== 'folder') return false;
    if (found.handle === folder.handle) return true;
    at = joinPhonePath(at, found.name);
  }
  return false;
}

import { baseNameOf, isInside, joinPhonePath, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, failRequest, isPhoneError } from '../../../shared/errors.ts';
import { isLegalPhoneName, legalPhoneName, type PhoneObject } from '../../mtp/index.ts';
import type { EngineContext } from '../context.ts';
import { lookAgain } from '../devices/look-again.ts';
import { destroyOnPhone, publishOnPhone } from '../devices/destroy-on-phone.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { PhoneChanges } from '../devices/phone-changes.ts';
import { PhoneDeletions } from '../devices/phone-deletions.ts';
import type { ObjectPlace, PhoneEvidence } from '../devices/phone-evidence.ts';
import { temporaryName } from '../devices/temporary-name.ts';
import type { Reading } from '../reading/reading.ts';
import { expectationOf, requireWritable, type NewFile, type NewFilePlan } from './new-file.ts';
import { requireSame, type LookedAt } from './same-files.ts';

/** Moves and copies that another program asks for: within a storage by the phone itself, else through this computer. */

const BROWSE = { priority: 'browse' } as const;
const BULK = { priority: 'bulk' } as const;

/** Changes places of files on phones. */
export class Rearrangement {
  readonly #context: EngineContext;
  readonly #browser: PhoneBrowser;
  readonly #reading: Reading;
  readonly #changes: PhoneChanges;
  readonly #deletions: PhoneDeletions;
  readonly #write: (place: PhonePlace, plan: NewFilePlan) => Promise<NewFile>;

  constructor(parts: {
    readonly context: EngineContext;
    readonly browser: PhoneBrowser;
    readonly reading: Reading;
    readonly write: (place: PhonePlace, plan: NewFilePlan) => Promise<NewFile>;
  }) {
    this.#context = parts.context;
    this.#browser = parts.browser;
    this.#reading = parts.reading;
    this.#changes = new PhoneChanges(parts.browser);
    this.#deletions = new PhoneDeletions(parts.browser);
    this.#write = parts.write;
  }

  /** Deletes a file, or a folder with all in it, as it is now. Rejects as `PhoneDeletions.delete`. */
  async remove(place: PhonePlace): Promise<void> {
    await this.#deletions.delete([place]);
  }

  /**
   * Moves what is at `from` to `to`. A file there is replaced in the end, a folder is deleted first. Rejects with `missing`,
   * `bad-name`, `bad-request` for a folder into itself, `exists` where something came there meanwhile.
   */
  async move(from: PhonePlace, to: PhonePlace): Promise<void> {
    const source = await this.#browser.find(from);
    const { connection, object } = source;
    this.#refuseIntoItself(from, to, object);
    const target = await this.#target(connection, to);
    const isNear = from.device === to.device && source.parent.storage.id === target.folder.storage.id;
    const isHere = isNear && source.parent.ref === target.folder.ref;
    if (!isNear || (!isHere && !connection.phone.capabilities.move)) {
      await this.#moveFar(from, to);
      return;
    }
    if (target.there !== undefined && target.there.handle !== object.handle)
      await this.#makeWay(target.there, object, to);
    const expected = expectationOf(target.there?.kind === 'file' ? target.there : undefined);
    try {
      const name = baseNameOf(to.path);
      if (isHere) await this.#rename(connection, source.parent, object, name, expected);
      else await this.#moveAcross(connection, source.parent, target.folder, { object, name, expected });
    } finally {
      connection.tree.forget();
      this.#browser.changed(from.device, source.parent.path);
      this.#browser.changed(to.device, target.folder.path);
    }
  }

  /**
   * By copies. Each original goes once its copy equals it byte for byte, and only if it still is what was compared; a
   * folder goes when it is empty. Rejects with `source-changed` where something changed or came into it meanwhile: that
   * stays, and so does what was not moved yet.
   */
  async #moveFar(from: PhonePlace, to: PhonePlace): Promise<void> {
    const { object, parent } = await this.#browser.find(from);
    const where = { storage: parent.storage.key, folder: parent.path, name: object.name };
    if (object.kind === 'file') {
      await this.copy(from, to);
      const original = await this.#now(from);
      await requireSame(original, await this.#now(to), BULK);
      const { handle, size, modified } = original.object;
      await this.#destroy(
        from,
        original.connection,
        { ...where, handle },
        {
          kind: 'as-seen',
          size,
          modified,
          content: 'compared',
        },
      );
      return;
    }
    await this.copy(from, to, true);
    for (const child of await this.#children(from))
      await this.#moveFar(
        { ...from, path: joinPhonePath(from.path, child) },
        { ...to, path: joinPhonePath(to.path, child) },
      );
    const emptied = await this.#now(from);
    if ((await this.#children(from)).length > 0)
      throw fail('source-changed', 'move', 'something came into it', { subject: object.name });
    const { handle } = emptied.object;
    await this.#destroy(from, emptied.connection, { ...where, handle }, { kind: 'chosen', object: emptied.object });
  }

  /** Names in a folder, listed anew. */
  async #children({ device, storage, path }: PhonePlace): Promise<readonly string[]> {
    const { tree } = this.#browser.connection(device);
    const { objects } = await tree.folder(storage, path, { ...BROWSE, fresh: true });
    return [...objects].map(({ name }) => name);
  }

  async #now(place: PhonePlace): Promise<LookedAt> {
    const { connection, object } = await this.#browser.find(place);
    return { connection, object: { ...(await connection.phone.stat(object.handle, BROWSE)), name: object.name } };
  }

  async #destroy(
    place: PhonePlace,
    connection: Connection,
    where: ObjectPlace,
    evidence: PhoneEvidence,
  ): Promise<void> {
    const answer = await destroyOnPhone(connection, where, evidence, BROWSE);
    this.#browser.changed(place.device, where.folder);
    if (answer !== 'done' && answer !== 'gone')
      throw fail('source-changed', 'move', `not deleted: ${answer}`, { subject: where.name });
  }

  /** Copies what is at `from` to `to`, a folder with all in it unless `shallow`. Otherwise as `move`. */
  async copy(from: PhonePlace, to: PhonePlace, shallow = false): Promise<void> {
    const { connection, object, parent } = await this.#browser.find(from);
    this.#refuseIntoItself(from, to, object);
    const target = await this.#target(this.#browser.connection(to.device), to);
    if (target.there !== undefined) await this.#makeWay(target.there, object, to);
    const isFree = target.there === undefined || target.there.kind === 'folder' || object.kind === 'folder';
    if (isFree && !shallow && (await this.#copiedByPhone(connection, from, to, object))) return;
    if (object.kind === 'file') return this.#copyFile(from, to, object);
    const folder = await this.#context.registry
      .connection(to.device)
      ?.tree.makeFolder(target.folder, baseNameOf(to.path), BROWSE);
    if (folder === undefined) throw fail('disconnected', 'copy');
    this.#browser.changed(to.device, target.folder.path);
    if (shallow) return;
    const inside = await connection.tree.folder(from.storage, joinPhonePath(parent.path, object.name), BROWSE);
    for (const child of [...inside.objects])
      await this.copy(
        { ...from, path: joinPhonePath(from.path, child.name) },
        { ...to, path: joinPhonePath(to.path, child.name) },
      );
  }

  /** Whether the phone has copied it by itself: within a storage, under the same name; a copy has no other one. */
  async #copiedByPhone(
    connection: Connection,
    from: PhonePlace,
    to: PhonePlace,
    object: PhoneObject,
  ): Promise<boolean> {
    const isNear = from.device === to.device && from.storage === to.storage && connection.phone.capabilities.copy;
    if (!isNear || object.name !== baseNameOf(to.path) || parentOf(from.path) === parentOf(to.path)) return false;
    try {
      await this.#changes.transfer([from], { ...to, path: parentOf(to.path) }, 'copy');
      return true;
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'unsupported') return false;
      throw error;
    }
  }

  /** Through this computer, under a temporary name. */
  async #copyFile(from: PhonePlace, to: PhonePlace, object: PhoneObject): Promise<void> {
    const file = await this.#reading.openFile(from, { priority: 'bulk' });
    try {
      const copy = await this.#write(to, { size: file.size, modified: object.modified });
      try {
        for await (const piece of file.stream(0, file.size)) await copy.write(piece);
        await copy.finish();
      } finally {
        await copy.abandon();
      }
    } finally {
      file.close();
    }
  }

  #refuseIntoItself(from: PhonePlace, to: PhonePlace, object: PhoneObject): void {
    if (from.device !== to.device || from.storage !== to.storage) return;
    if (from.path === to.path || (object.kind === 'folder' && isInside(to.path, from.path)))
      throw failRequest('move', { id: 'into-itself' });
  }

  async #target(
    connection: Connection,
    to: PhonePlace,
  ): Promise<{ readonly folder: ListedFolder; readonly there: PhoneObject | undefined }> {
    const folder = await connection.tree.folder(to.storage, parentOf(to.path), BROWSE);
    requireWritable(connection, folder);
    const name = baseNameOf(to.path);
    if (!isLegalPhoneName(name, { strict: folder.storage.removable }))
      throw fail('bad-name', 'move', '', { subject: name, fix: legalPhoneName(name) });
    return { folder, there: await lookAgain(connection, folder, name, undefined, BROWSE) };
  }

  /** A file is replaced by a file in the end; whatever else is in the way goes first. */
  async #makeWay(there: PhoneObject, object: PhoneObject, to: PhonePlace): Promise<void> {
    if (there.kind === 'folder' || object.kind === 'folder') await this.remove(to);
  }

  async #rename(
    connection: Connection,
    folder: ListedFolder,
    object: PhoneObject,
    name: string,
    expected: ReturnType<typeof expectationOf>,
  ): Promise<void> {
    const answer = await publishOnPhone(connection, folder, object, name, expected, BROWSE);
    if (answer !== 'done') throw fail('exists', 'move', answer, { subject: name });
  }

  /** Under a temporary name, where another name is in the way of the move itself. */
  async #moveAcross(
    connection: Connection,
    from: ListedFolder,
    to: ListedFolder,
    what: { readonly object: PhoneObject; readonly name: string; readonly expected: ReturnType<typeof expectationOf> },
  ): Promise<void> {
    const { phone, tree } = connection;
    const { name, expected } = what;
    let { object } = what;
    const nothing = { kind: 'nothing' } as const;
    if (object.name !== name || to.find(object.name) !== undefined) {
      const step = temporaryName(name, this.#context.unique());
      await this.#rename(connection, from, object, step, nothing);
      object = { ...object, name: step };
    }
    try {
      await phone.move(object.handle, to.storage.id, to.ref, BROWSE);
    } catch (error) {
      if (object.name !== what.object.name)
        await this.#rename(connection, from, object, what.object.name, nothing).catch(() => undefined);
      throw error;
    }
    from.remove(object.name);
    if (object.name === name) return;
    tree.forget(to.storage.key, to.path);
    const folder = await tree.folder(to.storage.key, to.path, BROWSE);
    const moved = folder.exactly(object.name);
    if (moved === undefined) throw fail('missing', 'move', 'it is not where it was moved', { subject: name });
    await this.#rename(connection, folder, moved, name, expected);
  }
}

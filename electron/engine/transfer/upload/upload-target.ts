import { baseNameOf, parentOf, type Instant } from '../../../../shared/domain.ts';
import { fail } from '../../../../shared/errors.ts';
import { isLegalPhoneName, legalPhoneName, type ObjectHandle, type PhoneObject } from '../../../mtp/index.ts';
import type { SourceReader } from '../../devices/beginning-of-source.ts';
import { destroyOnPhone, type PhoneDestruction } from '../../devices/destroy-on-phone.ts';
import type { PhoneEvidence } from '../../devices/phone-evidence.ts';
import type { ListedFolder } from '../../devices/listed-folder.ts';
import { bringUpToDateSince, lookAgain } from '../../devices/look-again.ts';
import { isTemporaryName, temporaryName } from '../../devices/temporary-name.ts';
import type { Input } from '../../model/item-state.ts';
import type { ItemRow } from '../../model/transfer-store.ts';
import { proofOf } from '../fingerprint.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { isBeforeInAnyZone } from '../time-zone.ts';
import { legalNameFor, makeFoldersFor } from '../refused-name.ts';

const CLAIM_WAIT_MS = 250;
/** Nothing has been made yet of what is refused there. */
const ABOUT_TO_SEND = 'SendObjectInfo';

/** What an upload has on the phone: its folder, the name it is to have there, and the object it makes. */
export class UploadTarget {
  readonly #context: ItemTransferContext;
  #folder: ListedFolder | undefined;
  #object: PhoneObject | undefined;
  #isCompared = false;
  #editing: ObjectHandle | undefined;
  /** The name this item holds in its folder while it is made. */
  #claimed: string | undefined;

  constructor(context: ItemTransferContext) {
    this.#context = context;
  }

  /** The name the copy is to have. */
  get name(): string {
    const { row } = this.#context.run;
    return row.savedAs ?? baseNameOf(row.phone);
  }
  get folder(): ListedFolder {
    if (this.#folder === undefined) throw fail('internal', 'upload', 'not prepared');
    return this.#folder;
  }
  /** The object this item makes, once it is made or found again. */
  get object(): PhoneObject | undefined {
    return this.#object;
  }
  get made(): PhoneObject {
    if (this.#object === undefined) throw fail('internal', 'upload', 'no object');
    return this.#object;
  }

  /**
   * Settles the name, makes the folder and takes the name in it. Answers what the item has to wait for or to ask.
   * Rejects with `read-only`, `bad-name`, and as making folders does.
   */
  async open(): Promise<Input | undefined> {
    const { connection, run } = this.#context;
    const storage = connection.tree.storage(run.row.storage);
    if (storage.readOnly) throw fail('read-only', 'upload', '', { subject: storage.description });
    const asked = this.#legalName(storage.removable);
    if (asked !== undefined) return asked;
    const planned = run.row.phone;
    const { folder } = await makeFoldersFor(this.#context, parentOf(planned));
    // a folder on the way had to take another name: it begins again there
    if (run.row.phone !== planned) return this.#waitFor(0);
    await bringUpToDateSince(this.#context.begun, connection, folder);
    this.#folder = folder;
    // two items of one name in one folder (differing in case, say): the second looks when the first is through
    if (this.#claimed !== undefined || this.claim(this.name)) return undefined;
    return this.#waitFor(CLAIM_WAIT_MS);
  }

  #waitFor(ms: number): Input {
    const at = this.#context.now();
    return { kind: 'waitFor', for: { kind: 'time', until: at + ms }, at };
  }

  #legalName(strict: boolean): Input | undefined {
    const { run } = this.#context;
    const { row, transfer } = run;
    if (isLegalPhoneName(this.name, { strict })) return undefined;
    const other = legalNameFor(this.name, row, transfer);
    switch (other.kind) {
      case 'use':
        run.update({ savedAs: other.legal });
        return undefined;
      case 'ask':
        return { kind: 'asked', question: { kind: 'name', name: this.name, legal: other.legal } };
      case 'none':
        throw fail('bad-name', 'upload', '', { subject: this.name, fix: legalPhoneName(this.name) });
    }
  }

  /** Takes a name in the folder, in place of the one held; false when another item has it. */
  claim(name: string): boolean {
    if (!this.folder.claim(name)) return false;
    if (this.#claimed !== undefined) this.folder.release(this.#claimed);
    this.#claimed = name;
    return true;
  }

  /** An object that an earlier run of this item has made; `isCompared`: every byte of it was just seen to be the source's. */
  found(object: PhoneObject, isCompared = false): void {
    this.#object = object;
    this.#isCompared = isCompared;
  }
  get isCompared(): boolean {
    return this.#isCompared;
  }

  /** The phone has created an object under `name` and answered with its handle. */
  created(name: string, handle: ObjectHandle, size: number): void {
    const { connection, run } = this.#context;
    connection.tree.own(handle, run.transfer.id);
    this.#isCompared = false;
    this.#object = {
      handle,
      name,
      kind: 'file',
      size,
      modified: dateOnPhone(run.row),
      parent: this.folder.ref,
      format: 0x3000,
    };
    this.folder.remove(name);
    this.folder.add(this.#object);
  }

  /**
   * The name under which a whole object is created: a large file, and one that replaces another, has a temporary one
   * where the phone can rename it afterwards. Rejects with `exists` where something has come under its name since the
   * conflict was decided, with `unsupported` where nothing can be replaced.
   */
  async nameToCreate(): Promise<string> {
    const { connection, run, wholeBelow } = this.#context;
    const { tree } = connection;
    const { path, storage } = this.folder;
    // an event that somebody has changed something has dropped the listing that the decision rests upon
    if (tree.kept(storage.key, path) !== this.#folder) this.#folder = await tree.folder(storage.key, path);
    const isTaken = this.folder.find(this.name) !== undefined;
    if (isTaken && run.row.expectation?.kind !== 'file')
      throw fail('exists', 'upload', 'another file has appeared', { subject: this.name });
    if (connection.phone.capabilities.rename)
      return isTaken || run.row.size > wholeBelow ? this.newTemporary() : this.name;
    // cameras: nothing of the user's is deleted before its replacement is whole, so it cannot be replaced here
    if (isTaken)
      throw fail('unsupported', 'replace', 'the phone cannot rename', {
        subject: this.name,
        fault: { id: 'cannot-replace', with: { name: this.name } },
        advice: { id: 'delete-or-rename' },
      });
    return this.name;
  }
  /**
   * Creates an object under what `nameToCreate` has answered. Its own name is given to it alone among all that give it: others
   * move and rename files meanwhile, and some phones write over what has the name. Rejects with `exists` where something has
   * it by now, and as `send` does.
   */
  async create<T>(name: string, send: () => Promise<T>): Promise<T> {
    if (name !== this.name) return send();
    const { connection } = this.#context;
    const { tree } = connection;
    return tree.alone(this.folder, name, async (hasWaited) => {
      const { path, storage } = this.folder;
      if (tree.kept(storage.key, path) !== this.#folder) this.#folder = await tree.folder(storage.key, path);
      // not every phone tells what an app makes, and what came while a folder was listed is not in the list
      const isOld = tree.time - this.folder.lookedAt > holdsFor(this.folder);
      const there = hasWaited || isOld ? await lookAgain(connection, this.folder, name) : this.folder.find(name);
      if (there !== undefined) throw fail('exists', ABOUT_TO_SEND, 'another file has appeared', { subject: name });
      return send();
    });
  }
  newTemporary(): string {
    return temporaryName(this.name, this.#context.unique());
  }

  /** Opens an edit of `object` for writing; nothing happens where it is open. Rejects as `Phone.beginEdit` does. */
  async beginEdit(object: PhoneObject): Promise<void> {
    if (this.#editing === object.handle) return;
    await this.#context.connection.phone.beginEdit(object.handle);
    this.#editing = object.handle;
  }
  async endEdit(): Promise<void> {
    const handle = this.#editing;
    if (handle === undefined) return;
    this.#editing = undefined;
    const { connection } = this.#context;
    if (connection.alive) await connection.phone.endEdit(handle);
  }

  /**
   * Removes what this item has made, if that is proved; what is not stays, and is a file like any other from then on.
   * Answers what became of it, or nothing where it had made nothing. `source`: what was sent; where the copy has changed
   * and is a beginning of it, or holds it but for a few bytes, it goes too.
   */
  async discard(source?: SourceReader): Promise<PhoneDestruction | undefined> {
    const { connection, run } = this.#context;
    const { row } = run;
    const { temporary } = row;
    const mine = this.#object;
    this.#object = undefined;
    if (temporary === undefined || row.creation === 'none') return undefined;
    await this.endEdit();
    const handle = mine?.name === temporary ? mine.handle : undefined;
    const evidence = this.#evidence(temporary, mine);
    const folder = parentOf(row.phone);
    const place = { storage: row.storage, folder, name: temporary, handle };
    const discarded = await destroyOnPhone(connection, place, evidence);
    if (discarded !== 'changed' || source === undefined) return discarded;
    const begun = await destroyOnPhone(connection, place, { kind: 'beginning-of', source });
    if (begun !== 'changed' || evidence.kind !== 'made' || mine === undefined) return begun;
    const { size, modified } = mine;
    return destroyOnPhone(connection, place, { kind: 'damaged-copy', source, size, modified });
  }

  #evidence(temporary: string, mine: PhoneObject | undefined): PhoneEvidence {
    if (isTemporaryName(temporary) && temporary !== this.name) return { kind: 'temporary' };
    const { connection, run } = this.#context;
    // made on another connection: whose it is nothing proves but what a phone that was cut off took for content
    if (mine?.name !== temporary) return { kind: 'taken-for-content', announced: run.row.size };
    const content = proofOf(connection.phone, { sha256: run.row.sha256 });
    // whoever writes to it gives it the phone's time, which may be the date of a new source: then its content has to tell
    const isTold = isBeforeInAnyZone(mine.modified, run.transfer.createdAt);
    return { kind: 'made', size: mine.size, modified: isTold ? mine.modified : undefined, content };
  }

  /** Lets go of the edit and the name. Never rejects. */
  async release(): Promise<void> {
    await this.endEdit().catch(() => undefined);
    if (this.#claimed !== undefined) this.#folder?.release(this.#claimed);
    this.#claimed = undefined;
  }
}

/**
 * How long a listing is believed that a name is free, milliseconds. Small files arrive thirty a second, and to look again takes
 * a phone the longer the more it lists: that is to stay a small part of it.
 */
const holdsFor = ({ size }: ListedFolder): number => HOLDS_MS + size / OBJECTS_PER_MS;
const HOLDS_MS = 250;
/** So many objects in the folder make it a millisecond longer. */
const OBJECTS_PER_MS = 20;

/** The date that the phone will tell: whole seconds of a whole object's; an edit leaves its own time, which nobody knows. */
export const dateOnPhone = ({ mode, modified }: Pick<ItemRow, 'mode' | 'modified'>): Instant | undefined =>
  mode !== 'whole' || modified === undefined ? undefined : Math.floor(modified / 1000) * 1000;

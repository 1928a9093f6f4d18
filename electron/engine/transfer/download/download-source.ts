import { baseNameOf, parentOf } from '../../../../shared/domain.ts';
import { fail, isPhoneError, PhoneError } from '../../../../shared/errors.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import { destroyOnPhone } from '../../devices/destroy-on-phone.ts';
import { originalMissing } from '../delete-source.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { maybeSameDate } from '../time-zone.ts';

/** What a phone says of 4 GiB and more where it has 32 bits for it; also the size of FAT’s largest file. */
const SIZE_UNKNOWN = 0xffff_ffff;

/** The phone's file that is being fetched: what it is now, and at the end whether it still is that. */
export class DownloadSource {
  readonly #context: ItemTransferContext;
  #object: PhoneObject | undefined;
  #changesBefore: number | undefined;
  /** What the phone had said of it when it was found. */
  #changesAtFirst = 0;

  constructor(context: ItemTransferContext) {
    this.#context = context;
  }

  get #path(): string {
    return this.#context.run.row.phone;
  }

  /** As last looked at; its size is what the phone announces, which need not be what comes. */
  get object(): PhoneObject {
    if (this.#object === undefined) throw fail('internal', 'download', 'not prepared');
    return this.#object;
  }

  /**
   * Finds the file. A listed size is a hint: where it says nothing (0, or 4 GiB − 1, which stands for "unknown" as well)
   * and after a failed attempt the phone is asked for this one file. Rejects with `missing`, and with `unsupported`
   * where the phone cannot say how large the file is: what cannot be counted would be cut off and called whole.
   */
  async open(): Promise<PhoneObject> {
    const { connection, run } = this.#context;
    const { row } = run;
    const listed = (await connection.tree.folder(row.storage, parentOf(row.phone))).find(baseNameOf(row.phone));
    if (listed?.kind !== 'file') throw fail('missing', 'download', '', { subject: row.phone });
    let object = listed;
    if (listed.size === 0 || row.attempts > 0) object = await this.#now(listed);
    if (object.size === SIZE_UNKNOWN) object = { ...object, size: await this.#longSize(object) };
    this.#object = object;
    this.#changesAtFirst = connection.tree.changesOf(object.handle);
    return object;
  }

  /** Looks at it again, and takes what the phone announces now for what is being fetched. */
  async lookAgain(): Promise<PhoneObject> {
    this.#object = await this.#now(this.object);
    return this.#object;
  }

  /**
   * Rejects with `source-changed` where the phone announces another size or date than it did: what was read then may mix
   * two versions. A date that shifted with the phone's time zone is no change in itself (see `isDoubted`), one that is not
   * told decides nothing.
   */
  async requireUnchanged(): Promise<void> {
    const before = this.object;
    const now = await this.#now(before);
    if (now.size === before.size && maybeSameDate(now.modified, before.modified)) {
      this.#object = { ...before, modified: now.modified };
      return;
    }
    throw this.changed(`was ${before.size} bytes of ${before.modified}, is ${now.size} of ${now.modified}`);
  }

  /**
   * Whether it may have been written over, at its size, since it was planned: its date is another one, if only by whole
   * quarter hours as after a journey, or the phone has said that it changed. Then only its bytes tell.
   */
  get isDoubted(): boolean {
    const { handle, modified } = this.object;
    const { connection, run } = this.#context;
    const isShifted = modified !== undefined && run.row.modified !== undefined && modified !== run.row.modified;
    return isShifted || connection.tree.changesOf(handle) !== this.#changesAtFirst;
  }

  /** All of it is read a second time from now on: what the phone says of it meanwhile counts when it is to be deleted. */
  beginProof(): void {
    this.#changesBefore = this.#context.connection.tree.changesOf(this.object.handle);
  }

  changed(detail: string): PhoneError {
    const { connection, run } = this.#context;
    // what was listed of it is no longer so
    connection.tree.forget(run.row.storage, parentOf(run.row.phone));
    return fail('source-changed', 'download', detail, { subject: this.#path });
  }

  /**
   * Deletes it, if it still is what was copied: size and date are looked at once more, and the phone must not have said
   * that it changed since `beginProof`. Rejects with `source-changed` where it is not, or has another name or place by now;
   * then it stays. Rejects with `bad-request` where it is not there: whoever took it away may have it elsewhere. `underWay` as
   * of `ItemTransfer.deleteOriginal`.
   */
  async delete(underWay: (isUnderWay: boolean) => void): Promise<void> {
    const { connection, run } = this.#context;
    const { storage, phone } = run.row;
    const { handle, name, size, modified, parent } = this.object;
    if (connection.tree.changesOf(handle) !== this.#changesBefore)
      throw this.changed('the phone says that it was written to while it was compared');
    const target = { storage, folder: parentOf(phone), name, handle };
    const evidence = { kind: 'as-seen', size, modified, parent, content: 'compared' } as const;
    const answer = await destroyOnPhone(connection, target, evidence, { onDelete: () => underWay(true) });
    underWay(false);
    if (answer === 'gone') throw new PhoneError(originalMissing(phone));
    if (answer !== 'done') throw this.changed(`not deleted: ${answer}`);
  }

  async #now(listed: PhoneObject): Promise<PhoneObject> {
    const now = await this.#context.connection.phone.stat(listed.handle);
    const size = now.size === SIZE_UNKNOWN ? await this.#longSize(now) : now.size;
    // a date from a listing is kept where ObjectInfo has none
    return { ...now, size, name: listed.name, modified: now.modified ?? listed.modified };
  }

  /** The 64-bit size (object property DC04) decides: 4 GiB − 1 is FAT's largest file and is told by it exactly. */
  async #longSize({ handle }: PhoneObject): Promise<number> {
    try {
      return await this.#context.connection.phone.sizeOf(handle);
    } catch (error) {
      if (!isPhoneError(error) || error.kind !== 'unsupported') throw error;
      throw fail(
        'unsupported',
        'download',
        'the phone does not say how large the file is',
        { subject: this.#path },
        error,
      );
    }
  }
}

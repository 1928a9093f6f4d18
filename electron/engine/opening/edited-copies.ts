import { baseNameOf, joinPhonePath, parentOf, type Instant, type TransferId } from '../../../shared/domain.ts';
import { fail, failRequest } from '../../../shared/errors.ts';
import type { CopyId, CopyView } from '../../../shared/opening.ts';
import type { ItemsRequest } from '../api.ts';
import type { Disk } from '../local/disk.ts';
import { lookAt, modifiedOf } from '../local/local-files.ts';
import { OneAtATime } from '../model/one-at-a-time.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';
import { SAME_TIME_MS } from '../transfer/conflict-rule.ts';
import { CONTENT_SALT, digestFile, fingerprintFile } from '../transfer/fingerprint.ts';
import { isAsWritten, type Copy } from './copy-folder.ts';
import type { Copies } from './copies.ts';
import type { FetchParts } from './fetch-copy.ts';

/** What saving back needs of the engine. */
export interface EditedCopiesOptions extends Pick<FetchParts, 'find'> {
  readonly disk: Disk;
  readonly copies: Copies;
  readonly enqueue: (request: ItemsRequest) => Promise<TransferId>;
  readonly transfer: (id: TransferId) => TransferRow | undefined;
  /** The newest transfer of this origin. */
  readonly newestFrom: (origin: string) => TransferId | undefined;
  /** The only item of such a transfer. */
  readonly item: (id: TransferId) => ItemRow | undefined;
  /** Runs what may fail, and logs it if it does. */
  readonly guard: (what: string, work: () => Promise<void>) => void;
  readonly onChange: () => void;
}

/** How often copies that can be edited are looked at: what a program saves shows within this time. */
const LOOK_MS = 1_000;

interface Seen {
  readonly size: number;
  readonly modified: Instant;
}

/**
 * Copies that can be edited: notices when a program has saved one, and sends it back to the phone as an ordinary transfer,
 * which replaces the file only once the new one is complete, compared byte by byte, and the old one still what was copied.
 */
export class EditedCopies {
  readonly #options: EditedCopiesOptions;
  /** What lay there at the last look; nothing where no file does. */
  readonly #seen = new Map<CopyId, Seen>();
  /** What is done with a copy goes one after the other. */
  readonly #turns = new OneAtATime<CopyId>();
  /** Saves that were asked for and are not answered yet. */
  readonly #asked = new Map<CopyId, Promise<TransferId>>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking = false;
  #closed = false;

  constructor(options: EditedCopiesOptions) {
    this.#options = options;
  }

  /**
   * Looks for saves that an earlier run queued and was killed before it could note them. What became of a save can be noted
   * any number of times: all of it comes from the transfer itself. Rejects where the disk refuses.
   */
  async takeUp(): Promise<void> {
    const { copies, newestFrom } = this.#options;
    for (const copy of copies.editable()) {
      const sentBy = copy.sentBy ?? newestFrom(originOf(copy.id));
      if (sentBy !== copy.sentBy) await copies.update({ ...copy, sentBy });
    }
  }

  /** Begins to look, where there is anything to look at; to be called again when there may be. */
  watch(): void {
    if (this.#closed || this.#timer !== undefined || this.#options.copies.editable().length === 0) return;
    this.#timer = setInterval(() => {
      this.#options.guard('edited copies', () => this.look());
    }, LOOK_MS);
    this.#timer.unref();
    this.#options.guard('edited copies', () => this.look());
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks at each copy once; tells where something is different from the last time. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      let different = false;
      const copies = this.#options.copies.editable();
      for (const { id } of copies) if (await this.#turns.run(id, () => this.#lookAt(id))) different = true;
      if (copies.length === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
      if (different && !this.#closed) this.#options.onChange();
    } finally {
      this.#looking = false;
    }
  }

  #editable(id: CopyId): Copy | undefined {
    return this.#options.copies.editable().find((one) => one.id === id);
  }

  /** Answers whether it is another file than at the last look. */
  async #lookAt(id: CopyId): Promise<boolean> {
    await this.#noteSent(id);
    // it may have been given up since
    const copy = this.#editable(id);
    if (copy === undefined) return false;
    const there = await lookAt(this.#options.disk, copy.path).catch(() => undefined);
    // a program that saves may have moved it away for a moment
    if (there?.isFile() !== true) return this.#seen.delete(id);
    const before = this.#seen.get(id);
    const now = { size: there.size, modified: modifiedOf(there) };
    this.#seen.set(id, now);
    if (copy.again === true && copy.sentBy === undefined) await this.#saveAgain(copy, now);
    return before?.size !== now.size || before.modified !== now.modified;
  }

  /** As windows see them. */
  views(): readonly CopyView[] {
    return this.#options.copies.editable().map((copy) => ({
      id: copy.id,
      place: copy.place,
      name: copy.name,
      size: this.#seen.get(copy.id)?.size ?? copy.size,
      fetched: copy.size,
      state: 'ready',
      editable: true,
      changed: this.#isChanged(copy),
    }));
  }

  #isChanged(copy: Copy): boolean {
    const seen = this.#seen.get(copy.id);
    return copy.sentBy === undefined && seen !== undefined && !isAsWritten(seen, copy);
  }

  /**
   * Queues the transfer that saves a copy back over the file it was made from, and answers it. Where the phone has another
   * file by then, a person is asked. Saves of one copy follow one another: while one is under way, or asked for, it is answered,
   * and what it does not send of the copy is saved after it. Rejects with `missing`, and `bad-request` where there is nothing to save.
   */
  async saveBack(id: CopyId): Promise<TransferId> {
    const before = this.#asked.get(id);
    const asked = this.#turns.run(id, () => this.#saveBack(id, before));
    this.#asked.set(id, asked);
    try {
      return await asked;
    } finally {
      if (this.#asked.get(id) === asked) this.#asked.delete(id);
    }
  }

  async #saveBack(id: CopyId, before: Promise<TransferId> | undefined): Promise<TransferId> {
    const { copies, disk, item } = this.#options;
    // one that has just ended: what it has made is what is to be replaced now
    await this.#noteSent(id);
    const copy = copies.get(id);
    const there = await lookAt(disk, copy.path);
    if (there?.isFile() !== true) throw fail('source-missing', 'save back', '', { subject: copy.name });
    const now = { size: there.size, modified: modifiedOf(there) };
    this.#seen.set(id, now);
    if (copy.sentBy === undefined) {
      if (!isAsWritten(now, copy)) return this.#send(copy, now);
      // the one before has saved it already
      if (before !== undefined) return before;
      throw failRequest('save back', { id: 'nothing-to-save', with: { name: copy.name } });
    }
    const row = item(copy.sentBy);
    const isOnItsWay = row?.size === now.size && row.modified === now.modified;
    if (!isOnItsWay && copy.again !== true) await copies.update({ ...copy, again: true });
    return copy.sentBy;
  }

  /** A save that was asked for while another one was under way, which may have sent all of it. */
  async #saveAgain(copy: Copy, now: Seen): Promise<void> {
    if (isAsWritten(now, copy)) await this.#options.copies.update({ ...copy, again: undefined });
    else await this.#send(copy, now);
  }

  async #send(copy: Copy, now: Seen): Promise<TransferId> {
    const { copies, enqueue } = this.#options;
    const { device, storage, path } = copy.place;
    const transfer = await enqueue({
      direction: 'upload',
      device,
      storage,
      destination: parentOf(path),
      title: copy.name,
      origin: originOf(copy.id),
      items: [
        {
          kind: 'file',
          name: copy.name,
          local: copy.path,
          storage,
          phone: path,
          ...now,
          // holds only for what was copied: an edit made on the phone meanwhile is a conflict like any other
          answer: 'replace',
          expectation: {
            kind: 'file',
            size: copy.size,
            modified: copy.modified,
            ...(copy.modified === undefined ? contentOf(copy) : {}),
          },
        },
      ],
      options: { onConflict: 'ask', onName: 'ask', verify: 'full', large: 'resumable', move: false },
    });
    await copies.update({ ...copy, sentBy: transfer, again: undefined });
    return transfer;
  }

  /**
   * Gives up the edits of a copy, as they were last seen: later ones stay, and so do those that are being saved. Answers
   * whether it went.
   */
  discard(id: CopyId): Promise<boolean> {
    return this.#turns.run(id, () => this.#discard(id));
  }

  async #discard(id: CopyId): Promise<boolean> {
    const { copies, transfer } = this.#options;
    const copy = copies.get(id);
    const sending = copy.sentBy === undefined ? undefined : transfer(copy.sentBy);
    if (sending !== undefined && sending.finishedAt === undefined) return false;
    return copies.discard(copy, this.#seen.get(id) ?? copy.written);
  }

  /** Once the transfer that sends it back has ended: whether the copy and the phone's file are one again. */
  async #noteSent(id: CopyId): Promise<void> {
    const { copies, transfer, item, disk } = this.#options;
    const copy = this.#editable(id);
    if (copy?.sentBy === undefined) return;
    const sending = transfer(copy.sentBy);
    if (sending !== undefined && sending.finishedAt === undefined) return;
    const row = sending === undefined ? undefined : item(copy.sentBy);
    const unsent: Copy = { ...copy, sentBy: undefined };
    // what a person has cancelled or left out is not saved by another way
    if (row?.state.kind !== 'done' || row.state.outcome.kind === 'skipped' || row.modified === undefined)
      return copies.update({ ...unsent, again: undefined });
    const path = row.savedAs === undefined ? copy.place.path : joinPhonePath(parentOf(copy.place.path), row.savedAs);
    const written = { size: row.size, modified: row.modified };
    const saved: Copy = { ...unsent, place: { ...copy.place, path }, name: baseNameOf(path), written, size: row.size };
    const there = await lookAt(disk, copy.path).catch(() => undefined);
    const isAsSent = there?.isFile() === true && isAsWritten({ size: there.size, modified: modifiedOf(there) }, saved);
    const { outcome } = row.state;
    const told = outcome.kind === 'moved' ? outcome.copyModified : undefined;
    const modified = told ?? (await this.#dateOnPhone(saved, row.modified));
    // of one that was edited again by now, only what was noted of it can tell what was sent
    const fingerprint = isAsSent ? await fingerprintFile(disk, copy.path, CONTENT_SALT) : '';
    const isUntold = modified === undefined && row.sha256 === undefined && isAsSent;
    const sha256 = row.sha256 ?? (isUntold ? await digestFile(disk, copy.path) : undefined);
    await copies.update({ ...saved, modified, fingerprint, sha256 });
  }

  /**
   * The date of a file that was sent with the date `sent`, as this phone tells it. `undefined` where the phone is away again,
   * tells none, or tells another one: that may be somebody's edit, so the content decides.
   */
  async #dateOnPhone({ place, size }: Copy, sent: Instant): Promise<Instant | undefined> {
    try {
      const { connection, object } = await this.#options.find(place);
      const now = await connection.phone.stat(object.handle);
      const isAsSent = now.modified !== undefined && Math.abs(now.modified - sent) < SAME_TIME_MS;
      return now.size === size && isAsSent ? now.modified : undefined;
    } catch {
      return undefined;
    }
  }
}

/** What was in both when they were last one; of an older record only samples are known. */
const contentOf = ({ fingerprint, sha256 }: Copy): Pick<Copy, 'sha256'> & { readonly fingerprint?: string } => ({
  sha256,
  ...(fingerprint === '' ? {} : { fingerprint }),
});

const originOf = (id: CopyId): string => `opened ${id}`;

import { baseNameOf, joinPhonePath, parentOf, type Instant, type TransferId } from '../../../shared/domain.ts';
import { fail, failRequest } from '../../../shared/errors.ts';
import type { CopyId, CopyView } from '../../../shared/opening.ts';
import type { ItemsRequest } from '../api.ts';
import type { Disk } from '../local/disk.ts';
import { lookAt, modifiedOf } from '../local/local-files.ts';
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
      for (const copy of copies) {
        await this.#noteSent(copy);
        const there = await lookAt(this.#options.disk, copy.path).catch(() => undefined);
        const before = this.#seen.get(copy.id);
        if (there?.isFile() !== true) {
          // a program that saves may have moved it away for a moment
          different ||= this.#seen.delete(copy.id);
          continue;
        }
        const now = { size: there.size, modified: modifiedOf(there) };
        if (before?.size === now.size && before.modified === now.modified) continue;
        this.#seen.set(copy.id, now);
        different = true;
      }
      if (copies.length === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
      if (different && !this.#closed) this.#options.onChange();
    } finally {
      this.#looking = false;
    }
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
   * Queues the transfer that saves a copy back over the file it was made from. Where the phone has another file by then, a
   * person is asked. Rejects with `missing`, and `bad-request` where there is nothing to save.
   */
  async saveBack(id: CopyId): Promise<TransferId> {
    const { copies, disk, enqueue } = this.#options;
    const copy = copies.get(id);
    const there = await lookAt(disk, copy.path);
    if (there?.isFile() !== true) throw fail('source-missing', 'save back', '', { subject: copy.name });
    const now = { size: there.size, modified: modifiedOf(there) };
    this.#seen.set(id, now);
    if (!this.#isChanged(copy)) throw failRequest('save back', { id: 'nothing-to-save', with: { name: copy.name } });
    const { device, storage, path } = copy.place;
    const transfer = await enqueue({
      direction: 'upload',
      device,
      storage,
      destination: parentOf(path),
      title: copy.name,
      origin: originOf(id),
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
    await copies.update({ ...copy, sentBy: transfer });
    return transfer;
  }

  /**
   * Gives up the edits of a copy, as they were last seen: later ones stay, and so do those that are being saved. Answers
   * whether it went.
   */
  async discard(id: CopyId): Promise<boolean> {
    const { copies, transfer } = this.#options;
    const copy = copies.get(id);
    const sending = copy.sentBy === undefined ? undefined : transfer(copy.sentBy);
    if (sending !== undefined && sending.finishedAt === undefined) return false;
    return copies.discard(copy, this.#seen.get(id) ?? copy.written);
  }

  /** Once the transfer that sends it back has ended: whether the copy and the phone's file are one again. */
  async #noteSent(copy: Copy): Promise<void> {
    const { copies, transfer, item, disk } = this.#options;
    if (copy.sentBy === undefined) return;
    const sending = transfer(copy.sentBy);
    if (sending !== undefined && sending.finishedAt === undefined) return;
    const row = sending === undefined ? undefined : item(copy.sentBy);
    const unsent: Copy = { ...copy, sentBy: undefined };
    if (row?.state.kind !== 'done' || row.state.outcome.kind === 'skipped' || row.modified === undefined)
      return copies.update(unsent);
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

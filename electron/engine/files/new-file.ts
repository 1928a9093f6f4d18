import { baseNameOf, parentOf, type Instant, type PhonePlace } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { isFigure } from '../../../shared/storages.ts';
import { BufferPool } from '../../mtp/buffer-pool.ts';
import type { EngineContext } from '../context.ts';
import { publishOnPhone } from '../devices/destroy-on-phone.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { isProved, isUntold } from '../devices/phone-evidence.ts';
import { temporaryName } from '../devices/temporary-name.ts';
import type { DragFolders } from '../local/drag-folders.ts';
import type { Reading } from '../reading/reading.ts';
import { entryOf, type PhoneEntry } from './entry.ts';
import type { OldFile } from '../model/transfer-store.ts';
import { GrowingObject } from './growing-object.ts';
import { HeldBytes } from './held-bytes.ts';
import { requireShown, requireSpelled, type Shown } from './shown.ts';
import { Spool } from './spool.ts';
import type { Stray, Strays } from './strays.ts';
import { expectationOf, requireName, requireWritable, type Expected } from './target.ts';

/**
 * A file that another program writes to the phone. It grows under a temporary name, is compared, and gets its own name in
 * the end; what it replaces stays until then.
 */

/** Up to so many bytes are kept here until all have come, and go in one piece: then the phone takes their date. */
const HELD_BYTES = 4 * 1024 * 1024;
/** Bytes sent at once. */
const CHUNK = 4 * 1024 * 1024;
const FOUR_GIB = 2 ** 32;
/** Up to so many bytes a copy is not compared. */
const SMALL = 1024 * 1024;
/** Below this, free space is not asked for first: the phone says so itself, and nothing much was sent. */
const WORTH_ASKING = 1024 * 1024;

/** What is known of the file before it comes. */
export interface NewFilePlan {
  /** Bytes; `undefined` until they end. */
  readonly size: number | undefined;
  /** Its date, kept for files that go in one piece. */
  readonly modified?: Instant | undefined;
  /** What whoever writes it was shown there, and means to replace. */
  readonly shown?: Shown;
  /** Its name is a temporary one of Replug's. */
  readonly ownName?: boolean;
}

/** What a new file needs of its phone's files. */
export interface NewFileParts {
  readonly context: EngineContext;
  readonly reading: Reading;
  readonly strays: Strays;
  readonly spools: DragFolders;
  readonly connection: (place: PhonePlace) => Connection;
  /** The folder of a place is not as it was listed: whoever shows or remembers it looks again. */
  readonly changed: (place: PhonePlace) => void;
}

/** Memory of chunks, used again once the phone has confirmed them. */
const memory = new BufferPool(CHUNK, 4);

/** Written in order, then finished or abandoned. Calls reject with a `PhoneError`; afterwards only `abandon` is of use. */
export class NewFile {
  readonly #parts: NewFileParts;
  readonly #place: PhonePlace;
  readonly #plan: NewFilePlan;
  readonly #expected: Expected;
  #stray: Stray;
  readonly #isEditable: boolean;
  readonly #growing: GrowingObject;
  readonly #held = new HeldBytes();
  #spool: Spool | undefined;
  #received = 0;
  #sending: Promise<void> | undefined;
  #isOver = false;
  /** The name was asked for: an answer may have been lost. */
  #isNamed = false;
  /** The phone was told to delete what it replaces: it may be the only one that is left. */
  #isOldTold = false;
  readonly #givenUp = new AbortController();

  private constructor(
    parts: NewFileParts,
    place: PhonePlace,
    plan: NewFilePlan,
    how: {
      readonly expected: Expected;
      readonly stray: Stray;
      readonly editable: boolean;
      readonly largeOnCard: boolean;
    },
  ) {
    this.#parts = parts;
    this.#place = place;
    this.#plan = plan;
    this.#expected = how.expected;
    this.#stray = how.stray;
    this.#isEditable = how.editable;
    this.#growing = new GrowingObject({
      connect: () => parts.connection(place),
      place,
      plan,
      name: how.stray.name,
      isLargeOnCard: how.largeOnCard,
    });
  }

  /**
   * Looks at the place; nothing is made yet. Rejects with `read-only`, `missing` (no such folder), `bad-name`, `exists` (a
   * folder has this name, a file has it in another spelling, or something else is there than was shown), `full`,
   * `unsupported`, and why the phone cannot be asked after 10 s.
   */
  static async begin(parts: NewFileParts, place: PhonePlace, plan: NewFilePlan): Promise<NewFile> {
    return parts.reading.whenThere(place, async () => {
      const connection = parts.connection(place);
      const { phone, tree } = connection;
      const name = baseNameOf(place.path);
      const folder = await tree.folder(place.storage, parentOf(place.path), { priority: 'browse' });
      requireWritable(connection, folder);
      requireName(folder, name, plan.ownName);
      const there = folder.find(name);
      requireSpelled(there, name);
      requireShown(connection, there, plan.shown);
      if (there?.kind === 'folder') throw fail('exists', 'write', 'a folder', { subject: name });
      if (!phone.capabilities.rename) throw fail('unsupported', 'write', 'no renaming, so no temporary name');
      const { size } = plan;
      if (size !== undefined && size >= WORTH_ASKING) {
        const free = await phone.freeSpace(folder.storage.id, { priority: 'browse' });
        if (isFigure(free) && size > free)
          throw fail('full', 'free space', `needs ${size} bytes, has ${free}`, { subject: name, fix: String(size) });
      }
      const expected = await expectationOf(connection, there, () => parts.connection(place));
      const stray = parts.strays.begin({
        device: place.device,
        storage: place.storage,
        folder: folder.path,
        name: temporaryName(name, parts.context.unique()),
      });
      return new NewFile(parts, place, plan, {
        expected,
        stray,
        editable: phone.capabilities.edit,
        largeOnCard: folder.storage.removable && size !== undefined && size >= FOUR_GIB,
      });
    });
  }

  /** Takes the next bytes; resolves when more may come. They are not copied: whoever gives them forgets them. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#received += bytes.byteLength;
    const { size } = this.#plan;
    if (size !== undefined && this.#received > size)
      throw fail('bad-request', 'write', `more than ${size} bytes came`, { subject: this.#name });
    if (this.#spool !== undefined) return this.#spool.write(bytes);
    this.#held.add(bytes);
    if (this.#held.length <= HELD_BYTES && this.#growing.confirmed === 0 && this.#sending === undefined) return;
    if (!this.#isEditable) {
      this.#spool = await Spool.make(this.#parts.context.disk, await this.#parts.spools.make());
      return this.#spool.write(this.#held.take(this.#held.length));
    }
    // one chunk is on the wire while the next one comes
    while (this.#held.length >= CHUNK) await this.#next(this.#held.take(CHUNK, memory.take()));
  }

  /**
   * Sends the rest, compares, and gives the file its name. Rejects with `exists` where something else has the name by now,
   * `mismatch` where the phone has other bytes, and `source-changed` where fewer bytes came than were announced.
   */
  async finish(): Promise<PhoneEntry> {
    const { size } = this.#plan;
    if (size !== undefined && this.#received !== size)
      throw fail('source-changed', 'write', `${this.#received} of ${size} bytes came`, { subject: this.#name });
    if (this.#spool === undefined && (this.#growing.confirmed > 0 || this.#sending !== undefined)) {
      while (this.#held.length > 0) await this.#next(this.#held.take(CHUNK, memory.take()));
      await this.#sending;
      await this.#again(() => this.#growing.end());
    } else {
      const bytes = this.#spool === undefined ? this.#held.take(this.#held.length) : undefined;
      await this.#again(() => this.#growing.sendWhole(this.#received, bytes ?? this.#spool));
    }
    const { changed } = this.#parts;
    // what it replaces may have gone though it did not get the name itself
    const entry = await this.#again(() => this.#publish()).finally(() => changed(this.#place));
    this.#isOver = true;
    this.#parts.strays.end(this.#stray);
    await this.#spool?.remove();
    return entry;
  }

  /**
   * Throws away what was written; the old file, if there is one, stays. Where that one was deleted already, what was written
   * gets its name, or another one where something else has that. Never rejects.
   */
  async abandon(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#givenUp.abort();
    await this.#sending?.catch(() => undefined);
    await this.#spool?.remove();
    const expected = this.#expected;
    await this.#parts.strays.abandon(
      this.#stray,
      this.#isOldTold && expected.kind === 'file' ? (there) => isProved(there, expected) : undefined,
    );
  }

  get #name(): string {
    return baseNameOf(this.#place.path);
  }

  async #next(chunk: Uint8Array): Promise<void> {
    await this.#sending;
    const sending = this.#again(async () => {
      await this.#growing.append(chunk);
      memory.giveBack(chunk);
    });
    this.#sending = sending;
    // told to whoever writes or finishes next
    sending.catch(() => undefined);
  }

  /** Does one step, again when the phone came back within 10 s. */
  #again<T>(step: () => Promise<T>): Promise<T> {
    return this.#parts.reading.whenThere(this.#place, step, { signal: this.#givenUp.signal });
  }

  async #publish(): Promise<PhoneEntry> {
    const { connection, folder } = await this.#growing.folder();
    const { phone } = connection;
    const copy = folder.exactly(this.#stray.name);
    if (copy === undefined) return await this.#published(connection, folder);
    const now = await phone.stat(copy.handle);
    if (isUntold(now.size, this.#received)) await this.#growing.samples.compareAll(connection, now, this.#received);
    else if (now.size !== this.#received)
      throw fail('mismatch', 'verify', `${now.size} of ${this.#received} bytes are there`, { subject: this.#name });
    // small files are as whole as the one transaction that took them
    else if (this.#received > SMALL && phone.capabilities.partialRead !== 'none')
      await this.#growing.samples.compare(connection, now);
    // its own name may be asked for and the answer lost; what it replaces goes first
    if (!this.#isNamed && this.#expected.kind === 'file')
      this.#stray = this.#parts.strays.replaces(this.#stray, this.#name, oldOf(this.#expected));
    this.#isNamed = true;
    const onDelete = (): void => void (this.#isOldTold = true);
    const answer = await publishOnPhone(connection, folder, now, this.#name, this.#expected, { onDelete });
    if (answer !== 'done') throw fail('exists', 'write', answer, { subject: this.#name });
    return entryOf(connection, { ...now, name: this.#name });
  }

  /** The rename may have been done when its answer was lost; a file of this size may also be the old one. */
  async #published(connection: Connection, folder: ListedFolder): Promise<PhoneEntry> {
    const there = folder.exactly(this.#name);
    const isSized = there?.size === this.#received || (there !== undefined && isUntold(there.size, this.#received));
    if (!this.#isNamed || there?.kind !== 'file' || !isSized)
      throw fail('missing', 'write', 'the copy has gone', { subject: this.#name });
    if (isUntold(there.size, this.#received)) await this.#growing.samples.compareAll(connection, there, this.#received);
    else if (connection.phone.capabilities.partialRead !== 'none')
      await this.#growing.samples.compare(connection, there);
    return entryOf(connection, there);
  }
}

const oldOf = ({ size, modified }: Extract<Expected, { readonly kind: 'file' }>): OldFile => ({ size, modified });

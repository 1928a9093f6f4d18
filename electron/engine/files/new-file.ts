import { baseNameOf, parentOf, type Instant, type PhonePlace } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { isFigure } from '../../../shared/storages.ts';
import { BufferPool } from '../../mtp/buffer-pool.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { EngineContext } from '../context.ts';
import { destroyOnPhone, publishOnPhone } from '../devices/destroy-on-phone.ts';
import { requireTaken } from '../devices/odd-names.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { temporaryName } from '../devices/temporary-name.ts';
import type { DragFolders } from '../local/drag-folders.ts';
import type { Reading } from '../reading/reading.ts';
import { entryOf, type PhoneEntry } from './entry.ts';
import { HeldBytes } from './held-bytes.ts';
import { Samples } from './samples.ts';
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
/** Pieces of a whole object, bytes. */
const PIECE = 1024 * 1024;
const FOUR_GIB = 2 ** 32;
/** Below this, free space is not asked for first: the phone says so itself, and nothing much was sent. */
const WORTH_ASKING = 1024 * 1024;

const BULK = { priority: 'bulk' } as const;

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
  readonly #isLargeOnCard: boolean;
  readonly #held = new HeldBytes();
  readonly #samples = new Samples();
  #spool: Spool | undefined;
  #received = 0;
  /** Bytes that the phone has confirmed. */
  #confirmed = 0;
  #object: { readonly connection: Connection; readonly object: PhoneObject } | undefined;
  #sending: Promise<void> | undefined;
  #isOver = false;
  /** The name was asked for: an answer may have been lost. */
  #isNamed = false;
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
    this.#isLargeOnCard = how.largeOnCard;
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
    if (this.#held.length <= HELD_BYTES && this.#confirmed === 0 && this.#sending === undefined) return;
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
    if (this.#spool === undefined && (this.#confirmed > 0 || this.#sending !== undefined)) {
      while (this.#held.length > 0) await this.#next(this.#held.take(CHUNK, memory.take()));
      await this.#sending;
      await this.#again(async () => {
        const { connection, object } = await this.#opened();
        await connection.phone.endEdit(object.handle);
      });
    } else {
      const bytes = this.#spool === undefined ? this.#held.take(this.#held.length) : undefined;
      await this.#again(() => this.#sendWhole(bytes));
    }
    const entry = await this.#again(() => this.#publish());
    this.#isOver = true;
    this.#parts.strays.end(this.#stray);
    await this.#spool?.remove();
    return entry;
  }

  /** Throws away what was written; the old file, if there is one, stays. Never rejects. */
  async abandon(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#givenUp.abort();
    await this.#sending?.catch(() => undefined);
    await this.#spool?.remove();
    await this.#parts.strays.abandon(this.#stray);
  }

  get #name(): string {
    return baseNameOf(this.#place.path);
  }

  async #next(chunk: Uint8Array): Promise<void> {
    await this.#sending;
    const sending = this.#again(() => this.#send(chunk, this.#confirmed));
    this.#sending = sending;
    // told to whoever writes or finishes next
    sending.catch(() => undefined);
  }

  async #send(chunk: Uint8Array, at: number): Promise<void> {
    if (at === 0 && this.#isLargeOnCard) await this.#createWith(chunk);
    else {
      const { connection, object } = await this.#opened();
      await connection.phone.writeChunk(object.handle, at, chunk);
    }
    this.#samples.saw(at, chunk);
    this.#confirmed = at + chunk.byteLength;
    memory.giveBack(chunk);
  }

  /** Does one step, again when the phone came back within 10 s. */
  #again<T>(step: () => Promise<T>): Promise<T> {
    return this.#parts.reading.whenThere(this.#place, step, { signal: this.#givenUp.signal });
  }

  /** The temporary object, open for writing: on a new connection it is looked for again. */
  async #opened(): Promise<{ readonly connection: Connection; readonly object: PhoneObject }> {
    if (this.#object?.connection.alive === true) return this.#object;
    const { connection, folder } = await this.#folder(this.#object !== undefined);
    const { phone, tree } = connection;
    let object = folder.exactly(this.#stray.name);
    if (object === undefined) {
      if (this.#confirmed > 0) throw fail('missing', 'write', 'the beginning has gone', { subject: this.#name });
      const handle = await phone.createEmpty(folder.storage.id, folder.ref, {
        name: this.#stray.name,
        modified: this.#plan.modified,
      });
      object = this.#made(connection, folder, handle, 0);
    }
    const reached = await phone.beginEdit(object.handle);
    if (reached < this.#confirmed)
      throw fail('mismatch', 'write', `${reached} of ${this.#confirmed} bytes are there`, { subject: this.#name });
    if (this.#confirmed > 0) this.#samples.joint();
    tree.own(object.handle);
    this.#object = { connection, object };
    return this.#object;
  }

  /** A card whose file system ends at 4 GiB refuses a larger file only when it is told. */
  async #createWith(chunk: Uint8Array): Promise<void> {
    const { connection, folder } = await this.#folder(true);
    await this.#removeBeginning(connection, folder);
    const { phone } = connection;
    const size = chunk.byteLength;
    const announced = Math.max(this.#plan.size ?? 0, size);
    const handle = await phone.writeWhole(
      folder.storage.id,
      folder.ref,
      { name: this.#stray.name, size, announced, modified: undefined },
      piecesOf(chunk),
      BULK,
    );
    this.#made(connection, folder, handle, size);
  }

  async #sendWhole(bytes: Uint8Array | undefined): Promise<void> {
    const { connection, folder } = await this.#folder(this.#object !== undefined);
    if (this.#object !== undefined) await this.#removeBeginning(connection, folder);
    const { phone } = connection;
    const size = this.#received;
    await requireTaken(connection, folder, { name: this.#stray.name, size }, () => '');
    // before it is sent: afterwards nobody knows whether something lies there
    this.#object = { connection, object: NOTHING };
    const handle = await phone.writeWhole(
      folder.storage.id,
      folder.ref,
      { name: this.#stray.name, size, modified: this.#plan.modified },
      bytes === undefined ? (this.#spool?.pieces(PIECE, this.#samples) ?? []) : piecesOf(bytes),
      BULK,
    );
    if (bytes !== undefined) this.#samples.saw(0, bytes);
    this.#object = { connection, object: this.#made(connection, folder, handle, size) };
  }

  async #removeBeginning(connection: Connection, folder: ListedFolder): Promise<void> {
    if (folder.exactly(this.#stray.name) !== undefined)
      await destroyOnPhone(connection, this.#stray, { kind: 'temporary' });
  }

  async #folder(fresh: boolean): Promise<{ readonly connection: Connection; readonly folder: ListedFolder }> {
    const connection = this.#parts.connection(this.#place);
    const folder = await connection.tree.folder(this.#place.storage, parentOf(this.#place.path), { fresh });
    return { connection, folder };
  }

  #made(connection: Connection, folder: ListedFolder, handle: PhoneObject['handle'], size: number): PhoneObject {
    connection.tree.own(handle);
    const { modified } = this.#plan;
    const object: PhoneObject = {
      handle,
      name: this.#stray.name,
      kind: 'file',
      size,
      modified,
      parent: folder.ref,
      format: 0x3000,
    };
    folder.add(object);
    return object;
  }

  async #publish(): Promise<PhoneEntry> {
    const { connection, folder } = await this.#folder(this.#object?.connection.alive !== true);
    const { phone } = connection;
    const copy = folder.exactly(this.#stray.name);
    if (copy === undefined) return await this.#published(connection, folder);
    const now = await phone.stat(copy.handle);
    if (now.size !== this.#received)
      throw fail('mismatch', 'verify', `${now.size} of ${this.#received} bytes are there`, { subject: this.#name });
    // small files are as whole as the one transaction that took them
    if (this.#received > PIECE && phone.capabilities.partialRead !== 'none')
      await this.#samples.compare(connection, now);
    // its own name may be asked for and the answer lost; what it replaces goes first
    if (!this.#isNamed && this.#expected.kind === 'file')
      this.#stray = this.#parts.strays.replaces(this.#stray, this.#name);
    this.#isNamed = true;
    const answer = await publishOnPhone(connection, folder, now, this.#name, this.#expected);
    if (answer !== 'done') throw fail('exists', 'write', answer, { subject: this.#name });
    return entryOf(connection, { ...now, name: this.#name });
  }

  /** The rename may have been done when its answer was lost; a file of this size may also be the old one. */
  async #published(connection: Connection, folder: ListedFolder): Promise<PhoneEntry> {
    const there = folder.exactly(this.#name);
    if (!this.#isNamed || there?.kind !== 'file' || there.size !== this.#received)
      throw fail('missing', 'write', 'the copy has gone', { subject: this.#name });
    if (connection.phone.capabilities.partialRead !== 'none') await this.#samples.compare(connection, there);
    return entryOf(connection, there);
  }
}

const NOTHING: PhoneObject = {
  handle: 0 as PhoneObject['handle'],
  name: '',
  kind: 'file',
  size: 0,
  modified: undefined,
  parent: 'root',
  format: 0,
};

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

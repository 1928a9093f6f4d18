import { baseNameOf, parentOf, type Instant, type PhonePlace } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import { destroyOnPhone } from '../devices/destroy-on-phone.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { requireTaken } from '../devices/odd-names.ts';
import { Samples } from './samples.ts';
import type { Spool } from './spool.ts';

/** Pieces of a whole object, bytes. */
const PIECE = 1024 * 1024;
const BULK = { priority: 'bulk' } as const;

/** What a growing object is to be. */
interface GrowingParts {
  /** The phone's present connection. Throws why there is none. */
  readonly connect: () => Connection;
  /** Where it is to go, under its own name. */
  readonly place: PhonePlace;
  /** What is known of it before it comes. */
  readonly plan: { readonly size: number | undefined; readonly modified?: Instant | undefined };
  /** Its temporary name, which is noted. */
  readonly name: string;
  /** It is larger than 4 GiB, on a card, which refuses it only when it is told. */
  readonly isLargeOnCard: boolean;
}

/**
 * A file on the phone while it grows under its temporary name: chunk by chunk, or all at once. Each step may be done again on
 * another connection, on which the object is looked for by its name. Rejects as the phone does.
 */
export class GrowingObject {
  readonly #parts: GrowingParts;
  /** Parts of what was sent. */
  readonly samples = new Samples();
  #confirmed = 0;
  #object: { readonly connection: Connection; readonly object: PhoneObject } | undefined;

  constructor(parts: GrowingParts) {
    this.#parts = parts;
  }

  /** Bytes that the phone has confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** Its folder, listed anew unless it was made on the present connection. */
  folder(): Promise<{ readonly connection: Connection; readonly folder: ListedFolder }> {
    return this.#folder(this.#object?.connection.alive !== true);
  }

  /** Sends the next chunk. */
  async append(chunk: Uint8Array): Promise<void> {
    const at = this.#confirmed;
    if (at === 0 && this.#parts.isLargeOnCard) await this.#createWith(chunk);
    else {
      const { connection, object } = await this.#opened();
      await connection.phone.writeChunk(object.handle, at, chunk);
    }
    this.samples.saw(at, chunk);
    this.#confirmed = at + chunk.byteLength;
  }

  /** Nothing more comes. */
  async end(): Promise<void> {
    const { connection, object } = await this.#opened();
    await connection.phone.endEdit(object.handle);
  }

  /** Sends all of it, `size` bytes, in one piece: what is at hand, or what was put aside. What had come of it before goes. */
  async sendWhole(size: number, what: Uint8Array | Spool | undefined): Promise<void> {
    const { plan, name } = this.#parts;
    const { connection, folder } = await this.#folder(this.#object !== undefined);
    if (this.#object !== undefined) await this.#removeBeginning(connection, folder);
    const { phone } = connection;
    await requireTaken(connection, folder, { name, size }, () => '');
    // before it is sent: afterwards nobody knows whether something lies there
    this.#object = { connection, object: NOTHING };
    const handle = await phone.writeWhole(
      folder.storage.id,
      folder.ref,
      { name, size, modified: plan.modified },
      what instanceof Uint8Array ? piecesOf(what) : (what?.pieces(PIECE, this.samples) ?? []),
      BULK,
    );
    if (what instanceof Uint8Array) this.samples.saw(0, what);
    this.#object = { connection, object: this.#made(connection, folder, handle, size) };
  }

  /** The object, open for writing: on a new connection it is looked for again. */
  async #opened(): Promise<{ readonly connection: Connection; readonly object: PhoneObject }> {
    if (this.#object?.connection.alive === true) return this.#object;
    const { place, plan, name } = this.#parts;
    const subject = baseNameOf(place.path);
    const { connection, folder } = await this.#folder(this.#object !== undefined);
    const { phone, tree } = connection;
    let object = folder.exactly(name);
    if (object === undefined) {
      if (this.#confirmed > 0) throw fail('missing', 'write', 'the beginning has gone', { subject });
      const handle = await phone.createEmpty(folder.storage.id, folder.ref, { name, modified: plan.modified });
      object = this.#made(connection, folder, handle, 0);
    }
    const reached = await phone.beginEdit(object.handle);
    if (reached < this.#confirmed)
      throw fail('mismatch', 'write', `${reached} of ${this.#confirmed} bytes are there`, { subject });
    if (this.#confirmed > 0) this.samples.joint();
    tree.own(object.handle);
    this.#object = { connection, object };
    return this.#object;
  }

  /** A card whose file system ends at 4 GiB refuses a larger file only when it is told. */
  async #createWith(chunk: Uint8Array): Promise<void> {
    const { plan, name } = this.#parts;
    const { connection, folder } = await this.#folder(true);
    await this.#removeBeginning(connection, folder);
    const { phone } = connection;
    const size = chunk.byteLength;
    const announced = Math.max(plan.size ?? 0, size);
    const handle = await phone.writeWhole(
      folder.storage.id,
      folder.ref,
      { name, size, announced, modified: undefined },
      piecesOf(chunk),
      BULK,
    );
    this.#made(connection, folder, handle, size);
  }

  async #removeBeginning(connection: Connection, folder: ListedFolder): Promise<void> {
    const { place, name } = this.#parts;
    if (folder.exactly(name) === undefined) return;
    await destroyOnPhone(connection, { storage: place.storage, folder: folder.path, name }, { kind: 'temporary' });
  }

  async #folder(fresh: boolean): Promise<{ readonly connection: Connection; readonly folder: ListedFolder }> {
    const { connect, place } = this.#parts;
    const connection = connect();
    const folder = await connection.tree.folder(place.storage, parentOf(place.path), { fresh });
    return { connection, folder };
  }

  #made(connection: Connection, folder: ListedFolder, handle: PhoneObject['handle'], size: number): PhoneObject {
    connection.tree.own(handle);
    const { plan, name } = this.#parts;
    const object: PhoneObject = {
      handle,
      name,
      kind: 'file',
      size,
      modified: plan.modified,
      parent: folder.ref,
      format: 0x3000,
    };
    folder.add(object);
    return object;
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

import { fail, type PhoneError } from '../../../shared/errors.ts';
import { KnownCapabilities } from './capabilities.ts';
import { deleteIf, moveOrCopy, rename } from './modify.ts';
import { Edits } from './partial-write.ts';
import { eventIn } from './events.ts';
import { Requests } from './requests.ts';
import { handles, list, sizes } from './listing.ts';
import { objectOf, sizeOf } from './object-info.ts';
import type {
  Capabilities,
  FolderRef,
  ListOptions,
  NewObject,
  ObjectHandle,
  Phone,
  PhoneEvent,
  PhoneIdentity,
  PhoneObject,
  PhoneStorage,
  ChangeOptions,
  RenameOptions,
  DeleteOptions,
  StorageId,
} from './phone-types.ts';
import type { CallOptions, AttachedDevice, Clock, Transport } from '../ports.ts';
import { effectsOf, quirksOf, type Quirk } from './quirks.ts';
import { readWhole, readChunk, thumbnail, type Readable } from './read.ts';
import { NO_TRAITS, type SessionTraits } from '../session/transaction-request.ts';
import { Session } from '../session/session.ts';
import { battery, freeSpace, friendlyName, storages } from './storages.ts';
import { Operation, Response, hex, responseName } from '../wire/codes.ts';
import { decodeDeviceInfo, type DeviceInfo } from '../wire/datasets.ts';
import { join } from '../wire/bytes.ts';
import type { Pieces } from '../session/data-out.ts';
import { createEmpty, makeFolder, writeWhole } from './write.ts';

/** What must be known of a phone before the first word: where its conversation may have stopped. */
export interface OpenPhoneOptions {
  /** Steps of the recovery ladder that are done on the new cable before the session is opened. */
  readonly before?: readonly ('cancel' | 'clear-halts')[];
  /** A step of the recovery ladder, which has the pauses and the further attempts itself. */
  readonly again?: boolean;
  /** Called with all that the phone says of itself. */
  readonly onDeviceInfo?: (info: DeviceInfo) => void;
}

/**
 * Opens the session, learns what the phone is, and gives it in domain words. Rejects with `silent`, `disconnected`,
 * `confused` or `refused`; the transport is closed then.
 */
export async function openPhone(
  transport: Transport,
  attached: AttachedDevice,
  clock: Clock,
  options: OpenPhoneOptions = {},
): Promise<Phone> {
  const session = new Session(transport, clock, traitsOf(quirksOf(attached, undefined)));
  try {
    await session.open(options.before ?? [], options.again);
    const info = await deviceInfo(session);
    options.onDeviceInfo?.(info);
    const quirks = quirksOf(attached, info);
    session.adopt(traitsOf(quirks));
    const effects = effectsOf(quirks);
    const requests = new Requests(session, clock, new KnownCapabilities(info, effects), effects);
    const identity: PhoneIdentity = {
      manufacturer: info.manufacturer,
      model: info.model,
      deviceVersion: info.deviceVersion,
      serial: info.serial,
      friendlyName: await friendlyName(requests, info.deviceProps),
    };
    return new OpenedPhone(transport, requests, identity, quirks);
  } catch (error) {
    await transport.close().catch(() => undefined);
    throw error;
  }
}

const traitsOf = (quirks: readonly Quirk[]): SessionTraits => ({ ...NO_TRAITS, ...effectsOf(quirks) });

const LARGEST_DEVICE_INFO = 1024 * 1024;

async function deviceInfo(session: Session): Promise<DeviceInfo> {
  const parts: Uint8Array[] = [];
  const result = await session.transact({
    operation: Operation.GetDeviceInfo,
    data: { kind: 'in', most: LARGEST_DEVICE_INFO, onPiece: (bytes) => void parts.push(bytes) },
  });
  if (result.code !== Response.OK)
    throw fail('refused', 'GetDeviceInfo', `${responseName(result.code)} ${hex(result.code)}`, { code: result.code });
  return decodeDeviceInfo(join(parts));
}

class OpenedPhone implements Phone {
  readonly identity: PhoneIdentity;
  readonly quirks: readonly string[];
  readonly closed: Promise<PhoneError>;
  readonly largestChunk: number | undefined;
  readonly #transport: Transport;
  readonly #requests: Requests;
  readonly #edits: Edits;
  readonly #listeners = new Set<(event: PhoneEvent) => void>();
  readonly #stopEvents: () => void;
  #closing: Promise<void> | undefined;

  constructor(transport: Transport, requests: Requests, identity: PhoneIdentity, quirks: readonly Quirk[]) {
    this.identity = identity;
    this.quirks = quirks.map((quirk) => quirk.name);
    this.closed = requests.session.closed;
    this.largestChunk = requests.effects.largestChunk;
    this.#transport = transport;
    this.#requests = requests;
    this.#edits = new Edits(requests);
    // Read always, listened to or not: unread events pile up as blocked threads on Android (§4.3).
    this.#stopEvents = transport.onInterrupt((packet) => {
      const event = eventIn(packet);
      if (event !== undefined) this.#emit(event);
    });
    // not every phone sends the event
    requests.onStorageGone = () => {
      this.#emit({ kind: 'storages-changed' });
    };
  }

  get capabilities(): Capabilities {
    return this.#requests.capabilities.current();
  }

  get transactions(): number {
    return this.#requests.session.transactions;
  }
  /** Milliseconds that *idle* transactions have waited for their turns on this connection. */
  get idleWaitMs(): number {
    return this.#requests.session.idleWaitMs;
  }

  onEvent(listener: (event: PhoneEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  giveUpWhen(isUnwanted: () => boolean): void {
    this.#transport.giveUpWhen?.(isUnwanted);
  }

  #emit(event: PhoneEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  storages(options?: CallOptions): Promise<readonly PhoneStorage[]> {
    return storages(this.#requests, options);
  }
  freeSpace(storage: StorageId, options?: CallOptions): Promise<number> {
    return freeSpace(this.#requests, storage, options);
  }
  battery(options?: CallOptions): Promise<number | undefined> {
    return battery(this.#requests, options);
  }

  list(storage: StorageId, folder: FolderRef, options?: ListOptions): Promise<readonly PhoneObject[]> {
    return list(this.#requests, storage, folder, options);
  }
  handles(storage: StorageId, folder: FolderRef, options?: CallOptions): Promise<readonly ObjectHandle[] | undefined> {
    return handles(this.#requests, storage, folder, options);
  }
  sizes(
    folder: FolderRef,
    of: readonly ObjectHandle[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<ObjectHandle, number> | undefined> {
    return sizes(this.#requests, folder, of, options);
  }
  giveBack(pieces: readonly Uint8Array[]): void {
    this.#requests.session.giveBack(pieces);
  }
  stat(handle: ObjectHandle, options?: CallOptions): Promise<PhoneObject> {
    return objectOf(this.#requests, handle, options);
  }
  sizeOf(handle: ObjectHandle, options?: CallOptions): Promise<number> {
    return sizeOf(this.#requests, handle, options);
  }
  thumbnail(handle: ObjectHandle, options?: CallOptions): Promise<Uint8Array | undefined> {
    return thumbnail(this.#requests, handle, options);
  }

  readChunk(object: Readable, offset: number, length: number, options?: CallOptions): Promise<readonly Uint8Array[]> {
    return readChunk(this.#requests, object, offset, length, options);
  }
  readWhole(
    object: Readable,
    onPiece: (bytes: Uint8Array) => void | Promise<void>,
    options?: CallOptions,
  ): Promise<number> {
    return readWhole(this.#requests, object, onPiece, options);
  }

  writeWhole(
    storage: StorageId,
    folder: FolderRef,
    object: NewObject,
    pieces: Pieces,
    options?: CallOptions & { readonly onSent?: (bytes: number) => void },
  ): Promise<ObjectHandle> {
    return writeWhole(this.#requests, storage, folder, object, pieces, options);
  }
  createEmpty(
    storage: StorageId,
    folder: FolderRef,
    object: Omit<NewObject, 'size'>,
    options?: CallOptions,
  ): Promise<ObjectHandle> {
    return createEmpty(this.#requests, storage, folder, object, options);
  }
  beginEdit(handle: ObjectHandle, options?: CallOptions): Promise<number> {
    return this.#edits.begin(handle, options);
  }
  writeChunk(handle: ObjectHandle, offset: number, data: Uint8Array, options?: CallOptions): Promise<void> {
    return this.#edits.write(handle, offset, data, options);
  }
  truncate(handle: ObjectHandle, size: number, options?: CallOptions): Promise<void> {
    return this.#edits.truncate(handle, size, options);
  }
  endEdit(handle: ObjectHandle, options?: CallOptions): Promise<void> {
    return this.#edits.end(handle, options);
  }

  makeFolder(storage: StorageId, folder: FolderRef, name: string, options?: CallOptions): Promise<ObjectHandle> {
    return makeFolder(this.#requests, storage, folder, name, options);
  }
  async delete(
    handle: ObjectHandle,
    isStill: (now: PhoneObject) => boolean,
    options?: DeleteOptions,
  ): Promise<boolean> {
    await this.#edits.release(handle, options);
    return await deleteIf(this.#requests, handle, isStill, options);
  }
  async rename(handle: ObjectHandle, name: string, options?: RenameOptions): Promise<boolean> {
    await this.#edits.release(handle, options);
    return await rename(this.#requests, handle, name, options);
  }
  async move(handle: ObjectHandle, storage: StorageId, folder: FolderRef, options?: ChangeOptions): Promise<boolean> {
    await this.#edits.release(handle, options);
    return await moveOrCopy(this.#requests, Operation.MoveObject, handle, storage, folder, options);
  }
  async copy(handle: ObjectHandle, storage: StorageId, folder: FolderRef, options?: ChangeOptions): Promise<boolean> {
    return await moveOrCopy(this.#requests, Operation.CopyObject, handle, storage, folder, options);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.#edits.endAll();
    await this.#requests.session.close();
    this.#stopEvents();
    this.#listeners.clear();
  }
}

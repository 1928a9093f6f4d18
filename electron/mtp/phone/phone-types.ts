import type { Brand, Entry, Instant, StorageKey } from '../../../shared/domain.ts';
import type { PhoneError } from '../../../shared/errors.ts';
import type { CallOptions } from '../ports.ts';

/**
 * A phone in domain words: what the engine may ask of it. Handles and storage ids live for one connection only and
 * are never stored; everything durable is a path.
 */

/** An object in this session; of no meaning after it. */
export type ObjectHandle = Brand<number, 'ObjectHandle'>;
/** A storage in this session; Android 9 and later number them anew at each connection. */
export type StorageId = Brand<number, 'StorageId'>;
/** A folder: a storage's root or an object. */
export type FolderRef = 'root' | ObjectHandle;

/** One volume of the phone as it describes itself. */
export interface PhoneStorage {
  readonly id: StorageId;
  readonly key: StorageKey;
  readonly description: string;
  readonly removable: boolean;
  readonly readOnly: boolean;
  /** Its own identifier, as the phone tells it; Android tells none. */
  readonly volume: string;
  /** Bytes. */
  readonly capacity: number;
  readonly free: number;
}

/** One listed object. */
export interface PhoneObject extends Entry {
  readonly handle: ObjectHandle;
  readonly parent: FolderRef;
  readonly format: number;
}

/** What this phone can do: from OperationsSupported at first, then corrected by its first 0x2005. */
export interface Capabilities {
  /** SendPartialObject + BeginEdit + EndEdit: uploads can go on where they stopped. */
  readonly edit: boolean;
  readonly truncate: boolean;
  /** 64: GetPartialObject64; 32: GetPartialObject, below 4 GiB; none: whole objects only. */
  readonly partialRead: 64 | 32 | 'none';
  readonly rename: boolean;
  readonly move: boolean;
  readonly copy: boolean;
  readonly delete: boolean;
  readonly write: boolean;
  readonly thumbnails: boolean;
  /** Single-property GetObjectPropList at depth 1; `unproven` until the first folder was compared with its handles. */
  readonly propList: 'unproven' | 'trusted' | 'no';
  readonly battery: boolean;
}

/** What the phone says it is (DeviceInfo). Texts may be empty, and a serial number may be shared by many phones. */
export interface PhoneIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly deviceVersion: string;
  readonly serial: string;
  /** D402, where it has one and it is not empty. */
  readonly friendlyName: string | undefined;
}

/** What a phone is asked in a turn of the session, before it is changed in the same one. */
export type Looking = Pick<Phone, 'handles' | 'list' | 'stat'>;

/** Options of `move` and `copy`. */
export interface ChangeOptions extends CallOptions {
  /** Asked in the same turn, right before: where it answers `false`, nothing is changed. */
  readonly onlyIf?: ((phone: Looking) => boolean | Promise<boolean>) | undefined;
}

/** Options of `rename`. */
export interface RenameOptions extends ChangeOptions {
  /** The name it has: with it, the object is looked at afterwards, one transaction. */
  readonly was?: string;
}

/** Options of `delete`. */
export interface DeleteOptions extends CallOptions {
  /** Of a folder: it goes only while it holds nothing but these, which the phone is asked in the same turn: one transaction. */
  readonly nothingBut?: { readonly storage: StorageId; readonly handles: ReadonlySet<ObjectHandle> } | undefined;
}

/** Options of `list`. */
export interface ListOptions extends CallOptions {
  /** Names and kinds are enough: sizes are 0 and dates unknown where asking for them would cost transactions. */
  readonly namesOnly?: boolean;
  /**
   * Fewer transactions instead of the least work for the phone: a folder of few entries is told in two. For whoever walks
   * a whole phone, of whose folders most are small.
   */
  readonly compact?: boolean;
  /** Rejects with `refused` before sizes and dates are asked for where a folder names more entries than this. */
  readonly mostEntries?: number;
  /** `false`: dates of folders may stay unknown where asking for them would cost a transaction. */
  readonly folderDates?: boolean;
  /** Called as entries become known, in the phone's order; the promise resolves with all of them. */
  readonly onBatch?: (
    entries: readonly PhoneObject[],
    soFar: { readonly done: number; readonly expected: number | undefined },
  ) => void;
  /** Called for each object that the phone names and cannot describe; it is left out of the list. */
  readonly onSkipped?: (why: PhoneError) => void;
}

/** What is to be created. `modified` reaches the phone only through a whole-file write (Android cannot set it later). */
export interface NewObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Bytes that the object is to have in the end, where only its beginning is sent at once: a card whose file system ends
   * at 4 GiB refuses more with `too-large`, but only if it is told. 4 GiB and more are announced as "until the data ends".
   */
  readonly announced?: number;
  readonly modified: Instant | undefined;
}

/** What the phone tells by itself. Hints only: events come late, in floods, or never (field notes §4.3). */
export type PhoneEvent =
  | { readonly kind: 'object-added' | 'object-removed' | 'object-changed'; readonly handle: ObjectHandle }
  | { readonly kind: 'storages-changed' }
  | { readonly kind: 'battery-changed' };

/**
 * All calls reject with a `PhoneError`. Each takes at most one session turn per transaction, so that browsing slips
 * in between. Sizes and offsets are bytes.
 */
export interface Phone {
  readonly identity: PhoneIdentity;
  readonly capabilities: Capabilities;
  /** Names of the quirks in force, for diagnostics. */
  readonly quirks: readonly string[];
  /** Bytes; where a device must not be asked for more at once (cameras). `readChunk` gives at most this. */
  readonly largestChunk?: number | undefined;

  /** Transactions begun on this connection so far: what a scan costs is counted, not guessed. */
  readonly transactions: number;
  /** Milliseconds that *idle* transactions have waited for their turns on this connection. */
  readonly idleWaitMs: number;

  onEvent(listener: (event: PhoneEvent) => void): () => void;

  /** Whether what the phone is asked is not wanted any more, for as long as this connection lasts (`Transport.giveUpWhen`). */
  giveUpWhen?(isUnwanted: () => boolean): void;

  /** Empty while the phone is locked or not in file transfer mode. */
  storages(options?: CallOptions): Promise<readonly PhoneStorage[]>;
  freeSpace(storage: StorageId, options?: CallOptions): Promise<number>;
  /** Per cent. */
  battery(options?: CallOptions): Promise<number | undefined>;

  list(storage: StorageId, folder: FolderRef, options?: ListOptions): Promise<readonly PhoneObject[]>;
  /**
   * The handles of what is in a folder now: one transaction, so a listing can be brought up to date cheaply. `undefined`
   * where the phone names those of the whole storage instead.
   */
  handles(storage: StorageId, folder: FolderRef, options?: CallOptions): Promise<readonly ObjectHandle[] | undefined>;
  /**
   * The sizes, in bytes, of some objects of one folder, in one transaction for all of them; `undefined` where the phone
   * has no property lists. What is missing in the answer has to be asked for by itself (`sizeOf`).
   */
  sizes(
    folder: FolderRef,
    of: readonly ObjectHandle[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<ObjectHandle, number> | undefined>;
  /** Fresh metadata of one object; rejects with `stale` when the handle is not known any more. */
  stat(handle: ObjectHandle, options?: CallOptions): Promise<PhoneObject>;

  /**
   * Reads `length` bytes at `offset` of an object of `size` bytes; the range is clamped to `size` (asking beyond it
   * wedges phones). Resolves with what came, as pieces in order, at least one byte and at most `length`.
   */
  readChunk(
    object: { readonly handle: ObjectHandle; readonly size: number },
    offset: number,
    length: number,
    options?: CallOptions,
  ): Promise<readonly Uint8Array[]>;
  /** Pieces of a chunk that nobody reads any more: all of them, since they may share their memory. */
  giveBack(pieces: readonly Uint8Array[]): void;
  /**
   * Reads a whole object in one transaction: not resumable, owns the session until it ends. `onPiece` may return a
   * promise; the next piece is read after it. Resolves with the number of bytes.
   */
  readWhole(
    object: { readonly handle: ObjectHandle; readonly size: number },
    onPiece: (bytes: Uint8Array) => void | Promise<void>,
    options?: CallOptions,
  ): Promise<number>;

  /**
   * SendObjectInfo and SendObject back to back, as one session turn. `pieces` must yield exactly `object.size` bytes
   * in pieces of about 1 MiB (the last may be shorter), each in memory of its own: the next piece is asked for while
   * this one is on the wire. It is started before anything is sent, and when it throws or falls short the phase is
   * still ended in step and the object deleted. Resolves with the handle after the phone's OK.
   */
  writeWhole(
    storage: StorageId,
    folder: FolderRef,
    object: NewObject,
    pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options?: CallOptions & { readonly onSent?: (bytes: number) => void },
  ): Promise<ObjectHandle>;
  /** Creates an empty object (size 0) that `beginEdit` can fill. */
  createEmpty(
    storage: StorageId,
    folder: FolderRef,
    object: Omit<NewObject, 'size'>,
    options?: CallOptions,
  ): Promise<ObjectHandle>;
  /** Opens an object for in-place writes; a left-over edit of the same connection is ended first. Resolves with the object's size now. */
  beginEdit(handle: ObjectHandle, options?: CallOptions): Promise<number>;
  /** Writes at `offset`, which must not be beyond the size reached so far (checked here before anything is sent). Confirmed when it resolves. */
  writeChunk(handle: ObjectHandle, offset: number, data: Uint8Array, options?: CallOptions): Promise<void>;
  truncate(handle: ObjectHandle, size: number, options?: CallOptions): Promise<void>;
  /** Nothing happens when no edit is open. */
  endEdit(handle: ObjectHandle, options?: CallOptions): Promise<void>;
  /** Live size in bytes, also of an object with an open edit or of 4 GiB and more. */
  sizeOf(handle: ObjectHandle, options?: CallOptions): Promise<number>;

  makeFolder(storage: StorageId, folder: FolderRef, name: string, options?: CallOptions): Promise<ObjectHandle>;
  /**
   * Looks at a file or folder and, where `isStill` holds of what is there now, deletes it, with all that is in it, in the
   * same turn of the session. As `rename` and `move` it ends an open edit first, for no phone guards that. Resolves with
   * whether it was deleted; rejects with `stale`, `read-only`, or `refused` where something of a folder was left, or all of
   * it was although the phone answered OK: it is looked at once more afterwards.
   */
  delete(handle: ObjectHandle, isStill: (now: PhoneObject) => boolean, options?: DeleteOptions): Promise<boolean>;
  /**
   * Resolves with whether `onlyIf` let it; rejects with `unsupported` where the phone answers OK and the object is seen to have
   * its old name still.
   */
  rename(handle: ObjectHandle, name: string, options?: RenameOptions): Promise<boolean>;
  /**
   * Resolves with whether `onlyIf` let it. The phone's OK is believed, and some do nothing: whoever moves or copies looks where
   * the object is.
   */
  move(handle: ObjectHandle, storage: StorageId, folder: FolderRef, options?: ChangeOptions): Promise<boolean>;
  /** As `move`. The copy has to be found by its name afterwards: Android returns its handle through 16 bits. */
  copy(handle: ObjectHandle, storage: StorageId, folder: FolderRef, options?: ChangeOptions): Promise<boolean>;
  /** The phone's own thumbnail (JPEG mostly); `undefined` where there is none. */
  thumbnail(handle: ObjectHandle, options?: CallOptions): Promise<Uint8Array | undefined>;

  /** CloseSession where the phone survives it, then the cable. Never rejects. */
  close(): Promise<void>;
  /** Settles with the cause when the connection is of no more use. */
  readonly closed: Promise<PhoneError>;
}

import type { Entry, PhonePath, StorageKey } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { FolderRef, ObjectHandle, PhoneEvent, PhoneObject, PhoneStorage } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import { ListedFolder } from './listed-folder.ts';

/** One object while a phone is walked. Names are distinct within a folder, as paths need them. */
export interface WalkedObject extends Entry {
  /** Valid for this walk's connection alone. */
  readonly handle: number;
}

/** A folder somebody else has listed on the same connection. */
export interface WalkedFolder {
  readonly storage: StorageKey;
  readonly path: PhonePath;
  /** `undefined` for a storage's root. */
  readonly handle: number | undefined;
  readonly objects: readonly WalkedObject[];
}

/** More entries than a walk takes in at once: it is to fill no memory, whatever a phone says. */
const MOST_ENTRIES = 250_000;

const walked = ({ name, kind, size, modified, handle }: PhoneObject): WalkedObject => ({
  name,
  kind,
  size,
  modified,
  handle,
});

/**
 * A phone's folders by handle, at the lowest priority: each transaction is a turn that is taken only while nobody else
 * waits. Lives as long as the phone's connection; afterwards every call rejects with `disconnected`.
 */
export class PhoneWalk {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get alive(): boolean {
    return this.#connection.alive;
  }
  get storages(): readonly PhoneStorage[] {
    return this.#connection.tree.storages;
  }

  /** Milliseconds that walks of this connection have waited while others had the phone. */
  get waitedMs(): number {
    return this.#connection.phone.idleWaitMs;
  }

  #require(): Connection {
    if (!this.#connection.alive) throw fail('disconnected', 'walk');
    return this.#connection;
  }

  /** The storage that a key means; its id differs after it was taken out and put back. Throws `storage-missing`. */
  storageId(key: StorageKey): number {
    return this.#require().tree.storage(key).id;
  }

  /**
   * The objects of a folder (`undefined`: of the storage's root), in two transactions while they are few and the phone has
   * property lists. Rejects with `refused` for more than a walk takes in, with `stale` where the folder is gone.
   */
  async list(
    key: StorageKey,
    folder: number | undefined,
    signal?: { readonly aborted: boolean },
  ): Promise<readonly WalkedObject[]> {
    const { phone, tree } = this.#require();
    const storage = tree.storage(key);
    const ref: FolderRef = folder === undefined ? 'root' : (folder as ObjectHandle);
    const objects = await phone.list(storage.id, ref, {
      priority: 'idle',
      compact: true,
      folderDates: false,
      mostEntries: MOST_ENTRIES,
      ...(signal === undefined ? {} : { signal }),
    });
    return [...new ListedFolder(storage, '/' as PhonePath, ref, objects).objects].map(walked);
  }

  /** The handles of what is in a folder now, in one transaction; `undefined` where the phone cannot tell. */
  async handles(key: StorageKey, folder: number | undefined): Promise<readonly number[] | undefined> {
    const { phone, tree } = this.#require();
    const ref: FolderRef = folder === undefined ? 'root' : (folder as ObjectHandle);
    return phone.handles(tree.storage(key).id, ref, { priority: 'idle' });
  }

  /** The folder that an object is in; `undefined` for the root of one of the storages. Rejects with `stale`. */
  async parentOf(handle: number): Promise<number | undefined> {
    const { parent } = await this.#require().phone.stat(handle as ObjectHandle, { priority: 'idle' });
    return parent === 'root' ? undefined : parent;
  }

  /** What the phone says by itself; answers how to stop. */
  onEvent(listener: (event: PhoneEvent) => void): () => void {
    return this.#connection.phone.onEvent(listener);
  }

  /** Calls back once storages that came, went or have another id are known; answers how to stop. */
  onStorages(listener: () => void): () => void {
    return this.#connection.tree.onStorages(listener);
  }

  /** Folders that others list meanwhile, with sizes and dates; answers how to stop. */
  onListed(listener: (folder: WalkedFolder) => void): () => void {
    return this.#connection.tree.onListed(({ storage, path, ref, objects }) => {
      listener({
        storage: storage.key,
        path,
        handle: ref === 'root' ? undefined : ref,
        objects: [...objects].map(walked),
      });
    });
  }
}

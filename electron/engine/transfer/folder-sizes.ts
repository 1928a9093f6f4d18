import { setImmediate as turn } from 'node:timers/promises';
import { isInside, parentOf, type PhonePath, type StorageKey, type TransferId } from '../../../shared/domain.ts';
import { endsConnection, problemOf } from '../../../shared/errors.ts';
import type { FolderRef, ObjectHandle } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { ItemRun } from '../model/item-run.ts';
import type { ItemRow } from '../model/transfer-store.ts';

/** A file that was sent and whose size the phone has not been asked for yet. */
interface Waiting {
  readonly run: ItemRun;
  readonly handle: ObjectHandle;
  readonly resolve: (size: number) => void;
  readonly reject: (error: unknown) => void;
}

/** One folder of the phone, as far as files of one transfer go into it: no transfer waits for another to be done. */
interface Group {
  readonly transfer: TransferId;
  readonly storage: StorageKey;
  readonly path: PhonePath;
  ref: FolderRef | undefined;
  /** Files that are being sent. */
  sending: number;
  /** What comes next goes elsewhere. */
  isLeft: boolean;
  waiting: Waiting[];
}

/** Where an item goes. */
type Place = Pick<ItemRow, 'transfer' | 'storage' | 'phone'>;

/** Files that wait at once; then their folder is asked although more goes into it, so that memory stays small. */
const MOST_WAITING = 2_048;
/** Rows stored in one transaction while they wait, so that what was sent shows as progress. */
const STORED_AT_ONCE = 32;
/** Files that go on before others have their turn. */
const AT_ONCE = 32;

/**
 * The sizes of small files that were sent on one connection. One property list tells those of a whole folder, so each
 * file waits, in the state *confirming* and in nobody's way, until its folder gets no more; then the list is asked for
 * once. No file is done before. What ends the wait early (a pause, a cancel, the end of the program) asks at once; a
 * lost connection rejects, and the file is compared in full when the phone is back.
 */
export class FolderSizes {
  readonly connection: Connection;
  readonly #groups = new Map<string, Group>();
  #unstored: ItemRun[] = [];
  #waiting = 0;
  #hasEnded = false;
  /** Lists under way. */
  readonly #asking = new Set<Promise<void>>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Whether the phone has property lists: else each file's size is asked for when it is sent. */
  get isUseful(): boolean {
    return this.connection.phone.capabilities.propList !== 'no';
  }
  /** Whether any file waits, or is being asked for. */
  get isBusy(): boolean {
    return this.#waiting > 0 || this.#asking.size > 0;
  }

  /** An item is being sent; the answer says that it is over, or waits here. */
  begin(row: Place): () => void {
    const group = this.#groupOf(row);
    group.sending += 1;
    group.isLeft = false;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      group.sending -= 1;
      this.#maybeAsk(group);
    };
  }

  /** The next item: folders that it is not in, or below, get no more. Without one none do. */
  leave(next: Place | undefined): void {
    for (const group of this.#groups.values()) {
      if (next !== undefined && isIn(next, group)) continue;
      group.isLeft = true;
      this.#maybeAsk(group);
    }
  }

  /** Somebody wants items to stop: those that wait are asked for at once. */
  hurry(): void {
    for (const group of this.#groups.values()) if (group.waiting.some(({ run }) => run.stopRequested)) this.#ask(group);
  }

  /** Asks for all that wait, and resolves when they are answered. */
  async settle(): Promise<void> {
    for (const group of this.#groups.values()) this.#ask(group);
    await Promise.all(this.#asking);
  }

  /** As `settle`; whoever comes later is asked for at once, since nobody looks here any more. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.settle();
  }

  /** Waits for the size of a sent file, in bytes. Rejects as the phone does. */
  confirm(run: ItemRun, ref: FolderRef, handle: ObjectHandle): Promise<number> {
    const group = this.#groupOf(run.row);
    group.ref = ref;
    return new Promise((resolve, reject) => {
      group.waiting.push({ run, handle, resolve, reject });
      this.#waiting += 1;
      this.#store(run);
      if (this.#hasEnded || this.#waiting >= MOST_WAITING) this.#ask(group);
    });
  }

  #groupOf({ transfer, storage, phone }: Place): Group {
    const path = parentOf(phone);
    const key = keyOf({ transfer, storage, path });
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { transfer, storage, path, ref: undefined, sending: 0, isLeft: false, waiting: [] };
      this.#groups.set(key, group);
    }
    return group;
  }

  #maybeAsk(group: Group): void {
    if (!group.isLeft || group.sending > 0) return;
    this.#groups.delete(keyOf(group));
    this.#ask(group);
  }

  #ask(group: Group): void {
    const { waiting, ref } = group;
    if (waiting.length === 0 || ref === undefined) return;
    group.waiting = [];
    const asking = this.#answer(waiting, ref).finally(() => {
      this.#waiting -= waiting.length;
      this.#asking.delete(asking);
    });
    this.#asking.add(asking);
  }

  /** Never rejects. */
  async #answer(waiting: readonly Waiting[], ref: FolderRef): Promise<void> {
    const { phone } = this.connection;
    let sizes: ReadonlyMap<ObjectHandle, number> | undefined;
    try {
      const handles = waiting.map(({ handle }) => handle);
      if (handles.length > 1) sizes = await phone.sizes(ref, handles);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      return;
    }
    for (const [index, { run, handle, resolve, reject }] of waiting.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await turn();
      const listed = sizes?.get(handle);
      try {
        // a list that differs may be a media database that lags behind: the object itself is asked for
        resolve(listed === run.row.size ? listed : await phone.sizeOf(handle));
      } catch (error) {
        reject(error);
        if (!endsConnection(problemOf(error).kind)) continue;
        for (const other of waiting.slice(index + 1)) other.reject(error);
        return;
      }
    }
  }

  /** A failure to store is left to the end of the item, which stores all that it has not stored yet. */
  #store(run: ItemRun): void {
    this.#unstored.push(run);
    if (this.#unstored.length < STORED_AT_ONCE) return;
    const runs = this.#unstored;
    this.#unstored = [];
    try {
      ItemRun.flushAll(runs);
    } catch (error) {
      if (problemOf(error).kind !== 'store') throw error;
    }
  }
}

const keyOf = ({ transfer, storage, path }: Pick<Group, 'transfer' | 'storage' | 'path'>): string =>
  `${transfer}\n${storage}:${path}`;

/** Whether an item goes into a folder of its transfer, or somewhere below it. */
const isIn = ({ transfer, storage, phone }: Place, group: Group): boolean =>
  transfer === group.transfer && storage === group.storage && isInside(phone, group.path);

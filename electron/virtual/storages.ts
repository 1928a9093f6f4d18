import { Event } from '../mtp/wire/index.ts';
import type { Ids } from './ids.ts';
import type { Lock } from './lock.ts';
import type { Server } from './server.ts';
import type { StorageDisk } from './storage-disk.ts';

/**
 * The visible storages of a phone and their ids. A storage that returns has a new id and new handles, as on Android 9
 * and later (`MtpStorageManager.addMtpStorage` counts up, `removeMtpStorage` forgets the objects). Listeners get
 * StoreAdded and StoreRemoved; an old id is answered with 2008.
 */
export class Storages {
  readonly #disks: readonly StorageDisk[];
  readonly #ids: Ids;
  readonly #lock: Lock;
  /** Removed, not yet mounted, or disabled. */
  readonly #absent = new Set<StorageDisk>();
  #server: Server | undefined;

  constructor(disks: readonly StorageDisk[], ids: Ids, lock: Lock) {
    this.#disks = disks;
    this.#ids = ids;
    this.#lock = lock;
    for (const disk of disks) if (disk.isAbsent) this.#absent.add(disk);
  }

  get lock(): Lock {
    return this.#lock;
  }

  /** A server starts or ends; a new one has no storages yet. */
  serve(server: Server | undefined): void {
    this.#server = server;
    this.refresh();
  }

  /** At each plug: storages that are mounted late are not there yet. */
  plugged(): void {
    for (const disk of this.#disks) if (disk.afterMs !== undefined) this.#absent.add(disk);
  }

  /** The storages mounted some time after the session was opened, with their delay in milliseconds. */
  late(): readonly { readonly index: number; readonly afterMs: number }[] {
    return this.#disks.flatMap(({ afterMs }, index) => (afterMs === undefined ? [] : [{ index, afterMs }]));
  }

  hasCome(index: number): boolean {
    return !this.#absent.has(this.#disk(index));
  }

  remove(index: number): void {
    this.#absent.add(this.#disk(index));
    this.refresh();
  }

  insert(index: number): void {
    this.#absent.delete(this.#disk(index));
    this.refresh();
  }

  describe(index: number, as: { readonly name?: string | undefined; readonly capacity?: number | undefined }): void {
    this.#disk(index).describe(as);
  }

  /** Updates the server to show the storages that are present and unlocked. */
  refresh(): void {
    const server = this.#server;
    if (server === undefined) return;
    const visible = this.#lock.isClosed ? [] : this.#disks.filter((disk) => !this.#absent.has(disk));
    const gone = server.slots.filter((slot) => !visible.includes(slot.disk));
    const stay = server.slots.filter((slot) => visible.includes(slot.disk));
    const come = visible.filter((disk) => stay.every((slot) => slot.disk !== disk));
    const added = come.map((disk) => server.table.addStorage(this.#ids.storage(this.#disks.indexOf(disk)), disk));
    if (gone.length === 0 && added.length === 0) return;
    // a storage that returns is the last of the list, wherever it was before
    server.slots = [...stay, ...added];
    for (const slot of gone) server.table.removeStorage(slot);
    server.edits.endWhere((handle) => server.table.get(handle) === undefined);
    for (const slot of gone) server.emit(Event.StoreRemoved, slot.id);
    for (const slot of added) server.emit(Event.StoreAdded, slot.id);
  }

  #disk(index: number): StorageDisk {
    const disk = this.#disks[index];
    if (disk === undefined) throw new RangeError(`the virtual phone has no storage ${index}`);
    return disk;
  }
}

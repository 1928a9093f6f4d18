import { Event } from '../mtp/wire/index.ts';
import type { Ids } from './ids.ts';
import type { Lock } from './lock.ts';
import type { Server } from './server.ts';
import type { Volume } from './volume.ts';

/**
 * The visible storages of a phone and their ids. A storage that returns has a new id and new handles, as on Android 9
 * and later (`MtpStorageManager.addMtpStorage` counts up, `removeMtpStorage` forgets the objects). Listeners get
 * StoreAdded and StoreRemoved; an old id is answered with 2008.
 */
export class Storages {
  readonly #volumes: readonly Volume[];
  readonly #ids: Ids;
  readonly #lock: Lock;
  /** Removed, not yet mounted, or disabled. */
  readonly #absent = new Set<Volume>();
  #server: Server | undefined;

  constructor(volumes: readonly Volume[], ids: Ids, lock: Lock) {
    this.#volumes = volumes;
    this.#ids = ids;
    this.#lock = lock;
    for (const volume of volumes) if (volume.isAbsent) this.#absent.add(volume);
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
    for (const volume of this.#volumes) if (volume.afterMs !== undefined) this.#absent.add(volume);
  }

  /** The storages mounted some time after the session was opened, with their delay in milliseconds. */
  late(): readonly { readonly index: number; readonly afterMs: number }[] {
    return this.#volumes.flatMap(({ afterMs }, index) => (afterMs === undefined ? [] : [{ index, afterMs }]));
  }

  hasCome(index: number): boolean {
    return !this.#absent.has(this.#volume(index));
  }

  remove(index: number): void {
    this.#absent.add(this.#volume(index));
    this.refresh();
  }

  insert(index: number): void {
    this.#absent.delete(this.#volume(index));
    this.refresh();
  }

  describe(index: number, as: { readonly name?: string | undefined; readonly capacity?: number | undefined }): void {
    this.#volume(index).describe(as);
  }

  /** Updates the server to show the storages that are present and unlocked. */
  refresh(): void {
    const server = this.#server;
    if (server === undefined) return;
    const visible = this.#lock.isClosed ? [] : this.#volumes.filter((volume) => !this.#absent.has(volume));
    const gone = server.slots.filter((slot) => !visible.includes(slot.volume));
    const stay = server.slots.filter((slot) => visible.includes(slot.volume));
    const come = visible.filter((volume) => stay.every((slot) => slot.volume !== volume));
    const added = come.map((volume) =>
      server.table.addStorage(this.#ids.storage(this.#volumes.indexOf(volume)), volume),
    );
    if (gone.length === 0 && added.length === 0) return;
    // a storage that returns is the last of the list, wherever it was before
    server.slots = [...stay, ...added];
    for (const slot of gone) server.table.removeStorage(slot);
    server.edits.endWhere((handle) => server.table.get(handle) === undefined);
    for (const slot of gone) server.emit(Event.StoreRemoved, slot.id);
    for (const slot of added) server.emit(Event.StoreAdded, slot.id);
  }

  #volume(index: number): Volume {
    const volume = this.#volumes[index];
    if (volume === undefined) throw new RangeError(`the virtual phone has no storage ${index}`);
    return volume;
  }
}

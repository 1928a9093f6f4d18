import type { Server } from './server.ts';
import type { Storages } from './storages.ts';
import { UserOn, setBattery } from './user-actions.ts';
import type { UserAction } from './user-actions.ts';
import type { StorageDisk } from './storage-disk.ts';

/** What a user can do with the phone itself; `VirtualPhone` adds the cable and the server. */
export abstract class PhoneInHand {
  protected abstract readonly storages: Storages;
  protected abstract readonly disks: readonly StorageDisk[];
  /** Set while the phone is plugged in and serving. */
  protected abstract server: Server | undefined;

  lock(): void {
    this.storages.lock.close(undefined);
    this.storages.refresh();
  }
  /** The user unlocks the phone, selects file transfer, or allows access: the storages appear. */
  unlock(): void {
    this.storages.lock.open();
    this.storages.refresh();
  }

  /**
   * A storage disappears: a card is removed, its reader resets, dual apps are disabled. 0 is the internal storage, 1
   * the card, if there is one, then `storages` in order.
   */
  removeStorage(index: number): void {
    this.storages.remove(index);
  }
  /** A storage appears, or returns with a new id. */
  insertStorage(index: number): void {
    this.storages.insert(index);
  }
  /** Changing the language renames storages; an update or reformatting changes their size. */
  describeStorage(index: number, as: { readonly name?: string; readonly capacity?: number }): void {
    this.storages.describe(index, as);
  }
  /**
   * Apps' own data, which no listing shows, takes all but so many bytes of a storage whose capacity was given; `undefined`: that
   * data goes.
   */
  fillStorage(index: number, leaving: number | undefined): void {
    this.disks[index]?.fill(leaving);
  }

  /** Creates a file with its parent folders, or replaces its content. */
  touchFile(path: string, content: Uint8Array | string, how: UserAction = {}): Promise<void> {
    return this.#user(how).write(path, content);
  }
  touchFolder(path: string, how: UserAction = {}): Promise<void> {
    return this.#user(how).makeFolder(path);
  }
  /** Deletes a file, or a folder with its content. */
  touchRemove(path: string, how: UserAction = {}): Promise<void> {
    return this.#user(how).remove(path);
  }
  touchRename(from: string, to: string, how: UserAction = {}): Promise<void> {
    return this.#user(how).rename(from, to);
  }
  /** Overwrites in place: a concurrent reader gets some of the old and some of the new. */
  touchOverwrite(path: string, content: Uint8Array, how: UserAction = {}): Promise<void> {
    return this.#user(how).overwrite(path, content);
  }
  touchAppend(path: string, content: Uint8Array, how: UserAction = {}): Promise<void> {
    return this.#user(how).append(path, content);
  }
  touchBattery(percent: number): void {
    if (this.server !== undefined) setBattery(this.server, percent);
  }

  #user(how: UserAction): UserOn {
    const disk = this.disks[how.storage ?? 0];
    if (disk === undefined) throw new RangeError(`the virtual phone has no storage ${how.storage}`);
    return new UserOn(disk.root, this.server, how);
  }
}

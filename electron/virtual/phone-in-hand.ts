import type { Server } from './server.ts';
import type { Storages } from './storages.ts';
import { UserOn, setBattery } from './user-actions.ts';
import type { UserAction } from './user-actions.ts';
import type { Volume } from './volume.ts';

/** What a person can do with a phone in their hand; `VirtualPhone` adds the cable and the server. */
export abstract class PhoneInHand {
  protected abstract readonly storages: Storages;
  protected abstract readonly volumes: readonly Volume[];
  /** While it is plugged in and serves. */
  protected abstract server: Server | undefined;

  lock(): void {
    this.storages.lock.close(undefined);
    this.storages.refresh();
  }
  /** The user unlocks the phone, chooses file transfer, or allows access: the storages appear. */
  unlock(): void {
    this.storages.lock.open();
    this.storages.refresh();
  }

  /**
   * A storage goes: a card is taken out, its reader resets, dual apps are switched off. 0 is the internal storage, 1 the
   * card where there is one, then `storages` in their order.
   */
  removeStorage(index: number): void {
    this.storages.remove(index);
  }
  /** A storage comes, or comes back under a new id. */
  insertStorage(index: number): void {
    this.storages.insert(index);
  }
  /** Another language renames the storages; an update or another formatting changes what they hold. */
  describeStorage(index: number, as: { readonly name?: string; readonly capacity?: number }): void {
    this.storages.describe(index, as);
  }

  /** Makes a file, with the folders above it, or writes another one over it. */
  touchFile(path: string, content: Uint8Array | string, how: UserAction = {}): Promise<void> {
    return this.#user(how).write(path, content);
  }
  touchFolder(path: string, how: UserAction = {}): Promise<void> {
    return this.#user(how).makeFolder(path);
  }
  /** A file, or a folder with everything in it. */
  touchRemove(path: string, how: UserAction = {}): Promise<void> {
    return this.#user(how).remove(path);
  }
  touchRename(from: string, to: string, how: UserAction = {}): Promise<void> {
    return this.#user(how).rename(from, to);
  }
  /** In place: a reader in the middle of it gets some of the old and some of the new. */
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
    const volume = this.volumes[how.storage ?? 0];
    if (volume === undefined) throw new RangeError(`the virtual phone has no storage ${how.storage}`);
    return new UserOn(volume.root, this.server, how);
  }
}

import type { StorageKey } from '../../../shared/domain.ts';
import type { Phone, PhoneStorage } from '../../mtp/index.ts';
import { countHeld } from './storage-content.ts';
import type { StorageKeys, Witness } from './storage-keys.ts';

/** What the looks at the storages of one open session need. */
export interface StorageLooksParts {
  readonly phone: Phone;
  /** Keys of the phone's storages, over all of its sessions. */
  readonly keys: StorageKeys;
  /** What is known to be on a storage. */
  readonly keptOn: (storage: StorageKey) => readonly Witness[];
  /** Called with the storages of each look, unless the session has ended. */
  readonly onLooked: (storages: readonly PhoneStorage[]) => Promise<void>;
}

/** Looks at the storages of one open session: one at a time, and each begins after it was asked for. */
export class StorageLooks {
  readonly #parts: StorageLooksParts;
  /** The last look, settled or not; the next one follows it. */
  #last: Promise<void> = Promise.resolve();
  /** A look that was asked for and has not begun. */
  #pending: Promise<void> | undefined;
  #hasEnded = false;

  constructor(parts: StorageLooksParts) {
    this.#parts = parts;
    parts.keys.newSession();
  }

  /** No look tells anything any more. */
  end(): void {
    this.#hasEnded = true;
  }
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Rejects as `Phone.storages` does. */
  look(): Promise<void> {
    const { phone, keys, keptOn, onLooked } = this.#parts;
    this.#pending ??= this.#last.then(async () => {
      this.#pending = undefined;
      const found = await phone.storages({ priority: 'browse' });
      const storages = await keys.assign(found, (storage, key) => countHeld(phone, storage, keptOn(key)));
      if (!this.#hasEnded) await onLooked(storages);
    });
    this.#last = this.#pending.catch(() => undefined);
    return this.#pending;
  }
}

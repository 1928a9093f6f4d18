import type { StorageKey } from '../../../shared/domain.ts';
import { evidenceOf, ordinalKey, volumeKey } from '../../../shared/storages.ts';
import type { PhoneStorage, StorageId } from '../../mtp/index.ts';

/**
 * Keys of one phone's storages, distinct while they are looked at again and again. Two that are alike (equal cards, dual
 * apps) are told apart by their volumes' identifiers, else by their order; one that stays keeps its key while another
 * goes and comes.
 */
export class StorageKeys {
  readonly #byId = new Map<StorageId, StorageKey>();
  /** How many that are alike were seen, or are known from what is kept for them. */
  readonly #alike = new Map<StorageKey, number>();

  /** `known`: keys under which something is kept for this phone. */
  constructor(known: readonly StorageKey[] = []) {
    for (const key of known) {
      const evidence = evidenceOf(key);
      if (evidence?.ordinal === undefined) continue;
      const base = key.replace(/(?:#\d+)?(?:@.*)?$/su, '') as StorageKey;
      this.#alike.set(base, Math.max(this.#alike.get(base) ?? 1, evidence.ordinal));
    }
  }

  /** Ids live for one session: the next one's say nothing of these. */
  newSession(): void {
    this.#byId.clear();
  }

  /** The storages of one look, in the phone's order, with their final keys. */
  assign(found: readonly PhoneStorage[]): readonly PhoneStorage[] {
    for (const id of this.#byId.keys()) if (found.every((storage) => storage.id !== id)) this.#byId.delete(id);
    for (const base of new Set(found.map(({ key }) => key)))
      this.#assignAlike(
        base,
        found.filter(({ key }) => key === base),
      );
    return found.map((storage) => ({ ...storage, key: this.#byId.get(storage.id) ?? storage.key }));
  }

  #assignAlike(base: StorageKey, alike: readonly PhoneStorage[]): void {
    const most = Math.max(this.#alike.get(base) ?? 1, alike.length);
    this.#alike.set(base, most);
    const volumes = new Set(alike.map(({ volume }) => volume));
    if (most > 1 && volumes.size === alike.length && !volumes.has('')) {
      for (const { id, volume } of alike) this.#byId.set(id, volumeKey(base, volume));
      return;
    }
    const isCertain = (id: StorageId): boolean => {
      const key = this.#byId.get(id);
      return key !== undefined && evidenceOf(key)?.ordinal !== undefined;
    };
    const fresh = alike.filter(({ id }) => !isCertain(id));
    const taken = new Set(this.#byId.values());
    const free = Array.from({ length: most }, (_, index) => index + 1).filter(
      (ordinal) => !taken.has(ordinalKey(base, ordinal)),
    );
    // one of two equal cards: which one cannot be told, and what is meant for the other must not reach it
    const isKnown = fresh.length === free.length;
    fresh.forEach(({ id }, index) => {
      this.#byId.set(id, ordinalKey(base, isKnown ? (free[index] ?? 1) : `?${index === 0 ? '' : index + 1}`));
    });
  }
}

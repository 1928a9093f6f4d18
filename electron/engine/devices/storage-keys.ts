import { randomInt } from 'node:crypto';
import type { PhonePath, StorageKey } from '../../../shared/domain.ts';
import { evidenceOf, isAlike, ordinalKey, volumeKey } from '../../../shared/storages.ts';
import type { PhoneStorage, StorageId } from '../../mtp/index.ts';

/** Something that lies on a storage, as far as is known. */
export interface Witness {
  readonly path: PhonePath;
  /** Bytes; `undefined` for a folder, and for a file whose size is not known. */
  readonly size: number | undefined;
}

/** How much of what is kept for `key` lies on `storage`. Rejects as the phone does. */
export type Recognise = (storage: PhoneStorage, key: StorageKey) => Promise<number>;

/**
 * Keys of one phone's storages, distinct while they are looked at again and again. Two that are alike (equal cards, dual
 * apps) are told apart by their volumes' identifiers, else by what Replug knows to be on them: a phone may list them in
 * another order each time. One that stays keeps its key while another goes and comes.
 */
export class StorageKeys {
  readonly #byId = new Map<StorageId, StorageKey>();
  /** How many that are alike were seen, or are known from what is kept for them. */
  readonly #alike = new Map<StorageKey, number>();
  readonly #known: () => readonly StorageKey[];

  /** `known`: keys under which something is kept for this phone. */
  constructor(known: () => readonly StorageKey[] = () => []) {
    this.#known = known;
    for (const key of known()) {
      const base = baseOf(key);
      this.#alike.set(base, Math.max(this.#alike.get(base) ?? 1, placeOf(key)));
    }
  }

  /** Ids live for one session: the next one's say nothing of these. */
  newSession(): void {
    this.#byId.clear();
  }

  /**
   * The storages of one look, in the phone's order, with their final keys. `recognise` is asked only of those that are
   * alike. Rejects as it does.
   */
  async assign(
    found: readonly PhoneStorage[],
    recognise: Recognise = () => Promise.resolve(0),
  ): Promise<readonly PhoneStorage[]> {
    for (const id of this.#byId.keys()) if (found.every((storage) => storage.id !== id)) this.#byId.delete(id);
    const bases = new Set(found.map(({ key }) => key));
    const known = [...new Set(this.#known())];
    for (const base of bases) {
      // also what was kept before the phone's language changed what the storage is called
      const kept = known.filter((key) => baseOf(key) === base || (!bases.has(baseOf(key)) && isAlike(key, base)));
      await this.#assignAlike(
        base,
        found.filter(({ key }) => key === base),
        kept,
        recognise,
      );
    }
    return found.map((storage) => ({ ...storage, key: this.#byId.get(storage.id) ?? storage.key }));
  }

  async #assignAlike(
    base: StorageKey,
    alike: readonly PhoneStorage[],
    keptForAny: readonly StorageKey[],
    recognise: Recognise,
  ): Promise<void> {
    const most = Math.max(this.#alike.get(base) ?? 1, alike.length, ...keptForAny.map(placeOf));
    this.#alike.set(base, most);
    const volumes = new Set(alike.map(({ volume }) => volume));
    if (most > 1 && volumes.size === alike.length && !volumes.has('')) {
      for (const { id, volume } of alike) this.#byId.set(id, volumeKey(base, volume));
      return;
    }
    // those of which it is unknown who they are stay so until another one comes
    if (alike.every(({ id }) => this.#byId.has(id))) return;
    const certain = new Set<StorageKey>();
    const fresh: PhoneStorage[] = [];
    for (const storage of alike) {
      const key = this.#byId.get(storage.id);
      if (key === undefined || evidenceOf(key)?.ordinal === undefined) fresh.push(storage);
      else certain.add(key);
    }
    const kept = keptForAny.filter((key) => !certain.has(key));
    const recognised = await recogniseAll(fresh, kept, recognise);
    for (const [id, key] of recognised) {
      this.#byId.set(id, key);
      certain.add(key);
    }
    const unknown = fresh.filter(({ id }) => !recognised.has(id));
    const free = Array.from({ length: most }, (_, index) => ordinalKey(base, index + 1)).filter(
      (key) => !certain.has(key),
    );
    // which of them it is cannot be told, and what is meant for the other must not reach it
    const isHarmless = unknown.length < 2 || kept.every((key) => certain.has(key));
    const isKnown = unknown.length === free.length && isHarmless;
    unknown.forEach(({ id }, index) => {
      this.#byId.set(id, (isKnown ? free[index] : undefined) ?? ordinalKey(base, `?${randomInt(2 ** 31)}`));
    });
  }
}

/** Place among those that are alike; a key that does not say which was given to one of two at least. */
const placeOf = (key: StorageKey): number => {
  const evidence = evidenceOf(key);
  return evidence === undefined ? 1 : (evidence.ordinal ?? 2);
};

const baseOf = (key: StorageKey): StorageKey => key.replace(/(?:#\??\d*)?(?:@.*)?$/su, '') as StorageKey;

/** Of several that are alike, those that hold more of what is kept for one key than any other of them. */
async function recogniseAll(
  alike: readonly PhoneStorage[],
  kept: readonly StorageKey[],
  recognise: Recognise,
): Promise<ReadonlyMap<StorageId, StorageKey>> {
  const recognised = new Map<StorageId, StorageKey>();
  // one alone holds what the other may hold as well
  if (alike.length < 2) return recognised;
  const claims: { readonly id: StorageId; readonly key: StorageKey; readonly lead: number }[] = [];
  for (const key of kept) {
    const counts: { readonly id: StorageId; readonly count: number }[] = [];
    for (const storage of alike) counts.push({ id: storage.id, count: await recognise(storage, key) });
    const [first, second] = counts.sort((one, other) => other.count - one.count);
    if (first === undefined || second === undefined || first.count === second.count) continue;
    claims.push({ id: first.id, key, lead: first.count - second.count });
  }
  for (const { id, key } of claims.sort((one, other) => other.lead - one.lead))
    if (!recognised.has(id)) recognised.set(id, key);
  return recognised;
}

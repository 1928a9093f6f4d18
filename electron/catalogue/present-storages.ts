import type { StorageKey } from '../../shared/domain.ts';
import type { PhoneWalk } from '../engine/index.ts';
import type { CatalogueStore, RowId } from './catalogue-store.ts';
import { pairStorages } from './tree.ts';
import { RANKS } from './turns.ts';

/** The storages of one connection by their roots: one that comes back under another id has new handles. */
export class PresentStorages {
  readonly #store: CatalogueStore;
  #present: ReadonlyMap<RowId, PhoneWalk['storages'][number]> = new Map();

  constructor(store: CatalogueStore) {
    this.#store = store;
  }

  /** A new connection begins. */
  clear(): void {
    this.#present = new Map();
  }

  /** The key of the storage with this root; `undefined` if it is not there now. */
  keyOf(root: RowId): StorageKey | undefined {
    return this.#present.get(root)?.key;
  }

  /**
   * Storages that came are to be listed; those that went are forgotten, with all that was on them. Answers whether some
   * went. A phone that shows none is locked, or has not told them yet.
   */
  meet(shown: PhoneWalk['storages']): boolean {
    if (shown.length === 0) return false;
    let isLess = false;
    const pairs = new Map(pairStorages(this.#store.storages(), shown));
    for (const { root } of this.#store.storages()) {
      const here = pairs.get(root);
      if (here !== undefined && (this.#present.get(root)?.id ?? here.id) === here.id) continue;
      pairs.delete(root);
      this.#store.removeStorage(root);
      isLess = true;
    }
    const known = new Set(pairs.values());
    for (const storage of shown)
      if (!known.has(storage))
        pairs.set(this.#store.addStorage(storage.key, storage.description, RANKS.now).root, storage);
    this.#present = pairs;
    return isLess;
  }
}

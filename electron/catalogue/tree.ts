import {
  ROOT,
  foldName,
  joinPhonePath,
  segmentsOf,
  type DeviceKey,
  type PhonePath,
  type PhonePlace,
  type StorageKey,
} from '../../shared/domain.ts';
import { matchStorage } from '../../shared/storages.ts';
import { NO_PARENT, type CatalogueReader, type CatalogueRow, type RowId, type StorageRow } from './catalogue-store.ts';

/** Between places and rows. Names are stored as path segments, so the two are one to one. */

/** Deeper than any path of any system: whatever says so is a cycle. */
export const MAX_DEPTH = 256;

/** The storage a key means, also one whose name or size has changed since. */
export const storageOf = (store: CatalogueReader, key: StorageKey): StorageRow | undefined =>
  matchStorage(key, store.storages());

/**
 * Which of the storages that a phone shows now is which of those that are remembered, by root: the one of the same key, else
 * the one that a remembered key means among those of other keys. One that is new is in no pair, however alike it is.
 */
export function pairStorages<T extends { readonly key: StorageKey }>(
  remembered: readonly StorageRow[],
  present: readonly T[],
): ReadonlyMap<RowId, T> {
  const pairs = new Map<RowId, T>();
  for (const { root, key } of remembered) {
    const same = present.find((one) => one.key === key);
    if (same !== undefined) pairs.set(root, same);
  }
  const taken = new Set(pairs.values());
  const others = remembered.filter(({ root }) => !pairs.has(root));
  for (const { root, key } of others) {
    const meant = matchStorage(key, present);
    if (meant === undefined || taken.has(meant)) continue;
    taken.add(meant);
    pairs.set(root, meant);
  }
  return pairs;
}

/** The row at a place; for `/` the storage's root. */
export function rowAt(store: CatalogueReader, key: StorageKey, path: PhonePath): CatalogueRow | undefined {
  const storage = storageOf(store, key);
  let row = storage === undefined ? undefined : store.row(storage.root);
  for (const segment of segmentsOf(path)) row = row === undefined ? undefined : store.child(row.id, segment);
  return row;
}

/** The folder at a place, in whatever spelling: phones find it so, too. */
export function folderAt(store: CatalogueReader, key: StorageKey, path: PhonePath): RowId | undefined {
  let at = storageOf(store, key)?.root;
  for (const segment of segmentsOf(path)) {
    if (at === undefined) return undefined;
    const exact = store.child(at, segment);
    const isSame = ({ id }: { readonly id: RowId }): boolean =>
      foldName(store.row(id)?.name ?? '') === foldName(segment);
    at = exact?.kind === 0 ? exact.id : store.foldersIn(at).find(isSame)?.id;
  }
  return at;
}

/** The rows on the way to a row, the storage's root first; `undefined` where it hangs in nothing. */
export function wayTo(store: CatalogueReader, id: RowId): readonly CatalogueRow[] | undefined {
  const way: CatalogueRow[] = [];
  for (let at = id; at !== NO_PARENT;) {
    const row = store.row(at);
    if (row === undefined || way.length > MAX_DEPTH + 1) return undefined;
    way.unshift(row);
    at = row.parent;
  }
  return way;
}

/** Places of many rows, whose folders are looked up once each. */
export class Places {
  readonly #store: CatalogueReader;
  readonly #device: DeviceKey;
  readonly #folders = new Map<RowId, Omit<PhonePlace, 'device'> | undefined>();

  constructor(store: CatalogueReader, device: DeviceKey) {
    this.#store = store;
    this.#device = device;
    for (const { root, key } of store.storages()) this.#folders.set(root, { storage: key, path: ROOT });
  }

  #folder(id: RowId, depth: number): Omit<PhonePlace, 'device'> | undefined {
    if (this.#folders.has(id)) return this.#folders.get(id);
    const row = depth > MAX_DEPTH ? undefined : this.#store.row(id);
    const above = row === undefined ? undefined : this.#folder(row.parent, depth + 1);
    const place =
      row === undefined || above === undefined
        ? undefined
        : { storage: above.storage, path: joinPhonePath(above.path, row.name) };
    this.#folders.set(id, place);
    return place;
  }

  /** `undefined` where it was removed, with what is above it. */
  of(row: Pick<CatalogueRow, 'parent' | 'name'>): PhonePlace | undefined {
    const above = this.#folder(row.parent, 0);
    return above === undefined
      ? undefined
      : { device: this.#device, storage: above.storage, path: joinPhonePath(above.path, row.name) };
  }
}

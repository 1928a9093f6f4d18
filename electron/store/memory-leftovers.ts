import type { DeviceKey, StorageKey, ItemId } from '../../shared/domain.ts';
import type { Leftover } from '../engine/model/transfer-store.ts';

/** The in-memory counterpart of the table of leftovers: at most one for each item. */
export class MemoryLeftovers {
  readonly #items = new Map<ItemId, Leftover>();

  /** Adds a leftover, or replaces that of the same item. */
  put(leftover: Leftover): void {
    this.#items.set(leftover.item, { ...leftover });
  }

  /** In order of items. */
  of(device: DeviceKey): readonly Leftover[] {
    return [...this.#items.values()]
      .filter((leftover) => leftover.device === device)
      .sort((one, other) => one.item - other.item);
  }

  delete(item: ItemId): void {
    this.#items.delete(item);
  }

  /** Gives the leftovers of the phone `from` to the phone `to`. */
  adopt(from: DeviceKey, to: DeviceKey): void {
    for (const [item, leftover] of this.#items)
      if (leftover.device === from) this.#items.set(item, { ...leftover, device: to });
  }

  /** Gives the leftovers of one storage of a phone to another. */
  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    for (const [item, leftover] of this.#items)
      if (leftover.device === device && leftover.storage === from) this.#items.set(item, { ...leftover, storage: to });
  }
}

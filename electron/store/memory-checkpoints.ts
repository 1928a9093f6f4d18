import type { ItemId } from '../../shared/domain.ts';
import type { Checkpoint } from '../engine/model/transfer-store.ts';

/** The in-memory counterpart of `CheckpointTable`: confirmed chunks by item and offset. */
export class MemoryCheckpoints {
  readonly #items = new Map<ItemId, Map<number, Checkpoint>>();

  /** Adds a checkpoint, or replaces the one with the same offset. */
  put(id: ItemId, checkpoint: Checkpoint): void {
    const known = this.#items.get(id) ?? new Map<number, Checkpoint>();
    known.set(checkpoint.offset, { ...checkpoint });
    this.#items.set(id, known);
  }

  /** In order of offset. */
  of(id: ItemId): readonly Checkpoint[] {
    return [...(this.#items.get(id)?.values() ?? [])].sort((one, other) => one.offset - other.offset);
  }

  /** Drops those that end beyond `offset`, in bytes. */
  dropBeyond(id: ItemId, offset: number): void {
    const known = this.#items.get(id);
    for (const checkpoint of known?.values() ?? [])
      if (checkpoint.offset + checkpoint.length > offset) known?.delete(checkpoint.offset);
  }

  delete(id: ItemId): void {
    this.#items.delete(id);
  }

  /** Items that have checkpoints; deleting while iterating is allowed. */
  items(): Iterable<ItemId> {
    return this.#items.keys();
  }
}

import type { ItemId } from '../../shared/domain.ts';
import type { Checkpoint } from '../engine/model/transfer-store.ts';
import type { Statements } from './statements.ts';

/** The table `checkpoints`: the confirmed chunks of each item, by offset in bytes. Calls throw what SQLite throws. */
export class CheckpointTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** Replaces the chunk at the same offset if it was sent again. */
  put(item: ItemId, { offset, length, digest }: Checkpoint): void {
    this.#sql.run('INSERT OR REPLACE INTO checkpoints (item, "offset", length, digest) VALUES (?, ?, ?, ?)', [
      item,
      offset,
      length,
      digest,
    ]);
  }

  /** By offset. */
  of(item: ItemId): readonly Checkpoint[] {
    return this.#sql.all('SELECT "offset", length, digest FROM checkpoints WHERE item = ? ORDER BY "offset"', [
      item,
    ]) as unknown as readonly Checkpoint[];
  }

  /** Deletes chunks that end after `offset`. */
  dropAfter(item: ItemId, offset: number): void {
    this.#sql.run('DELETE FROM checkpoints WHERE item = ? AND "offset" + length > ?', [item, offset]);
  }

  dropAll(item: ItemId): void {
    this.#sql.run('DELETE FROM checkpoints WHERE item = ?', [item]);
  }

  /** Deletes the chunks of finished files. They are no longer needed, and their digest is stored with the item. */
  dropFinished(): void {
    this.#sql.run(
      `DELETE FROM checkpoints WHERE EXISTS
         (SELECT 1 FROM items WHERE items.id = checkpoints.item AND items.state_name IN ('done', 'cancelled'))`,
      [],
    );
  }
}

import type { DeviceKey, StorageKey, Instant, TransferId } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { TransferRow } from '../engine/model/transfer-store.ts';
import { adopted, cellsOf, movedTo, readTransfer, TRANSFER_COLUMNS, type TransferChange } from './rows.ts';
import { assignments, type Statements } from './statements.ts';

/**
 * The table `transfers`. The database identifies a transfer by a number, which its items refer to; the engine
 * identifies it by its id. Calls throw what SQLite throws, and `internal` for an unknown id.
 */
export class TransferTable {
  readonly #sql: Statements;
  readonly #numbers = new Map<TransferId, number>();
  readonly #ids = new Map<number, TransferId>();

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  add(row: TransferRow): void {
    const { names, cells } = cellsOf(TRANSFER_COLUMNS, { ...row });
    this.#sql.run(`INSERT INTO transfers (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, cells);
  }

  row(id: TransferId): TransferRow | undefined {
    const raw = this.#sql.get('SELECT * FROM transfers WHERE id = ?', [id]);
    return raw === undefined ? undefined : readTransfer(raw);
  }

  /** Transfers that have not been removed, in queue order. */
  listed(): readonly TransferRow[] {
    return this.#sql.all('SELECT * FROM transfers WHERE removed = 0 ORDER BY position, number', []).map(readTransfer);
  }

  change(id: TransferId, change: TransferChange): void {
    const number = this.numberOf(id);
    const { names, cells } = cellsOf(TRANSFER_COLUMNS, change);
    if (names.length > 0)
      this.#sql.run(`UPDATE transfers SET ${assignments(names)} WHERE number = ?`, [...cells, number]);
  }

  /** Transfers everything stored for the phone `from` to the phone `to`, including the places in its sources. */
  adopt(from: DeviceKey, to: DeviceKey): void {
    for (const raw of this.#sql.all('SELECT * FROM transfers WHERE device = ?', [from])) {
      const { names, cells } = cellsOf(TRANSFER_COLUMNS, adopted(readTransfer(raw), from, to));
      this.#sql.run(`UPDATE transfers SET ${assignments(names)} WHERE number = ?`, [...cells, Number(raw['number'])]);
    }
  }

  /** Transfers everything stored for the storage `from` of a phone to its storage `to`; items are not among it. */
  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    const query = "SELECT * FROM transfers WHERE device = ? AND (storage = ? OR direction = 'download')";
    for (const raw of this.#sql.all(query, [device, from])) {
      const { names, cells } = cellsOf(TRANSFER_COLUMNS, movedTo(readTransfer(raw), from, to));
      this.#sql.run(`UPDATE transfers SET ${assignments(names)} WHERE number = ?`, [...cells, Number(raw['number'])]);
    }
  }

  /** Number of the removed transfer that ended first, if it ended before that time. */
  oldestRemoved(before: Instant): number | undefined {
    const raw = this.#sql.get(
      'SELECT number FROM transfers WHERE removed = 1 AND finished_at < ? ORDER BY finished_at LIMIT 1',
      [before],
    );
    return raw === undefined ? undefined : Number(raw['number']);
  }

  forget(number: number): void {
    this.#sql.run('DELETE FROM transfers WHERE number = ?', [number]);
  }

  numberOf(id: TransferId): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const raw = this.#sql.get('SELECT number FROM transfers WHERE id = ?', [id]);
    if (raw === undefined) throw fail('internal', 'transfer', `there is no transfer ${id}`);
    const number = Number(raw['number']);
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
    return number;
  }

  idOf(number: number): TransferId {
    const known = this.#ids.get(number);
    if (known !== undefined) return known;
    const id = this.#sql.get('SELECT id FROM transfers WHERE number = ?', [number])?.['id'] as TransferId;
    this.#ids.set(number, id);
    return id;
  }
}
